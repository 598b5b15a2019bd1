package intake

import (
	"strings"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/fault"
)

func TestUnreadableLinesAreKeptWhole(t *testing.T) {
	for _, c := range []struct{ line, reason string }{
		{`plain words`, "expected {, found 'p'"},
		{`{`, "expected a key in quotes, found the end"},
		{`{"a":1`, "found the end"},
		{`{"a":}`, "expected a value"},
		{`{"a" 1}`, "expected ':' after a key"},
		{`{"a":1}}`, "expected the end of the line"},
		{`{"a":1} {"b":2}`, "expected the end of the line"},
		{`[{"a":1}]`, "expected {"},
		{`"text"`, "expected {"},
		{`{"a":"open`, "at the end of a string"},
		{`{a:1}`, "expected a key in quotes"},
		{`{"a":[1,2}`, "expected"},
		{`{'a':1}`, "expected a key in quotes"},
		{"\x00\x01", "expected {"},
	} {
		s, r := taken(t, Request{Format: "jsonl", Source: "10.0.0.7", Body: body(`{"a":1}`, c.line, `{"a":2}`)})
		if r.Accepted != 2 || r.Rejected != 1 || len(r.Errors) != 1 || r.Errors[0].Line != 2 || !strings.Contains(r.Errors[0].Reason, c.reason) {
			t.Errorf("%q: receipt %+v, want reason with %q", c.line, r, c.reason)
			continue
		}
		kept := fields(t, s.rows(dataset.Rejected)[0])
		want := map[string]any{"_msg": c.line, "reason": r.Errors[0].Reason, "dataset": "app", "format": "jsonl", "source": "10.0.0.7", "_time": "2026-11-21T12:00:00Z"}
		for k, v := range want {
			if kept[k] != v {
				t.Errorf("%q: kept %s = %v, want %v", c.line, k, kept[k], v)
			}
		}
	}
}

func TestRowsOfJSON(t *testing.T) {
	const now = "2026-11-21T12:00:00Z"
	for name, c := range map[string]struct{ line, want string }{
		"plain":          {`{"time":"2026-11-20T10:00:00.5Z","msg":"done","n":1.50,"ok":true,"none":null}`, `{"_time":"2026-11-20T10:00:00.500Z","_msg":"done","n":1.50,"ok":true}`},
		"nested":         {`{"ts":1795000000,"a":{"b":{"c":1},"d":"x"},"e":{}}`, `{"_time":"2026-11-18T11:06:40Z","a.b.c":1,"a.d":"x","e":"{}"}`},
		"lists":          {`{"a":[1,"x",null,true,[2,{"k":1}]],"b":[]}`, `{"_time":"` + now + `","a":[1,"x",null,true,[2,"{\"k\":1}"]],"b":[]}`},
		"list not JSON":  {`{"a":[1 2],"b":[,]}`, `{"_time":"` + now + `","a":"[1 2]","b":"[,]"}`},
		"escapes":        {`{"msg":"a\"b\\c\n\u00e9\ud83d\ude00\ud800","k\u0065y":1}`, `{"_time":"` + now + `","_msg":"a\"b\\c\né😀�","key":1}`},
		"twice":          {`{"a":1,"a":"x","a":2}`, `{"_time":"` + now + `","a":[1,"x",2]}`},
		"empty name":     {`{"":1}`, `{"_time":"` + now + `","_unnamed":1}`},
		"empty text":     {`{"a":""}`, `{"_time":"` + now + `","a":""}`},
		"empty object":   {`{}`, `{"_time":"` + now + `"}`},
		"order of times": {`{"ts":"2026-11-01T00:00:00Z","timestamp":"2026-11-02T00:00:00Z"}`, `{"_time":"2026-11-02T00:00:00Z","ts":"2026-11-01T00:00:00Z"}`},
		"first that reads": {`{"_time":"soon","timestamp":"later","ts":"2026-11-01T00:00:00Z"}`,
			`{"_time":"2026-11-01T00:00:00Z","_time_sent":"soon","timestamp":"later"}`},
		"order of messages": {`{"log":"l","message":"m"}`, `{"_time":"` + now + `","_msg":"m","log":"l"}`},
		"null message":      {`{"_msg":null,"msg":"m"}`, `{"_time":"` + now + `","_msg":"m"}`},
		"message a number":  {`{"msg":5}`, `{"_time":"` + now + `","_msg":"5"}`},
		"reserved names":    {`{"_seq":7,"_dataset":"x","_time":"2026-11-01T00:00:00Z"}`, `{"_time":"2026-11-01T00:00:00Z","_seq_sent":7,"_dataset_sent":"x"}`},
		"time twice":        {`{"_time":"2026-11-01T00:00:00Z","_time":"2026-11-02T00:00:00Z"}`, `{"_time":"2026-11-01T00:00:00Z","_time_sent":"2026-11-02T00:00:00Z"}`},
		"before 1990":       {`{"time":"1970-01-01T00:00:01Z"}`, `{"_time":"` + now + `","_time_sent":"1970-01-01T00:00:01Z"}`},
		"a day ahead":       {`{"time":"2026-11-22T12:00:00Z"}`, `{"_time":"2026-11-22T12:00:00Z"}`},
		"more ahead":        {`{"time":"2026-11-22T12:00:01Z"}`, `{"_time":"` + now + `","_time_sent":"2026-11-22T12:00:01Z"}`},
		"time zero":         {`{"time":0}`, `{"_time":"` + now + `","_time_sent":0}`},
		"bad UTF-8":         {"{\"msg\":\"a\xffb\"}", `{"_time":"` + now + `","_msg":"a` + "\ufffd" + `b"}`},
		"a NUL":             {`{"msg":"a\u0000b"}`, `{"_time":"` + now + `","_msg":"a\u0000b"}`},
		"large numbers":     {`{"n":123456789012345678901234567890,"e":1e3}`, `{"_time":"` + now + `","n":"123456789012345678901234567890","e":1000}`},
		"real numbers":      {`{"a":8.86e-05,"b":0.00034213066101074219,"c":-0.0,"d":[1e-7,2],"e":1e400,"f":0.5}`, `{"_time":"` + now + `","a":0.0000886,"b":0.0003421306610107422,"c":0,"d":[1e-07,2],"e":"1e400","f":0.5}`},
		"BOM":               {"\ufeff" + `{"a":1}`, `{"_time":"` + now + `","a":1}`},
		"spaces":            {"\t { \"a\" : 1 , \"b\" : [ 1 , 2 ] } \r", `{"_time":"` + now + `","a":1,"b":[1,2]}`},
	} {
		t.Run(name, func(t *testing.T) {
			s, r := taken(t, Request{Format: "jsonl", Body: body(c.line)})
			if r.Accepted != 1 || r.Rejected != 0 {
				t.Fatalf("receipt %+v", r)
			}
			same(t, s.rows("app")[0], c.want)
		})
	}
}

func TestFieldsTheSenderNames(t *testing.T) {
	line := `{"when":"21/11/2026 09:30","what":"it","time":"2026-01-01T00:00:00Z","msg":"other"}`
	s, _ := taken(t, Request{Format: "jsonl", TimeField: "at, when", MsgField: "what", TimeFormat: "%d/%m/%Y %H:%M", Body: body(line)})
	same(t, s.rows("app")[0], `{"_time":"2026-11-21T09:30:00Z","_msg":"it","time":"2026-01-01T00:00:00Z","msg":"other"}`)
}

func TestLimitsKeepTheLine(t *testing.T) {
	limit := declare(func(d *dataset.Dataset) { d.Limits = dataset.Limits{LineBytes: 60, FieldCount: 3, NameBytes: 5} })
	long := strings.Repeat("x", 100)
	for name, c := range map[string]struct{ line, want string }{
		"cut in a text":    {`{"a":1,"msg":"` + long + `"}`, `{"_msg":"` + long[:46] + `","a":1,"_cut":true}`},
		"cut in a name":    {`{"a":1,"` + long + `":2}`, `{"a":1,"_cut":true}`},
		"cut in a number":  {`{"a":1,"b":` + strings.Repeat("1", 90) + `}`, `{"a":1,"_cut":true}`},
		"cut in a list":    {`{"a":["` + long[:20] + `","` + long + `"]}`, `{"a":["` + long[:20] + `","` + long[:30] + `"],"_cut":true}`},
		"cut in an object": {`{"a":{"b":{"c":"` + long + `"}}}`, `{"a.b.c":"` + long[:44] + `","_cut":true}`},
		"cut in an escape": {`{"msg":"` + long[:49] + `\u00e9` + long + `"}`, `{"_msg":"` + long[:49] + `","_cut":true}`},
		"cut in a rune":    {`{"msg":"` + long[:51] + `é` + long + `"}`, `{"_msg":"` + long[:51] + `","_cut":true}`},
		"many fields":      {`{"a":1,"b":2,"c":3,"d":"4","e":[5],"f":null}`, `{"a":1,"b":2,"c":3,"_packed":"{\"d\":\"4\",\"e\":[5]}"}`},
		"a late message":   {`{"a":1,"b":2,"c":3,"d":4,"msg":"m"}`, `{"a":1,"b":2,"c":3,"_packed":"{\"d\":4}","_msg":"m"}`},
		"a long name":      {`{"abcdéfgh":1}`, `{"abcd":1}`},
	} {
		t.Run(name, func(t *testing.T) {
			s, r := taken(t, Request{Format: "jsonl", Body: body(c.line, `{"a":1}`)}, limit)
			if r.Accepted != 2 {
				t.Fatalf("receipt %+v", r)
			}
			same(t, s.rows("app")[0], strings.Replace(c.want, "{", `{"_time":"2026-11-21T12:00:00Z",`, 1))
			same(t, s.rows("app")[1], `{"_time":"2026-11-21T12:00:00Z","a":1}`)
		})
	}
}

func TestWrongTypesAreSetAside(t *testing.T) {
	types := declare(func(d *dataset.Dataset) {
		d.Fields = map[string]dataset.Field{"n": {Type: dataset.Number}, "s": {Type: dataset.Text}, "b": {Type: dataset.Bool}, "at": {Type: dataset.Time}}
	})
	for name, c := range map[string]struct{ line, want string }{
		"fitting":  {`{"n":1.5,"s":"x","b":true,"at":"2026-11-21T00:00:00Z"}`, `{"n":1.5,"s":"x","b":true,"at":"2026-11-21T00:00:00Z"}`},
		"the same": {`{"n":"200","s":5,"b":"false","at":1795000000}`, `{"n":200,"s":"5","b":false,"at":"2026-11-18T11:06:40Z"}`},
		"wrong":    {`{"n":"5f0c-4","b":"maybe","at":"soon","x":1}`, `{"_malformed":"{\"n\":\"5f0c-4\",\"b\":\"maybe\",\"at\":\"soon\"}","x":1}`},
		"longest":  {`{"n":-9223372036854775808,"x":9223372036854775807}`, `{"n":-9223372036854775808,"x":9223372036854775807}`},
		"longer":   {`{"n":18446744073709551615,"x":18446744073709551615}`, `{"n":18446744073709552000,"x":"18446744073709551615"}`},
		"badly":    {`{"n":1.}`, `{"_malformed":"{\"n\":\"1.\"}"}`},
		"lists":    {`{"n":[1,2],"b":[true,1],"s":["a"]}`, `{"n":[1,2],"_malformed":"{\"b\":[true,1]}","s":["a"]}`},
		"numbers":  {`{"n":1e5}`, `{"n":100000}`},
		"no value": {`{"n":null}`, `{}`},
	} {
		t.Run(name, func(t *testing.T) {
			s, r := taken(t, Request{Format: "jsonl", Body: body(c.line)}, types)
			if r.Accepted != 1 || r.Rejected != 0 {
				t.Fatalf("receipt %+v", r)
			}
			got, want := fields(t, s.rows("app")[0]), fields(t, c.want)
			delete(got, "_time")
			if len(got) != len(want) {
				t.Errorf("got %v, want %v", got, want)
			}
			same(t, s.rows("app")[0], strings.Replace(strings.Replace(c.want, "{", `{"_time":"2026-11-21T12:00:00Z",`, 1), ",}", "}", 1))
		})
	}
}

func TestLinesOlderThanTheRetentionAreRefused(t *testing.T) {
	old := declare(func(d *dataset.Dataset) { d.Retention.Age = 72 * time.Hour })
	s, r := taken(t, Request{Format: "jsonl", Body: body(`{"time":"2026-11-18T11:59:59Z"}`, `{"time":"2026-11-18T12:00:00Z"}`)}, old)
	if r.Accepted != 1 || r.Rejected != 0 || r.Refused != 1 || r.Errors[0].Reason != "older than the 3 days that dataset app is kept" {
		t.Errorf("receipt %+v", r)
	}
	if kept := s.rows(dataset.Rejected); kept != nil {
		t.Errorf("kept %q", kept)
	}
}

func TestWrongRequests(t *testing.T) {
	for name, r := range map[string]Request{
		"format":      {Format: "jsonll"},
		"dataset":     {Format: "jsonl", Dataset: "No Spaces"},
		"house":       {Format: "jsonl", Dataset: "_rejected"},
		"time format": {Format: "jsonl", TimeFormat: "%!"},
		"encoding":    {Format: "jsonl", Encoding: "br"},
		"gzip":        {Format: "jsonl", Body: strings.NewReader("\x1f\x8b")},
		"zstd":        {Format: "jsonl", Body: strings.NewReader("\x28\xb5\x2f\xfd\xff\xff\xff")},
	} {
		if r.Body == nil {
			r.Body = strings.NewReader(`{"a":1}`)
		}
		if _, err := intakeOn(new(shelf)).Ingest(t.Context(), r); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v, want Invalid", name, err)
		}
	}
}
