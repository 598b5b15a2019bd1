package logfmt

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/plumbline/plumbline/internal/keyval"
)

var now = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC).UnixNano()

func decode(line string) string {
	d := Decoder{Now: now}
	pairs, err := d.Decode([]byte(line), nil)
	if err != nil {
		return err.Error()
	}
	var out []string
	for _, p := range pairs {
		out = append(out, string(p.Key)+"="+string(p.Value.AppendText(nil)))
		if p.Value.Kind != keyval.String {
			out[len(out)-1] += " " + p.Value.Kind.String()
		}
	}
	return strings.Join(out, " · ")
}

func TestDecode(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{``, ``},
		{`=`, `_msg==`},
		{`hello`, `_msg=hello`},
		{`a=`, `a=`},
		{`a="`, `a="`},
		{`a="open b=2`, `a="open b=2`},
		{`level=info msg="it \"went\"" status=200 took=-1.5 ok=true off=false retry`,
			`level=info · msg=it "went" · status=200 number · took=-1.5 number · ok=true true · off=false false · retry=true true`},
		{`version=1.2.3 id=007 at=12ms`, `version=1.2.3 number · id=007 number · at=12ms`},
		{`[2019-03-18 22:48:32.990] Request started http_method=POST user_id=usr_123`,
			`_time=2019-03-18 22:48:32.990 · _msg=Request started · http_method=POST · user_id=usr_123`},
		{`[2019-03-18 22:48:32.990] a=1`, `_time=2019-03-18 22:48:32.990 · a=1 number`},
		{`2019-03-18T22:48:32Z Request started a=1`, `_time=2019-03-18T22:48:32Z · _msg=Request started · a=1 number`},
		{`[info] started a=1`, `_msg=[info] started · a=1 number`},
		{`[2019-03-18 22:48:32 INFO] started a=1`, `_msg=[2019-03-18 22:48:32 INFO] started · a=1 number`},
		{`user bob came from=1.2.3.4 after 3 tries n=3`, `_msg=user bob came after 3 tries · from=1.2.3.4 number · n=3 number`},
		{`https://a.b/c?d=e f=g`, `_msg=https://a.b/c?d=e · f=g`},
	} {
		if got := decode(c.line); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.line, got, c.want)
		}
	}
}

// Every line is read, no pair lies, and no word is lost.
func FuzzLogfmt(f *testing.F) {
	for _, s := range []string{``, `a=b`, `[2019-03-18 22:48:32.990] x y z=1 w`, `a="b\"c" d`, "1 2 3\x00=4", `[`, `=`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		d := Decoder{Now: now}
		pairs, err := d.Decode([]byte(line), nil)
		if err != nil {
			t.Fatal(err)
		}
		size := 0
		for _, p := range pairs {
			if len(p.Key) == 0 {
				t.Fatalf("%q: a pair without a name", line)
			}
			if p.Value.Kind != keyval.True {
				size += len(p.Value.Raw)
			}
			if utf8.ValidString(line) && !utf8.Valid(p.Value.AppendText(nil)) {
				t.Fatalf("%q: %q is no UTF-8", line, p.Value.Raw)
			}
		}
		if size > len(line) {
			t.Fatalf("%q: values of %d bytes", line, size)
		}
		if strings.Trim(line, " \t\r\n\x00") != "" && len(pairs) == 0 && strings.ContainsFunc(line, func(r rune) bool { return r > ' ' }) {
			t.Fatalf("%q: nothing was read", line)
		}
	})
}
