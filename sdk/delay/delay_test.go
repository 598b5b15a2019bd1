package delay

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/plumbline/plumbline/sdk/metric"
	"github.com/plumbline/plumbline/sdk/notice"
)

// clock is a wall clock that a test moves.
type clock struct{ time.Time }

func (c *clock) now() time.Time { return c.Time }

func newClock() *clock { return &clock{time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC)} }

func trace(context.Context) [16]byte { return [16]byte{10} }

// The files are written by hand, after what BFE documents. Its own library
// publishes the 7 ms of a bucket of 5 ms under le="2000".
func TestFormats(t *testing.T) {
	clock := newClock()
	c := New("proxy_delay", Options{Buckets: Linear(5*time.Millisecond, 2), Program: "bfe", Help: "Time to forward.", Trace: trace, Now: clock.now})
	c.Add(5 * time.Millisecond) // at most 5 ms, so in the first bucket
	c.Observe(t.Context(), 5*time.Millisecond+time.Microsecond)
	c.Add(27 * time.Millisecond)
	clock.Time = clock.Add(time.Minute)
	c.Roll(clock.now())
	c.Add(7 * time.Millisecond)
	for format, file := range map[string]string{"": "json", "json": "json", "hier_json": "json", "kv": "kv", "noah": "kv",
		"kv_with_program_name": "kv_with_program_name", "prometheus": "prometheus", "openmetrics": "openmetrics"} {
		want, err := os.ReadFile("testdata/delay." + file)
		if err != nil {
			t.Fatal(err)
		}
		if body, _, err := c.Format(format); err != nil || string(body) != string(want) {
			t.Errorf("as %q, error %v:\n%s\nwant\n%s", format, err, body, want)
		}
	}
	if _, _, err := c.Format("no_kv"); err == nil {
		t.Error("an unknown format is taken")
	}
}

// Every delay lies above the bound before its bucket, and not above its own;
// a logarithmic bucket is no wider than an eighth of its bound, or one microsecond.
func TestBuckets(t *testing.T) {
	for name, b := range map[string]Buckets{
		"log": Log(), "linear": Linear(3*time.Millisecond, 7), "bounds": Bounds(time.Second, time.Millisecond, time.Minute, time.Second),
		"one": Linear(0, 0), "none": Bounds(),
	} {
		last := b.count() - 1
		check := func(d time.Duration) {
			slot := b.slot(d)
			if slot < 0 || slot > last {
				t.Fatalf("%s: %v lies in bucket %d of %d", name, d, slot, last)
			}
			if slot > 0 && d <= b.bound(slot-1) || slot < last && d > b.bound(slot) {
				t.Errorf("%s: %v lies in bucket %d", name, d, slot)
			}
		}
		for i := range last {
			for _, d := range []time.Duration{b.bound(i) - 1, b.bound(i), b.bound(i) + 1} {
				check(d)
			}
			if i > 0 && b.bound(i) <= b.bound(i-1) {
				t.Errorf("%s: bound %d is %v after %v", name, i, b.bound(i), b.bound(i-1))
			}
		}
		for range 1000 {
			check(time.Duration(rand.Int64N(1 << rand.IntN(63))))
		}
		check(0)
		check(1<<63 - 1)
	}
	b := Log()
	for i := 1; i < logBuckets; i++ {
		if width := b.bound(i) - b.bound(i-1); width > time.Microsecond && width > b.bound(i)/8 {
			t.Errorf("bucket %d, up to %v, is %v wide", i, b.bound(i), width)
		}
	}
	if most := b.bound(logBuckets - 1); most < time.Hour {
		t.Errorf("delays beyond %v are not told apart", most)
	}
}

// What Prometheus is told only ever grows, and its buckets add up to all.
func TestHistogramOnlyGrows(t *testing.T) {
	clock := newClock()
	c := New("d", Options{Now: clock.now})
	var before []uint64
	for range 5 {
		for range 100 {
			c.Add(time.Duration(rand.Int64N(int64(2 * time.Hour))))
		}
		clock.Time = clock.Add(40 * time.Second)
		c.Read() // ends cycles
		c.Metrics(visit(func(h *metric.Histogram) {
			for i, n := range h.Counts {
				if before != nil && n < before[i] {
					t.Errorf("bucket %d shrank from %d to %d", i, before[i], n)
				}
			}
			before = slices.Clone(h.Counts)
		}))
	}
	var sum uint64
	for _, n := range before {
		sum += n
	}
	if sum != 500 {
		t.Errorf("the buckets hold %d of 500", sum)
	}
}

type visit func(*metric.Histogram)

func (visit) Family(metric.Family)                              {}
func (visit) Sample([]metric.Label, float64)                    {}
func (v visit) Histogram(_ []metric.Label, h *metric.Histogram) { v(h) }

func TestCycles(t *testing.T) {
	clock := newClock()
	c := New("d", Options{Now: clock.now, Every: time.Minute})
	if r := c.Read(); r.Past.Count != 0 || !r.Past.From.IsZero() {
		t.Errorf("before a first cycle the past held %d from %v", r.Past.Count, r.Past.From)
	}
	c.Add(time.Second)
	clock.Time = clock.Add(61 * time.Second)
	c.Add(3 * time.Second)
	if r := c.Read(); r.Past.Count != 2 || r.Current.Count != 0 || r.Past.Average() != 2*time.Second {
		t.Errorf("past %d averaging %v, current %d: a cycle ends when it is noticed, and says so by its times", r.Past.Count, r.Past.Average(), r.Current.Count)
	}
	clock.Time = clock.Add(10 * time.Minute)
	if r := c.Read(); r.Past.Count != 0 || r.Past.To.Sub(r.Past.From) != 10*time.Minute {
		t.Errorf("after idling the past held %d within %v", r.Past.Count, r.Past.To.Sub(r.Past.From))
	}
	c.Add(-1)
	if c.Refused() != 1 || c.Read().Current.Count != 0 {
		t.Error("a negative delay is counted, or lost without a word")
	}
	c.Add(1)
	c.Clear()
	if r := c.Read(); r.Current.Count != 0 {
		t.Errorf("after Clear %d", r.Current.Count)
	}
	var none *Counter
	none.Add(1)
	none.Since(time.Now())
	none.Observe(t.Context(), 1)
	if none.Refused() != 0 {
		t.Error("a nil counter counted")
	}
}

func TestQuantiles(t *testing.T) {
	c := New("d", Options{})
	var all []time.Duration
	for range 10000 {
		d := time.Duration(rand.ExpFloat64() * float64(20*time.Millisecond))
		all = append(all, d)
		c.Add(d)
	}
	slices.Sort(all)
	y := c.Read().Current
	for _, q := range []float64{0.01, 0.5, 0.9, 0.99} {
		got, want := y.Quantile(q), all[int(q*float64(len(all)))]
		if off := (got - want).Abs(); off > want*13/100+2*time.Microsecond {
			t.Errorf("the %g quantile is %v, want %v", q, got, want)
		}
	}
	if d := New("d", Options{}).Read().Current.Quantile(0.5); d != 0 {
		t.Errorf("the median of nothing is %v", d)
	}
	beyond := New("d", Options{Buckets: Linear(time.Millisecond, 1)})
	beyond.Add(time.Hour)
	if d := beyond.Read().Current.Quantile(0.5); d != time.Millisecond {
		t.Errorf("the median beyond all bounds is %v", d)
	}
}

func TestNotice(t *testing.T) {
	clock := newClock()
	c := New("Proxy", Options{Now: clock.now, Buckets: Linear(time.Millisecond, 10), Labels: []metric.Label{{Name: "method", Value: "GET"}}})
	c.Add(time.Millisecond)
	clock.Time = clock.Add(time.Minute)
	c.Roll(clock.now())
	var said map[string]any
	c.Notice(notice.New(func(line []byte) {
		if err := json.Unmarshal(line, &said); err != nil {
			t.Error(err)
		}
	}, clock.now))
	for key, want := range map[string]any{"kind": "delay", "delay": "Proxy", "method": "GET", "count": 1.0, "average": 0.001, "p99": 0.00099, "window": 60.0} {
		if said[key] != want {
			t.Errorf("%s is %v, want %v", key, said[key], want)
		}
	}
}

func TestManyGoroutines(t *testing.T) {
	c := New("d", Options{Every: time.Nanosecond, Trace: trace})
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for i := range 1000 {
				c.Observe(t.Context(), time.Duration(i)*time.Millisecond)
				if i%100 == 0 {
					c.Read()
					new(metric.Text).Page(c)
				}
			}
		})
	}
	wait.Wait()
	c.Metrics(visit(func(h *metric.Histogram) {
		if n := h.Count(); n != 8000 {
			t.Errorf("counted %d of 8000", n)
		}
	}))
}

func TestAddAllocatesNothing(t *testing.T) {
	c := New("d", Options{})
	if n := testing.AllocsPerRun(100, func() { c.Add(time.Millisecond) }); n > 0 {
		t.Errorf("adding allocates %v times", n)
	}
}

func BenchmarkAdd(b *testing.B) {
	c := New("d", Options{})
	d := 3 * time.Millisecond
	for b.Loop() {
		c.Add(d)
	}
}

func BenchmarkAddLinear(b *testing.B) {
	c := New("d", Options{Buckets: Linear(time.Millisecond, 10)})
	d := 3 * time.Millisecond
	for b.Loop() {
		c.Add(d)
	}
}

func BenchmarkSince(b *testing.B) {
	c := New("d", Options{})
	start := time.Now()
	for b.Loop() {
		c.Since(start)
	}
}
