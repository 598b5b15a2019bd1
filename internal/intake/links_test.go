package intake

import (
	"strings"
	"testing"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/related"
)

func TestLinksHoldTwoIDs(t *testing.T) {
	d := dataset.New("links")
	d.Kinds = map[string]string{"msg": "message_id"}
	for _, c := range []struct{ line, wrong string }{
		{`{"time":1,"message_id":"m","report_id":"r"}`, ""},
		{`{"time":1,"message_id":["m","n"]}`, ""},
		{`{"message_id":7,"msg":"m","note":"more"}`, ""},
		{`{"message":{"id":"a"},"bulk":{"id":"b"}}`, ""},
		{`{"message_id":"x\"'\u0000","report_id":"é"}`, ""},
		{`{"message_id":"m"}`, "a link is two ids"},
		{`{"message_id":"m","user_id":"u"}`, "a link is two ids"},
		{`{"message_id":"m","report_id":""}`, "a link is two ids"},
		{`{"message_id":"m","report_id":null}`, "a link is two ids"},
		{`{"message_id":["m",null,true]}`, "a link is two ids"},
		{`{}`, "a link is two ids"},
		{`["a","b"]`, "not an object of JSON"},
		{`{"message_id":"m","report_id":"` + strings.Repeat("x", 1<<20) + `"}`, "report_id: an id of 1048576 bytes; the longest is 1024"},
		{`{"message_id":["m","` + strings.Repeat("x", related.MaxIDBytes+1) + `"]}`, "message_id: an id of 1025 bytes"},
	} {
		l := &linkDecoder{dataset: d}
		_, err := l.Decode([]byte(c.line), nil)
		if (err == nil) != (c.wrong == "") || err != nil && !strings.Contains(err.Error(), c.wrong) {
			t.Errorf("%.60s: %v, want %q", c.line, err, c.wrong)
		}
	}
}
