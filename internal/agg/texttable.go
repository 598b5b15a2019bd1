package agg

import "github.com/zeebo/xxh3"

// textTable finds the code of a text: open addressing, at most half full. The
// texts themselves are the coder's. A Go map costs two to nine times as much
// memory per text.
type textTable struct {
	slots []textSlot // a power of two
	len   int
	seed  uint64
}

type textSlot struct {
	hash uint32 // the upper half; the lower half is the place
	code uint32 // code+1; 0 is free
}

func (t *textTable) grow(c *coder) {
	old := t.slots
	if old == nil {
		t.seed = newSeed()
	}
	t.slots = make([]textSlot, max(firstSlots, 2*len(old)))
	for _, s := range old {
		if s.code != 0 {
			t.place(xxh3.HashStringSeed(c.textOf(s.code-1), t.seed), s.code)
		}
	}
}

// put takes in the text of a code, which is not there yet.
func (t *textTable) put(c *coder, code uint32) {
	if 2*t.len >= len(t.slots) {
		t.grow(c)
	}
	t.len++
	t.place(xxh3.HashStringSeed(c.textOf(code), t.seed), code+1)
}

// place takes the next free slot for a hash.
func (t *textTable) place(h uint64, code uint32) {
	mask := uint64(len(t.slots) - 1)
	p := h & mask
	for t.slots[p].code != 0 {
		p = (p + 1) & mask
	}
	t.slots[p] = textSlot{hash: uint32(h >> 32), code: code}
}
