package intake

import "github.com/plumbline/plumbline/internal/keyval"

// keys gives keys numbers, from 1, in order of first sight. Senders write their
// fields in the same order line after line, so the key that followed last time
// is compared first; the others are found in a table of their own, because a
// look-up in a Go map costs as much as all else that is done for a field.
type keys struct {
	list  []key // by number; 0 stands before the first key of a line
	slots []uint32
}

type key struct {
	keyval.Sight
	text string
	next int // the number of the key that followed last time
}

const (
	// keysMost bounds the keys that are remembered: many times what a service
	// has, and a sender who makes up names cannot fill the memory.
	keysMost = 1 << 13
	// firstKeys is the size of the table at first; it doubles when half full.
	firstKeys = 256
)

// number is the number of a key that comes after key number last, 0 being the
// beginning of a line. It is 0 when no more keys are remembered.
func (k *keys) number(last int, text []byte) int {
	if k.list == nil {
		k.list, k.slots = make([]key, 1), make([]uint32, firstKeys)
	}
	seen := keyval.SightOf(text)
	before := &k.list[last]
	if id := before.next; id > 0 && k.list[id].is(seen, text) {
		return id
	}
	mask := uint64(len(k.slots) - 1)
	for p := seen.Hash() & mask; ; p = (p + 1) & mask {
		id := int(k.slots[p])
		if id == 0 {
			return k.add(last, key{Sight: seen, text: string(text)})
		}
		if k.list[id].is(seen, text) {
			before.next = id
			return id
		}
	}
}

func (k *keys) add(last int, made key) int {
	if k.full() {
		return 0
	}
	id := len(k.list)
	k.list = append(k.list, made)
	k.list[last].next = id
	if 2*id >= len(k.slots) {
		k.slots = make([]uint32, 2*len(k.slots))
		for old := 1; old < id; old++ {
			k.place(old)
		}
	}
	k.place(id)
	return id
}

// place puts a key into the table.
func (k *keys) place(id int) {
	mask := uint64(len(k.slots) - 1)
	p := k.list[id].Hash() & mask
	for k.slots[p] != 0 {
		p = (p + 1) & mask
	}
	k.slots[p] = uint32(id)
}

// full reports whether no further key is remembered.
func (k *keys) full() bool { return len(k.list) >= keysMost }

func (k *key) is(seen keyval.Sight, text []byte) bool {
	return k.Sight == seen && (seen.Whole() || k.text == string(text))
}
