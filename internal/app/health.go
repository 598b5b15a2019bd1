package app

import (
	"runtime"

	"github.com/plumbline/plumbline/internal/api"
)

// health is the state of every part of the server.
func (a *App) health() []api.Component {
	var parts []api.Component
	for _, c := range a.store.Health() {
		parts = append(parts, api.Component{Name: c.Name, Ready: c.Ready, Reason: c.Reason})
	}
	return parts
}

// gauges are the readings of the server itself.
func (a *App) gauges() []api.Gauge {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	list := []api.Gauge{
		{Name: "memory_heap_bytes", Help: "heap in use", Type: "gauge", Value: float64(m.HeapInuse)},
		{Name: "goroutines", Help: "goroutines", Type: "gauge", Value: float64(runtime.NumGoroutine())},
	}
	for _, x := range a.store.Extents(nil) {
		list = append(list,
			api.Gauge{Name: "store_rows", Help: "rows kept", Type: "gauge", Dataset: x.Dataset, Value: float64(x.Rows)},
			api.Gauge{Name: "store_bytes", Help: "bytes on disk", Type: "gauge", Dataset: x.Dataset, Value: float64(x.Bytes)})
	}
	for _, r := range a.store.Readings() {
		list = append(list, api.Gauge{Name: "store_" + r.Name, Help: r.Help, Type: r.Type, Value: r.Value})
	}
	return append(list, intakeGauges(a.intake.Counters())...)
}
