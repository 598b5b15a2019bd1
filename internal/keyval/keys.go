package keyval

import (
	"bytes"
	"encoding/binary"
)

// Keys gives keys numbers, from 1, in order of first sight. Senders write their
// fields in the same order line after line and leave some out, so the two keys
// that followed one last time are compared first: where one of them stands, the
// end of the key need not be looked for. The others are found in a table of
// their own, because a look-up in a Go map costs as much as all else that is
// done for a field. The zero Keys is ready; it is used by one goroutine.
type Keys struct {
	list  []knownKey // by number; 0 stands before the first key of a line
	seen  []Sight    // of the own parts of keys
	slots []uint32
}

// knownKey is a key as it stands in a line of JSON: quoted, with the quote and
// the colon behind it. It fills a line of the cache.
type knownKey struct {
	head, mask uint64   // its first eight bytes, and which of them it has
	tail       uint64   // its last eight, when it has so many
	size       uint32   // of the quoted key; 0: there are escapes in it, which can be written in several ways
	within     uint32   // the number of the key of the object around it; 0: none
	next       [2]int32 // the numbers of the keys that followed last time
	text       []byte   // the keys of the objects around it, parted by dots, and its own
}

const (
	// keysMost bounds the keys that are remembered: many times what a service
	// has, and a sender who makes up names cannot fill the memory.
	keysMost = 1 << 13
	// firstKeys is the size of the table at first; it doubles when half full.
	firstKeys = 256
	// quoting is what a quoted key has behind it.
	quoting = `":`
)

// Full reports whether no further key is remembered.
func (k *Keys) Full() bool { return len(k.list) >= keysMost }

// Number is the number of a key that comes after key number last, 0 being the
// beginning of a line. It is 0 when no more keys are remembered.
func (k *Keys) Number(last int, text []byte) int {
	k.begin()
	return k.number(last, 0, text)
}

func (k *Keys) begin() {
	if k.list == nil {
		k.list, k.seen, k.slots = make([]knownKey, 1), make([]Sight, 1), make([]uint32, firstKeys)
	}
}

// number is the number of a key in the object of key number within.
func (k *Keys) number(last, within int, own []byte) int {
	seen := SightOf(own)
	before := &k.list[last]
	if id := int(before.next[0]); id > 0 && k.is(id, seen, within, own) {
		return id
	}
	mask := uint64(len(k.slots) - 1)
	for p := hashOf(seen, within) & mask; ; p = (p + 1) & mask {
		id := int(k.slots[p])
		if id == 0 {
			return k.add(last, within, seen, own)
		}
		if k.is(id, seen, within, own) {
			before.follow(id)
			return id
		}
	}
}

// guess is the number of the key that stands at i of a line of JSON, behind its
// quote, when it is one of those that followed key number last; end is then
// behind its colon. Else it is 0.
func (k *Keys) guess(last, within int, b []byte, i int) (id, end int) {
	if i+8 > len(b) {
		return 0, 0
	}
	word, before := load(b, i), &k.list[last]
	id = int(before.next[0])
	c := &k.list[id]
	if word&c.mask != c.head || !c.stands(within, b, i) {
		id = int(before.next[1])
		if c = &k.list[id]; word&c.mask != c.head || !c.stands(within, b, i) {
			return 0, 0
		}
		before.follow(id)
	}
	return id, i + int(c.size)
}

// stands reports whether a key whose first bytes stand at i does so as a whole.
func (c *knownKey) stands(within int, b []byte, i int) bool {
	if c.size == 0 || int(c.within) != within {
		return false
	}
	if c.size <= 8 {
		return true
	}
	end := i + int(c.size)
	return end <= len(b) && load(b, end-8) == c.tail && (c.size <= 16 || string(b[i:end-len(quoting)]) == string(c.own()))
}

// own is the key without those around it.
func (c *knownKey) own() []byte { return c.text[len(c.text)+len(quoting)-int(c.size):] }

// follow notes the key that followed.
func (c *knownKey) follow(id int) { c.next = [2]int32{int32(id), c.next[0]} }

func (k *Keys) add(last, within int, seen Sight, own []byte) int {
	if k.Full() {
		return 0
	}
	id := len(k.list)
	made := knownKey{within: uint32(within)}
	if within > 0 {
		made.text = append(append(made.text, k.list[within].text...), '.')
	}
	made.text = append(made.text, own...)
	made.quote(own)
	k.list, k.seen = append(k.list, made), append(k.seen, seen)
	k.list[last].follow(id)
	if 2*id >= len(k.slots) {
		k.slots = make([]uint32, 2*len(k.slots))
		for old := 1; old < id; old++ {
			k.place(old)
		}
	}
	k.place(id)
	return id
}

// quote readies a key for guess.
func (c *knownKey) quote(own []byte) {
	if bytes.ContainsAny(own, `"\`) {
		return
	}
	quoted := append(bytes.Clone(own), quoting...)
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
