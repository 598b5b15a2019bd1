package gelf

import (
	"strings"
	"testing"
)

func decode(message string) (string, error) {
	var d Decoder
	pairs, err := d.Decode([]byte(message), nil)
	var out []string
	for _, p := range pairs {
		out = append(out, string(p.Key)+"="+string(p.Value.AppendText(nil)))
	}
	return strings.Join(out, " · "), err
}

func TestDecode(t *testing.T) {
	for _, c := range []struct{ message, want string }{
		{`{}`, ``},
		{`{"version":"1.1","host":"web-1","short_message":"A","full_message":"A\nB","timestamp":1385053862.3072,"level":3,"_user_id":9,"_id":"x","facility":"f"}`,
			"host=web-1 · _msg=A · full_message=A\nB · _time=1385053862.3072 · severity=error · level=3 · user_id=9 · id=x · facility=f"},
		{`{"level":"7","_":1,"__a":2,"_version":3,"_time":"t","_msg":"m"}`, `severity=debug · level=7 · _=1 · _a=2 · version=3 · time=t · msg=m`},
		{`{"level":8,"level":-1,"level":"high"}`, `level=8 · level=-1 · level=high`},
		{`{"_a":{"_b":1,"level":2}}`, `a._b=1 · a.level=2`},
	} {
		if got, err := decode(c.message); got != c.want || err != nil {
			t.Errorf("%s\n got %s, %v\nwant %s", c.message, got, err, c.want)
		}
	}
	for _, message := range []string{``, `x`, `[]`, `{"a":1`, `{"a":1}{`, `1`} {
		if got, err := decode(message); err == nil {
			t.Errorf("%s reads as %s", message, got)
		}
	}
}
