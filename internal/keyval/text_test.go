package keyval

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

func TestLogfmt(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{``, ""}, {"  \t\n", ""},
		{`level=info msg="a \"b\" c" retry path=/x?y=z empty= =odd`, `level:info|msg:a "b" c|retry!|path:/x?y=z|empty:|=odd!`},
		{`a=1  b=2`, `a:1|b:2`}, {`a="x"b=2`, `a:x|b:2`}, {`a="x`, `a:"x`}, {`a="x\"`, `a:"x\"`}, {`a=""`, `a:`},
		{`a==b`, `a:=b`}, {`=`, `=!`}, {`a = b`, `a!|=!|b!`}, {`"a b"=c`, `"a!|b":c`}, {`a="line\nbreak"`, "a:line\nbreak"},
		{"a=1\x00b=2", "a:1|b:2"}, {"é=ü", "é:ü"},
	} {
		var l Logfmt
		l.Reset([]byte(c.line))
		var got []string
		for l.Next() {
			got = append(got, showPair(l.Key, l.Value, l.Flag))
		}
		if strings.Join(got, "|") != c.want {
			t.Errorf("%s: %q, want %q", c.line, got, c.want)
		}
	}
}

func showPair(key []byte, v Value, flag bool) string {
	if flag {
		return string(key) + "!"
	}
	return string(key) + ":" + string(v.AppendText(nil))
}

func TestWords(t *testing.T) {
	for _, c := range []struct{ line, words, rest string }{
		{"", "", ""}, {"  ", "", ""},
		{"Request started http_path=/v1 status=200", "Request started", "http_path=/v1 status=200"},
		{"a=1 b=2", "", "a=1 b=2"}, {"  Request finished  ", "Request finished", ""},
		{"when a == b then c=1", "when a == b then", "c=1"}, {"a==b c=1", "a==b", "c=1"},
		{"GET /x?a=b status=200", "GET /x?a=b", "status=200"}, {"9a=1 b=2", "9a=1", "b=2"}, {"x end=", "x", "end="},
		{"Größe ü=1 b=2", "Größe ü=1", "b=2"}, {"a.b-c/d@e:f_9=1", "", "a.b-c/d@e:f_9=1"},
	} {
		words, rest := Words([]byte(c.line))
		if string(words) != c.words || string(rest) != c.rest {
			t.Errorf("%q: %q and %q, want %q and %q", c.line, words, rest, c.words, c.rest)
		}
	}
}

func TestPairs(t *testing.T) {
	for _, c := range []struct{ between, within, line, want string }{
		{",", ":", `k: v, k2: "v, 2" , k3:v:w`, `k:v|k2:v, 2|k3:v:w`},
		{";&", "=", `k=v;k2=v2&k3=v3`, `k:v|k2:v2|k3:v3`},
		{" ", "=", `k=v  k2="a \"b\"" flag k3=`, `k:v|k2:a "b"|flag!|k3:`},
		{",", "=:", ` , a = 1 ,, b : 2, c, =4`, `a:1|b:2|c!`},
		{",", "=", `a="x`, `a:"x`}, {",", "=", `a="x" y,b=1`, `a:x|b:1`}, {",", "=", ``, ``}, {"", "", "ab", "ab!"},
		{" ", "=", "a= b=1", "a:|b:1"}, {"\t", "=", "a=\tb=1", "a:|b:1"},
	} {
		p := NewPairs(c.between, c.within)
		p.Reset([]byte(c.line))
		var got []string
		for p.Next() {
			got = append(got, showPair(p.Key, p.Value, p.Flag))
		}
		if strings.Join(got, "|") != c.want {
			t.Errorf("%s: %q, want %q", c.line, got, c.want)
		}
	}
}

func FuzzLogfmt(f *testing.F) {
	f.Add([]byte(`level=info msg="a \"b\" c" retry =odd x="`))
	f.Fuzz(func(t *testing.T, line []byte) {
		var l Logfmt
		l.Reset(line)
		for last := -1; l.Next(); last = l.Offset() {
			if l.Offset() <= last || len(l.Key) == 0 || l.Flag && l.Value.Raw != nil {
				t.Fatalf("%q: after %d at %d key %q flag %v", line, last, l.Offset(), l.Key, l.Flag)
			}
			l.Value.AppendText(nil)
		}
		words, rest := Words(line)
		if !bytes.Contains(line, words) || !bytes.HasSuffix(line, rest) {
			t.Fatalf("%q: cut into %q and %q", line, words, rest)
		}
	})
}

func FuzzPairs(f *testing.F) {
	f.Add([]byte(`k: v, k2: "v, 2"`), ",", ":")
	f.Fuzz(func(t *testing.T, line []byte, between, within string) {
		p := NewPairs(between, within)
		p.Reset(line)
		pairs := 0
		for p.Next() {
			if pairs++; pairs > len(line) || len(p.Key) == 0 {
				t.Fatalf("%q: key %q after %d pairs", line, p.Key, pairs)
			}
			p.Value.AppendText(nil)
		}
	})
}

func TestParseDecimal(t *testing.T) {
	for _, c := range []struct {
		text     string
		mantissa int64
		digits   uint8
		ok       bool
	}{
		{"0", 0, 0, true}, {"7", 7, 0, true}, {"-7", -7, 0, true}, {"1.50", 150, 2, true}, {"0.5", 5, 1, true}, {"-0.5", -5, 1, true},
		{"0.0", 0, 1, true}, {"10", 10, 0, true}, {"999999999999999999", 999999999999999999, 0, true}, {"-0.000000000000000001", -1, 18, true},
		{"0.009123", 9123, 6, true},
		{"", 0, 0, false}, {"-", 0, 0, false}, {".", 0, 0, false}, {"+1", 0, 0, false}, {"01", 0, 0, false}, {"-0", 0, 0, false}, {"-0.0", 0, 0, false},
		{"00.5", 0, 0, false}, {".5", 0, 0, false}, {"5.", 0, 0, false}, {"1.2.3", 0, 0, false}, {"1e3", 0, 0, false}, {" 1", 0, 0, false}, {"1 ", 0, 0, false},
		{"1000000000000000000", 1e18, 0, true}, {"9223372036854775807", math.MaxInt64, 0, true}, {"-9223372036854775808", math.MinInt64, 0, true},
		{"9.223372036854775807", math.MaxInt64, 18, true}, {"-9.223372036854775808", math.MinInt64, 18, true}, {"999999999999999999.9", 0, 0, false},
		{"9223372036854775808", 0, 0, false}, {"-9223372036854775809", 0, 0, false}, {"9999999999999999999", 0, 0, false}, {"-9999999999999999999", 0, 0, false},
		{"10000000000000000000", 0, 0, false}, {"18446744073709551615", 0, 0, false}, {"18446744073709551616", 0, 0, false}, {"18446744073709551617", 0, 0, false},
		{"922337203685477580.8", 0, 0, false}, {"0.0000000000000000001", 0, 0, false}, {"99999999999999999999999", 0, 0, false}, {"--1", 0, 0, false}, {"1-", 0, 0, false},
	} {
		m, d, ok := ParseDecimal(c.text)
		if ok != c.ok || ok && (m != c.mantissa || d != c.digits) {
			t.Errorf("%q: %d %d %v", c.text, m, d, ok)
		}
	}
}

// Texts of up to nine bytes of all that a decimal is written with, and of what lies beside it.
func TestDecimalAt(t *testing.T) {
	const letters = "-./019:"
	behind := bytes.Repeat([]byte{'7'}, SightSlack)
	r := rand.New(rand.NewPCG(1, 1))
	for range 300_000 {
		text := []byte("x")
		for range r.IntN(10) {
			text = append(text, letters[r.IntN(len(letters))])
		}
		sameDecimal(t, text[1:], append(text, behind...), 1)
	}
	for lane := range 8 {
		for c := range 256 {
			text := []byte("12345678")
			text[lane] = byte(c)
			sameDecimal(t, text, append(text, behind...), 0)
		}
	}
}

func sameDecimal(t *testing.T, text, b []byte, from uint32) {
	m, d, ok := ParseDecimal(text)
	if m2, d2, ok2 := DecimalAt(b, from, uint32(len(text))); ok2 != ok || ok && (m2 != m || d2 != d) {
		t.Fatalf("%q at its place: %d %d %v, want %d %d %v", text, m2, d2, ok2, m, d, ok)
	}
}

// FuzzParseReal: what is a real is a number of JSON, and the one that others read in it.
func FuzzParseReal(f *testing.F) {
	for _, text := range []string{
		"8.86e-05", "0.00034213066101074219", "1e3", "-2.5E+2", "-0", "-0.0", "1e400", "-1e-400", "123", "12345678901234567890", "01.5", "1.", ".5", "1e", "1e+", "1.5.2", "+1.5", "0x1p3", "1_0.5", "Inf", "NaN", "1.5 ", "",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		real, whole, ok := ParseReal(text)
		want, err := strconv.ParseFloat(text, 64)
		valid := json.Valid([]byte(text)) && strings.Trim(text, " \t\r\n") == text && strings.Trim(text, "0123456789.eE+-") == ""
		if ok != (valid && err == nil) || ok && real != want || ok && whole != (real != 0 && !strings.ContainsAny(text, ".eE")) {
			t.Fatalf("%q is read as %v, %t, %t; want %v, %v", text, real, whole, ok, want, err)
		}
		if ok && real == 0 && math.Signbit(real) {
			t.Fatalf("%q is a zero with a sign", text)
		}
	})
}

func FuzzDecimal(f *testing.F) {
	for _, s := range []string{"0", "-0", "1.50", "-0.5", "9223372036854775807", "0.000000000000000001"} {
		f.Add(s, int64(math.MinInt64), uint8(255))
	}
	f.Fuzz(func(t *testing.T, text string, mantissa int64, digits uint8) {
		sameDecimal(t, []byte(text), append([]byte(text), make([]byte, SightSlack)...), 0)
		if m, d, ok := ParseDecimal(text); ok {
			if back := string(AppendDecimal(nil, m, d)); back != text {
				t.Fatalf("%q comes back as %q", text, back)
			}
			exact, _ := strconv.ParseFloat(text, 64)
			if near := float64(m) / math.Pow10(int(d)); math.Abs(near-exact) > 1e-12*math.Abs(exact) {
				t.Fatalf("%q reads as %v", text, near)
			}
		}
		printed := AppendDecimal(nil, mantissa, digits)
		if digits <= 18 {
			if m, d, ok := ParseDecimal(printed); !ok || m != mantissa || d != digits {
				t.Fatalf("%d and %d print %s and read as %d %d %v", mantissa, digits, printed, m, d, ok)
			}
		}
	})
}

func FuzzHex(f *testing.F) {
	f.Add([]byte("4bf92f3577b34da6a3ce929d0e0e4736"))
	f.Add([]byte("4bf92f"))
	f.Add([]byte("4BF92F"))
	f.Add([]byte("0123456`"))
	f.Fuzz(func(t *testing.T, text []byte) {
		dst := make([]byte, len(text)/2)
		got := ParseHex(dst, text)
		want, err := hex.DecodeString(string(text))
		good := err == nil && !bytes.ContainsAny(text, "ABCDEF")
		if got != good || good && !bytes.Equal(dst, want) {
			t.Fatalf("%q: %v %x, want %v %x", text, got, dst, good, want)
		}
	})
}

// Every byte in every lane: digits and no others are taken.
func TestHexTakesOnlyDigits(t *testing.T) {
	for lane := range 12 {
		for c := range 256 {
			text := []byte("012345678901")
			text[lane] = byte(c)
			want := strings.IndexByte("0123456789abcdef", byte(c)) >= 0
			if ParseHex(make([]byte, 6), text) != want {
				t.Errorf("%q: taken %v", text, !want)
			}
		}
	}
	if ParseHex(make([]byte, 2), []byte("abc")) || ParseHex(nil, []byte("ab")) || !ParseHex(nil, nil) {
		t.Error("lengths that do not fit are taken, or those that do are not")
	}
}

func BenchmarkText(b *testing.B) {
	b.Run("decimal", func(b *testing.B) {
		text := []byte("0.009123")
		for b.Loop() {
			ParseDecimal(text)
		}
	})
	b.Run("hex16", func(b *testing.B) {
		dst, text := make([]byte, 16), []byte("4bf92f3577b34da6a3ce929d0e0e4736")
		for b.Loop() {
			ParseHex(dst, text)
		}
	})
	line := []byte(`level=info msg="Request finished" http_path=/v1/charges http_status=200 duration=0.009123 user_id=usr_123`)
	b.Run("logfmt", func(b *testing.B) {
		b.SetBytes(int64(len(line)))
		var l Logfmt
		for b.Loop() {
			for l.Reset(line); l.Next(); {
			}
		}
	})
}

func ExampleLogfmt() {
	var l Logfmt
	l.Reset([]byte(`level=info msg="payment failed" retry`))
	for l.Next() {
		fmt.Printf("%s %s %v\n", l.Key, l.Value.AppendText(nil), l.Flag)
	}
	// Output:
	// level info false
	// msg payment failed false
	// retry  true
}
