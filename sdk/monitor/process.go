package monitor

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"

	"github.com/plumbline/plumbline/sdk/metric"
)

// process tells what the runtime knows of the process, read without stopping it.
type process struct{}

var readings = [...]struct {
	sample string
	family metric.Family
}{
	{"/sched/goroutines:goroutines", metric.Family{Name: "go_goroutines", Help: "Goroutines that live."}},
	{"/sched/gomaxprocs:threads", metric.Family{Name: "go_sched_gomaxprocs_threads", Help: "Processors it may use at once."}},
	{"/memory/classes/heap/objects:bytes", metric.Family{Name: "go_heap_objects_bytes", Help: "Memory in objects."}},
	{"/memory/classes/total:bytes", metric.Family{Name: "go_memory_bytes", Help: "Memory the runtime has from the system."}},
	{"/gc/heap/allocs:bytes", metric.Family{Name: "go_heap_allocated_bytes", Help: "Memory allocated so far.", Kind: metric.Counter}},
	{"/gc/heap/allocs:objects", metric.Family{Name: "go_heap_allocated_objects", Help: "Objects allocated so far.", Kind: metric.Counter}},
	{"/gc/cycles/total:gc-cycles", metric.Family{Name: "go_gc_cycles", Help: "Collections so far.", Kind: metric.Counter}},
	{"/cpu/classes/gc/total:cpu-seconds", metric.Family{Name: "go_gc_cpu_seconds", Help: "Processor time of collections.", Kind: metric.Counter}},
}

// Metrics implements metric.Source.
func (process) Metrics(to metric.Visitor) {
	var samples [len(readings)]metrics.Sample
	for i := range readings {
		samples[i].Name = readings[i].sample
	}
	metrics.Read(samples[:])
	for i := range readings {
		switch v := samples[i].Value; v.Kind() {
		case metrics.KindUint64:
			to.Family(readings[i].family)
			to.Sample(nil, float64(v.Uint64()))
		case metrics.KindFloat64:
			to.Family(readings[i].family)
			to.Sample(nil, v.Float64())
		}
	}
}

// memStat is BFE's page of the memory: runtime.MemStats as JSON, or its numbers as
// NAME:value with LastPauseNs. Reading it stops the program for a moment.
func memStat(q url.Values) ([]byte, string, error) {
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	switch format := q.Get("format"); format {
	case "", "json":
		body, err := json.Marshal(&s)
		return append(body, '\n'), "application/json", err
	case "kv", "noah":
		return memPairs(&s), "text/plain; charset=utf-8", nil
	default:
		return asked(nil, "", fmt.Errorf("unknown format %q: json and kv are known", format))
	}
}

func memPairs(s *runtime.MemStats) (b []byte) {
	for _, p := range []struct {
		name  string
		value uint64
	}{
		{"Alloc", s.Alloc}, {"TotalAlloc", s.TotalAlloc}, {"Sys", s.Sys}, {"Lookups", s.Lookups}, {"Mallocs", s.Mallocs}, {"Frees", s.Frees},
		{"HeapAlloc", s.HeapAlloc}, {"HeapSys", s.HeapSys}, {"HeapIdle", s.HeapIdle}, {"HeapInuse", s.HeapInuse},
		{"HeapReleased", s.HeapReleased}, {"HeapObjects", s.HeapObjects}, {"StackInuse", s.StackInuse}, {"StackSys", s.StackSys},
		{"MSpanInuse", s.MSpanInuse}, {"MSpanSys", s.MSpanSys}, {"MCacheInuse", s.MCacheInuse}, {"MCacheSys", s.MCacheSys},
		{"BuckHashSys", s.BuckHashSys}, {"GCSys", s.GCSys}, {"OtherSys", s.OtherSys}, {"NextGC", s.NextGC}, {"LastGC", s.LastGC},
		{"PauseTotalNs", s.PauseTotalNs}, {"NumGC", uint64(s.NumGC)}, {"NumForcedGC", uint64(s.NumForcedGC)},
		{"LastPauseNs", s.PauseNs[(s.NumGC+255)%256]}, // the newest of a ring of 256
	} {
		b = append(append(b, p.name...), ':')
		b = append(strconv.AppendUint(b, p.value, 10), '\n')
	}
	return b
}

func (m *Monitor) serveBuild(w http.ResponseWriter, _ *http.Request) {
	build, ok := debug.ReadBuildInfo()
	if !ok {
		refuse(w, http.StatusNotFound, "built without modules")
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte(build.String()))
}
