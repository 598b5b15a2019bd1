package agg

// numberTable gives each different int64 a code: open addressing, at most half
// full. Its zero value is empty.
type numberTable struct {
	slots []numberSlot // a power of two
	len   int
	seed  uint64
}

type numberSlot struct {
	key  int64
	code uint32 // code+1; 0 is free
}

// firstSlots suits a field of few values; a table doubles from there.
const firstSlots = 64

// find is the code of key. When it is new, it gets the code next.
func (t *numberTable) find(key int64, next uint32) (code uint32, found bool) {
	if 2*t.len >= len(t.slots) {
		t.grow()
	}
	mask := uint64(len(t.slots) - 1)
	for p := hashInt(key, t.seed) & mask; ; p = (p + 1) & mask {
		s := &t.slots[p]
		if s.code == 0 {
			s.key, s.code = key, next+1
			t.len++
			return next, false
		}
		if s.key == key {
			return s.code - 1, true
		}
	}
}

func (t *numberTable) grow() {
	old := t.slots
	if old == nil {
		t.seed = newSeed()
	}
	t.slots = make([]numberSlot, max(firstSlots, 2*len(old)))
	mask := uint64(len(t.slots) - 1)
	for _, s := range old {
		if s.code == 0 {
			continue
		}
		p := hashInt(s.key, t.seed) & mask
		for t.slots[p].code != 0 {
			p = (p + 1) & mask
		}
		t.slots[p] = s
	}
}

func (t *numberTable) memBytes() int { return 16 * len(t.slots) }
