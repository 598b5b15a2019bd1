package plumbline

import (
	"net/http"
	"strings"
	"time"

	"github.com/plumbline/plumbline/sdk/line"
)

// Transport carries the trace and the request id of the work at hand to the
// service that is called, and counts the call on its line. Without a transport
// beneath it uses http.DefaultTransport.
func (b *Observer) Transport(beneath http.RoundTripper) http.RoundTripper {
	if beneath == nil {
		beneath = http.DefaultTransport
	}
	return transport{beneath}
}

type transport struct{ beneath http.RoundTripper }

// RoundTrip implements http.RoundTripper. The call is timed until its answer's
// header is there.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	l := line.From(r.Context())
	if l == nil {
		return t.beneath.RoundTrip(r)
	}
	r = r.Clone(r.Context()) // a transport must not change the request it is given
	l.Carry(func(name, value string) {
		if name != line.RequestIDHeader || r.Header.Get(name) == "" {
			r.Header.Set(name, value)
		}
	})
	start := time.Now()
	response, err := t.beneath.RoundTrip(r)
	line.HTTPClient.Observe(l, time.Since(start))
	return response, err
}

// clientLanguage finds the language, and its version, in a User-Agent: the first
// product in it that names one. Go's own default names the version of HTTP rather
// than that of Go, so it gives none.
//
//	python-requests/2.32 Python/3.12.1  →  python, 3.12.1
func clientLanguage(agent string) (language, version string) {
	for agent != "" {
		var product string
		product, agent, _ = strings.Cut(agent, " ")
		name, v, _ := strings.Cut(product, "/")
		if strings.EqualFold(name, "go-http-client") {
			return "go", ""
		}
		if language = knownLanguage(name); language != "" {
			return language, strings.TrimRight(v, ";,)")
		}
	}
	return "", ""
}

// knownLanguage is the language that a product's name stands for.
func knownLanguage(product string) string {
	const longest = 16 // longer than any name below
	if product == "" || len(product) > longest {
		return ""
	}
	switch name := strings.ToLower(product); name {
	case "go", "ruby", "python", "php", "java", "node", "dotnet", "rust", "elixir", "erlang", "kotlin", "scala", "swift", "perl":
		return name
	case "golang":
		return "go"
	case "cpython":
		return "python"
	case "node.js", "nodejs":
		return "node"
	case ".net", ".netcore":
		return "dotnet"
	}
	return ""
}
