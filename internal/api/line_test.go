package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/plumbline/plumbline/internal/api"
	plumbline "github.com/plumbline/plumbline/sdk"
	"github.com/plumbline/plumbline/sdk/monitor"
)

// told keeps the lines about requests.
type told struct {
	mu    sync.Mutex
	lines []map[string]any
}

func (k *told) Put(line []byte) {
	fields := map[string]any{}
	if err := json.Unmarshal(line, &fields); err != nil {
		panic(err)
	}
	k.mu.Lock()
	k.lines = append(k.lines, fields)
	k.mu.Unlock()
}

// last is the newest line.
func (k *told) last(t *testing.T, want int) map[string]any {
	t.Helper()
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.lines) != want {
		t.Fatalf("%d lines, want %d: %v", len(k.lines), want, k.lines)
	}
	return k.lines[len(k.lines)-1]
}

// Each request that takes lines in or asks has one line, which says what it was
// about; what is looked at every few seconds has none.
func TestRequestsAreTold(t *testing.T) {
	k := &told{}
	o := plumbline.New(plumbline.Options{Service: "plumbline", Lines: k, Logs: &told{}})
	defer o.Close(t.Context())
	srv := serve(t, func(a *api.Options) { a.Watch, a.Monitor = o.HTTP, o.Monitor() })

	post(t, srv.URL+"/api/v1/ingest/jsonl?dataset=comm", threeLines+"torn")
	if l := k.last(t, 1); l["dataset"] != "comm" || l["format"] != "jsonl" || l["accepted"] != 3.0 || l["rejected"] != 1.0 ||
		l["http_route"] != "/api/v1/ingest/{format}" || l["outcome"] != "ok" {
		t.Errorf("lines in: %v", l)
	}
	get(t, srv.URL, "/api/v1/query", "q", "http_status=200")
	if l := k.last(t, 2); l["question"] != "http_status=200" || l["rows"] != 2.0 || l["rows_read"] == nil || l["bytes_out"] == nil {
		t.Errorf("a question: %v", l)
	}
	get(t, srv.URL, "/api/v1/query", "q", "status ==")
	if l := k.last(t, 3); l["outcome"] != "client_error" || !strings.Contains(l["error"].(string), "==") {
		t.Errorf("a wrong question: %v", l)
	}
	post(t, srv.URL+"/gelf", `{"version":"1.1","host":"h","short_message":"m"}`)
	if l := k.last(t, 4); l["format"] != "gelf" || l["http_status"] != 202.0 {
		t.Errorf("GELF: %v", l)
	}
	post(t, srv.URL+"/api/v1/ingest/jsonl?dataset=_plumbline", threeLines)
	if l := k.last(t, 5); l["outcome"] != "client_error" {
		t.Errorf("lines for a dataset of the house: %v", l)
	}
	for _, quiet := range []string{"/", "/readyz", "/healthz", "/livez", "/metrics", "/api/v1/openapi.yaml", "/monitor/lines", "/log/level"} {
		get(t, srv.URL, quiet)
	}
	k.last(t, 5)
}

// The monitor is reached by the paths of the table, behind their rules, and by no
// other.
func TestMonitorRoutes(t *testing.T) {
	o := plumbline.New(plumbline.Options{Service: "plumbline", Lines: &told{}, Logs: &told{}, Monitor: &monitor.Options{
		Address: monitor.Nowhere, Hosts: []string{"*"}, Access: func(*http.Request) monitor.Level { return monitor.Write }}})
	defer o.Close(t.Context())
	srv := serve(t, func(a *api.Options) {
		a.Monitor, a.Tokens = o.Monitor(), []api.Token{{Secret: "r", Access: api.Read}, {Secret: "w", Access: api.Write}, {Secret: "a", Access: api.Admin}}
	})
	for path, open := range map[string]bool{"/livez": true, "/startupz": true, "/monitor": false, "/monitor/under_way": false, "/reload": false,
		"/log/level": false, "/debug/requests": false, "/debug/events": false, "/debug/build": false} {
		for token, want := range map[string]int{"": 401, "r": 403, "w": 403, "a": 200} {
			if open {
				want = 200
			}
			req, err := http.NewRequest("GET", srv.URL+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			if token != "" {
				req.Header.Set("Authorization", "Bearer "+token)
			}
			if status, body := do(t, req); status != want {
				t.Errorf("%s with token %q: %d, want %d: %.100s", path, token, status, want, body)
			}
		}
	}
	if status, body := get(t, serve(t, nil).URL, "/monitor"); status != 404 || !strings.Contains(body, "no monitor") {
		t.Errorf("without a monitor: %d %s", status, body)
	}
}
