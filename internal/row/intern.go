package row

import "github.com/zeebo/xxh3"

// interner gives each different text a code, in order of first sight. Texts
// lie in one arena; the table is open addressing over codes, because a Go map
// costs two to nine times as much per text.
type interner struct {
	slots  []uint32 // code+1, 0 is free; a power of two, at most half full
	hashes []uint32 // by code
	offs   []uint32 // by code, one more than codes
	arena  []byte
}

// firstSlots suits a field of few values; the table doubles from there.
const firstSlots = 64

func (t *interner) len() int { return len(t.hashes) }

func (t *interner) reset() {
	clear(t.slots)
	t.hashes, t.offs, t.arena = t.hashes[:0], t.offs[:0], t.arena[:0]
}

// code is the code of a text, a new one when it is seen first.
func (t *interner) code(text []byte) uint32 {
	if len(t.slots) == 0 {
		t.slots = make([]uint32, firstSlots)
	}
	if len(t.offs) == 0 {
		t.offs = append(t.offs, 0)
	}
	h := uint32(xxh3.Hash(text))
	mask := uint32(len(t.slots) - 1)
	for p := h & mask; ; p = (p + 1) & mask {
		s := t.slots[p]
		if s == 0 {
			return t.add(p, h, text)
		}
		if c := s - 1; t.hashes[c] == h && string(t.at(c)) == string(text) {
			return c
		}
	}
}

func (t *interner) add(slot, hash uint32, text []byte) uint32 {
	c := uint32(len(t.hashes))
	t.slots[slot] = c + 1
	t.hashes = append(t.hashes, hash)
	t.arena = append(t.arena, text...)
	t.offs = append(t.offs, uint32(len(t.arena)))
	if 2*len(t.hashes) > len(t.slots) {
		t.grow()
	}
	return c
}

func (t *interner) grow() {
	t.slots = make([]uint32, 2*len(t.slots))
	mask := uint32(len(t.slots) - 1)
	for c, h := range t.hashes {
		p := h & mask
		for t.slots[p] != 0 {
			p = (p + 1) & mask
		}
		t.slots[p] = uint32(c) + 1
	}
}

func (t *interner) at(c uint32) []byte { return t.arena[t.offs[c]:t.offs[c+1]] }

// dictionary copies the texts out, so that the interner can be used again.
func (t *interner) dictionary() *Dictionary {
	arena := string(t.arena)
	values := make([]string, t.len())
	for c := range values {
		values[c] = arena[t.offs[c]:t.offs[c+1]]
	}
	return NewDictionary(values)
}
