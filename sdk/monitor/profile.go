package monitor

import (
	"context"
	"net/http"
	"runtime/pprof"
	"runtime/trace"
	"strconv"
	"time"

	"github.com/plumbline/plumbline/sdk/internal/page"
)

// Profiles are served from runtime/pprof: importing net/http/pprof would put them
// on http.DefaultServeMux of every program that uses this package, for anybody.

func (m *Monitor) listProfiles(w http.ResponseWriter, _ *http.Request) {
	p := page.New("Profiles").Markup("<ul>")
	p.Markup("<li>").Link("profile?seconds=10", "profile").Markup(" of the processor")
	p.Markup("<li>").Link("trace?seconds=1", "trace").Markup(" of the scheduler")
	for _, one := range pprof.Profiles() {
		p.Markup("<li>").Link(one.Name()+"?debug=1", one.Name()).Markup(" ").Text(strconv.Itoa(one.Count()))
	}
	p.Markup("</ul><p><code>go tool pprof http://…/debug/pprof/profile</code></p>").Send(w)
}

func (m *Monitor) serveProfile(w http.ResponseWriter, r *http.Request) {
	switch name := r.PathValue("name"); name {
	case "profile":
		record(w, r, 30*time.Second, func() error { return pprof.StartCPUProfile(w) }, pprof.StopCPUProfile)
	case "trace":
		record(w, r, time.Second, func() error { return trace.Start(w) }, trace.Stop)
	default:
		one := pprof.Lookup(name)
		if one == nil {
			refuse(w, http.StatusNotFound, "no such profile")
			return
		}
		form, err := strconv.Atoi(r.URL.Query().Get("debug"))
		if err != nil || form < 0 {
			form = 0
		}
		if form == 0 {
			attach(w, name)
		} else {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		}
		_ = one.WriteTo(w, form) // who left does not read
	}
}

// record lets something record for ?seconds=, or until the caller leaves.
func record(w http.ResponseWriter, r *http.Request, usual time.Duration, start func() error, stop func()) {
	const longest = 5 * time.Minute // recording costs
	wanted := usual
	if text := r.URL.Query().Get("seconds"); text != "" {
		seconds, err := strconv.ParseFloat(text, 64)
		if err != nil || !(seconds > 0 && seconds <= longest.Seconds()) {
			refuse(w, http.StatusBadRequest, "seconds are more than 0 and at most 300")
			return
		}
		wanted = time.Duration(seconds * float64(time.Second))
	}
	attach(w, r.PathValue("name"))
	if err := start(); err != nil {
		w.Header().Del("Content-Disposition")
		refuse(w, http.StatusConflict, err.Error())
		return
	}
	defer stop()
	ctx, cancel := context.WithTimeout(r.Context(), wanted)
	defer cancel()
	<-ctx.Done()
}

func attach(w http.ResponseWriter, name string) {
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
}
