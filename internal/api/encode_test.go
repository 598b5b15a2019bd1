package api_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/plumbline/plumbline/internal/api"
	"github.com/plumbline/plumbline/internal/pipe"
	"github.com/plumbline/plumbline/internal/query"
)

func TestQueryFormats(t *testing.T) {
	srv := filled(t)
	for _, c := range []struct{ format, want string }{
		{"ndjson", "{\"http_status\":200,\"count\":2}\n{\"http_status\":500,\"count\":1}\n"},
		{"csv", "http_status,count\r\n200,2\r\n500,1\r\n"},
		{"logfmt", "http_status=200 count=2\nhttp_status=500 count=1\n"},
	} {
		if _, body := get(t, srv.URL, "/api/v1/query", "q", "* | stats count by http_status", "format", c.format); body != c.want {
			t.Errorf("%s:\n%q\nwant\n%q", c.format, body, c.want)
		}
	}
	_, body := get(t, srv.URL, "/api/v1/query", "q", "* | stats count by http_status", "format", "json")
	var doc struct {
		Rows []map[string]any
		Meta map[string]any
	}
	if err := json.Unmarshal([]byte(body), &doc); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	if len(doc.Rows) != 2 || doc.Meta["kind"] != "table" || doc.Meta["rows"] != 2.0 {
		t.Errorf("document %s", body)
	}
}

// TestColumnsAsNamed: the columns of a table are those that the question names,
// in its order, also where the first rows lack them, and where there are none.
func TestColumnsAsNamed(t *testing.T) {
	srv := serve(t, nil)
	post(t, srv.URL+"/api/v1/ingest/jsonl", `{"a":1}
{"b":2,"c":3}`)
	for _, c := range []struct{ question, want string }{
		{"* | table c b a | sort a", "c,b,a\r\n,,1\r\n3,2,\r\n"},
		{"* | table d a | search a=7", "d,a\r\n"},
		{"a=1 | stats count p50(d) by a", "a,count,p50(d)\r\n1,1,\r\n"},
		{"a=7 | fields a", ""},
		{"* | fields c b a | fields - _seq, _dataset, _time | sort a", "c,b,a\r\n,,1\r\n3,2,\r\n"},
	} {
		if _, body := get(t, srv.URL, "/api/v1/query", "q", c.question, "format", "csv"); body != c.want {
			t.Errorf("%s: %q, want %q", c.question, body, c.want)
		}
	}
	if _, body := get(t, srv.URL, "/api/v1/query", "q", "* | table d c b a", "format", "json"); !strings.Contains(body, `"fields":["d","c","b","a"]`) {
		t.Errorf("meta of a table: %s", body)
	}
}

// TestCSVIsBounded: rows that must be held until their columns are known count
// against the memory of questions, and those of known columns do not.
func TestCSVIsBounded(t *testing.T) {
	srv := serve(t, func(o *api.Options) {
		st := o.Store.(*shelf)
		o.Query = query.New(query.Options{Source: st, Budget: pipe.NewBudget(64 << 10)})
	})
	var lines strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&lines, "{\"n\":%d,\"text\":\"%064d\"}\n", i, i)
	}
	post(t, srv.URL+"/api/v1/ingest/jsonl", lines.String())
	status, body := get(t, srv.URL, "/api/v1/query", "q", "*", "format", "csv")
	if status != 422 || !strings.Contains(body, "--memory") || !strings.Contains(body, "| table") {
		t.Errorf("all lines as csv: %d %.200s", status, body)
	}
	if status, body := get(t, srv.URL, "/api/v1/query", "q", "* | table n, text", "format", "csv"); status != 200 || strings.Count(body, "\r\n") != 5001 {
		t.Errorf("a table as csv: %d %.200s", status, body)
	}
}

func TestSpreadsheetFormulasAreHarmless(t *testing.T) {
	srv := filled(t)
	if _, body := get(t, srv.URL, "/api/v1/query", "q", "* | head 1 | table _msg", "format", "csv"); body != "_msg\r\n'=1+1\r\n" {
		t.Errorf("csv %q", body)
	}
}

// TestControlsAreVisible: what would be obeyed is escaped in every format; line
// ends and tabs of a cell stay.
func TestControlsAreVisible(t *testing.T) {
	srv := serve(t, nil)
	post(t, srv.URL+"/api/v1/ingest/jsonl", `{"a":"x\u001b[31m\u0007\u007f\u009b\u202ey\u061c","b":"1\r\n\t2\r3","c":"\r=1","d":"\u2066"}`)
	for _, c := range []struct{ format, want string }{
		{"csv", "a,b,c,d\r\nx\\u001b[31m\\u0007\\u007f\\u009b\\u202ey\\u061c,\"1\n\t2\\u000d3\",'\\u000d=1,\\u2066\r\n"},
		{"ndjson", `{"a":"x\u001b[31m\u0007\u007f\u009b\u202ey\u061c","b":"1\r\n\t2\r3","c":"\r=1","d":"\u2066"}` + "\n"},
		{"logfmt", `a="x\u001b[31m\u0007\u007f\u009b\u202ey\u061c" b="1\r\n\t2\r3" c="\r=1" d="\u2066"` + "\n"},
	} {
		if _, body := get(t, srv.URL, "/api/v1/query", "q", "* | table a b c d", "format", c.format); body != c.want {
			t.Errorf("%s:\n%q\nwant\n%q", c.format, body, c.want)
		}
	}
}

// Go's client gives up on a trailer of more than 4 KiB.
func TestTrailerOfManyFields(t *testing.T) {
	srv := serve(t, nil)
	var body strings.Builder
	for n := range 2000 {
		fmt.Fprintf(&body, "{\"é<_%d\":1}\n", n)
	}
	if status, answer := post(t, srv.URL+"/api/v1/ingest/jsonl", body.String()); status != 200 {
		t.Fatal(answer)
	}
	var m struct {
		Fields     []string
		FieldsMore int `json:"fields_more"`
	}
	readTrailer(t, srv.URL+"/api/v1/query?q=*", &m)
	if n := len(m.Fields); n < 50 || n+m.FieldsMore != 2003 {
		t.Errorf("%d names of fields and %d more", n, m.FieldsMore)
	}
}

func TestTrailer(t *testing.T) {
	srv := filled(t)
	var m struct {
		Extent struct {
			From string
			Rows int
		}
	}
	readTrailer(t, srv.URL+"/api/v1/query?q=http_status%3D404", &m)
	if m.Extent.Rows != 3 || m.Extent.From != "2026-01-01T00:00:00Z" {
		t.Errorf("an empty answer must say where the lines lie, got %+v", m.Extent)
	}
}

// readTrailer asks a question and reads what is said behind the rows.
func readTrailer(t *testing.T, url string, meta any) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(res.Trailer.Get("Plumbline-Meta")), meta); err != nil {
		t.Fatal(err)
	}
}
