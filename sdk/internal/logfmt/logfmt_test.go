package logfmt

import (
	"math"
	"testing"
)

func TestAppend(t *testing.T) {
	for _, c := range []struct{ name, value, want string }{
		{"user_id", "usr_123", " user_id=usr_123"},
		{"a b=\"", "", ` a_b__=""`},
		{"", "null", ` _="null"`},
		{"k", "two words", ` k="two words"`},
		{"k", `a=b`, ` k="a=b"`},
		{"k", "say \"hi\"\n\t\\", ` k="say \"hi\"\n\t\\"`},
		{"k", "\x1b[2J\x7f", " k=\"\\u001b[2J\x7f\""},
		{"k", "caf\u00e9 \xff", " k=\"caf\u00e9 \ufffd\""},
		{"k", "/v1/charges?x", " k=/v1/charges?x"},
	} {
		if got := string(AppendString(AppendKey(nil, c.name), c.value)); got != c.want {
			t.Errorf("%q %q: %s, want %s", c.name, c.value, got, c.want)
		}
	}
	for f, want := range map[float64]string{0.5: "0.5", math.Inf(-1): "-Inf", 1e21: "1e+21"} {
		if got := string(AppendFloat(nil, f)); got != want {
			t.Errorf("%v: %s", f, got)
		}
	}
}
