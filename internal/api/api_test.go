package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/plumbline/plumbline/internal/api"
	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/intake"
	"github.com/plumbline/plumbline/internal/query"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/store/memory"
)

// shelf is a store in memory with what intake and the API ask beside.
type shelf struct {
	*memory.Store
	named map[string][]byte
}

func (s *shelf) Append(ctx context.Context, batches ...*row.Batch) error {
	for _, b := range batches {
		if err := s.Store.Append(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

func (s *shelf) AppendOnce(ctx context.Context, name string, receipt []byte, batches ...*row.Batch) ([]byte, error) {
	if r, ok := s.named[name]; ok {
		return r, nil
	}
	s.named[name] = receipt
	return nil, s.Append(ctx, batches...)
}

func (s *shelf) Flush(context.Context) error { return nil }

// serve starts a server over an empty store.
func serve(t *testing.T, change func(*api.Options)) *httptest.Server {
	t.Helper()
	st := &shelf{memory.Open(expr.Env{Zone: time.UTC}), map[string][]byte{}}
	o := api.Options{
		Query:  query.New(query.Options{Source: st}),
		Intake: intake.New(intake.Options{Store: st}),
		Store:  st,
		Page:   fstest.MapFS{"index.html": {Data: []byte("<!doctype html>page")}},
		Health: func() []api.Component { return []api.Component{{Name: "store", Ready: true}} },
	}
	if change != nil {
		change(&o)
	}
	handler, err := api.New(o)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	return srv
}

// do makes a request and gives status and body.
func do(t *testing.T, req *http.Request) (int, string) {
	t.Helper()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func post(t *testing.T, target, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return do(t, req)
}

func get(t *testing.T, base, path string, params ...string) (int, string) {
	t.Helper()
	v := url.Values{}
	for i := 0; i+1 < len(params); i += 2 {
		v.Set(params[i], params[i+1])
	}
	req, err := http.NewRequest(http.MethodGet, base+path+"?"+v.Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return do(t, req)
}

const threeLines = `{"_time":"2026-01-01T00:00:00Z","_msg":"Request finished","http_status":200}
{"_time":"2026-01-01T00:00:01Z","_msg":"Request finished","http_status":500}
{"_time":"2026-01-01T00:00:02Z","_msg":"=1+1","http_status":200}
`

func filled(t *testing.T) *httptest.Server {
	t.Helper()
	srv := serve(t, nil)
	if status, body := post(t, srv.URL+"/api/v1/ingest/jsonl", threeLines); status != 200 || !strings.Contains(body, `"accepted":3`) {
		t.Fatalf("ingest: %d %s", status, body)
	}
	return srv
}

func TestWrongQuestions(t *testing.T) {
	srv := filled(t)
	status, body := get(t, srv.URL, "/api/v1/query", "q", "* | stat count")
	want := `{"error":{"code":"invalid","message":"there is no pipe “stat”","line":1,"column":5,"hint":"did you mean stats?"}}` + "\n"
	if status != 400 || body != want {
		t.Errorf("%d %s, want %s", status, body, want)
	}
	for _, c := range [][]string{
		{"q", "*", "format", "xml"},
		{"q", "*", "from", "yesterdayish"},
	} {
		if status, body := get(t, srv.URL, "/api/v1/query", c...); status != 400 || !strings.Contains(body, `"code":"invalid"`) {
			t.Errorf("%v: %d %s", c, status, body)
		}
	}
}

func TestExploring(t *testing.T) {
	srv := filled(t)
	if _, body := get(t, srv.URL, "/api/v1/histogram", "q", "finished | stats count", "buckets", "4"); !strings.Contains(body, `"total":2`) || !strings.Contains(body, `"span_ms":1000`) {
		t.Errorf("histogram %s", body)
	}
	if _, body := get(t, srv.URL, "/api/v1/fields", "q", "*"); !strings.Contains(body, `{"name":"http_status","kind":"number","count":3,"distinct":2,"top":[{"value":200,"count":2},{"value":500,"count":1}]}`) {
		t.Errorf("fields %s", body)
	}
	if _, body := get(t, srv.URL, "/api/v1/values", "field", "http_status", "prefix", "5"); body != `{"field":"http_status","values":[{"value":500,"count":1}],"truncated":false}`+"\n" {
		t.Errorf("values %s", body)
	}
	if status, _ := get(t, srv.URL, "/api/v1/values"); status != 400 {
		t.Errorf("values without a field: %d", status)
	}
	_, body := get(t, srv.URL, "/api/v1/context", "dataset", "app", "seq", "2")
	var around struct {
		Before, After []map[string]any
		Row           map[string]any
	}
	if err := json.Unmarshal([]byte(body), &around); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	if len(around.Before) != 1 || len(around.After) != 1 || around.Row["http_status"] != 500.0 || around.After[0]["_msg"] != "=1+1" {
		t.Errorf("context %s", body)
	}
	if status, _ := get(t, srv.URL, "/api/v1/context", "dataset", "app", "seq", "99"); status != 404 {
		t.Errorf("context of a line that is not there: %d", status)
	}
}

func TestTail(t *testing.T) {
	if status, body := get(t, serve(t, nil).URL, "/api/v1/tail", "q", "* | stats count"); status != 400 || !strings.Contains(body, "not through “stats count”") {
		t.Errorf("a chart cannot be followed: %d %s", status, body)
	}
	srv := serve(t, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL+"/api/v1/tail?q=http_status%3D500", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	in := bufio.NewScanner(res.Body)
	in.Scan() // the comment that says the stream has begun
	time.Sleep(50 * time.Millisecond)
	post(t, srv.URL+"/api/v1/ingest/jsonl", threeLines)
	for in.Scan() {
		if row, ok := strings.CutPrefix(in.Text(), "data: "); ok {
			if !strings.Contains(row, `"http_status":500`) {
				t.Fatalf("row %s", row)
			}
			return
		}
	}
	t.Fatalf("no row came: %v", in.Err())
}

// TestWrongMethods: a path that is there is not said to be missing, and errors
// look as all others do.
func TestWrongMethods(t *testing.T) {
	srv := serve(t, nil)
	for _, c := range []struct{ method, path, allow string }{
		{"GET", "/api/v1/ingest/jsonl", "POST"}, {"GET", "/gelf", "POST"}, {"GET", "/api/v1/flush", "POST"},
		{"POST", "/api/v1/fields", "GET"}, {"DELETE", "/api/v1/query", "GET, POST"}, {"PUT", "/healthz", "GET"},
	} {
		req, err := http.NewRequest(c.method, srv.URL+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if res.StatusCode != 405 || res.Header.Get("Allow") != c.allow || !strings.Contains(string(body), `"message":"wrong method: `+c.path+" takes "+c.allow+`, not `+c.method) {
			t.Errorf("%s %s: %d, Allow %q, %s", c.method, c.path, res.StatusCode, res.Header.Get("Allow"), body)
		}
	}
	for _, path := range []string{"/api/v1/nothing", "/api/v2/query"} {
		if status, body := get(t, srv.URL, path); status != 404 || !strings.Contains(body, `"code":"not_found"`) {
			t.Errorf("%s: %d %s", path, status, body)
		}
		if status, body := post(t, srv.URL+path, ""); status != 404 || !strings.Contains(body, `"code":"not_found"`) {
			t.Errorf("POST %s: %d %s", path, status, body)
		}
	}
}

func TestTokens(t *testing.T) {
	srv := serve(t, func(o *api.Options) {
		o.Tokens = []api.Token{{Secret: "reader", Access: api.Read, Datasets: []string{"app"}}, {Secret: "writer", Access: api.Write, Datasets: []string{"comm"}}, {Secret: "root", Access: api.Admin}}
	})
	for _, c := range []struct {
		token, method, path string
		status              int
	}{
		{"", "GET", "/api/v1/query?q=*", 401},
		{"nobody", "GET", "/api/v1/query?q=*", 401},
		{"reader", "GET", "/api/v1/query?q=*", 200},
		{"writer", "GET", "/api/v1/query?q=*", 403},
		{"reader", "POST", "/api/v1/ingest/jsonl", 403},
		{"writer", "POST", "/api/v1/ingest/jsonl?dataset=comm", 200},
		{"writer", "POST", "/api/v1/ingest/jsonl?dataset=app", 403},
		{"root", "POST", "/api/v1/ingest/jsonl?dataset=app", 200},
		{"reader", "POST", "/api/v1/config/reload", 403},
		{"", "GET", "/readyz", 200},
		{"", "GET", "/", 200},
	} {
		req, err := http.NewRequest(c.method, srv.URL+c.path, strings.NewReader(`{"_msg":"x"}`))
		if err != nil {
			t.Fatal(err)
		}
		if c.token != "" {
			req.Header.Set("Authorization", "Bearer "+c.token)
		}
		if status, body := do(t, req); status != c.status {
			t.Errorf("%s %s with token %q: %d, want %d: %s", c.method, c.path, c.token, status, c.status, body)
		}
	}
	req, _ := http.NewRequest("GET", srv.URL+"/api/v1/query?q="+url.QueryEscape("_dataset=comm"), nil)
	req.Header.Set("Authorization", "Bearer reader")
	if _, body := do(t, req); body != "" {
		t.Errorf("a reader of app sees comm: %s", body)
	}
}

// TestSitesThatAreSaid: a browser says where a request was made; another site gets
// no answer but the page.
func TestSitesThatAreSaid(t *testing.T) {
	srv := serve(t, nil)
	for _, c := range []struct {
		path, site string
		status     int
	}{
		{"/api/v1/query?q=*", "", 200},
		{"/api/v1/query?q=*", "none", 200},
		{"/api/v1/query?q=*", "same-origin", 200},
		{"/api/v1/query?q=*", "same-site", 403},
		{"/api/v1/query?q=*", "cross-site", 403},
		{"/metrics", "cross-site", 403},
		{"/?q=*", "cross-site", 200},
		{"/related?id=a", "cross-site", 200},
		{"/readyz", "cross-site", 200},
	} {
		req, err := http.NewRequest("GET", srv.URL+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if c.site != "" {
			req.Header.Set("Sec-Fetch-Site", c.site)
		}
		if status, body := do(t, req); status != c.status || status == 403 && !strings.Contains(body, "pages of other sites") {
			t.Errorf("%s from %q: %d %s, want %d", c.path, c.site, status, body, c.status)
		}
	}
}

// TestNothingThere: what is no view of the page is said not to be there.
func TestNothingThere(t *testing.T) {
	srv := serve(t, nil)
	for _, path := range []string{"/prometheus/api/v1/query", "/debug/vars", "/nonsense", "/related/x", "/api/v2/query", "/x.js"} {
		if status, body := get(t, srv.URL, path); status != 404 || body != `{"error":{"code":"not_found","message":"there is nothing at `+path+`"}}`+"\n" {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	for _, path := range append(viewsOfThePage(t), "/", "/related", "/wall/") {
		if status, body := get(t, srv.URL, path); status != 200 || !strings.Contains(body, "page") {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if status, body := get(t, srv.URL, "/api/v1/context?seq=1"); status != 400 || !strings.Contains(body, "dataset= is missing") {
		t.Errorf("context of no dataset: %d %s", status, body)
	}
}

// viewsOfThePage are the paths that the page's own sources tell apart.
func viewsOfThePage(t *testing.T) (paths []string) {
	t.Helper()
	source, err := os.ReadFile("../../web/src/main.ts")
	if err != nil {
		t.Fatal(err)
	}
	list := regexp.MustCompile(`/\\/\(([a-z|]+)\)\$/`).FindSubmatch(source)
	if list == nil {
		t.Fatal("main.ts has no list of views")
	}
	for _, name := range strings.Split(string(list[1]), "|") {
		paths = append(paths, "/"+name)
	}
	return paths
}

// TestErrorsOfTheMonitor have the shape of all others.
func TestErrorsOfTheMonitor(t *testing.T) {
	srv := serve(t, func(o *api.Options) {
		o.Monitor = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			if r.URL.Path == "/reload/config" {
				w.WriteHeader(http.StatusBadRequest)
			}
			_, _ = io.WriteString(w, `{"error":"line 3: \"x\" <y>"}`)
		})
	})
	if status, body := post(t, srv.URL+"/reload/config", ""); status != 400 || body != `{"error":{"code":"invalid","message":"line 3: \"x\" <y>"}}`+"\n" {
		t.Errorf("%d %s", status, body)
	}
	if status, body := get(t, srv.URL, "/log/level"); status != 200 || body != `{"error":"line 3: \"x\" <y>"}` {
		t.Errorf("what is no error: %d %s", status, body)
	}
}

func TestPagesOfOtherSites(t *testing.T) {
	srv := serve(t, func(o *api.Options) { o.Hosts = []string{"logs.example.org"} })
	for _, c := range []struct {
		host, origin, method string
		status               int
	}{
		{"127.0.0.1:7420", "", "GET", 200},
		{"localhost:7420", "", "GET", 200},
		{"logs.example.org", "", "GET", 200},
		{"evil.example.com", "", "GET", 403},
		{"localhost:7420", "http://evil.example.com", "POST", 403},
		{"localhost:7420", "null", "POST", 403},
		{"localhost:7420", "http://localhost:7420", "POST", 200},
	} {
		path := "/api/v1/query?q=*"
		req, err := http.NewRequest(c.method, srv.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = c.host
		if c.origin != "" {
			req.Header.Set("Origin", c.origin)
		}
		if status, body := do(t, req); status != c.status {
			t.Errorf("%s Host %s Origin %s: %d, want %d: %s", c.method, c.host, c.origin, status, c.status, body)
		}
	}
}

func TestHealth(t *testing.T) {
	srv := serve(t, func(o *api.Options) {
		o.Health = func() []api.Component {
			return []api.Component{{Name: "disk", Reason: "the disk is full; make room"}}
		}
	})
	if status, _ := get(t, srv.URL, "/healthz"); status != 200 {
		t.Errorf("healthz %d", status)
	}
	if status, body := get(t, srv.URL, "/readyz"); status != 503 || !strings.Contains(body, "make room") {
		t.Errorf("readyz %d %s", status, body)
	}
	if _, body := get(t, srv.URL, "/metrics"); !strings.Contains(body, `plumbline_api_requests_total{route="GET /healthz"} 1`) {
		t.Errorf("metrics %s", body)
	}
}

func TestPage(t *testing.T) {
	srv := serve(t, nil)
	res, err := http.Get(srv.URL + "/")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.Header.Get("Content-Security-Policy") == "" || res.Header.Get("ETag") == "" {
		t.Errorf("headers %v", res.Header)
	}
	req, _ := http.NewRequest("GET", srv.URL+"/", nil)
	req.Header.Set("If-None-Match", res.Header.Get("ETag"))
	if status, _ := do(t, req); status != http.StatusNotModified {
		t.Errorf("the same page again: %d", status)
	}
	if status, _ := get(t, srv.URL, "/nothing.js"); status != 404 {
		t.Errorf("a file that is not there: %d", status)
	}
}

// The description and the routes are held together.
func TestOpenAPI(t *testing.T) {
	_, text := get(t, serve(t, nil).URL, "/api/v1/openapi.yaml")
	var doc struct {
		Paths map[string]map[string]any `yaml:"paths"`
	}
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	described := map[string]bool{}
	for path, methods := range doc.Paths {
		for method := range methods {
			described[strings.ToUpper(method)+" "+path] = true
		}
	}
	for _, pattern := range api.Patterns() {
		if !described[pattern] {
			t.Errorf("openapi.yaml does not describe %s", pattern)
		}
		delete(described, pattern)
	}
	for d := range described {
		t.Errorf("openapi.yaml describes %s, which is no route", d)
	}
}
