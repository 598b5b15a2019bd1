package api_test

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/plumbline/plumbline/internal/api"
	"github.com/plumbline/plumbline/internal/dataset"
)

const flow = `{"_time":"2026-01-01T00:00:00Z","_msg":"sent","message_id":"m1","bulk_id":"b1"}
{"_time":"2026-01-01T00:00:01Z","_msg":"sent","message_id":"m2","bulk_id":"b1"}
{"_time":"2026-01-01T00:00:02Z","_msg":"sent","message_id":"m3","bulk_id":"b1"}
{"_time":"2026-01-01T00:00:03Z","_msg":"accepted","message_id":"m1","operator_id":"o1"}
{"_time":"2026-01-01T01:00:00Z","_msg":"report","message_id":"m1","report_id":"r1"}
{"_time":"2026-01-01T03:30:00Z","_msg":"report","message_id":"m3","report_id":"r3"}
`

type relatedBody struct {
	Question string
	IDs      []struct {
		Kind, ID         string
		Degree, Distance int
		Hub              bool
	}
	Lines []struct {
		Row map[string]any
		IDs []int
	}
	Missing []struct {
		ID          int
		State, Text string
	}
	Meta struct {
		Truncated bool
		Notes     []string
	}
}

func relatedTo(t *testing.T, srv *httptest.Server, params ...string) relatedBody {
	t.Helper()
	status, body := get(t, srv.URL, "/api/v1/related", params...)
	var out relatedBody
	if err := json.Unmarshal([]byte(body), &out); err != nil || status != 200 {
		t.Fatalf("%d %s: %v", status, body, err)
	}
	return out
}

func flowing(t *testing.T) *httptest.Server {
	srv := serve(t, func(o *api.Options) {
		o.Now = func() time.Time { return time.Date(2026, 1, 1, 4, 0, 0, 0, time.UTC) }
		o.Expect = []dataset.Expect{{Kind: "message_id", After: "sent", Said: "sent", Want: "report", Wanted: "delivery report", Within: 2 * time.Hour}}
	})
	if status, body := post(t, srv.URL+"/api/v1/ingest/jsonl", flow); status != 200 {
		t.Fatal(body)
	}
	return srv
}

func TestRelated(t *testing.T) {
	srv := flowing(t)
	a := relatedTo(t, srv, "id", "o1")
	if len(a.Lines) != 6 || a.Lines[0].Row["_msg"] != "sent" || a.Lines[0].Row["_distance"] != 1.0 || a.Lines[0].Row["_via"] != "message_id=m1" {
		t.Errorf("lines %v", a.Lines)
	}
	if a.Question != "bulk_id=o1 or message_id=o1 or operator_id=o1 or report_id=o1 | related" {
		t.Error(a.Question)
	}
	for i, line := range a.Lines {
		for _, at := range line.IDs {
			if x := a.IDs[at]; line.Row[x.Kind] != x.ID {
				t.Errorf("line %d does not hold %s=%s: %v", i, x.Kind, x.ID, line.Row)
			}
		}
	}
	var texts []string
	for _, m := range a.Missing {
		texts = append(texts, fmt.Sprintf("%s: %s: %s", a.IDs[m.ID].ID, m.State, m.Text))
	}
	if got, want := strings.Join(texts, "\n"), "m2: missing: sent, no delivery report after 2h\nm3: late: sent, delivery report only after 3h29m58s"; got != want {
		t.Errorf("missing\n%s\nwant\n%s", got, want)
	}
	a = relatedTo(t, srv, "id", "m1", "kind", "message_id", "degree", "2", "depth", "1")
	if !a.Meta.Truncated || len(a.Lines) != 3 || !strings.Contains(strings.Join(a.Meta.Notes, " "), "bulk_id=b1") {
		t.Errorf("%d lines, %v", len(a.Lines), a.Meta)
	}
	if a = relatedTo(t, srv, "id", "unheard"); len(a.Lines) != 0 || len(a.IDs) != 0 {
		t.Errorf("%v", a)
	}
}

func TestRelatedRefuses(t *testing.T) {
	srv := flowing(t)
	for _, c := range []struct{ params, want string }{
		{"", "id= holds the id to begin with"},
		{"id=-", `stands for no id`},
		{"id=" + strings.Repeat("x", 2000), "an id has at most 1024"},
		{"id=m1&kind=order_id", `no line holds ids of kind \"order_id\"; there are bulk_id, message_id, operator_id, report_id`},
		{"id=m1&depth=0", "depth= cannot be “0”"},
		{"id=m1&within=" + url.QueryEscape("7d | stats count"), "within= cannot be"},
		{"id=m1&dept=3", "did you mean depth=?"},
	} {
		status, body := get(t, srv.URL, "/api/v1/related", pairsOf(t, c.params)...)
		if status < 400 || !strings.Contains(body, c.want) {
			t.Errorf("%.40s: %d %s, want %s", c.params, status, body, c.want)
		}
	}
	if status, body := get(t, serve(t, nil).URL, "/api/v1/related", "id", "m1"); status != 404 || !strings.Contains(body, "no line holds an id") {
		t.Errorf("%d %s", status, body)
	}
	// Whatever stands in an id, it is looked for as it is.
	for _, id := range []string{`a"b`, `a'b`, "*", "m*", `\`, "x | stats count", "a\x00b", "é"} {
		if a := relatedTo(t, srv, "id", id); len(a.Lines) != 0 {
			t.Errorf("%q finds %d lines by %s", id, len(a.Lines), a.Question)
		}
	}
}

func pairsOf(t *testing.T, query string) []string {
	v, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for name := range v {
		out = append(out, name, v.Get(name))
	}
	return out
}

func TestLinks(t *testing.T) {
	srv := flowing(t)
	status, body := post(t, srv.URL+"/api/v1/links", `{"time":"2026-01-01T02:00:00Z","report_id":"r1","invoice_id":"i1"}
{"time":"2026-01-01T02:00:00Z","report_id":"r1"}
`)
	if status != 200 || !strings.Contains(body, `"accepted":1,"rejected":1,"errors":[{"line":2,"reason":"a link is two ids`) {
		t.Fatalf("%d %s", status, body)
	}
	a := relatedTo(t, srv, "id", "i1")
	if len(a.Lines) != 7 || a.Lines[5].Row["_dataset"] != "links" {
		t.Errorf("%v", a.Lines)
	}
}

// TestLinksAsOtherLines: whatever two ids come in, as a message of GELF or as the
// canonical line of a request, is a link in the dataset links as elsewhere.
func TestLinksAsOtherLines(t *testing.T) {
	at := time.Date(2026, 1, 1, 2, 0, 0, 0, time.UTC)
	for _, c := range []struct{ name, path, body string }{
		{"GELF", "/gelf?dataset=links", fmt.Sprintf(`{"version":"1.1","host":"joiner","short_message":"joined","timestamp":%d.5,"_report_id":"r1","_invoice_id":"i1"}`, at.Unix())},
		{"canonical line", "/api/v1/ingest/jsonl?dataset=links", fmt.Sprintf(`{"time":%q,"msg":"canonical-log-line","service":"joiner","http_path":"/join","http_status":200,"duration":0.002,"report_id":"r1","invoice_id":"i1"}`, at.Format(time.RFC3339))},
	} {
		t.Run(c.name, func(t *testing.T) {
			srv := flowing(t)
			if status, body := post(t, srv.URL+c.path, c.body); status/100 != 2 {
				t.Fatalf("%d %s", status, body)
			}
			a := relatedTo(t, srv, "id", "i1")
			if len(a.Lines) != 7 || a.Lines[5].Row["_dataset"] != "links" || a.Lines[5].Row["report_id"] != "r1" {
				t.Errorf("%v", a.Lines)
			}
		})
	}
}

func TestExpectationsThatDoNotRead(t *testing.T) {
	_, err := api.New(api.Options{Page: fstest.MapFS{}, Expect: []dataset.Expect{{Kind: "message_id", After: "a=1", Want: "(", Within: 1}}})
	if err == nil || !strings.Contains(err.Error(), "expect number 1: line 1") {
		t.Error(err)
	}
}
