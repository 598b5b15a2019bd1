package metric

import (
	"math"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"
)

type told func(Visitor)

func (f told) Metrics(to Visitor) { f(to) }

func shop(to Visitor) {
	to.Family(Family{Name: "orders", Help: "Orders \\ taken.\nAll.", Kind: Counter})
	to.Sample([]Label{{"kind", "a\"b\\c\nd"}, {"via", "web"}}, 3)
	to.Family(Family{Name: "carts", Kind: Gauge})
	to.Sample(nil, -1.5)
	to.Family(Family{Name: "carts", Kind: Gauge}) // told twice, written once
	to.Sample(nil, 7)
	to.Family(Family{Name: "wait_seconds", Kind: Buckets})
	to.Histogram(nil, &Histogram{
		Bounds: []float64{0.001, 1}, Counts: []uint64{2, 1, 1}, Sum: 4.5,
		Exemplars: []Exemplar{{}, {Trace: [16]byte{0xab}, Value: 0.5, Unix: 1700000000.25}, {}},
	})
}

func TestText(t *testing.T) {
	for _, c := range []struct {
		open bool
		want string
	}{
		{false, `# HELP orders_total Orders \\ taken.\nAll.
# TYPE orders_total counter
orders_total{kind="a\"b\\c\nd",via="web"} 3
# TYPE carts gauge
carts -1.5
# TYPE wait_seconds histogram
wait_seconds_bucket{le="0.001"} 2
wait_seconds_bucket{le="1"} 3
wait_seconds_bucket{le="+Inf"} 4
wait_seconds_sum 4.5
wait_seconds_count 4
`},
		{true, `# HELP orders Orders \\ taken.\nAll.
# TYPE orders counter
orders_total{kind="a\"b\\c\nd",via="web"} 3
# TYPE carts gauge
carts -1.5
# TYPE wait_seconds histogram
wait_seconds_bucket{le="0.001"} 2
wait_seconds_bucket{le="1.0"} 3 # {trace_id="ab000000000000000000000000000000"} 0.5 1700000000.250
wait_seconds_bucket{le="+Inf"} 4
wait_seconds_sum 4.5
wait_seconds_count 4
# EOF
`},
	} {
		text := &Text{OpenMetrics: c.open}
		if got := string(text.Page(told(shop))); got != c.want {
			t.Errorf("OpenMetrics %v:\n%s\nwant\n%s", c.open, got, c.want)
		}
	}
}

func TestTextIsReused(t *testing.T) {
	text := new(Text)
	first := string(text.Page(told(shop)))
	text.Reset()
	if again := string(text.Page(told(shop))); again != first {
		t.Errorf("after Reset:\n%s\nwant\n%s", again, first)
	}
}

func TestNumbers(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 1: "1", -2: "-2", 0.25: "0.25", 1e15: "1000000000000000", 1e300: "1e+300",
		math.Inf(1): "+Inf", math.Inf(-1): "-Inf",
	} {
		if got := string(appendNumber(nil, v)); got != want {
			t.Errorf("%g is written %s, want %s", v, got, want)
		}
	}
	if got := string(appendNumber(nil, math.NaN())); got != "NaN" {
		t.Errorf("NaN is written %s", got)
	}
}

func TestName(t *testing.T) {
	for s, want := range map[string]string{"": "_", "5xx": "_5xx", "Con.Active": "con_active", "a\"\n": "a__"} {
		if got := Name(s); got != want {
			t.Errorf("Name(%q) = %q, want %q", s, got, want)
		}
	}
}

func TestHandlerNegotiates(t *testing.T) {
	for _, c := range []struct{ url, accept, want string }{
		{"/metrics", "", TypeText},
		{"/metrics", "application/openmetrics-text;version=1.0.0,text/plain;q=0.5", TypeOpenMetrics},
		{"/metrics?format=prometheus", "application/openmetrics-text", TypeText},
		{"/metrics?format=openmetrics", "", TypeOpenMetrics},
	} {
		w, r := httptest.NewRecorder(), httptest.NewRequest("GET", c.url, nil)
		r.Header.Set("Accept", c.accept)
		Handler(told(shop)).ServeHTTP(w, r)
		if got := w.Header().Get("Content-Type"); got != c.want {
			t.Errorf("%s accepting %q is answered in %s, want %s", c.url, c.accept, got, c.want)
		}
	}
}

// Whatever a label's value holds, it stays one quoted text on one line, and reads
// back as it was, but for bytes that are no UTF-8.
func FuzzLabel(f *testing.F) {
	f.Add("a\"b\\c\nd\xff")
	f.Add("\\")
	f.Fuzz(func(t *testing.T, value string) {
		b := string(appendLabel(nil, value))
		if !utf8.ValidString(b) || strings.ContainsRune(b, '\n') {
			t.Fatalf("%q is written %q", value, b)
		}
		var back strings.Builder
		for i := 0; i < len(b); i++ {
			switch {
			case b[i] == '"':
				t.Fatalf("%q ends its quotes: %q", value, b)
			case b[i] == '\\':
				i++ // a backslash is never the last: the index below says so
				back.WriteByte(map[byte]byte{'n': '\n', '"': '"', '\\': '\\'}[b[i]])
			default:
				back.WriteByte(b[i])
			}
		}
		if want := strings.Map(func(r rune) rune { return r }, value); back.String() != want {
			t.Fatalf("%q reads back as %q", value, back.String())
		}
	})
}

func TestRepeatedPageAllocatesNothing(t *testing.T) {
	text, source := new(Text), numbers{labels: []Label{{"class", "5xx"}}}
	text.Page(source)
	if n := testing.AllocsPerRun(100, func() { text.Reset(); source.Metrics(text) }); n > 0 {
		t.Errorf("a page allocates %v times", n)
	}
}

type numbers struct{ labels []Label }

func (n numbers) Metrics(to Visitor) {
	to.Family(Family{Name: "answers", Kind: Counter})
	to.Sample(n.labels, 12)
}
