package api

import (
	"bytes"
	"compress/gzip"
	_ "embed" // for openapi.yaml
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"slices"
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
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// pageFile is a file of the page, ready to be sent.
type pageFile struct {
	plain, packed []byte
	tag           string
}

// readPage packs every file of the page once.
func readPage(page fs.FS) (map[string]pageFile, error) {
	files := map[string]pageFile{}
	err := fs.WalkDir(page, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(page, name)
		if err != nil {
			return err
		}
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		_, err = z.Write(data)
		if err == nil {
			err = z.Close()
		}
		files[name] = pageFile{data, packed.Bytes(), fmt.Sprintf("\"%016x\"", xxh3.Hash(data))}
		return err
	})
	return files, err
}

// views are the paths of the page, whose state is in its URL.
var views = []string{"", "related", "wall", "incident", "deploys", "quarter", "rules", "slos"}

// page serves the page under its views, and its files.
func (s *Server) page(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	if slices.Contains(views, name) {
		name = "index.html"
	}
	f, ok := s.files[name]
	if !ok {
		fail(w, fault.New(fault.NotFound, "there is nothing at %s", r.URL.Path))
		return
	}
	h := w.Header()
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("Cache-Control", "no-cache")
	h.Set("Vary", "Accept-Encoding")
	h.Set("ETag", f.tag)
	if r.Header.Get("If-None-Match") == f.tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", contentTypeOf(name))
	body := f.plain
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = f.packed
	}
	_, _ = w.Write(body) // the client has gone; there is nobody to tell
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
	case ".md":
		return "text/plain; charset=utf-8"
	case ".json":
		return "application/json"
	}
	return "application/octet-stream"
}
