package keyval

import (
	"bytes"
	"encoding/binary"
)

// Keys gives keys numbers, from 1, in order of first sight. Senders write their
// fields in the same order line after line and leave some out, so the keys that
// followed the last two before are compared first: where one of them stands, the
// end of the key need not be looked for. Two keys tell kinds of lines apart that
// have one in common: of events of a dozen kinds nine keys in ten are guessed,
// and by one key four. The others are found in a table of
// their own, because a look-up in a Go map costs as much as all else that is
// done for a field. The zero Keys is ready; it is used by one goroutine.
type Keys struct {
	list  []knownKey // by number; 0 stands before the first key of a line
	seen  []Sight    // of the own parts of keys
	slots []uint32
	next  []followers // of two keys, by both numbers; a place may be shared
}

// followers are the numbers of the keys that came last.
type followers [2]int32

// knownKey is a key as it stands in a line of JSON: in quotes, with the colon
// behind it.
type knownKey struct {
	head, mask uint64 // its first eight bytes, and which of them it has
	tail       uint64 // its last eight, when it has so many
	size       uint32 // of the quoted key
	within     uint32 // the number of the key of the object around it; 0: none
	text       []byte // the keys of the objects around it, parted by dots, and its own
}

// neverFound is a key of which no byte is looked at, and some wanted.
var neverFound = knownKey{head: 1}

// trail is the numbers of the two keys before, 0 being the beginning of a line.
type trail struct{ last, before int }

func (t *trail) step(id int) { t.last, t.before = id, t.last }

const (
	// keysMost bounds the keys that are remembered: many times what a service
	// has, and a sender who makes up names cannot fill the memory. Keys longer than
	// pathMost are none of them; so Tokens, too, open no object of such a key.
	keysMost = 1 << 13
	// firstKeys is the size of the table at first; it doubles when half full.
	firstKeys = 256
	// nextShare is how many places for followers there are for one of a key.
	nextShare = 4
	// quoting is what a key has around it: two quotes and the colon.
	quoting = 3
)

// Full reports whether no further key is remembered.
func (k *Keys) Full() bool { return len(k.list) >= keysMost }

// Len is one more than the highest number.
func (k *Keys) Len() int { return len(k.list) }

// Number is the number of a key that comes after key number last, 0 being the
// beginning of a line. It is 0 of keys that are not remembered.
func (k *Keys) Number(last int, text []byte) int {
	k.begin()
	return k.number(trail{last: last}, 0, text)
}

// Text is the key of a number.
func (k *Keys) Text(number int) []byte { return k.list[number].text }

func (k *Keys) begin() {
	if k.list == nil {
		k.list, k.seen, k.slots = []knownKey{neverFound}, make([]Sight, 1), make([]uint32, firstKeys)
		k.next = make([]followers, nextShare*firstKeys)
	}
}

// after is what followed two keys.
func (k *Keys) after(t trail) *followers { return &k.next[t.place()&uint(len(k.next)-1)] }

// place is where their followers are, modulo the number of places.
func (t *trail) place() uint {
	const apart = 1237 // keys that follow each other share no place
	return uint(t.last + apart*t.before)
}

// number is the number of a key in the object of key number within.
func (k *Keys) number(t trail, within int, own []byte) int {
	seen := SightOf(own)
	near := k.after(t)
	if id := int(near[0]); id > 0 && k.is(id, seen, within, own) {
		return id
	}
	mask := uint64(len(k.slots) - 1)
	for p := hashOf(seen, within) & mask; ; p = (p + 1) & mask {
		id := int(k.slots[p])
		if id == 0 {
			return k.add(t, within, seen, own)
		}
		if k.is(id, seen, within, own) {
			near.note(id)
			return id
		}
	}
}

// tailStands reports whether a key of more than eight bytes, whose first eight
// stand at i of b, stands there as a whole.
func (c *knownKey) tailStands(b []byte, i int) bool {
	end := i + int(c.size)
	return end <= len(b) && load(b, end-8) == c.tail && (c.size <= 16 || string(b[i+1:i+1+len(c.own())]) == string(c.own()))
}

// own is the key without those around it.
func (c *knownKey) own() []byte { return c.text[len(c.text)+quoting-int(c.size):] }

// note notes the key that followed.
func (f *followers) note(id int) { f[0], f[1] = int32(id), f[0] }

func (k *Keys) add(t trail, within int, seen Sight, own []byte) int {
	if k.Full() {
		return 0
	}
	id := len(k.list)
	made := neverFound
	made.within = uint32(within)
	if within > 0 {
		made.text = append(append(made.text, k.list[within].text...), '.')
	}
	if made.text = append(made.text, own...); len(made.text) > pathMost {
		return 0
	}
	made.quote(own)
	k.list, k.seen = append(k.list, made), append(k.seen, seen)
	k.after(t).note(id)
	if 2*id >= len(k.slots) {
		k.slots = make([]uint32, 2*len(k.slots))
		k.next = make([]followers, nextShare*len(k.slots)) // which is soon filled again
		for old := 1; old < id; old++ {
			k.place(old)
		}
	}
	k.place(id)
	return id
}

// quote readies a key to be found. One that is written with escapes, which can
// be done in several ways, is not.
func (c *knownKey) quote(own []byte) {
	if bytes.ContainsAny(own, `"\`) {
		return
	}
	quoted := append(append([]byte{'"'}, own...), `":`...)
	var first [8]byte
	n := copy(first[:], quoted)
	c.size, c.head, c.mask = uint32(len(quoted)), binary.LittleEndian.Uint64(first[:]), ^uint64(0)>>(64-8*n)
	if n == len(first) {
		c.tail = load(quoted, len(quoted)-8)
	}
}

// place puts a key into the table.
func (k *Keys) place(id int) {
	mask := uint64(len(k.slots) - 1)
	p := hashOf(k.seen[id], int(k.list[id].within)) & mask
	for k.slots[p] != 0 {
		p = (p + 1) & mask
	}
	k.slots[p] = uint32(id)
}

func hashOf(seen Sight, within int) uint64 { return seen.Hash() + uint64(within)*0x9e3779b97f4a7c15 }

func (k *Keys) is(id int, seen Sight, within int, own []byte) bool {
	c := &k.list[id]
	return k.seen[id] == seen && int(c.within) == within && (seen.Whole() || string(c.text[len(c.text)-len(own):]) == string(own))
}
