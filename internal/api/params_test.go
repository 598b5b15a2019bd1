package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/plumbline/plumbline/internal/api"
)

// TestUnknownParameters: a parameter that would be passed over is refused, by
// name, with the one that was probably meant.
func TestUnknownParameters(t *testing.T) {
	srv := filled(t)
	for _, c := range []struct{ method, target, form, want string }{
		{"GET", "/api/v1/query?q=*&form=-1h", "", "/api/v1/query takes no parameter form=; did you mean from=?"},
		{"POST", "/api/v1/query", "q=*&formatt=csv", "did you mean format=?"},
		{"POST", "/api/v1/query?limit=3", "q=*&limit=4", "parameter limit= is said 2 times"},
		{"POST", "/api/v1/query", "q=%zz", "the parameters of the body cannot be read"},
		{"GET", "/api/v1/histogram?q=*&bucket=3", "", "did you mean buckets=?"},
		{"GET", "/api/v1/tail?q=*&from=-1h", "", "/api/v1/tail takes no parameter from=; there are q"},
		{"GET", "/api/v1/datasets?name=app", "", "/api/v1/datasets takes no parameters, and there is name="},
		{"POST", "/api/v1/ingest/jsonl?data_set=app", "", "did you mean dataset=?"},
		{"POST", "/api/v1/ingest/text?timeformat=auto", "", "did you mean time_format=?"},
		{"POST", "/gelf?batch=a", "", "/gelf takes no parameter batch=; there are dataset"},
		{"POST", "/api/v1/flush?wait=1", "", "takes no parameters, and there is wait="},
	} {
		req, err := http.NewRequest(c.method, srv.URL+c.target, strings.NewReader(c.form))
		if err != nil {
			t.Fatal(err)
		}
		if c.form != "" {
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		if status, body := do(t, req); status != 400 || !strings.Contains(body, c.want) {
			t.Errorf("%s %s %s: %d %s, want %q", c.method, c.target, c.form, status, body, c.want)
		}
	}
	for _, path := range []string{"/healthz?t=1", "/readyz?t=1", "/metrics?t=1", "/?q=*&line=app:1"} {
		if status, body := get(t, srv.URL, path); status != 200 {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	req, err := http.NewRequest("POST", srv.URL+"/api/v1/query", strings.NewReader(`{"q":"*"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if status, body := do(t, req); status != 400 || !strings.Contains(body, "application/x-www-form-urlencoded") {
		t.Errorf("a question as JSON: %d %s", status, body)
	}
}

// TestParametersAreDescribed holds the parameters of the table and of the
// description together.
func TestParametersAreDescribed(t *testing.T) {
	_, text := get(t, serve(t, nil).URL, "/api/v1/openapi.yaml")
	var doc struct {
		Paths map[string]map[string]struct {
			Parameters []struct{ Name, In string }
		}
	}
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	for pattern, params := range api.Params() {
		method, path, _ := strings.Cut(pattern, " ")
		var described []string
		for _, p := range doc.Paths[path][strings.ToLower(method)].Parameters {
			if p.In == "query" {
				described = append(described, p.Name)
			}
		}
		slices.Sort(described)
		slices.Sort(params)
		if !slices.Equal(described, params) {
			t.Errorf("%s takes %q, described are %q", pattern, params, described)
		}
	}
}

// TestReadingsOfOwnDatasets: who may read one dataset sees nothing of others.
func TestReadingsOfOwnDatasets(t *testing.T) {
	srv := serve(t, func(o *api.Options) {
		o.Tokens = []api.Token{{Secret: "reader", Access: api.Read, Datasets: []string{"app"}}, {Secret: "root", Access: api.Admin}}
		o.Gauges = func() []api.Gauge {
			return []api.Gauge{
				{Name: "rows", Type: "gauge", Dataset: "app", Value: 1},
				{Name: "rows", Type: "gauge", Dataset: "secret", Label: `format="jsonl"`, Value: 2},
				{Name: "goroutines", Type: "gauge", Value: 3},
			}
		}
	})
	for token, sees := range map[string][]string{
		"reader": {`plumbline_rows{dataset="app"} 1`, `plumbline_goroutines 3`},
		"root":   {`plumbline_rows{dataset="app"} 1`, `plumbline_goroutines 3`, `plumbline_rows{dataset="secret",format="jsonl"} 2`},
	} {
		req, err := http.NewRequest("GET", srv.URL+"/metrics", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		_, body := do(t, req)
		for _, want := range sees {
			if !strings.Contains(body, want) {
				t.Errorf("%s does not see %s:\n%s", token, want, body)
			}
		}
		if token == "reader" && strings.Contains(body, "secret") {
			t.Errorf("a reader of app sees another dataset:\n%s", body)
		}
	}
}
