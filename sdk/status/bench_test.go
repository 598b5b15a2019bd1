package status

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/plumbline/plumbline/sdk/metric"
)

func BenchmarkCounter(b *testing.B) {
	var c Counter
	for b.Loop() {
		c.Inc()
	}
}

func BenchmarkCounterSpread(b *testing.B) {
	var c Counter
	c.spread()
	for b.Loop() {
		c.Inc()
	}
}

func BenchmarkAtomicAdd(b *testing.B) {
	var c atomic.Uint64
	for b.Loop() {
		c.Add(1)
	}
}

func BenchmarkGauge(b *testing.B) {
	var g Gauge
	for b.Loop() {
		g.Add(1)
	}
}

// eight divides b.N among eight goroutines.
func eight(b *testing.B, add func()) {
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range b.N / 8 {
				add()
			}
		})
	}
	wait.Wait()
}

func BenchmarkCounter8(b *testing.B) {
	var c Counter
	eight(b, c.Inc)
}

func BenchmarkAtomicAdd8(b *testing.B) {
	var c atomic.Uint64
	eight(b, func() { c.Add(1) })
}

// thousand is a set of 1,000 series in 40 families, as a service with labels has.
func thousand(tb testing.TB) *Set {
	tb.Helper()
	s, err := New("proxy", nil, Options{})
	if err != nil {
		tb.Fatal(err)
	}
	for i := range 40 {
		v := new(CounterVec[answer])
		for j := range 25 {
			v.With(answer{"h2", string(rune('a' + j))}).Add(uint64(i * 1000 * j))
		}
		s.mu.Lock()
		s.hold(variable{name: "ANSWERS_" + string(rune('A'+i)), holds: v})
		s.mu.Unlock()
	}
	return s
}

func BenchmarkThousandSeriesText(b *testing.B) {
	s, text := thousand(b), new(metric.Text)
	b.ReportAllocs()
	for b.Loop() {
		text.Reset()
		s.Metrics(text)
	}
}

func BenchmarkReadThousand(b *testing.B) {
	s, _ := New("proxy", nil, Options{})
	for i := range 1000 {
		s.Counter("c" + string(rune(i+1000))).Inc()
	}
	b.ReportAllocs()
	for b.Loop() {
		s.All()
	}
}

func BenchmarkVecLookup(b *testing.B) {
	var v CounterVec[answer]
	for b.Loop() {
		v.With(answer{"h2", "5xx"}).Inc()
	}
}

func TestScrapeAllocatesNothing(t *testing.T) {
	s, text := thousand(t), new(metric.Text)
	s.Metrics(text)
	if n := testing.AllocsPerRun(10, func() { text.Reset(); s.Metrics(text) }); n > 0 {
		t.Errorf("a page of 1,000 series allocates %v times", n)
	}
}
