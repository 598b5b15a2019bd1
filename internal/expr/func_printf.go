package expr

import (
	"fmt"
	"strings"

	"github.com/plumbline/plumbline/internal/row"
)

// maxWidth bounds width and precision of a verb: wider than any table.
const maxWidth = 1000

// verb is a piece of a format: literal text, or a %…x with what it asks for.
type verb struct {
	literal string
	spec    string // as fmt takes it, without the letter: "%-8.3"
	letter  byte   // 0 for literal text
}

// parseFormat cuts a format of printf into pieces.
func parseFormat(format string) (pieces []verb, err error) {
	for format != "" {
		i := strings.IndexByte(format, '%')
		if i < 0 {
			i = len(format)
		}
		if i > 0 {
			pieces = append(pieces, verb{literal: format[:i]})
			format = format[i:]
			continue
		}
		end := 1 + len(format[1:]) - len(strings.TrimLeft(format[1:], "-+ #0123456789."))
		if end == len(format) {
			return nil, invalid("the format ends inside a verb: “%s”", format)
		}
		spec, letter := format[:end], format[end]
		format = format[end+1:]
		switch {
		case letter == '%' && spec == "%":
			pieces = append(pieces, verb{literal: "%"})
			continue
		case letter == 'i' || letter == 'u':
			letter = 'd'
		case !strings.ContainsRune("sdxXocefgEG", rune(letter)):
			return nil, invalid("printf has no verb %%%c; it knows %%s %%d %%i %%x %%X %%o %%c %%e %%f %%g %%%%", letter)
		}
		if err := checkSpec(spec); err != nil {
			return nil, err
		}
		pieces = append(pieces, verb{spec: spec, letter: letter})
	}
	return pieces, nil
}

// checkSpec looks at flags, width and precision.
func checkSpec(spec string) error {
	size := strings.TrimLeft(spec[1:], "-+ #0")
	width, precision, _ := strings.Cut(size, ".")
	for _, n := range []string{width, precision} {
		if strings.Trim(n, "0123456789") != "" {
			return invalid("“%s” is no width and precision; write for example %%8.3f", spec)
		}
		if n = strings.TrimLeft(n, "0"); len(n) > 4 || len(n) == 4 && n > fmt.Sprint(maxWidth) {
			return invalid("a width in printf is at most %d", maxWidth)
		}
	}
	return nil
}

func checkFormat(format string) error {
	_, err := parseFormat(format)
	return err
}

func printf(_ *Evaluator, a []row.Value) row.Value {
	pieces, err := parseFormat(a[0].Text())
	if err != nil {
		return row.Value{}
	}
	var out []byte
	args := a[1:]
	for _, p := range pieces {
		if p.letter == 0 {
			out = append(out, p.literal...)
			continue
		}
		if len(args) == 0 {
			return row.Value{}
		}
		var ok bool
		if out, ok = p.append(out, args[0]); !ok || len(out) > maxText {
			return row.Value{}
		}
		args = args[1:]
	}
	return row.TextOf(string(out))
}

// append appends v as the verb asks, if it can.
func (p verb) append(dst []byte, v row.Value) ([]byte, bool) {
	switch p.letter {
	case 's':
		return fmt.Appendf(dst, p.spec+"s", v.Text()), true
	case 'c':
		if v.Kind == row.Text {
			return fmt.Appendf(dst, p.spec+"s", v.Str()[:runes(v.Str(), 1)]), true
		}
	}
	n := v.Number()
	if n.IsMissing() {
		return dst, false
	}
	if strings.IndexByte("efgEG", p.letter) >= 0 {
		f, _ := n.Float()
		return fmt.Appendf(dst, p.spec+string(p.letter), f), true
	}
	whole, ok := integer(n)
	return fmt.Appendf(dst, p.spec+string(p.letter), whole), ok
}
