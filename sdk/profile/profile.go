// Package profile serves the profiles of the running process, for go tool pprof
// and go tool trace:
//
//	monitor.New(monitor.Options{Profiles: profile.Pages()}) // at /debug/pprof/, behind the write level
//	go tool pprof http://127.0.0.1:8421/debug/pprof/profile?seconds=10
//
// It stands on runtime/pprof: importing net/http/pprof would put the profiles on
// http.DefaultServeMux of every program that does, for anybody to take. It is a
// package of its own, as it adds 0.3 MB to a binary.
package profile

import (
	"context"
	"net/http"
	"path"
	"runtime/pprof"
	"runtime/trace"
	"strconv"
	"strings"
	"time"

	"github.com/plumbline/plumbline/sdk/internal/page"
)

// Pages lists the profiles where the path ends in a slash, and serves the one that
// its last part names: those of runtime/pprof as they are, with ?debug=1 as text;
// profile and trace for ?seconds=.
func Pages() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page.Guard(w.Header())
		switch name := path.Base(r.URL.Path); {
		case strings.HasSuffix(r.URL.Path, "/"):
			list(w)
		case name == "profile":
			record(w, r, name, 30*time.Second, func() error { return pprof.StartCPUProfile(w) }, pprof.StopCPUProfile)
		case name == "trace":
			record(w, r, name, time.Second, func() error { return trace.Start(w) }, trace.Stop)
		default:
			look(w, r, name)
		}
	})
}

func list(w http.ResponseWriter) {
	p := page.New("Profiles").Markup("<ul>")
	p.Markup("<li>").Link("profile?seconds=10", "profile").Markup(" of the processor")
	p.Markup("<li>").Link("trace?seconds=1", "trace").Markup(" of the scheduler")
	for _, one := range pprof.Profiles() {
		p.Markup("<li>").Link(one.Name()+"?debug=1", one.Name()).Markup(" ").Text(strconv.Itoa(one.Count()))
	}
	p.Markup("</ul><p><code>go tool pprof http://…/debug/pprof/profile</code></p>").Send(w)
}

func look(w http.ResponseWriter, r *http.Request, name string) {
	one := pprof.Lookup(name)
	if one == nil {
		http.Error(w, "no such profile", http.StatusNotFound)
		return
	}
	form, err := strconv.Atoi(r.URL.Query().Get("debug"))
	if err != nil || form < 0 {
		form = 0
	}
	if form == 0 {
		attach(w, one.Name())
	} else {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	}
	_ = one.WriteTo(w, form) // who left does not read
}

// record lets something record for ?seconds=, or until the caller leaves.
func record(w http.ResponseWriter, r *http.Request, name string, usual time.Duration, start func() error, stop func()) {
	const longest = 5 * time.Minute // recording costs
	wanted := usual
	if text := r.URL.Query().Get("seconds"); text != "" {
		seconds, err := strconv.ParseFloat(text, 64)
		if err != nil || !(seconds > 0 && seconds <= longest.Seconds()) {
			http.Error(w, "seconds are more than 0 and at most 300", http.StatusBadRequest)
			return
		}
		wanted = time.Duration(seconds * float64(time.Second))
	}
	attach(w, name)
	if err := start(); err != nil {
		w.Header().Del("Content-Disposition")
		http.Error(w, err.Error(), http.StatusConflict)
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
