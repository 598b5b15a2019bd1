package api

import (
	_ "embed" // for openapi.yaml
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/zeebo/xxh3"

	"github.com/plumbline/plumbline/internal/fault"
)

//go:embed openapi.yaml
var openapiText []byte

// openapi gives the description of this surface.
func (s *Server) openapi(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/yaml")
	_, _ = w.Write(openapiText) // the client has gone; there is nobody to tell
}

// pagePolicy lets the page load its own files and nothing else, so that a line
// which slipped through as markup can still do nothing.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// page serves the files of the page. Any path without a dot is a view of the
// page, whose state is in its URL.
func (s *Server) page(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	if name == "" || !strings.Contains(name, ".") && !strings.HasPrefix(name, "api/") {
		name = "index.html"
	}
	data, err := fs.ReadFile(s.opts.Page, name)
	if err != nil {
		fail(w, fault.New(fault.NotFound, "there is nothing at %s", r.URL.Path))
		return
	}
	h := w.Header()
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("Cache-Control", "no-cache")
	tag := fmt.Sprintf("\"%016x\"", xxh3.Hash(data))
	h.Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", contentTypeOf(name))
	_, _ = w.Write(data) // the client has gone; there is nobody to tell
}

func contentTypeOf(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	case ".png":
		return "image/png"
	case ".ico":
		return "image/x-icon"
	case ".json":
		return "application/json"
	}
	return "application/octet-stream"
}
