package expr

import (
	"errors"
	"time"

	"github.com/plumbline/plumbline/internal/keyval"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/when"
)

// decimal is a text that is a plain decimal number as that number, and
// missing for any other.
func decimal(s string) row.Value {
	if !row.LooksNumeric(s) {
		return row.Value{}
	}
	return row.TextOf(s).Number()
}

// realOf is a text that is a number as JSON writes those that are no plain decimals –
// 1e3, or more digits behind the point than a decimal has – as the number a row gets of
// it. It is missing for any other text.
func realOf(s string) row.Value {
	f, whole, ok := keyval.ParseReal(s)
	if !ok || whole || !decimal(s).IsMissing() {
		return row.Value{}
	}
	return row.FloatOf(f)
}

// numberIn is the number that a question means by a text. One that is no plain decimal is
// meant as the text, too: 12e4 may be the beginning of a hash.
func numberIn(s string) row.Value {
	if n := decimal(s); !n.IsMissing() {
		return n
	}
	return realOf(s)
}

// PlainNumber is the plain decimal of the same size as a text that is a number of another
// form; ok is false when there is none, and for any other text.
func PlainNumber(s string) (plain string, ok bool) {
	n := realOf(s).Canonical()
	return n.Text(), n.Kind == row.Int || n.Kind == row.Decimal
}

// timeOf reads a time as a question writes it: RFC 3339, Unix, -1h. It is
// missing when the text is none.
func timeOf(text string, env *Env) row.Value {
	zone := env.Zone
	if zone == nil {
		zone = time.UTC
	}
	ns, err := when.Relative(text, env.Now, zone)
	if err != nil && !errors.Is(err, when.ErrRange) { // no time lies beyond the end it gives
		return row.Value{}
	}
	if at, _ := when.Relative(text, 0, zone); at != ns {
		env.momentary = true
	}
	return row.TimeOf(ns)
}

// equalTest is field=pattern: the whole text, letter case apart, with
// wildcards. A pattern that is a number is compared with numbers, and with
// texts that are numbers, by size; one that is a time with times.
type equalTest struct {
	glob    *glob
	literal string // when it has no wildcard
	plain   bool
	number  *bounds // nil when the pattern is no number
	time    *bounds // nil when it is no time
	written
}

func newEqualTest(p Pattern, env *Env) *equalTest {
	t := &equalTest{glob: newGlob(p)}
	if t.literal, t.plain = p.Literal(); !t.plain {
		return t
	}
	if n := numberIn(t.literal); !n.IsMissing() {
		t.number = newBounds(Eq, n)
	}
	if at := timeOf(t.literal, env); !at.IsMissing() {
		t.time = newBounds(Eq, at)
	}
	return t
}

func (t *equalTest) text(s string) bool {
	if t.number != nil {
		if n := decimal(s); !n.IsMissing() {
			return t.number.has(n)
		}
	}
	return t.glob.match(s)
}

func (t *equalTest) value(v row.Value) bool {
	switch {
	case v.Kind == row.Time && t.time != nil:
		return t.time.has(v)
	case t.number != nil && isNumber(v.Kind):
		return t.number.has(v)
	}
	return t.glob.match(t.of(v))
}

func (t *equalTest) bounds(kind row.Kind) *bounds {
	if kind == row.Time {
		return t.time
	}
	return t.number
}

func (t *equalTest) core() *needle {
	if t.number != nil {
		return nil
	}
	return t.glob.core
}

func (t *equalTest) shape(s *shape) verdict {
	if t.number != nil {
		return open
	}
	return t.glob.shape(s)
}

// fragment is a piece in the middle: one at the start is compared as fast.
func (t *equalTest) fragment() *needle {
	if parts := t.glob.parts; len(parts) > 1 && parts[0].text == "" && t.glob.ascii {
		longest := &parts[1]
		for i := range parts {
			if len(parts[i].text) > len(longest.text) {
				longest = &parts[i]
			}
		}
		if longest.text != "" {
			return longest
		}
	}
	return nil
}

func (t *equalTest) sole() (text string, exact, ok bool) {
	return t.literal, false, t.plain && t.number == nil && t.glob.ascii
}

func (t *equalTest) whole() (text string, exact, ok bool) {
	return idText(t.literal), false, t.plain && realOf(t.literal).IsMissing()
}

func isNumber(kind row.Kind) bool {
	return kind == row.Int || kind == row.Decimal || kind == row.Float
}

// orderTest is field<value and its like: numbers when the value is a number,
// times where the field is a time, else texts by their bytes, letter case
// apart.
type orderTest struct {
	op     Op
	limit  string // folded
	number *bounds
	time   *bounds
	fold   []byte
	written
}

func newOrderTest(op Op, literal string, env *Env) *orderTest {
	t := &orderTest{op: op, limit: fold(literal)}
	if n, ok := ParseNumber(literal); ok && !n.IsMissing() {
		t.number = newBounds(op, n)
	}
	if at := timeOf(literal, env); !at.IsMissing() {
		t.time = newBounds(op, at)
	}
	return t
}

func (t *orderTest) text(s string) bool {
	if t.number != nil {
		n := decimal(s)
		return !n.IsMissing() && t.number.has(n)
	}
	var order int
	order, t.fold = compareFold(s, t.limit, t.fold)
	return ordered(order, t.op)
}

func (t *orderTest) value(v row.Value) bool {
	switch {
	case v.Kind == row.Time && t.time != nil:
		return t.time.has(v)
	case t.number != nil:
		return isNumber(v.Kind) && t.number.has(v)
	}
	return t.text(t.of(v))
}

func (t *orderTest) bounds(kind row.Kind) *bounds {
	if kind == row.Time {
		return t.time
	}
	return t.number
}

// exactTest is field==value: the same value, letters as written, numbers by size.
type exactTest struct {
	literal string
	number  *bounds
	time    *bounds
	written
}

func newExactTest(literal string, env *Env) *exactTest {
	t := &exactTest{literal: literal}
	if n := numberIn(literal); !n.IsMissing() {
		t.number = newBounds(Eq, n)
	}
	if at := timeOf(literal, env); !at.IsMissing() {
		t.time = newBounds(Eq, at)
	}
	return t
}

func (t *exactTest) text(s string) bool {
	if t.number != nil {
		if n := decimal(s); !n.IsMissing() {
			return t.number.has(n)
		}
	}
	return s == t.literal
}

func (t *exactTest) value(v row.Value) bool {
	switch {
	case v.Kind == row.Time:
		return t.time != nil && t.time.has(v)
	case t.number != nil && isNumber(v.Kind):
		return t.number.has(v)
	}
	return t.of(v) == t.literal
}

func (t *exactTest) bounds(kind row.Kind) *bounds {
	if kind == row.Time {
		return t.time
	}
	return t.number
}

func (t *exactTest) sole() (text string, exact, ok bool) { return t.literal, true, t.number == nil }

func (t *exactTest) whole() (text string, exact, ok bool) {
	return idText(t.literal), true, realOf(t.literal).IsMissing()
}

// idText is the only text of hex digits that is equal to a literal, unless that is a
// number of no plain form: of a number its digits without a point.
func idText(literal string) string {
	if n := decimal(literal).Canonical(); n.Kind == row.Int {
		return n.Text()
	}
	return literal
}
