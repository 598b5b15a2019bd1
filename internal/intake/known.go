package intake

import (
	"maps"
	"slices"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/keyval"
	"github.com/plumbline/plumbline/internal/row"
)

// known is what a door makes of a key: found out once, and then looked up by
// the number of the key.
type known struct {
	made bool
	role role // what it may be besides a field
	rank int
	late bool         // set once it is known which values are the time and the message
	name []byte       // of the field, by the rules of the house
	want dataset.Type // declared; "": any
	slot row.Slot
	has  bool // slot is found
}

// rules are what known keys depend on. A request that has others begins anew.
type rules struct {
	names     names
	nameBytes int
	fields    map[string]dataset.Field
}

func (r *rules) same(o *rules) bool {
	return r.nameBytes == o.nameBytes && r.names.custom == o.names.custom && slices.Equal(r.names.times, o.names.times) &&
		slices.Equal(r.names.msgs, o.names.msgs) && maps.Equal(r.fields, o.fields)
}

// follow sets the rules of a request.
func (d *door) follow(j *job) {
	r := rules{names: j.names, nameBytes: j.dataset.Limits.NameBytes, fields: j.dataset.Fields}
	if !r.same(&d.rules) {
		d.forget()
	}
	d.rules = r
	d.types.declare(r.fields)
}

// forget makes the door find out anew what it makes of keys.
func (d *door) forget() {
	clear(d.known)
	d.direct, d.msg = d.direct[:0], known{}
	d.epoch, d.time = d.rows.Epoch(), d.rows.Slot([]byte(row.FieldTime))
}

// candidates are the places, and one, of the first pairs that may be the time
// and the message, by their rank; 0: none.
type candidates struct{ times, msgs [candidatesMost]int }

// recognise numbers the keys of the pairs and notes what may be the time and the
// message.
func (d *door) recognise() (c candidates) {
	last := 0
	for i := range d.pairs {
		p := &d.pairs[i]
		if p.Number == 0 {
			p.Number = d.keys.Number(last, p.Key)
		}
		last = p.Number
		if k := d.of(p); k.role != plain && p.Value.Kind != keyval.Null {
			c.note(k, i)
		}
	}
	return c
}

func (c *candidates) note(k *known, i int) {
	list := &c.times
	if k.role == asMsg {
		list = &c.msgs
	}
	if list[k.rank] == 0 {
		list[k.rank] = i + 1
	}
}

// of gives what the door makes of the key of a pair, good until the next call.
func (d *door) of(p *keyval.Pair) *known {
	if n := p.Number; n >= len(d.known) {
		d.known = append(d.known, make([]known, n+1-len(d.known))...)
	}
	k := &d.known[p.Number]
	if !k.made || p.Number == 0 { // keys that are not remembered share the number 0
		*k = d.makeOut(p.Key)
	}
	return k
}

func (d *door) makeOut(key []byte) known {
	k := known{made: true}
	k.role, k.rank = d.rules.names.roleOf(key)
	if len(key) == 0 || key[0] == '_' {
		key = ownName(key)
	}
	if most := d.rules.nameBytes; most > 0 && len(key) > most {
		key = cutText(key, most)
	}
	k.name = slices.Clone(key)
	k.want, _ = d.types.of(key)
	// What is sent by the names that a second time and message are given stands
	// among them in the order of the record.
	k.late = k.role != plain || string(key) == fieldTimeSent || string(key) == fieldMsgSent
	return k
}

// width is the bytes of a row in the fields that a chunk names.
type width struct {
	bytes         int
	fields, lists row.Bitmap // by slots
}

// name widens the chunk by a field that a line names, when it is the first to do so.
func (d *door) name(k *known, kind keyval.Kind) {
	at := int(d.slotOf(k))
	if first(&d.width.fields, at) {
		d.width.bytes += placeBytes
	}
	if kind == keyval.Array && first(&d.width.lists, at) {
		d.width.bytes += valueBytes - placeBytes
	}
}

// first puts a slot into a set, and reports whether it was not there.
func first(set *row.Bitmap, at int) bool {
	for len(*set) <= at>>6 {
		*set = append(*set, 0)
	}
	was := set.Has(at)
	set.Set(at)
	return !was
}

func (w *width) reset() {
	w.bytes = 0
	clear(w.fields)
	clear(w.lists)
}

// slotOf is the column that the values of a key go to.
func (d *door) slotOf(k *known) row.Slot {
	if !k.has {
		k.slot, k.has = d.rows.Slot(k.name), true
	}
	return k.slot
}
