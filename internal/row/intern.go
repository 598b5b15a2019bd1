package row

import (
	"slices"

	"github.com/plumbline/plumbline/internal/keyval"
)

// interner gives each different text a code, in order of first sight. Texts
// lie in one arena; the table is open addressing over codes, because a Go map
// costs two to nine times as much per text. Slots are small, for those of all
// fields at work together should stay in the cache of a core: as many low bits
// as number the slots hold the code and one, the others some of the hash.
type interner struct {
	slots []uint32 // a power of two, at most half full; 0 is free
	seen  []keyval.Sight
	offs  []uint32 // by code, one more than codes
	arena []byte
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
	t.seen, t.offs, t.arena = t.seen[:0], t.offs[:0], t.arena[:0]
}

func (t *interner) begin() {
	if len(t.offs) == 0 {
		if t.offs = append(t.offs, 0); len(t.slots) == 0 {
			t.slots = make([]uint32, firstSlots)
		}
	}
}

// code is the code of a text, a new one when it is seen first.
func (t *interner) code(text []byte) uint32 {
	t.begin()
	return t.codeOf(keyval.SightOf(text), text)
}

// codeOf is code of a text that was looked at.
func (t *interner) codeOf(seen keyval.Sight, text []byte) uint32 {
	p, tag, mask := t.find(seen)
	for ; t.slots[p] != 0; p = (p + 1) & mask {
		if s := t.slots[p]; s&^mask == tag {
			if code := s&mask - 1; t.seen[code] == seen && (seen.Whole() || string(t.at(code)) == string(text)) {
				return code
			}
		}
	}
	t.slots[p] = tag | uint32(len(t.offs))
	return t.add(seen, text)
}

// find gives the slot where to look first, what its high bits should be, and
// the low bits.
func (t *interner) find(seen keyval.Sight) (p, tag, mask uint32) {
	h := seen.Hash()
	mask = uint32(len(t.slots) - 1)
	return uint32(h) & mask, uint32(h>>32) &^ mask, mask
}

// take appends the codes of texts in a sheet to codes.
func (t *interner) take(codes []uint32, sheet []byte, cells []cell) []uint32 {
	t.begin()
	codes = slices.Grow(codes, len(cells))
	for i := range cells {
		c := &cells[i]
		codes = append(codes, t.codeOf(keyval.SightAt(sheet, c.a, c.b), c.text(sheet)))
	}
	return codes
}

// add keeps a text whose slot is set.
func (t *interner) add(seen keyval.Sight, text []byte) uint32 {
	t.seen = append(t.seen, seen)
	t.arena = append(t.arena, text...)
	t.offs = append(t.offs, uint32(len(t.arena)))
	if 2*t.len() > len(t.slots) {
		t.grow()
	}
	return uint32(t.len()) - 1
}

// grow doubles the table.
func (t *interner) grow() {
	t.slots = make([]uint32, 2*len(t.slots))
	for code, seen := range t.seen {
		p, tag, mask := t.find(seen)
		for t.slots[p] != 0 {
			p = (p + 1) & mask
		}
		t.slots[p] = tag | uint32(code+1)
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
