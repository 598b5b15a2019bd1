package expr

import (
	"net/netip"

	"github.com/plumbline/plumbline/internal/row"
)

// A test is a question about one value that is there, compiled once from a
// node. Tests hold scratch memory, so they belong to one evaluator.
type test interface {
	// text answers for a text.
	text(s string) bool
	// value answers for a value of any other kind.
	value(v row.Value) bool
}

// Some tests know more, which saves looking at every value.
type (
	// bounded tests ask of numbers, times or both only whether they lie within
	// bounds; nil means that each value must be looked at.
	bounded interface {
		bounds(kind row.Kind) *bounds
	}
	// shaped tests can answer for all messages of a shape at once. What they need
	// as it is, which no hole can be filled with, is their core, nil for none: a
	// shape without it need not be taken apart.
	shaped interface {
		shape(s *shape) verdict
		core() *needle
	}
	// placed tests know where a needle of theirs can stand in the messages of a
	// shape; nil when they cannot say.
	placed interface{ places(s *shape) Places }
	// fragmented tests are true only for texts with this needle in them; nil
	// when there is none.
	fragmented interface{ fragment() *needle }
	// sole tests are true for one text only, among texts; letter case apart unless
	// exact, and then it is one of ASCII.
	sole interface {
		sole() (text string, exact, ok bool)
	}
	// whole tests are true for one text only, letter case apart unless exact.
	whole interface {
		whole() (text string, exact, ok bool)
	}
)

// verdict is what is known of a dictionary entry. The zero verdict is that
// nobody has looked yet.
type verdict uint8

const (
	unseen verdict = iota
	never          // false for every row with this entry
	always         // true for every row with it
	open           // rows differ
)

func verdictOf(yes bool) verdict {
	if yes {
		return always
	}
	return never
}

// holds is t for any value that is there; with elements, a list passes when
// one of its elements does.
func holds(t test, v row.Value, elements bool) bool {
	switch {
	case v.Kind == row.Missing:
		return false
	case v.Kind == row.Text:
		return t.text(v.Str())
	case v.Kind == row.List && elements:
		for _, e := range v.List() {
			if holds(t, e, true) {
				return true
			}
		}
		return false
	}
	return t.value(v)
}

// written turns a test of texts into one of all values, by their text.
type written struct{ buf []byte }

func (w *written) of(v row.Value) string {
	w.buf = v.AppendText(w.buf[:0])
	return view(w.buf)
}

// netTest is true for addresses inside a network.
type netTest struct{ net netip.Prefix }

func (t *netTest) text(s string) bool { return within(t.net, s) }

func (t *netTest) value(row.Value) bool { return false }

// within reports whether s is an address inside net. An IPv4 address written
// as IPv6 (::ffff:10.0.0.1) is the IPv4 address.
func within(net netip.Prefix, s string) bool {
	if len(s) < 2 || len(s) > maxAddress || s[0] > 'f' {
		return false
	}
	addr, err := netip.ParseAddr(s)
	return err == nil && net.Contains(addr.Unmap().WithZone(""))
}

// maxAddress is the longest address netip reads, with room for a zone.
const maxAddress = 64

// truthTest is true for values that count as true.
type truthTest struct{}

func (truthTest) text(s string) bool     { return row.TextOf(s).Bool() }
func (truthTest) value(v row.Value) bool { return v.Bool() }
