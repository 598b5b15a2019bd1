package health

import (
	"net"
	"net/http"
	"slices"
	"strings"
)

var (
	plainText  = []string{"text/plain; charset=utf-8"} // never written
	healthJSON = []string{"application/health+json"}
	noSniff    = []string{"nosniff"}
	noStore    = []string{"no-store"}
)

// ServeHTTP answers /healthz, /livez, /readyz and /startupz, below any prefix:
// ok, or 5xx with what failed and why. ?verbose lists the checks, ?exclude=NAME
// leaves one out, /readyz/NAME asks for one alone, and who accepts
// application/health+json is answered in it. It never runs a check.
func (h *Health) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p, name, known := target(r.URL.Path)
	header := w.Header()
	header["X-Content-Type-Options"] = noSniff
	header["Cache-Control"] = noStore
	switch {
	case !known:
		http.NotFound(w, r)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		header.Set("Allow", "GET, HEAD")
		http.Error(w, "health is read, not written", http.StatusMethodNotAllowed)
	case name == "" && r.URL.RawQuery == "" && !wantsJSON(r):
		a := &h.answers.Load()[p]
		body, length := a.body, a.length[0]
		if !a.up && !h.options.Reasons(r) {
			body, length = a.public, a.length[1]
		}
		header["Content-Type"] = plainText
		header["Content-Length"] = length
		w.WriteHeader(a.status)
		_, _ = w.Write(body) // who left does not ask
	default:
		h.explain(w, r, p, name)
	}
}

// explain answers what is not prepared.
func (h *Health) explain(w http.ResponseWriter, r *http.Request, p Probe, name string) {
	query, checks := r.URL.Query(), h.list()
	exclude := query["exclude"]
	if name != "" {
		i := slices.IndexFunc(checks, func(c *check) bool { return c.Name == name && asks(p, c.Probe) })
		if i < 0 {
			http.Error(w, "no such check", http.StatusNotFound)
			return
		}
		checks = checks[i : i+1]
	}
	judged := slices.DeleteFunc(slices.Clone(checks), func(c *check) bool { return slices.Contains(exclude, c.Name) })
	up, status := h.passes(p, judged), http.StatusOK
	if !up {
		status = h.options.Status
	}
	reasons := h.options.Reasons(r)
	if wantsJSON(r) {
		w.Header()["Content-Type"] = healthJSON
		w.WriteHeader(status)
		_, _ = w.Write(h.json(p, judged, reasons))
		return
	}
	w.Header()["Content-Type"] = plainText
	w.WriteHeader(status)
	body := h.text(p, checks, exclude, reasons, query.Has("verbose") || !up)
	for _, unknown := range exclude {
		if !slices.ContainsFunc(checks, func(c *check) bool { return c.Name == unknown }) {
			body = append(body, "warn: some checks of exclude are not known\n"...)
			break
		}
	}
	_, _ = w.Write(body)
}

// target reads the probe, and the check after it, out of a path.
func target(path string) (p Probe, name string, known bool) {
	if path == "/readyz" { // nearly always
		return Ready, "", true
	}
	for p := range probes {
		before, after, found := strings.Cut(path, "/"+p.String())
		if found && !strings.HasSuffix(before, "z") && (after == "" || after[0] == '/') {
			return p, strings.Trim(after, "/"), true
		}
	}
	return 0, "", false
}

func wantsJSON(r *http.Request) bool {
	return len(r.Header["Accept"]) > 0 && strings.Contains(r.Header.Get("Accept"), "application/health+json")
}

// FromHere tells whether a request came from this machine and through no proxy.
func FromHere(r *http.Request) bool {
	for _, h := range [...]string{"Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via"} {
		if len(r.Header[h]) > 0 {
			return false
		}
	}
	if r.RemoteAddr == "" || r.RemoteAddr == "@" { // a socket of the file system
		return true
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
