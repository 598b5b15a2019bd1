package intake

import (
	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/keyval"
	"github.com/plumbline/plumbline/internal/row"
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
		if n := numberOf(v.Kind, text); !n.IsMissing() {
			d.rows.ValueAt(d.slotOf(k), n)
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

// numberOf is a value as a number: one of JSON, or a text that is a plain decimal.
// A whole number beyond an int64, which undeclared would be an id, is the nearest
// float64. It is missing when the value is none.
func numberOf(kind keyval.Kind, text []byte) row.Value {
	if m, digits, ok := keyval.ParseDecimal(text); ok {
		return row.DecimalOf(m, digits)
	}
	if kind == keyval.Number {
		if real, _, ok := keyval.ParseReal(text); ok {
			return row.FloatOf(real)
		}
	}
	return row.Value{}
}

// listFits reports whether every element of an array has the type.
func listFits(raw []byte, want dataset.Type) bool {
	for v := range keyval.Elements(raw) {
		ok := v.Kind == keyval.Null
		switch want {
		case dataset.Text:
			ok = ok || v.Kind == keyval.String
		case dataset.Number:
			ok = ok || !numberOf(v.Kind, v.Raw).IsMissing()
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
