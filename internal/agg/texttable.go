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
	mask := uint64(len(t.slots) - 1)
	for _, s := range old {
		if s.code == 0 {
			continue
		}
		p := xxh3.HashStringSeed(c.textOf(s.code-1), t.seed) & mask
		for t.slots[p].code != 0 {
			p = (p + 1) & mask
		}
		t.slots[p] = s
	}
}
