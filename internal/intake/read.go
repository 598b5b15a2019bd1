package intake

import (
	"github.com/plumbline/plumbline/internal/keyval"
	"github.com/plumbline/plumbline/internal/row"
)

// read reads a record into the row that was begun. Most fields go to the row at
// once; the pairs that are left are for fill: what may be the time or the
// message, or all, where the record is not plain.
func (d *door) read(text []byte) (found candidates, err error) {
	if d.epoch != d.rows.Epoch() {
		d.forget()
	}
	d.pairs, d.packed, d.wrong = d.pairs[:0], d.packed[:0], d.wrong[:0]
	if d.plain != nil {
		var plain bool
		most := d.job.dataset.Limits.FieldCount
		if d.tokens, plain = d.plain.Tokens(text, d.tokens[:0]); plain && (most == 0 || len(d.tokens) <= most) {
			return d.sort(text), nil
		}
	}
	if d.pairs, err = d.decoder.Decode(text, d.pairs); err != nil {
		return found, err
	}
	return d.recognise(), nil
}

// sort sets the fields that tokens give, and keeps the pairs of those that are
// set late. The first token of a field in a chunk is none of those that go to its
// slot at once, so that the chunk's fields are counted.
func (d *door) sort(text []byte) (found candidates) {
	for len(d.direct) < d.keys.Len() {
		d.direct = append(d.direct, row.NoSlot)
	}
	for left := d.tokens; ; left = left[1:] {
		if left = left[d.rows.Tokens(left, d.direct):]; len(left) == 0 {
			return found
		}
		t := &left[0]
		p := keyval.Pair{Key: d.keys.Text(int(t.Key)), Number: int(t.Key), Value: t.Value(text)}
		k := d.of(&p)
		if k.late {
			if k.role != plain {
				found.note(k, len(d.pairs))
			}
			d.pairs = append(d.pairs, p)
			continue
		}
		d.name(k, p.Value.Kind)
		if d.put(k, &p); k.want == "" {
			d.direct[t.Key] = k.slot
		}
	}
}
