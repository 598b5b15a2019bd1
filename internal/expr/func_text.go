package expr

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/when"
)

func textLength(_ *Evaluator, a []row.Value) row.Value {
	return row.IntOf(int64(utf8.RuneCountInString(a[0].Text())))
}

func toLower(_ *Evaluator, a []row.Value) row.Value {
	return row.TextOf(strings.ToLower(a[0].Text()))
}

func toUpper(_ *Evaluator, a []row.Value) row.Value {
	return row.TextOf(strings.ToUpper(a[0].Text()))
}

func contains(_ *Evaluator, a []row.Value) row.Value {
	return row.BoolOf(strings.Contains(a[0].Text(), a[1].Text()))
}

func startsWith(_ *Evaluator, a []row.Value) row.Value {
	return row.BoolOf(strings.HasPrefix(a[0].Text(), a[1].Text()))
}

func endsWith(_ *Evaluator, a []row.Value) row.Value {
	return row.BoolOf(strings.HasSuffix(a[0].Text(), a[1].Text()))
}

// patterns works on shapes where the texts come in them.
func patterns(ev *Evaluator, x *Call, args []row.Column, n int) row.Column {
	f := textPattern
	switch args[0].Kind {
	case row.Shape:
		f = shapePattern
	case row.Text:
		if c, ok := textPatterns(&args[0], n, ev.allowance(args)); ok {
			return c
		}
	}
	return ev.mapRows(x, f, args, n)
}

// textPatterns are the patterns of texts that lie one after the other; ok is
// false when they are longer than a function may make them.
func textPatterns(c *row.Column, n int, left *allowance) (out row.Column, ok bool) {
	out = row.Column{Kind: row.Text, Nulls: c.Nulls, Offs: make([]uint32, 1, n+1), Bytes: make([]byte, 0, len(c.Bytes))}
	for i := range n {
		from := len(out.Bytes)
		if !c.Nulls.Has(i) {
			out.Bytes = row.AppendPattern(out.Bytes, c.Bytes[c.Offs[i]:c.Offs[i+1]])
		}
		if made := len(out.Bytes) - from; made > maxText || !left.room(made) {
			return row.Column{}, false
		}
		out.Offs = append(out.Offs, uint32(len(out.Bytes)))
	}
	return out, true
}

func textPattern(ev *Evaluator, a []row.Value) row.Value {
	ev.text = row.AppendPattern(ev.text[:0], []byte(a[0].Text()))
	return row.TextOf(string(ev.text))
}

func shapePattern(ev *Evaluator, a []row.Value) row.Value {
	ev.text = row.AppendShapePattern(ev.text[:0], a[0].Str())
	return row.TextOf(string(ev.text))
}

// styles of tostring.
const (
	styleCommas   = "commas"
	styleHex      = "hex"
	styleDuration = "duration"
)

func checkStyle(style string) error {
	if style != styleCommas && style != styleHex && style != styleDuration {
		return invalid("tostring knows the styles commas, hex and duration, not “%s”", style)
	}
	return nil
}

func toString(_ *Evaluator, a []row.Value) row.Value {
	if len(a) == 1 {
		return row.TextOf(a[0].Text())
	}
	n := a[0].Number()
	if n.IsMissing() {
		return n
	}
	switch a[1].Text() {
	case styleCommas:
		return row.TextOf(withCommas(n.Text()))
	case styleHex:
		if n.Kind == row.Int && n.Nums() >= 0 {
			return row.TextOf("0x" + strconv.FormatInt(n.Nums(), 16))
		}
	case styleDuration:
		if ns, ok := nanoseconds(n); ok {
			return row.TextOf(string(when.AppendDuration(nil, ns)))
		}
	}
	return row.Value{}
}

// withCommas puts a comma before every third digit of the whole part.
func withCommas(number string) string {
	whole, rest := number, ""
	if i := strings.IndexAny(number, ".e"); i >= 0 {
		whole, rest = number[:i], number[i:]
	}
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	return sign + whole + rest
}

func toNumber(_ *Evaluator, a []row.Value) row.Value {
	text := strings.TrimSpace(a[0].Text())
	if len(a) == 2 {
		base := a[1].Number()
		if base.Kind != row.Int || base.Nums() < 2 || base.Nums() > 36 {
			return row.Value{}
		}
		if base.Nums() == 16 {
			text = strings.TrimPrefix(strings.ToLower(text), "0x")
		}
		n, err := strconv.ParseInt(text, int(base.Nums()), 64)
		if err != nil {
			return row.Value{}
		}
		return row.IntOf(n)
	}
	switch v := a[0]; v.Kind {
	case row.Int, row.Decimal, row.Float:
		return v
	case row.Time:
		return trimmed(v.Nums(), 9)
	case row.Bool:
		return row.IntOf(v.Nums())
	}
	v, _ := ParseNumber(text)
	return v
}

func urlDecode(_ *Evaluator, a []row.Value) row.Value {
	s := a[0].Text()
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '+':
			out = append(out, ' ')
		case c == '%' && i+2 < len(s) && hexDigit(s[i+1]) < 16 && hexDigit(s[i+2]) < 16:
			out = append(out, hexDigit(s[i+1])<<4|hexDigit(s[i+2]))
			i += 2
		default:
			out = append(out, c)
		}
	}
	return row.TextOf(strings.ToValidUTF8(string(out), "\ufffd"))
}

// hexDigit is the value of a hex digit, 16 or more for any other byte.
func hexDigit(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	}
	return 16
}
