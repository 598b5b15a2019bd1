package monitor

import (
	"crypto/subtle"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/plumbline/plumbline/sdk/health"
	"github.com/plumbline/plumbline/sdk/internal/jsonline"
)

// Level is what a caller may do. Each includes those before it.
type Level uint8

const (
	None      Level = iota
	View            // numbers, states, traces
	Sensitive       // also events that are marked so
	Write           // also reloads, levels and profiles
)

func (l Level) String() string {
	switch l {
	case None:
		return "none"
	case View:
		return "view"
	case Sensitive:
		return "sensitive"
	case Write:
		return "write"
	}
	return fmt.Sprintf("level %d", uint8(l))
}

// level decides what a caller may do. From this machine everything, but not
// through a proxy: its callers come from anywhere. Else what the token says.
func (m *Monitor) level(r *http.Request) Level {
	if m.options.Access != nil {
		return m.options.Access(r)
	}
	if health.FromHere(r) {
		return Write
	}
	token, is := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !is {
		return None
	}
	granted := None
	for held, level := range m.options.Tokens { // all of them: the time must not tell which
		if held != "" && subtle.ConstantTimeCompare([]byte(held), []byte(token)) == 1 {
			granted = max(granted, level)
		}
	}
	return granted
}

// knownHost tells whether a request means this server. A page of another site can
// have its name point to 127.0.0.1; the name then gives it away.
func (m *Monitor) knownHost(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.Trim(host, "[]")
	return host == "" || host == "localhost" || net.ParseIP(host) != nil ||
		slices.Contains(m.options.Hosts, host) || slices.Contains(m.options.Hosts, "*")
}

// refuse answers {"error":"…"} with its status.
func refuse(w http.ResponseWriter, status int, reason string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(jsonline.AppendString([]byte(`{"error":`), reason), "}\n"...))
}
