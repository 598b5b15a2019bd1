package metric

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// Handler answers scrapes: the text of Prometheus, or OpenMetrics where the
// scraper accepts it or ?format=openmetrics asks for it.
func Handler(sources ...Source) http.Handler {
	return &handler{sources: sources}
}

type handler struct {
	sources []Source
	pages   sync.Pool
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	text, _ := h.pages.Get().(*Text)
	if text == nil {
		text = new(Text)
	}
	text.Reset()
	text.OpenMetrics = WantsOpenMetrics(r)
	page := text.Page(h.sources...)
	w.Header().Set("Content-Type", text.Type())
	w.Header().Set("Content-Length", strconv.Itoa(len(page)))
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(page) // a scraper that left asks again
	h.pages.Put(text)
}

// WantsOpenMetrics tells which of the two formats a request asks for.
func WantsOpenMetrics(r *http.Request) bool {
	if r.URL.RawQuery != "" {
		if format := r.URL.Query().Get("format"); format != "" {
			return format == "openmetrics"
		}
	}
	return strings.Contains(r.Header.Get("Accept"), "application/openmetrics-text")
}
