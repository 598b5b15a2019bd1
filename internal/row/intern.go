package row

import "github.com/plumbline/plumbline/internal/keyval"

// interner gives each different text a code, in order of first sight. Texts
// lie in one arena; the table is open addressing over codes, because a Go map
// costs two to nine times as much per text.
type interner struct {
	slots []termSlot // a power of two, at most half full
	offs  []uint32   // by code, one more than codes
	arena []byte
}

// termSlot holds all that tells a short text from others, so that the arena is
// not looked at.
type termSlot struct {
	keyval.Sight
	code uint32 // code+1, 0 is free
}

// firstSlots suits a field of few values; the table doubles from there.
const firstSlots = 64

func (t *interner) len() int { return max(len(t.offs), 1) - 1 }

// reset forgets the texts. A table far larger than what was in it is cut, so
// that a long batch does not make all short ones after it dear.
func (t *interner) reset() {
	if t.len() == 0 {
		return
	}
	clear(t.slots)
	for len(t.slots) > firstSlots && 8*t.len() < len(t.slots) {
		t.slots = t.slots[:len(t.slots)/2]
	}
	t.offs, t.arena = t.offs[:0], t.arena[:0]
}

// code is the code of a text, a new one when it is seen first.
func (t *interner) code(text []byte) uint32 {
	if len(t.offs) == 0 {
		if t.offs = append(t.offs, 0); len(t.slots) == 0 {
			t.slots = make([]termSlot, firstSlots)
		}
	}
	seen := keyval.SightOf(text)
	mask := uint64(len(t.slots) - 1)
	for p := seen.Hash() & mask; ; p = (p + 1) & mask {
		s := &t.slots[p]
		if s.code == 0 {
			*s = termSlot{seen, uint32(len(t.offs))}
			return t.add(text)
		}
		if s.Sight == seen && (seen.Whole() || string(t.at(s.code-1)) == string(text)) {
			return s.code - 1
		}
	}
}

// add keeps a text whose slot is set.
func (t *interner) add(text []byte) uint32 {
	t.arena = append(t.arena, text...)
	t.offs = append(t.offs, uint32(len(t.arena)))
	if 2*t.len() > len(t.slots) {
		t.grow()
	}
	return uint32(t.len()) - 1
}

// grow doubles the table.
func (t *interner) grow() {
	old := t.slots
	t.slots = make([]termSlot, 2*len(old))
	mask := uint64(len(t.slots) - 1)
	for i := range old {
		if old[i].code == 0 {
			continue
		}
		p := old[i].Hash() & mask
		for t.slots[p].code != 0 {
			p = (p + 1) & mask
		}
		t.slots[p] = old[i]
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
