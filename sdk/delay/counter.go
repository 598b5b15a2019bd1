// Package delay counts how long things take: in the cycle that is running, in the
// one before, and since the start, sorted into buckets.
//
//	var handshake = delay.New("proxy_handshake_delay", delay.Options{Buckets: delay.Linear(time.Millisecond, 10)})
//	defer handshake.Since(time.Now())
//
// Adding takes no lock and reads no clock: it counts in the bucket and in the
// sum. Both cycles are differences of what those were when a cycle ended, so
// that a Prometheus histogram, which may only grow, comes from the same counts.
package delay

import (
	"context"
	"log/slog"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/plumbline/plumbline/sdk/metric"
	"github.com/plumbline/plumbline/sdk/notice"
)

// Options of a counter; the zero value is ready for use.
type Options struct {
	Every   time.Duration // length of a cycle; 60 s
	Buckets Buckets       // Log
	Help    string        // for Prometheus
	Program string        // ProgramName in BFE's formats
	Labels  []metric.Label

	// Trace is the trace that ctx belongs to, for exemplars; zero where to none.
	Trace func(ctx context.Context) [16]byte
	Now   func() time.Time // time.Now
}

// defaultEvery is the cycle of BFE's delays.
const defaultEvery = time.Minute

// Counter counts delays. It is safe for use by many goroutines at once; a nil one
// counts nothing.
type Counter struct {
	name    string
	options Options
	buckets Buckets

	counts   []atomic.Uint64
	sum      atomic.Int64 // nanoseconds: 292 years of them
	negative atomic.Uint64

	exemplars []atomic.Pointer[metric.Exemplar] // of the buckets told
	place     []int                             // of a slot among them

	cycle   sync.Mutex
	current mark // when the cycle that runs began
	past    mark // when the one before began
	ended   bool // there was one before

	reading sync.Mutex
	hist    metric.Histogram
	told    []int
	family  metric.Family
}

// mark is the counts at one moment.
type mark struct {
	at     time.Time
	counts []uint64
	sum    int64
}

// New makes a counter. Its name is also that of its page, and of the family that
// Prometheus is told, which ends in _seconds.
func New(name string, o Options) *Counter {
	if o.Every <= 0 {
		o.Every = defaultEvery
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	c := &Counter{name: name, options: o, buckets: o.Buckets, told: o.Buckets.told()}
	c.counts = make([]atomic.Uint64, c.buckets.count())
	c.family = metric.Family{Name: metric.Name(name) + "_seconds", Help: o.Help, Kind: metric.Buckets}
	c.hist.Counts = make([]uint64, len(c.told)+1)
	for _, slot := range c.told {
		c.hist.Bounds = append(c.hist.Bounds, c.buckets.bound(slot).Seconds())
	}
	c.place = make([]int, len(c.counts))
	at := 0
	for slot := range c.place {
		c.place[slot] = at
		if at < len(c.told) && c.told[at] == slot {
			at++
		}
	}
	if o.Trace != nil {
		c.exemplars = make([]atomic.Pointer[metric.Exemplar], len(c.told)+1)
		c.hist.Exemplars = make([]metric.Exemplar, len(c.told)+1)
	}
	c.current = c.mark(o.Now())
	return c
}

// Name of the counter.
func (c *Counter) Name() string { return c.name }

// Add counts one delay. A negative one, which a clock set back makes, is counted
// as refused.
func (c *Counter) Add(d time.Duration) { c.add(d) }

func (c *Counter) add(d time.Duration) (slot int, nth uint64) {
	if c == nil {
		return 0, 0
	}
	if d < 0 {
		c.negative.Add(1)
		return 0, 0
	}
	slot = c.buckets.slot(d)
	c.sum.Add(int64(d))
	return slot, c.counts[slot].Add(1)
}

// Since counts the time since start, which is to be one of time.Now: then a clock
// that is set does not matter.
//
//	defer c.Since(time.Now())
func (c *Counter) Since(start time.Time) { c.Add(time.Since(start)) }

// Observe counts one delay and, now and then, keeps the trace it belongs to as
// the example of its bucket.
func (c *Counter) Observe(ctx context.Context, d time.Duration) {
	const keepEvery = 64 // an example a minute old is as good as a fresh one
	slot, nth := c.add(d)
	if nth%keepEvery != 1 || c.exemplars == nil {
		return
	}
	if id := c.options.Trace(ctx); id != [16]byte{} {
		at := float64(c.options.Now().UnixMilli()) / 1000
		c.exemplars[c.place[slot]].Store(&metric.Exemplar{Trace: id, Value: d.Seconds(), Unix: at})
	}
}

// Refused counts the delays that were negative.
func (c *Counter) Refused() uint64 {
	if c == nil {
		return 0
	}
	return c.negative.Load()
}

func (c *Counter) mark(at time.Time) mark {
	m := mark{at: at, counts: make([]uint64, len(c.counts)), sum: c.sum.Load()}
	for i := range m.counts {
		m.counts[i] = c.counts[i].Load()
	}
	return m
}

// Roll implements status.Member: it ends the cycle whose time is over, and tells when
// the next one ends. Where no Board runs, Read does so.
func (c *Counter) Roll(now time.Time) (next time.Time, closed bool) {
	c.cycle.Lock()
	defer c.cycle.Unlock()
	ends := c.current.at.Truncate(c.options.Every).Add(c.options.Every)
	if now.Before(ends) {
		return ends, false
	}
	c.past, c.current, c.ended = c.current, c.mark(now), true
	return now.Truncate(c.options.Every).Add(c.options.Every), true
}

// Clear forgets both cycles. What Prometheus is told goes on growing.
func (c *Counter) Clear() {
	c.cycle.Lock()
	defer c.cycle.Unlock()
	c.current, c.past, c.ended = c.mark(c.options.Now()), mark{}, false
}

// Metrics implements metric.Source.
func (c *Counter) Metrics(to metric.Visitor) {
	to.Family(c.family)
	c.Tell(c.options.Labels, to)
}

// Tell gives the histogram alone, for a family that the caller has told.
func (c *Counter) Tell(labels []metric.Label, to metric.Visitor) {
	c.reading.Lock()
	defer c.reading.Unlock()
	clear(c.hist.Counts)
	for slot := range c.counts {
		c.hist.Counts[c.place[slot]] += c.counts[slot].Load()
	}
	c.hist.Sum = time.Duration(c.sum.Load()).Seconds()
	for i := range c.exemplars {
		if e := c.exemplars[i].Load(); e != nil {
			c.hist.Exemplars[i] = *e
		}
	}
	to.Histogram(labels, &c.hist)
}

// Notice implements status.Member: it says the cycle that ended, kind delay, how many, their average and
// quantiles in seconds.
func (c *Counter) Notice(w *notice.Writer) {
	past := c.Read().Past
	fields := []slog.Attr{slog.String("delay", c.name), slog.Duration("window", past.To.Sub(past.From)),
		slog.Uint64("count", past.Count), slog.Duration("average", past.Average())}
	for _, l := range c.options.Labels {
		fields = append(fields, slog.String(l.Name, l.Value))
	}
	for _, q := range []struct {
		name string
		of   float64
	}{{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}} {
		fields = append(fields, slog.Duration(q.name, past.Quantile(q.of)))
	}
	w.Say("delay", "delay "+strings.ToLower(c.name), fields...)
}

// Cycle is the delays of one cycle. It does not change.
type Cycle struct {
	From, To time.Time
	Count    uint64
	Sum      time.Duration
	Counts   []uint64 // of each bucket alone; the last is what is beyond

	buckets Buckets
}

// Average delay; zero where there was none.
func (y Cycle) Average() time.Duration {
	if y.Count == 0 {
		return 0
	}
	return y.Sum / time.Duration(y.Count)
}

// Bound is the upper bound of a bucket that has one.
func (y Cycle) Bound(bucket int) time.Duration { return y.buckets.bound(bucket) }

// Quantile is the delay that the share q of all did not exceed, from 0 to 1, as
// near as the buckets tell: within its bucket delays count as spread evenly. Of
// what is beyond all bounds it tells the last bound.
func (y Cycle) Quantile(q float64) time.Duration {
	rank := max(q*float64(y.Count), math.SmallestNonzeroFloat64)
	var below, lower float64
	for i, n := range y.Counts {
		if i == len(y.Counts)-1 {
			break
		}
		upper := float64(y.buckets.bound(i))
		if reached := below + float64(n); n > 0 && reached >= rank {
			return time.Duration(lower + (upper-lower)*(rank-below)/float64(n))
		}
		below += float64(n)
		lower = upper
	}
	if y.Count == 0 {
		return 0
	}
	return time.Duration(lower)
}

// Reading is both cycles at one moment.
type Reading struct {
	Current Cycle
	Past    Cycle // zero times before a first cycle has ended

	name    string
	program string
	every   time.Duration
}

// Read gives both cycles.
func (c *Counter) Read() Reading {
	now := c.options.Now()
	c.Roll(now)
	c.cycle.Lock()
	defer c.cycle.Unlock()
	r := Reading{name: c.name, program: c.options.Program, every: c.options.Every}
	r.Current = c.between(c.current, c.mark(now))
	if c.ended {
		r.Past = c.between(c.past, c.current)
	} else {
		r.Past = Cycle{Counts: make([]uint64, len(c.counts)), buckets: c.buckets}
	}
	return r
}

func (c *Counter) between(from, to mark) Cycle {
	y := Cycle{From: from.at, To: to.at, Sum: time.Duration(to.sum - from.sum), Counts: make([]uint64, len(to.counts)), buckets: c.buckets}
	for i := range y.Counts {
		y.Counts[i] = to.counts[i] - from.counts[i]
		y.Count += y.Counts[i]
	}
	return y
}
