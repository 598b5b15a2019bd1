package expr

import (
	"strconv"
	"strings"

	"github.com/plumbline/plumbline/internal/keyval"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/when"
)

// ParseNumber reads a number as a question writes it: a decimal, which stays
// exact, or any other form, which becomes a float.
func ParseNumber(text string) (row.Value, bool) {
	if m, d, ok := keyval.ParseDecimal(text); ok {
		return row.DecimalOf(m, d), true
	}
	for i := range len(text) {
		if c := text[i]; c-'0' > 9 && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E' {
			return row.Value{}, false
		}
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return row.Value{}, false
	}
	return row.FloatOf(f), true
}

// number reads a number, or one with a unit of time, which is seconds.
func (x *expression) number() (Expr, error) {
	start := x.pos
	for x.pos < len(x.text) && (isName(x.text[x.pos]) || x.text[x.pos] == '.') {
		x.pos++
		if c := x.text[x.pos-1]; (c == 'e' || c == 'E') && x.pos < len(x.text) && (x.text[x.pos] == '-' || x.text[x.pos] == '+') && allDigits(x.text[start:x.pos-1]) {
			x.pos++
		}
	}
	text := x.text[start:x.pos]
	if isLong(text) {
		return &Literal{Value: row.TextOf(text), Text: text}, nil
	}
	if v, ok := ParseNumber(text); ok {
		if v.Kind == row.Float {
			return &Literal{Value: v, Text: text}, nil
		}
		return &Literal{Value: v}, nil
	}
	if ns, err := when.ParseDuration(text); err == nil {
		v := row.FloatOf(float64(ns) / 1e9)
		if m, d, ok := keyval.ParseDecimal(string(v.AppendText(nil))); ok {
			v = row.DecimalOf(m, d)
		}
		return &Literal{Value: v, Text: text}, nil
	}
	return nil, x.Fail(start, quoteForPeople(text)+" is neither a number nor a length of time", "a field of that name stands in single quotes")
}

// sizeOf is the number that a text which is no plain decimal is beside numbers: equal to
// one that is shown as it, a float that no decimal is equal to; and all of an int64 lie on
// one side of a whole one beyond. It is missing for any other text.
func sizeOf(limit row.Value, op Op) row.Value {
	text := limit.Str()
	v, ok := ParseNumber(text)
	if !ok {
		return row.Value{}
	}
	if op == Eq {
		if v.Text() == text && v.Canonical().Kind == row.Float {
			return v
		}
		return row.Value{}
	}
	if digits := strings.TrimPrefix(text, "-"); !isLong(digits) || digits[0] == '0' {
		return row.Value{}
	}
	return v
}

// isLong reports whether a text is a run of digits, maybe with zeros in front, that is
// as long as an int64 can be and is none. Rows keep it as the text it is: it is an id,
// not a size.
func isLong(text string) bool {
	_, _, isInt := keyval.ParseDecimal(text)
	return len(text) >= len("9223372036854775807") && !isInt && strings.Trim(text, "0123456789") == ""
}

func allDigits(s string) bool {
	return strings.Trim(s, "0123456789.") == ""
}
