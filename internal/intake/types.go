package intake

import (
	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/keyval"
	"github.com/plumbline/plumbline/internal/when"
)

// types are the declared fields of a dataset.
type types struct {
	fields  map[string]dataset.Field
	lengths uint64 // bit n%64 for each name of n bytes: most keys need no look-up
}

func (t *types) declare(fields map[string]dataset.Field) {
	t.fields, t.lengths = fields, 0
	for name := range fields {
		t.lengths |= 1 << (len(name) & 63)
	}
}

func (t *types) of(key []byte) (dataset.Type, bool) {
	if t.lengths>>(len(key)&63)&1 == 0 {
		return "", false
	}
	f, ok := t.fields[string(key)]
	return f.Type, ok
}

// putDeclared sets a field that must have a type. What says the same in another
// form is turned into it ("200" into 200); what cannot be is set aside.
func (d *door) putDeclared(k *known, p *keyval.Pair) {
	v, want := p.Value, k.want
	if v.Kind == keyval.Array {
		if listFits(v.Raw, want) {
			d.set(k, v)
			return
		}
		d.wrong = appendMember(d.wrong, p)
		return
	}
	text := d.textOf(v)
	switch want {
	case dataset.Text:
		if v.Kind != keyval.Object {
			d.rows.TextAt(d.slotOf(k), text)
			return
		}
	case dataset.Number:
		if isNumber(v.Kind, text) {
			d.rows.NumberAt(d.slotOf(k), text)
			return
		}
	case dataset.Bool:
		if s := string(text); s == "true" || s == "false" {
			d.rows.BoolAt(d.slotOf(k), s == "true")
			return
		}
	case dataset.Time:
		if ns, ok := when.ParseNear(text, nil, d.job.now); ok && v.Kind != keyval.Object {
			d.rows.TimeAt(d.slotOf(k), ns)
			return
		}
	}
	d.wrong = appendMember(d.wrong, p)
}

// isNumber reports whether a value is a number: one of JSON, or a text that is
// a plain decimal.
func isNumber(kind keyval.Kind, text []byte) bool {
	_, _, plain := keyval.ParseDecimal(text)
	return plain || kind == keyval.Number && isFloat(text)
}

// isFloat reports whether text is a number as JSON writes them, with an
// exponent or more digits than a decimal keeps.
func isFloat(text []byte) bool {
	digits, points, exponents := 0, 0, 0
	for i, c := range text {
		switch {
		case c-'0' <= 9:
			digits++
		case c == '.' && points+exponents == 0 && digits > 0:
			points++
		case c|0x20 == 'e' && exponents == 0 && digits > 0:
			exponents++
		case (c == '-' || c == '+') && (i == 0 && c == '-' || i > 0 && text[i-1]|0x20 == 'e'):
		default:
			return false
		}
	}
	return digits > 0 && text[len(text)-1]-'0' <= 9
}

// listFits reports whether every element of an array has the type.
func listFits(raw []byte, want dataset.Type) bool {
	for v := range keyval.Elements(raw) {
		ok := v.Kind == keyval.Null
		switch want {
		case dataset.Text:
			ok = ok || v.Kind == keyval.String
		case dataset.Number:
			ok = ok || isNumber(v.Kind, v.Raw)
		case dataset.Bool:
			ok = ok || v.Kind == keyval.True || v.Kind == keyval.False
		case dataset.Time:
			_, reads := when.ParseNear(v.Raw, nil, 0)
			ok = ok || reads && (v.Kind == keyval.String || v.Kind == keyval.Number)
		}
		if !ok {
			return false
		}
	}
	return true
}
