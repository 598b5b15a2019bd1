package trace

import (
	"math/bits"
	"sync"
	"time"
)

// classes are the durations that traces are kept by, those of x/net/trace: each
// trace is among the newest of every class it reaches.
var classes = [...]time.Duration{0, 50 * time.Millisecond, 100 * time.Millisecond, 200 * time.Millisecond,
	500 * time.Millisecond, time.Second, 10 * time.Second, 100 * time.Second}

const (
	// A page of ten is read; of a hundred nobody reads the second screen.
	keep = 10
	// Microseconds in powers of two, up to 67 s.
	histogramBuckets = 27
	// Records of a burst that are kept for the next one.
	maxFree = 64
)

// Family is all traces of one kind of work, such as a route or a function.
type Family struct {
	tracer *Tracer
	name   string

	mu       sync.Mutex
	active   *record // the youngest
	inFlight int
	rings    [len(classes)]ring
	failed   ring
	calls    uint64
	failures uint64
	total    time.Duration
	counts   [histogramBuckets + 1]uint64
	timed    bool // by somebody else: Add was called
	free     []*record
}

// ring holds the newest records.
type ring struct {
	held [keep]*record
	next int
}

// put takes r in and gives the one that falls out.
func (g *ring) put(r *record) (out *record) {
	out = g.held[g.next]
	g.held[g.next] = r
	g.next = (g.next + 1) % keep
	r.refs++
	return out
}

// newest gives the records, newest first.
func (g *ring) newest(yield func(*record)) {
	for i := range keep {
		if r := g.held[(g.next-1-i+2*keep)%keep]; r != nil {
			yield(r)
		}
	}
}

// begin gives t its record.
func (f *Family) begin(t *Trace, title string, at place) {
	f.mu.Lock()
	r := f.blank()
	r.owner, r.title, r.start, r.place = t, title, t.start, at
	r.older = f.active
	if f.active != nil {
		f.active.younger = r
	}
	f.active = r
	f.inFlight++
	t.record = r
	f.mu.Unlock()
}

// blank is a record to write on; the caller holds the lock.
func (f *Family) blank() *record {
	if n := len(f.free); n > 0 {
		r := f.free[n-1]
		f.free = f.free[:n-1]
		return r
	}
	return &record{}
}

// finish files the record of work that is done.
func (f *Family) finish(r *record, took time.Duration, failed bool, failure string) {
	f.mu.Lock()
	r.took, r.failed, r.failure, r.owner = took, failed, failure, nil
	if r.younger != nil {
		r.younger.older = r.older
	} else {
		f.active = r.older
	}
	if r.older != nil {
		r.older.younger = r.younger
	}
	r.younger, r.older = nil, nil
	f.inFlight--
	f.file(r)
	f.mu.Unlock()
}

// file counts a record that is complete, and puts it where it is found; the caller
// holds the lock.
func (f *Family) file(r *record) {
	took := r.took
	f.calls++
	f.total += took
	f.counts[bucket(took)]++
	if r.failed {
		f.failures++
		f.drop(f.failed.put(r))
	}
	for i := range classes {
		if took < classes[i] {
			break
		}
		f.drop(f.rings[i].put(r))
	}
}

// drop recycles a record that fell out of its last ring; the caller holds the lock.
func (f *Family) drop(r *record) {
	if r == nil {
		return
	}
	if r.refs--; r.refs > 0 || len(f.free) >= maxFree {
		return
	}
	r.reset()
	f.free = append(f.free, r)
}

// bucket is the power of two of microseconds that took does not exceed.
func bucket(took time.Duration) int {
	if took <= time.Microsecond {
		return 0
	}
	return min(bits.Len64(uint64(took-1)/1000), histogramBuckets)
}

// Name of the family.
func (f *Family) Name() string { return f.name }

// Summary counts the traces of a family.
type Summary struct {
	Family   string
	Active   int
	Calls    uint64 // ended
	Failures uint64
	Total    time.Duration // of those ended
	Kept     []int         // how many each class has to show, then the failed ones
}

// Summary reads the counts.
func (f *Family) Summary() Summary {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := Summary{Family: f.name, Active: f.inFlight, Calls: f.calls, Failures: f.failures, Total: f.total}
	for i := range f.rings {
		s.Kept = append(s.Kept, f.rings[i].len())
	}
	s.Kept = append(s.Kept, f.failed.len())
	return s
}

func (g *ring) len() (n int) {
	g.newest(func(*record) { n++ })
	return n
}

// Which traces of a family are meant.
type Which int

const (
	Active Which = -1                  // those under way, youngest first
	Recent Which = 0                   // the newest
	Failed Which = Which(len(classes)) // the newest that failed
)

// Slow is the newest that took at least as long as the given class: 1 is 50 ms, then
// 100, 200 and 500 ms, 1, 10 and 100 s.
func Slow(class int) Which { return Which(min(max(class, 1), len(classes)-1)) }

// View is a trace as it is shown: a copy, which does not change.
type View struct {
	Family, Title string
	Above         string // what it is a part of, or empty
	ID            [16]byte
	Span          [8]byte
	Start         time.Time
	Took          time.Duration // so far, where it is active
	Active        bool
	Failed        bool
	Failure       string
	Events        []Event
	First         int // events before the gap
	Missing       int // events in the gap
}

// Traces copies the traces that are meant, at most ten – of those under way
// twenty. Nothing is locked by the time somebody reads them.
func (f *Family) Traces(which Which) (views []View) {
	const maxActive = 20
	f.mu.Lock()
	defer f.mu.Unlock()
	add := func(r *record) { views = append(views, f.view(r)) }
	switch {
	case which == Active:
		for r := f.active; r != nil && len(views) < maxActive; r = r.older {
			add(r)
		}
	case which == Failed:
		f.failed.newest(add)
	case which >= 0 && int(which) < len(classes):
		f.rings[which].newest(add)
	}
	return views
}

// view copies a record; the caller holds the lock of the family.
func (f *Family) view(r *record) View {
	if t := r.owner; t != nil {
		t.mu.Lock()
		defer t.mu.Unlock()
	}
	v := View{Family: f.name, Title: r.title, Above: r.above, ID: r.id, Span: r.span,
		Start: f.tracer.began.Add(r.start), Took: r.took, Active: r.owner != nil, Failed: r.failed, Failure: r.failure}
	if v.Active {
		v.Took = time.Since(f.tracer.began) - r.start
	}
	v.Events, v.First, v.Missing = r.read()
	return v
}
