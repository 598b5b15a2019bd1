package gometrics_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	metrics "github.com/hashicorp/go-metrics"

	"github.com/plumbline/plumbline/sdk/adapters/gometrics"
	"github.com/plumbline/plumbline/sdk/metric"
)

func told(s *gometrics.Sink) string { return string(new(metric.Text).Page(s)) }

func TestSink(t *testing.T) {
	s := gometrics.New(0)
	config := metrics.DefaultConfig("")
	config.EnableHostname, config.EnableRuntimeMetrics, config.EnableTypePrefix = false, false, false
	m, err := metrics.New(config, s)
	if err != nil {
		t.Fatal(err)
	}
	m.IncrCounter([]string{"raft", "apply"}, 1)
	for range 3 {
		m.IncrCounter([]string{"raft", "apply"}, 1<<24) // a float32 would stop here
	}
	m.SetGauge([]string{"raft", "leader.lastContact"}, 12.5)
	m.SetGaugeWithLabels([]string{"raft", "peers"}, 3, []metrics.Label{{Name: "b", Value: "2"}, {Name: "A", Value: "x\"\xff"}})
	m.AddSample([]string{"raft", "fsm", "apply"}, 1.5)
	m.AddSampleWithLabels([]string{"raft", "rpc"}, 3, []metrics.Label{{Name: "peer", Value: "1"}})
	m.AddSampleWithLabels([]string{"raft", "rpc"}, 3, []metrics.Label{{Name: "peer", Value: "2"}})
	got := told(s)
	for _, line := range []string{"raft_apply_total 50331649", "raft_leader_lastcontact 12.5", `raft_peers{a="x\"�",b="2"} 3`,
		`raft_fsm_apply_seconds_bucket{le="0.001024"} 0`, `raft_fsm_apply_seconds_bucket{le="0.002048"} 1`, "raft_fsm_apply_seconds_sum 0.0015",
		`raft_rpc_seconds_count{peer="2"} 1`} {
		if !strings.Contains(got, line+"\n") {
			t.Errorf("no line %s in\n%s", line, got)
		}
	}
	if n := strings.Count(got, "# TYPE raft_rpc_seconds "); n != 1 {
		t.Errorf("a family is told %d times", n)
	}
}

// A name is of one kind, a counter never falls, and series have their bound.
func TestWhatHasNoPlace(t *testing.T) {
	s := gometrics.New(2)
	s.IncrCounter([]string{"a"}, 1)
	s.IncrCounter([]string{"a"}, -5)
	s.SetGauge([]string{"a"}, 7)
	s.SetGauge([]string{"b"}, 1)
	for i := range 10 {
		s.SetGauge([]string{"user", fmt.Sprint(i)}, 1)
	}
	if got := told(s); got != "# TYPE a_total counter\na_total 1\n# TYPE b gauge\nb 1\n" || s.Refused() != 11 {
		t.Errorf("%d refused:\n%s", s.Refused(), got)
	}
}

func TestManyGoroutines(t *testing.T) {
	s := gometrics.New(0)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for i := range 500 {
				s.IncrCounter([]string{"c", fmt.Sprint(i % 10)}, 1)
				s.AddSample([]string{"s"}, 1)
				if i%100 == 0 {
					told(s)
				}
			}
		})
	}
	wait.Wait()
	if got := told(s); strings.Count(got, "_total 400\n") != 10 || !strings.Contains(got, "s_seconds_count 4000\n") {
		t.Error(got)
	}
}

func BenchmarkIncrCounter3Labels(b *testing.B) {
	s := gometrics.New(0)
	key, labels := []string{"raft", "apply"}, []metrics.Label{{Name: "a", Value: "1"}, {Name: "b", Value: "2"}, {Name: "c", Value: "3"}}
	b.ReportAllocs()
	for b.Loop() {
		s.IncrCounterWithLabels(key, 1, labels)
	}
}

func BenchmarkInmem3Labels(b *testing.B) {
	s := metrics.NewInmemSink(time.Minute, time.Hour)
	key, labels := []string{"raft", "apply"}, []metrics.Label{{Name: "a", Value: "1"}, {Name: "b", Value: "2"}, {Name: "c", Value: "3"}}
	b.ReportAllocs()
	for b.Loop() {
		s.IncrCounterWithLabels(key, 1, labels)
	}
}

func ExampleNew() {
	sink := gometrics.New(0)
	sink.IncrCounter([]string{"raft", "apply"}, 1)
	fmt.Print(told(sink))
	// Output:
	// # TYPE raft_apply_total counter
	// raft_apply_total 1
}
