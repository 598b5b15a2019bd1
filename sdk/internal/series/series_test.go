package series

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/plumbline/plumbline/sdk/metric"
)

type answer struct {
	Proto string
	Class int `label:"status class"`
}

func TestLabels(t *testing.T) {
	var m Map[answer, atomic.Int64]
	m.At(answer{"h2", 5}).Add(1)
	m.At(answer{"h2", 5}).Add(1)
	all := m.All()
	want := []metric.Label{{Name: "proto", Value: "h2"}, {Name: "status_class", Value: "5"}}
	if len(all) != 1 || all[0].Value.Load() != 2 || fmt.Sprint(all[0].Labels) != fmt.Sprint(want) {
		t.Errorf("got %d series, labels %v, want one with %v", len(all), all[0].Labels, want)
	}
}

// Two texts that would be written alike share a series, or a page would tell it
// twice; one that is too long, and the one too many, are other.
func TestHostileLabels(t *testing.T) {
	m := Map[answer, atomic.Int64]{Max: 4}
	m.At(answer{"\xff", 1}).Add(1)
	m.At(answer{"\xfe", 1}).Add(1)
	m.At(answer{strings.Repeat("x", maxLabelBytes+1), 1}).Add(1)
	for i := range 10 {
		m.At(answer{"id", i}).Add(1)
	}
	told := map[string]int64{}
	for _, s := range m.All() {
		name := fmt.Sprint(s.Labels)
		if _, twice := told[name]; twice {
			t.Errorf("%s is told twice", name)
		}
		told[name] = s.Value.Load()
	}
	if told["[{proto \ufffd} {status_class 1}]"] != 2 {
		t.Errorf("broken UTF-8 has no series of its own: %v", told)
	}
	var sum int64
	for _, n := range told {
		sum += n
	}
	if other := told["[{proto other} {status_class other}]"]; sum != 13 || uint64(other) != m.Refused() || other == 0 {
		t.Errorf("%d counted of 13, other %d, refused %d", sum, other, m.Refused())
	}
}

func TestManyGoroutines(t *testing.T) {
	var m Map[answer, atomic.Int64]
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for i := range 1000 {
				m.At(answer{"h1", i % 100}).Add(1)
				if i%100 == 0 {
					m.All()
				}
			}
		})
	}
	wait.Wait()
	if n := len(m.All()); n != 100 {
		t.Fatalf("%d series, want 100", n)
	}
	for _, s := range m.All() {
		if n := s.Value.Load(); n != 80 {
			t.Errorf("%v counted %d, want 80", s.Labels, n)
		}
	}
}

func TestCheck(t *testing.T) {
	if err := Check[answer](); err != nil {
		t.Error(err)
	}
	if Check[string]() == nil || Check[struct{ hidden string }]() == nil || Check[struct{ P *int }]() == nil {
		t.Error("labels that cannot be told are taken")
	}
}

func TestSnake(t *testing.T) {
	for name, want := range map[string]string{
		"ConActive": "Con_Active", "HTTPServed": "HTTP_Served", "HTTP2Conns": "HTTP2_Conns", "ReqByHTTP": "Req_By_HTTP",
		"ClientConnUse100Continue": "Client_Conn_Use100_Continue", "Err5XX": "Err5_XX", "A": "A", "": "", "Already_Snake": "Already_Snake",
	} {
		if got := Snake(name); got != want {
			t.Errorf("Snake(%s) = %s, want %s", name, got, want)
		}
	}
}

func TestLookupAllocatesNothing(t *testing.T) {
	var m Map[answer, atomic.Int64]
	class := []byte("h2")
	m.At(answer{string(class), 5})
	m.At(answer{string(class), 5})
	if n := testing.AllocsPerRun(100, func() { m.At(answer{"h2", 5}).Add(1) }); n > 0 {
		t.Errorf("a lookup allocates %v times", n)
	}
}

func BenchmarkAt(b *testing.B) {
	var m Map[struct{ Proto, Class, Route string }, atomic.Int64]
	for b.Loop() {
		m.At(struct{ Proto, Class, Route string }{"h2", "5xx", "/v1/charges/{id}"}).Add(1)
	}
}
