package related

import "slices"

// Hop is one step of a walk in breadth: the ids whose rows are wanted now.
type Hop struct {
	IDs      []ID
	From, To int64 // From ≤ time < To
	// Number gives the Ref of a row that is to be kept, for those who cannot know
	// it before; nil: rows come with theirs.
	Number func(Row) int
	// Allow says which rows may be seen by who asks; nil: all.
	Allow func(Row) bool

	walk   *walk
	hits   []hit
	asked  map[*id]bool // by IDs
	counts map[*id]int  // new rows that hold an id
	waste  int          // rows that only hubs hold
	seen   map[place]bool
}

// manyWasted rows of nothing but hubs are enough to ask again without them: as
// many as a row group has, which is read at once anyway.
const manyWasted = 64 << 10

func (h *Hop) begin() {
	h.hits, h.waste = nil, 0
	h.asked, h.counts, h.seen = map[*id]bool{}, map[*id]int{}, map[place]bool{}
	for _, d := range h.IDs {
		h.asked[h.walk.known[d]] = true
	}
}

// Offer gives the walk a row and reports whether it may belong to the answer;
// its Ref is asked for no more if not.
func (h *Hop) Offer(r Row) bool {
	if h.Allow != nil && !h.Allow(r) {
		return false
	}
	at := place{r.Dataset, r.Seq}
	if r.Seq != 0 && (h.walk.seen[at] || h.seen[at]) {
		return false
	}
	var by []*id
	hub := false
	for _, d := range r.IDs {
		x := h.walk.known[d]
		if x == nil || !h.asked[x] || !x.want.has(r.Time) || slices.Contains(by, x) {
			continue
		}
		if x.Hub {
			hub = true
			continue
		}
		by = append(by, x)
	}
	h.seen[at] = true
	by = slices.DeleteFunc(by, func(x *id) bool {
		if h.counts[x]++; x.Rows+h.counts[x] > h.walk.caps.Degree {
			x.Hub, hub = true, true
		}
		return x.Hub
	})
	if len(by) == 0 {
		if hub {
			h.waste++
		}
		return false
	}
	if h.Number != nil {
		r.Ref = h.Number(r)
	}
	h.hits = append(h.hits, hit{r, by})
	return true
}

// Knows reports whether a row was offered before, and need not be again.
func (h *Hop) Knows(dataset string, seq int64) bool {
	at := place{dataset, seq}
	return h.walk.seen[at] || h.seen[at]
}

// Enough reports whether going on with this hop is of no use: hubs drown what
// is wanted, or the time is over.
func (h *Hop) Enough() bool {
	return h.waste >= manyWasted || h.walk.late()
}

// kept are the rows that hold an id which turned out to be no hub.
func (h *Hop) kept() []hit {
	return slices.DeleteFunc(h.hits, func(x hit) bool {
		return !slices.ContainsFunc(x.by, (*id).follows)
	})
}
