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
	hash uint32 // it finds the place too: a table grows without a look at its texts
	code uint32 // code+1; 0 is free
}

func (t *textTable) grow() {
	old := t.slots
	if old == nil {
		t.seed = newSeed()
	}
	t.slots = make([]textSlot, max(firstSlots, 2*len(old)))
	for _, s := range old {
		if s.code != 0 {
			t.place(s.hash, s.code)
		}
	}
}

func (t *textTable) hash(s string) uint32 { return uint32(xxh3.HashStringSeed(s, t.seed)) }

// put takes in the text of a code, which is not there yet.
func (t *textTable) put(c *coder, code uint32) {
	if 2*t.len >= len(t.slots) {
		t.grow()
	}
	t.len++
	t.place(t.hash(c.textOf(code)), code+1)
}

// place takes the next free slot for a hash.
func (t *textTable) place(h, code uint32) {
	mask := uint32(len(t.slots) - 1)
	p := h & mask
	for t.slots[p].code != 0 {
		p = (p + 1) & mask
	}
	t.slots[p] = textSlot{hash: h, code: code}
}
