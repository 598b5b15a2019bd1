package intake

import (
	"bytes"
	"encoding/json"

	"github.com/plumbline/plumbline/internal/keyval"
	"github.com/plumbline/plumbline/internal/row"
)

// fill puts the pairs that read left into the row.
func (d *door) fill(c choice) {
	most := d.job.dataset.Limits.FieldCount
	for i := range d.pairs {
		p := &d.pairs[i]
		switch {
		case p.Value.Kind == keyval.Null:
		case i == c.time:
			if c.kept {
				d.timeSent(p)
			}
		case i == c.msg:
			d.message(p)
		case most > 0 && i >= most:
			d.packed = appendMember(d.packed, p)
		default:
			k := d.of(p)
			d.name(k, p.Value.Kind)
			d.put(k, p)
		}
	}
	d.extras()
}

// timeSent keeps a time that is not the row's.
func (d *door) timeSent(p *keyval.Pair) {
	k := d.makeOut([]byte(fieldTimeSent))
	d.put(&k, p)
}

// message sets the message: words to be searched, also when they are digits.
func (d *door) message(p *keyval.Pair) {
	if !d.msg.made {
		d.msg = known{made: true, name: []byte(row.FieldMsg)}
		d.msg.want, _ = d.types.of(d.msg.name)
	}
	m := keyval.Pair{Key: d.msg.name, Value: p.Value}
	if m.Value.Kind != keyval.Array {
		m.Value.Kind = keyval.String
	}
	d.put(&d.msg, &m)
}

// ownName moves a client's field off the names that the house gives itself.
func ownName(key []byte) []byte {
	switch string(key) {
	case "":
		return []byte(fieldUnnamed)
	case row.FieldTime:
		return []byte(fieldTimeSent)
	case row.FieldMsg:
		return []byte(fieldMsgSent)
	case row.FieldSeq:
		return []byte(fieldSeqSent)
	case row.FieldDataset:
		return []byte(fieldDatasetSent)
	}
	return key
}

// put sets a field of the row, or sets the value aside when the field is
// declared and the value is of another type.
func (d *door) put(k *known, p *keyval.Pair) {
	if k.want != "" {
		d.putDeclared(k, p)
		return
	}
	d.set(k, p.Value)
}

// set sets a field by what the value looks like.
func (d *door) set(k *known, v keyval.Value) {
	switch v.Kind {
	case keyval.Number:
		d.rows.NumberAt(d.slotOf(k), v.Raw)
	case keyval.True:
		d.rows.BoolAt(d.slotOf(k), true)
	case keyval.False:
		d.rows.BoolAt(d.slotOf(k), false)
	case keyval.Array:
		d.rows.ValueAt(d.slotOf(k), listOf(v.Raw, listDepthMost))
	default:
		d.rows.TextAt(d.slotOf(k), d.textOf(v))
	}
}

// textOf is the text of a value, valid until the next call.
func (d *door) textOf(v keyval.Value) []byte {
	if !v.Escaped {
		return v.Raw
	}
	d.text = keyval.AppendUnescaped(d.text[:0], v.Raw)
	return d.text
}

// extras ends the row with what was packed and set aside.
func (d *door) extras() {
	if len(d.packed) > 0 {
		d.tally.Packed++
		d.rows.Text([]byte(fieldPacked), append(d.packed, '}'))
	}
	if len(d.wrong) > 0 {
		d.tally.Malformed++
		d.rows.Text([]byte(fieldMalformed), append(d.wrong, '}'))
	}
}

// appendMember appends a pair to an object of JSON that is still open.
func appendMember(dst []byte, p *keyval.Pair) []byte {
	if len(dst) == 0 {
		dst = append(dst, '{')
	} else {
		dst = append(dst, ',')
	}
	dst = append(keyval.AppendJSONString(dst, p.Key), ':')
	v := p.Value
	switch v.Kind {
	case keyval.String:
		return keyval.AppendJSONString(dst, v.AppendText(nil))
	case keyval.Number:
		if _, ok := row.NumberOfJSON(v.Raw); !ok { // 007 and 1.2.3 are no numbers of JSON
			return keyval.AppendJSONString(dst, v.Raw)
		}
	case keyval.Array, keyval.Object:
		if !json.Valid(v.Raw) { // brackets fit, what is between them may not
			return keyval.AppendJSONString(dst, v.Raw)
		}
	}
	return append(dst, v.Raw...)
}

// listUsual elements of a list are made room for at once.
const listUsual = 16

// listDepthMost is how deep lists within lists are opened; deeper ones are
// kept as their text.
const listDepthMost = 8

// listOf makes a list of an array; one that is not well written stays text, so
// that nothing of it is lost.
func listOf(raw []byte, depth int) row.Value {
	list := make([]row.Value, 0, min(1+bytes.Count(raw, []byte(",")), listUsual)) // commas may stand in texts
	end := 1                                                                      // behind the last element, or the bracket
	for v := range keyval.Elements(raw) {
		end = cap(raw) - cap(v.Raw) + len(v.Raw)
		if v.Kind == keyval.String && end < len(raw) && raw[end] == '"' {
			end++
		}
		list = append(list, valueOf(v, depth))
	}
	for end < len(raw) && raw[end] <= ' ' {
		end++
	}
	if end != len(raw)-1 {
		return row.TextOf(string(raw))
	}
	return row.ListOf(list)
}

func valueOf(v keyval.Value, depth int) row.Value {
	switch v.Kind {
	case keyval.Null:
		return row.Value{}
	case keyval.True, keyval.False:
		return row.BoolOf(v.Kind == keyval.True)
	case keyval.Number:
		if n, ok := row.NumberOfJSON(v.Raw); ok {
			return n
		}
	case keyval.Array:
		if depth > 1 {
			return listOf(v.Raw, depth-1)
		}
	}
	if v.Escaped {
		return row.TextOf(string(v.AppendText(nil)))
	}
	return row.TextOf(string(v.Raw))
}
