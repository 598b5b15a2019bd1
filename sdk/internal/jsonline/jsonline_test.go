package jsonline

import (
	"encoding/hex"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestAppendString(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", `""`},
		{"/v1/charges", `"/v1/charges"`},
		{`say "hi" \ there`, `"say \"hi\" \\ there"`},
		{"a\nb\rc\td\x00e\x1b[31m", `"a\nb\rc\td\u0000e\u001b[31m"`},
		{"caf\u00e9 \u2028", "\"caf\u00e9 \u2028\""},
		{"bad \xff\xc3", "\"bad \ufffd\ufffd\""},
		{"\ufffd stays", "\"\ufffd stays\""},
	} {
		if got := string(AppendString(nil, c.in)); got != c.want {
			t.Errorf("AppendString(%q) = %s, want %s", c.in, got, c.want)
		}
	}
}

func TestAppendStringCutsAtARune(t *testing.T) {
	for shift := range 4 {
		in := strings.Repeat("x", shift) + strings.Repeat("\u20ac", MaxText)
		var got string
		if err := json.Unmarshal(AppendString(nil, in), &got); err != nil {
			t.Fatal(err)
		}
		kept, marked := strings.CutSuffix(got, "…")
		if !marked || !strings.HasPrefix(in, kept) || len(kept) < MaxText-utf8.UTFMax {
			t.Errorf("shift %d: kept %d bytes, marked %v", shift, len(kept), marked)
		}
	}
}

func TestAppendSeconds(t *testing.T) {
	for _, c := range []struct {
		in   time.Duration
		want string
	}{
		{0, "0.000000"},
		{9 * time.Millisecond, "0.009000"},
		{1499 * time.Nanosecond, "0.000001"},
		{1500 * time.Nanosecond, "0.000002"},
		{75*time.Second + time.Microsecond, "75.000001"},
		{-250 * time.Millisecond, "-0.250000"},
	} {
		if got := string(AppendSeconds(nil, c.in)); got != c.want {
			t.Errorf("AppendSeconds(%d) = %s, want %s", c.in, got, c.want)
		}
	}
}

func TestAppendFloat(t *testing.T) {
	for _, c := range []struct {
		in   float64
		want string
	}{
		{0, "0"}, {0.5, "0.5"}, {-3, "-3"}, {1e14, "100000000000000"}, {1e21, "1e+21"}, {1e-9, "1e-09"},
		{math.NaN(), `"NaN"`}, {math.Inf(1), `"+Inf"`}, {math.Inf(-1), `"-Inf"`},
	} {
		if got := string(AppendFloat(nil, c.in)); got != c.want {
			t.Errorf("AppendFloat(%v) = %s, want %s", c.in, got, c.want)
		}
	}
}

func TestAppendTimeIsUTC(t *testing.T) {
	at := time.Date(2026, 11, 21, 10, 30, 0, 123456789, time.FixedZone("", 3600))
	if got, want := string(AppendTime(nil, at)), `"2026-11-21T09:30:00.123456789Z"`; got != want {
		t.Errorf("AppendTime = %s, want %s", got, want)
	}
}

// Whatever bytes come in, the line stays one line of valid JSON, and a valid
// text within the limit comes back as it was.
func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"", "plain", "\"\\\n", "\xff\xfe", "\u20ac\u2028", strings.Repeat("\u00e9", MaxText)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		b := AppendString(nil, s)
		if strings.ContainsAny(string(b), "\n\r") {
			t.Fatalf("%q breaks the line", b)
		}
		var got string
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatalf("%q: %v", b, err)
		}
		if utf8.ValidString(s) && len(s) <= MaxText && got != s {
			t.Fatalf("came back as %q, was %q", got, s)
		}
	})
}

// However long a text is and wherever a byte stands that needs escaping, the quick
// way and the careful one write the same.
func TestAppendStringOfEveryLength(t *testing.T) {
	for length := range 40 {
		for at := -1; at < length; at++ {
			for _, odd := range []byte{'"', '\\', 0, 0x1f, 0x7f, 0x80, ' ', '!'} {
				text := []byte(strings.Repeat("abcdefgh", 5)[:length])
				if at >= 0 {
					text[at] = odd
				}
				quick, careful := AppendString(make([]byte, 0, 300), string(text)), appendQuoted(nil, string(text))
				if string(quick) != string(careful) {
					t.Fatalf("%q: %s, want %s", text, quick, careful)
				}
			}
		}
	}
}

func TestNameAppends(t *testing.T) {
	for _, name := range []string{"", "a", strings.Repeat("n", 28), strings.Repeat("n", 29), strings.Repeat("n", 60), `a"b`} {
		n, want := NameOf(name), string(AppendKey([]byte("{"), name))
		for _, room := range []int{1, 20, 200} {
			if got := string(n.Append(append(make([]byte, 0, room), '{'))); got != want {
				t.Errorf("%q with room for %d: %s, want %s", name, room, got, want)
			}
		}
	}
}

func TestAppendHex(t *testing.T) {
	raw := make([]byte, 256)
	for i := range raw {
		raw[i] = byte(i)
	}
	for n := range len(raw) {
		if got, want := string(AppendHexBare([]byte("x"), raw[n:])), "x"+hex.EncodeToString(raw[n:]); got != want {
			t.Fatalf("from %d on: %s, want %s", n, got, want)
		}
	}
}

func TestClockWritesEachTimeAsAnybody(t *testing.T) {
	var c Clock
	start := time.Date(2026, 11, 21, 9, 59, 59, 0, time.FixedZone("", 3600))
	for _, after := range []time.Duration{0, 1, 999_999_999, time.Second, time.Second + 1200, time.Second, 0, time.Hour, -200 * 365 * 24 * time.Hour, 250 * 365 * 24 * time.Hour} {
		at := start.Add(after)
		if got, want := string(c.AppendTimeBare(nil, at)), at.UTC().Format(time.RFC3339Nano); got != want {
			t.Errorf("%v: %s, want %s", after, got, want)
		}
	}
}
