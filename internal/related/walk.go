package related

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// Walk finds what is related to the rows at the start. An error is one of
// need's.
func Walk(ctx context.Context, start []Row, caps Caps, need Need) (*Answer, error) {
	w := &walk{caps: caps, known: map[ID]*id{}, seen: map[place]bool{}, cut: map[Cap]bool{}}
	w.take(first(start), 0)
	for depth := 1; !w.cut[Rows] && !w.cut[Time]; depth++ {
		hop := w.next()
		if hop == nil {
			break
		}
		if err := w.find(ctx, hop, need); err != nil {
			return nil, err
		}
		kept := hop.kept()
		w.searched()
		if depth > caps.Depth {
			if len(kept) > 0 {
				w.cut[Depth] = true
			}
			break
		}
		w.take(kept, depth)
	}
	return w.answer(), nil
}

// walk is a walk under way.
type walk struct {
	caps  Caps
	known map[ID]*id
	order []*id // by first sight
	seen  map[place]bool
	steps []Step
	cut   map[Cap]bool
}

// id is what a walk knows of an id.
type id struct {
	Found
	n    int   // place in the order of first sight
	done spans // where its rows have been looked for
	want spans // where they are to be
}

// hit is a row found, and the known ids it was found by.
type hit struct {
	Row
	by []*id
}

// follows reports whether rows are reached by the id.
func (x *id) follows() bool { return !x.Hub }

// via is the id known first by which a row was reached.
func (h *hit) via() ID {
	var by *id
	for _, x := range h.by {
		if x.follows() && (by == nil || x.n < by.n) {
			by = x
		}
	}
	return by.ID
}

// first are the rows at the start.
func first(rows []Row) []hit {
	out := make([]hit, len(rows))
	for i, r := range rows {
		out[i].Row = r
	}
	return out
}

// take adds rows of a distance to the answer, and notes which ids to follow
// where.
func (w *walk) take(hits []hit, distance int) {
	slices.SortStableFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(a.Time, b.Time), cmp.Compare(a.Dataset, b.Dataset), cmp.Compare(a.Seq, b.Seq))
	})
	for _, h := range hits {
		at := place{h.Dataset, h.Seq}
		if h.Seq != 0 && w.seen[at] {
			continue
		}
		if len(w.steps) >= w.caps.Rows {
			w.cut[Rows] = true
			return
		}
		w.seen[at] = true
		step := Step{Ref: h.Ref, Distance: distance}
		if distance > 0 {
			step.Via = h.via()
		}
		w.steps = append(w.steps, step)
		w.learn(h.Row, distance)
	}
}

// learn notes the ids of a row.
func (w *walk) learn(r Row, distance int) {
	reach := span{under(r.Time, w.caps.Within), over(max(r.Time, r.Last), w.caps.Within)}
	ids := slices.Clone(r.IDs)
	slices.SortFunc(ids, func(a, b ID) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Text, b.Text)) })
	for _, d := range slices.Compact(ids) {
		x := w.known[d]
		if x == nil {
			if len(w.order) >= w.caps.IDs {
				w.cut[IDs] = true
				continue
			}
			x = &id{Found: Found{ID: d, Distance: distance, First: math.MaxInt64, Last: math.MinInt64}, n: len(w.order)}
			w.known[d] = x
			w.order = append(w.order, x)
		}
		x.Rows++
		if r.Last == 0 {
			x.First, x.Last = min(x.First, r.Time), max(x.Last, r.Time)
		}
		if !x.done.holds(reach) {
			x.want = x.want.add(reach)
		}
	}
}

// under and over are t less and t more within, the latter not included; they
// stop at the ends of time.
func under(t, within int64) int64 {
	if t < math.MinInt64+within {
		return math.MinInt64
	}
	return t - within
}

func over(t, within int64) int64 {
	if t >= math.MaxInt64-within {
		return math.MaxInt64
	}
	return t + within + 1
}

// next is the next hop, nil when there is nothing left to follow.
func (w *walk) next() *Hop {
	hop := &Hop{From: math.MaxInt64, To: math.MinInt64, walk: w}
	for _, x := range w.order {
		if x.Rows > w.caps.Degree {
			x.Hub = true
		}
		if len(x.want) == 0 || x.Hub {
			continue
		}
		hop.IDs = append(hop.IDs, x.ID)
		hop.From, hop.To = min(hop.From, x.want[0].from), max(hop.To, x.want[len(x.want)-1].to)
	}
	if len(hop.IDs) == 0 {
		return nil
	}
	return hop
}

// find runs a hop, and anew without the hubs when they alone are most of what
// comes.
func (w *walk) find(ctx context.Context, hop *Hop, need Need) error {
	for {
		if w.late() {
			return nil
		}
		hop.begin()
		if err := need.Find(ctx, hop); err != nil {
			return err
		}
		if !hop.Enough() || w.late() {
			return nil
		}
		hop.IDs = slices.DeleteFunc(hop.IDs, func(d ID) bool { return w.known[d].Hub })
		if len(hop.IDs) == 0 {
			hop.begin()
			return nil
		}
	}
}

func (w *walk) late() bool {
	if w.caps.Late != nil && w.caps.Late() {
		w.cut[Time] = true
	}
	return w.cut[Time]
}

// searched notes where the ids of a hop have been looked for.
func (w *walk) searched() {
	for _, x := range w.order {
		for _, s := range x.want {
			x.done = x.done.add(s)
		}
		x.want = nil
	}
}

// answer is what was found.
func (w *walk) answer() *Answer {
	a := &Answer{Steps: w.steps, IDs: make([]Found, len(w.order))}
	hubs := Cut{Cap: Degree}
	for i, x := range w.order {
		if x.Hub {
			x.Rows = max(x.Rows, w.caps.Degree+1)
		}
		a.IDs[i] = x.Found
		switch {
		case !x.Hub:
		case len(hubs.IDs) < fewHubs:
			hubs.IDs = append(hubs.IDs, x.ID)
		default:
			hubs.More++
		}
	}
	for _, c := range []Cap{Depth, IDs, Rows, Time} {
		if w.cut[c] {
			a.Cuts = append(a.Cuts, Cut{Cap: c})
		}
	}
	if len(hubs.IDs) > 0 {
		a.Cuts = append(a.Cuts, hubs)
	}
	return a
}
