package monitor

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/plumbline/plumbline/sdk/internal/page"
)

func (m *Monitor) servePage(w http.ResponseWriter, r *http.Request) {
	m.mu.RLock()
	f, ok := m.pages[r.PathValue("name")]
	m.mu.RUnlock()
	if !ok {
		refuse(w, http.StatusNotFound, "no such page")
		return
	}
	body, contentType, err := f(r.URL.Query())
	var refusal *Refusal
	switch {
	case errors.As(err, &refusal):
		refuse(w, refusal.Status, err.Error())
	case err != nil:
		refuse(w, http.StatusInternalServerError, err.Error())
	default:
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write(body) // who left does not read
	}
}

// JSON makes a page of a value, asked for anew each time.
func JSON(value func() any) PageFunc {
	return func(url.Values) ([]byte, string, error) {
		body, err := json.Marshal(value())
		if err != nil {
			return nil, "", fmt.Errorf("as JSON: %w", err)
		}
		return append(body, '\n'), "application/json", nil
	}
}

// Text makes a page of a text, asked for anew each time.
func Text(value func() string) PageFunc {
	return func(url.Values) ([]byte, string, error) {
		return []byte(value()), "text/plain; charset=utf-8", nil
	}
}

func (m *Monitor) names() (pages, reloads []string) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return slices.Sorted(maps.Keys(m.pages)), slices.Sorted(maps.Keys(m.reloads))
}

// index is the manual: links are relative, for a proxy may add a prefix.
func (m *Monitor) index(w http.ResponseWriter, _ *http.Request) {
	title := m.options.Name
	if title == "" {
		title = "monitor"
	}
	p := page.New(title)
	if m.options.Version != "" {
		p.Markup(`<p class="dim">`).Text(m.options.Version).Markup("</p>")
	}
	p.Markup("<ul>")
	item := func(path, what string) { p.Markup("<li>").Link(path, path).Markup(" ").Text(what) }
	item("metrics", "for Prometheus; ?format=openmetrics")
	item("monitor", "pages; ?format=json, kv, prometheus, openmetrics")
	item("reload", "what can be read anew, by POST")
	if m.options.Health != nil {
		item("livez?verbose", "whether it lives")
		item("readyz?verbose", "whether it is ready for work")
	}
	if m.options.Tracer != nil {
		item("debug/requests", "traces: recent, slow, failed")
		item("debug/events", "logs of long-lived objects")
	}
	if m.options.Level != nil {
		item("log/level", "the level of logging; PUT sets it")
	}
	if m.options.Profiles != nil {
		item("debug/pprof/", "profiles")
	}
	item("debug/build", "what it was built from")
	p.Markup("</ul>").Send(w)
}

// beside is how links lead to what lies in a folder that a list is served at with
// and without a slash.
func beside(r *http.Request, folder string) string {
	if strings.HasSuffix(r.URL.Path, "/") {
		return ""
	}
	return folder + "/"
}

func (m *Monitor) listPages(w http.ResponseWriter, r *http.Request) {
	pages, _ := m.names()
	p := page.New("Pages").Markup("<ul>")
	prefix := beside(r, "monitor")
	for _, title := range pages {
		p.Markup("<li>").Link(prefix+url.PathEscape(title), title)
	}
	p.Markup("</ul>").Send(w)
}

func (m *Monitor) listReloads(w http.ResponseWriter, r *http.Request) {
	_, reloads := m.names()
	p := page.New("Reloads").Markup("<ul>")
	for _, title := range reloads {
		p.Markup("<li><code>curl -X POST …/reload/").Text(title).Markup("</code>")
	}
	history := "monitor/reload_history"
	if beside(r, "reload") == "" {
		history = "../" + history
	}
	p.Markup(`</ul><p>`).Link(history, "history").Markup("</p>").Send(w)
}
