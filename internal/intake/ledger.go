package intake

import (
	"cmp"
	"slices"
	"sync"
)

// Tally counts lines. At rest Offered = Stored + Rejected + Refused + Dropped;
// the other counts say more of some of them.
type Tally struct {
	Offered  int // records found in what was sent
	Stored   int // rows on disk
	Rejected int // not readable, on disk in _rejected
	Refused  int // the sender was told no: too old, or the store failed
	Dropped  int // left out by the pipes of the dataset, or lost, which only sockets allow

	CleanedUp int // of Dropped, those that the pipes left out
	Joined    int // further lines in stored rows
	Undated   int // no time in it that reads: has the receive time
	Clamped   int // time not plausible: has the receive time
	Cut       int // too long
	Packed    int // too many fields
	Repaired  int // bytes that are no UTF-8
	Malformed int // a declared field had the wrong type
}

func (t *Tally) add(o Tally) {
	t.Offered += o.Offered
	t.Stored += o.Stored
	t.Rejected += o.Rejected
	t.Refused += o.Refused
	t.Dropped += o.Dropped
	t.CleanedUp += o.CleanedUp
	t.Joined += o.Joined
	t.Undated += o.Undated
	t.Clamped += o.Clamped
	t.Cut += o.Cut
	t.Packed += o.Packed
	t.Repaired += o.Repaired
	t.Malformed += o.Malformed
}

// refused is the tally of lines the store did not take.
func (t Tally) refused() Tally { return Tally{Offered: t.Offered, Refused: t.Offered} }

// Counters is a Tally of one dataset by one way in.
type Counters struct {
	Dataset string
	Format  string
	Tally
}

// ledger holds the counters. There are as many as datasets times formats, both
// of which are bounded.
type ledger struct {
	mu    sync.Mutex
	pages map[page]*Tally
}

type page struct{ dataset, format string }

func (l *ledger) add(dataset, format string, t Tally) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.pages == nil {
		l.pages = map[page]*Tally{}
	}
	p := page{dataset, format}
	if l.pages[p] == nil {
		l.pages[p] = new(Tally)
	}
	l.pages[p].add(t)
}

// Counters is what came in since the start, by dataset and format.
func (in *Intake) Counters() []Counters {
	in.ledger.mu.Lock()
	defer in.ledger.mu.Unlock()
	out := make([]Counters, 0, len(in.ledger.pages))
	for p, t := range in.ledger.pages {
		out = append(out, Counters{p.dataset, p.format, *t})
	}
	slices.SortFunc(out, func(a, b Counters) int {
		return cmp.Or(cmp.Compare(a.Dataset, b.Dataset), cmp.Compare(a.Format, b.Format))
	})
	return out
}
