package metric

import (
	"encoding/hex"
	"math"
	"strconv"
	"unicode/utf8"
)

// Text writes what it is told in the text format of Prometheus 0.0.4, or of
// OpenMetrics 1.0, which has exemplars and an end. The zero value is ready; used
// again after Reset it allocates nothing.
type Text struct {
	OpenMetrics bool

	b      []byte
	family Family
	seen   map[string]struct{}
	silent bool // the family was told before: a second one would spoil the page
}

// Content types of the two formats.
const (
	TypeText        = "text/plain; version=0.0.4; charset=utf-8"
	TypeOpenMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8"
)

// Type is the content type of what is written.
func (t *Text) Type() string {
	if t.OpenMetrics {
		return TypeOpenMetrics
	}
	return TypeText
}

// Reset forgets what was written and keeps the memory.
func (t *Text) Reset() {
	t.b = t.b[:0]
	clear(t.seen)
}

// Bytes is the page so far, valid until Reset.
func (t *Text) Bytes() []byte { return t.b }

// Page writes all sources and the end of the page.
func (t *Text) Page(sources ...Source) []byte {
	for _, s := range sources {
		s.Metrics(t)
	}
	if t.OpenMetrics {
		t.b = append(t.b, "# EOF\n"...)
	}
	return t.b
}

// Family implements Visitor. A family told twice is written once: the first.
func (t *Text) Family(f Family) {
	_, t.silent = t.seen[f.Name]
	t.family = f
	if t.silent {
		return
	}
	if t.seen == nil {
		t.seen = make(map[string]struct{})
	}
	t.seen[f.Name] = struct{}{}
	if f.Help != "" {
		t.head("# HELP ")
		t.b = append(t.b, ' ')
		t.b = appendHelp(t.b, f.Help)
		t.b = append(t.b, '\n')
	}
	t.head("# TYPE ")
	t.b = append(t.b, ' ')
	t.b = append(t.b, f.Kind.String()...)
	t.b = append(t.b, '\n')
}

// head begins a line of metadata. OpenMetrics names the family there, the older
// format the sample.
func (t *Text) head(word string) {
	t.b = append(t.b, word...)
	t.b = append(t.b, t.family.Name...)
	if t.family.Kind == Counter && !t.OpenMetrics {
		t.b = append(t.b, "_total"...)
	}
}

// Sample implements Visitor.
func (t *Text) Sample(labels []Label, value float64) {
	if t.silent {
		return
	}
	suffix := ""
	if t.family.Kind == Counter {
		suffix = "_total"
	}
	t.series(suffix, labels)
	t.b = append(appendNumber(t.b, value), '\n')
}

// Histogram implements Visitor.
func (t *Text) Histogram(labels []Label, h *Histogram) {
	if t.silent {
		return
	}
	var total uint64
	for i, n := range h.Counts {
		total += n
		var bound [24]byte // the longest float has 24 characters
		le := append(bound[:0], "+Inf"...)
		if i < len(h.Bounds) {
			le = appendNumber(bound[:0], h.Bounds[i])
		}
		t.bucket(labels, le)
		t.b = strconv.AppendUint(t.b, total, 10)
		if t.OpenMetrics && i < len(h.Exemplars) {
			t.exemplar(&h.Exemplars[i])
		}
		t.b = append(t.b, '\n')
	}
	t.series("_sum", labels)
	t.b = append(appendNumber(t.b, h.Sum), '\n')
	t.series("_count", labels)
	t.b = append(strconv.AppendUint(t.b, total, 10), '\n')
}

func (t *Text) bucket(labels []Label, le []byte) {
	t.b = append(t.b, t.family.Name...)
	t.b = append(t.b, "_bucket{"...)
	t.b = appendLabels(t.b, labels)
	if len(labels) > 0 {
		t.b = append(t.b, ',')
	}
	t.b = append(t.b, `le="`...)
	t.b = append(t.b, le...)
	if t.OpenMetrics && le[len(le)-1] != 'f' && !hasPoint(le) {
		t.b = append(t.b, ".0"...) // OpenMetrics asks for the canonical float
	}
	t.b = append(t.b, `"} `...)
}

func hasPoint(number []byte) bool {
	for _, c := range number {
		if c == '.' || c == 'e' {
			return true
		}
	}
	return false
}

func (t *Text) series(suffix string, labels []Label) {
	t.b = append(t.b, t.family.Name...)
	t.b = append(t.b, suffix...)
	if len(labels) > 0 {
		t.b = append(t.b, '{')
		t.b = appendLabels(t.b, labels)
		t.b = append(t.b, '}')
	}
	t.b = append(t.b, ' ')
}

func (t *Text) exemplar(e *Exemplar) {
	if e.Trace == [16]byte{} {
		return
	}
	t.b = append(t.b, ` # {trace_id="`...)
	t.b = hex.AppendEncode(t.b, e.Trace[:])
	t.b = append(t.b, `"} `...)
	t.b = append(appendNumber(t.b, e.Value), ' ')
	t.b = strconv.AppendFloat(t.b, e.Unix, 'f', 3, 64)
}

func appendLabels(b []byte, labels []Label) []byte {
	for i, l := range labels {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, l.Name...)
		b = append(b, '=', '"')
		b = appendLabel(b, l.Value)
		b = append(b, '"')
	}
	return b
}

// appendLabel escapes the value of a label; what is no UTF-8 becomes U+FFFD.
func appendLabel(b []byte, s string) []byte {
	plain := 0
	for plain < len(s) && s[plain] != '"' && s[plain] != '\\' && s[plain] != '\n' && s[plain] < utf8.RuneSelf {
		plain++
	}
	b = append(b, s[:plain]...)
	for _, r := range s[plain:] {
		switch r {
		case '"':
			b = append(b, '\\', '"')
		case '\\':
			b = append(b, '\\', '\\')
		case '\n':
			b = append(b, '\\', 'n')
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return b
}

func appendHelp(b []byte, s string) []byte {
	for _, r := range s {
		switch r {
		case '\\':
			b = append(b, '\\', '\\')
		case '\n':
			b = append(b, '\\', 'n')
		case '"': // escaped in OpenMetrics only; a typewriter's apostrophe reads the same
			b = append(b, '\'')
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return b
}

// appendNumber appends v; a whole number, as nearly all are, the fast way.
func appendNumber(b []byte, v float64) []byte {
	const exact = 1 << 53 // beyond it a float is not every whole number
	switch {
	case v == math.Trunc(v) && math.Abs(v) < exact:
		return strconv.AppendInt(b, int64(v), 10)
	case math.IsInf(v, 1):
		return append(b, "+Inf"...)
	case math.IsInf(v, -1):
		return append(b, "-Inf"...)
	}
	return strconv.AppendFloat(b, v, 'g', -1, 64)
}
