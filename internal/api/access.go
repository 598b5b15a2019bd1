package api

import (
	"context"
	"crypto/subtle"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/plumbline/plumbline/internal/fault"
)

// Token lets its bearer in.
type Token struct {
	Secret   string
	Access   Access
	Datasets []string // that it may touch; nil: all
}

// caller is who asks: the token's rights, or all of them where there are no
// tokens.
type caller struct {
	datasets []string
}

type callerKey struct{}

func withCaller(ctx context.Context, c caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

func callerOf(r *http.Request) caller {
	c, _ := r.Context().Value(callerKey{}).(caller)
	return c
}

// may reports whether the caller may touch a dataset.
func (c caller) may(dataset string) bool {
	return c.datasets == nil || slices.Contains(c.datasets, dataset)
}

// errNoToken asks a browser, and whoever reads it, for a token.
var errNoToken = fault.New(fault.Denied, "this server wants a token: send the header Authorization: Bearer …")

// errUnknownToken is said of a token nobody gave out.
var errUnknownToken = fault.New(fault.Denied, "the token is not known here")

// admit finds the token of a request and asks whether it may do this. A
// browser cannot send a header with an event stream or a download, so a token
// may also come as the password of basic authentication.
func (s *Server) admit(r *http.Request, need Access) (caller, error) {
	if need == Open || len(s.opts.Tokens) == 0 {
		return caller{}, nil
	}
	secret := bearer(r)
	if secret == "" {
		return caller{}, errNoToken
	}
	for _, t := range s.opts.Tokens {
		if subtle.ConstantTimeCompare([]byte(t.Secret), []byte(secret)) != 1 {
			continue
		}
		if t.Access != need && t.Access != Admin {
			return caller{}, fault.New(fault.Denied, "this token may not do that")
		}
		return caller{datasets: t.Datasets}, nil
	}
	return caller{}, errUnknownToken
}

func bearer(r *http.Request) string {
	header := r.Header.Get("Authorization")
	if scheme, rest, ok := strings.Cut(header, " "); ok && strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(rest)
	}
	_, password, _ := r.BasicAuth()
	return password
}

func denied(reason string) error { return fault.New(fault.Denied, "%s", reason) }

// foreign says why a request may come from a page of another site, which must
// not use the browser of somebody who can reach this server. It is empty when
// all is well.
func (s *Server) foreign(r *http.Request) string {
	if !s.known(hostOnly(r.Host)) {
		return "the Host header names " + r.Host + ", which is not a name of this server; add it to hosts in the configuration"
	}
	if r.Header.Get("Sec-Fetch-Site") == "cross-site" && r.Method != http.MethodGet {
		return "requests from pages of other sites are refused"
	}
	origin := r.Header.Get("Origin")
	if origin == "" || r.Method == http.MethodGet || r.Method == http.MethodHead {
		return ""
	}
	if u, err := url.Parse(origin); err != nil || !strings.EqualFold(u.Host, r.Host) {
		return "requests from pages of other sites are refused: Origin is " + origin
	}
	return ""
}

// abroad refuses to answer a page of another site by a route that is not open:
// the browser says where the request was made. Links to the page itself lead here
// from anywhere.
func abroad(r *http.Request, need Access) error {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return nil
	}
	if need == Open {
		return nil
	}
	return denied("requests from pages of other sites are refused")
}

// known reports whether a host is a name of this server: an address, which no
// foreign DNS can lead astray, localhost, or a name that was configured.
func (s *Server) known(host string) bool {
	if host == "" || strings.EqualFold(host, "localhost") || net.ParseIP(host) != nil {
		return true
	}
	return slices.ContainsFunc(s.opts.Hosts, func(h string) bool { return strings.EqualFold(h, host) })
}

func hostOnly(hostport string) string {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	return strings.Trim(host, "[]")
}
