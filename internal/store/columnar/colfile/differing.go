package colfile

import (
	"github.com/plumbline/plumbline/internal/keyval"
	"github.com/plumbline/plumbline/internal/row"
)

// Whether a dictionary pays depends on how many values differ, and some rows do not
// tell: of 20,000 sessions 512 rows show 500. So values are sampled in place of rows –
// those whose hash says so, with all rows that have them.
const sampledBits = 4 // one value of 16

// differing estimates how many of n values differ.
func (s *sheet) differing(n int, hash func(i int) uint64) int {
	slots := firstSlots
	for slots < n>>(sampledBits-2) {
		slots *= 2
	}
	seen, found := s.room.words.take(slots), 0
	for i := range n {
		h := hash(i)
		if h>>(64-sampledBits) != 0 || 2*found >= slots {
			continue
		}
		p := h & uint64(slots-1)
		for h |= 1 << 63; seen[p] != 0 && seen[p] != h; {
			p = (p + 1) & uint64(slots-1)
		}
		if seen[p] == 0 {
			seen[p], found = h, found+1
		}
	}
	return found << sampledBits
}

// ids keeps ids of one width, side by side, as bytes; as codes where rows share them.
func (s *sheet) ids(v *vector, c *row.Column) {
	v.form, v.kind, v.width, v.prefix, v.bytes = formFixed, c.Kind, c.Width, c.Prefix, c.Bytes
	id := func(i int) []byte { return v.bytes[i*v.width : (i+1)*v.width] }
	n := v.present
	differ := s.differing(n, func(i int) uint64 { return keyval.SightOf(id(i)).Hash() })
	codes := n*codeBits(differ)/8 + differ*v.width*5/4 // the list is of texts
	if float64(differ) > mostDistinct*float64(n) || codes > n*v.width*3/4 {
		return
	}
	t := &s.trial
	t.restart(differ)
	own, texts := s.room.codes.some(n), s.room.texts.some(differ)
	for i := range n {
		code := t.id(id(i))
		if own = append(own, code); int(code) == len(texts) {
			texts = append(texts, string(v.appendID(nil, i)))
		}
		if float64(len(texts)) > mostDistinct*float64(n) { // the sample was wrong
			return
		}
	}
	v.width, v.prefix, v.bytes = 0, "", nil
	if len(texts) == 1 {
		v.constant(row.TextOf(texts[0]))
		return
	}
	s.terms(v, texts, counting(len(texts)), own)
}

// worthTerms reports whether it is worth finding out which texts differ: zstd leaves a
// half of them at most, and of those of a dictionary that are in order the same.
func (s *sheet) worthTerms(offs []uint32, all []byte) bool {
	n := len(offs) - 1
	whole := int(offs[n] - offs[0])
	differ := s.differing(n, func(i int) uint64 { return keyval.SightOf(all[offs[i]:offs[i+1]]).Hash() })
	return float64(differ) <= mostDistinct*float64(n) && n*codeBits(differ)/8+whole/2*differ/n < whole/2
}
