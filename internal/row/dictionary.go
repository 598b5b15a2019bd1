package row

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"unsafe"
)

// Dictionary is a list of different texts that codes point into. It is never
// written after it was handed on; columns that share one share the pointer, so
// what was worked out for a text can be kept per dictionary.
type Dictionary struct {
	values []string // nil: they are packed
	// The texts of a packed dictionary lie one behind the other. It holds no
	// pointer for each, which the collector of garbage would follow, and takes
	// half the memory.
	arena   string
	offs    []uint32 // where each text begins in arena, and the last one's end
	sorted  bool
	wordish bool // no text looks like a number
}

// None is no place in a dictionary, no code, no group: that of a row without a value.
const None = ^uint32(0)

// NewDictionary returns a dictionary of these texts; the caller gives the
// slice away. The texts must differ.
func NewDictionary(values []string) *Dictionary { return &Dictionary{values: values} }

// NewSortedDictionary returns a dictionary of texts that stand in the order of
// their bytes, so that one can be looked up. The texts are copied.
func NewSortedDictionary(values []string) *Dictionary {
	size := 0
	for _, text := range values {
		size += len(text)
	}
	if size > math.MaxUint32 {
		return &Dictionary{values: values, sorted: true, wordish: !slices.ContainsFunc(values, LooksNumeric)}
	}
	s := SortedTexts{Bytes: make([]byte, 0, size), offs: make([]uint32, 1, len(values)+1)}
	for _, text := range values {
		s.Bytes = append(s.Bytes, text...)
		s.end()
	}
	return s.Dictionary()
}

// SortedTexts are texts on their way into a sorted dictionary, packed as they
// will be there.
type SortedTexts struct {
	// Bytes are the texts, one behind the other. A text is appended here, and ended.
	Bytes   []byte
	offs    []uint32
	numeric bool // a text looks like a number
}

// Grow makes room for so many texts more, of so many bytes together.
func (s *SortedTexts) Grow(texts, bytes int) {
	s.Bytes, s.offs = slices.Grow(s.Bytes, bytes), slices.Grow(s.offs, texts+1)
}

// Len is the number of texts.
func (s *SortedTexts) Len() int { return max(len(s.offs)-1, 0) }

// End ends a text. It is false, and the text means nothing, when it does not
// stand behind the one before, or when the texts are too long to be packed.
func (s *SortedTexts) End() bool {
	if len(s.offs) == 0 {
		s.offs = append(s.offs, 0)
	}
	if len(s.Bytes) > math.MaxUint32 {
		return false
	}
	if n := len(s.offs); n > 1 && bytes.Compare(s.Bytes[s.offs[n-2]:s.offs[n-1]], s.Bytes[s.offs[n-1]:]) >= 0 {
		return false
	}
	s.end()
	return true
}

func (s *SortedTexts) end() {
	text := s.Bytes[s.offs[len(s.offs)-1]:]
	s.numeric = s.numeric || LooksNumeric(unsafe.String(unsafe.SliceData(text), len(text)))
	s.offs = append(s.offs, uint32(len(s.Bytes)))
}

// Dictionary is the dictionary of the texts, which takes them over. It may be
// kept for long, so it holds next to nothing beyond them.
func (s *SortedTexts) Dictionary() *Dictionary {
	if len(s.offs) == 0 {
		s.offs = append(s.offs, 0)
	}
	if n := len(s.Bytes); cap(s.Bytes)-n > n/8 {
		s.Bytes = bytes.Clone(s.Bytes)
	}
	return &Dictionary{arena: unsafe.String(unsafe.SliceData(s.Bytes), len(s.Bytes)), offs: s.offs, sorted: true, wordish: !s.numeric}
}

// Sorted reports whether the texts stand in the order of their bytes.
func (d *Dictionary) Sorted() bool { return d.sorted }

// Wordish reports whether it is known that no text looks like a number, so that
// none needs a look at what it says.
func (d *Dictionary) Wordish() bool { return d.wordish }

// Len is the number of texts.
func (d *Dictionary) Len() int {
	if d.offs != nil {
		return len(d.offs) - 1
	}
	return len(d.values)
}

// At is the text of a code.
func (d *Dictionary) At(code uint32) string {
	if d.offs == nil {
		return d.values[code]
	}
	return d.arena[d.offs[code]:d.offs[code+1]]
}

// Values are the texts by code; not to be written. Of a packed dictionary the
// list is made anew.
func (d *Dictionary) Values() []string {
	if d.offs == nil {
		return d.values
	}
	out := make([]string, d.Len())
	for code := range out {
		out[code] = d.At(uint32(code))
	}
	return out
}

// MemBytes is what the dictionary takes.
func (d *Dictionary) MemBytes() int {
	n := len(d.arena) + 4*len(d.offs)
	for _, text := range d.values {
		n += len(text) + textHeader
	}
	return n
}

// textHeader is what a text takes besides its bytes where it is a string.
const textHeader = 16

// Union is two sorted dictionaries in one, and the codes in it of the texts of
// each. It is a itself when b adds nothing.
func Union(a, b *Dictionary) (u *Dictionary, fromA, fromB []uint32) {
	fromA, fromB = make([]uint32, a.Len()), make([]uint32, b.Len())
	i, k, n := 0, 0, uint32(0)
	for i < len(fromA) && k < len(fromB) {
		order := strings.Compare(a.At(uint32(i)), b.At(uint32(k)))
		fromA[i], fromB[k] = n, n
		if order <= 0 {
			i++
		}
		if order >= 0 {
			k++
		}
		n++
	}
	for ; i < len(fromA); i++ {
		fromA[i] = n
		n++
	}
	for ; k < len(fromB); k++ {
		fromB[k] = n
		n++
	}
	if int(n) == len(fromA) {
		return a, fromA, fromB
	}
	return a.joined(b, fromA, fromB, int(n)), fromA, fromB
}

// joined is the n texts of both dictionaries, each in the place it is to have.
func (d *Dictionary) joined(o *Dictionary, own, others []uint32, n int) *Dictionary {
	out := &Dictionary{sorted: true, wordish: d.wordish && o.wordish}
	if len(d.arena)+len(o.arena) > math.MaxUint32 || d.offs == nil || o.offs == nil {
		out.values = make([]string, n)
		for code, at := range own {
			out.values[at] = d.At(uint32(code))
		}
		for code, at := range others {
			out.values[at] = o.At(uint32(code))
		}
		return out
	}
	arena := make([]byte, 0, len(d.arena)+len(o.arena))
	out.offs = make([]uint32, 1, n+1)
	take := func(from *Dictionary, lo, hi int) {
		moved := uint32(len(arena)) - from.offs[lo]
		arena = append(arena, from.arena[from.offs[lo]:from.offs[hi]]...)
		for _, off := range from.offs[lo+1 : hi+1] {
			out.offs = append(out.offs, off+moved)
		}
	}
	for i, k := 0, 0; len(out.offs) <= n; { // runs of own texts, and between them of others
		to := i
		for next := uint32(len(out.offs) - 1); to < len(own) && own[to] == next; to++ {
			next++
		}
		take(d, i, to)
		if i = to; len(out.offs) > n {
			break
		}
		gap := n + 1 - len(out.offs)
		if i < len(own) {
			gap = int(own[i]) + 1 - len(out.offs)
		}
		for others[k] != uint32(len(out.offs)-1) {
			k++
		}
		take(o, k, k+gap)
		k += gap
	}
	out.arena = unsafe.String(unsafe.SliceData(arena), len(arena))
	return out
}

// Search is the place of a text in a sorted dictionary, or where it would be.
func (d *Dictionary) Search(text string) (code int, found bool) {
	lo, hi := 0, d.Len()
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		if d.At(uint32(mid)) < text {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo, lo < d.Len() && d.At(uint32(lo)) == text
}
