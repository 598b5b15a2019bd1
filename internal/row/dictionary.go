package row

import (
	"math"
	"slices"
	"strings"
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

// NewDictionary returns a dictionary of these texts; the caller gives the
// slice away. The texts must differ.
func NewDictionary(values []string) *Dictionary { return &Dictionary{values: values} }

// NewSortedDictionary returns a dictionary of texts that stand in the order of
// their bytes, so that one can be looked up. The texts are copied.
func NewSortedDictionary(values []string) *Dictionary {
	d := &Dictionary{sorted: true, wordish: !slices.ContainsFunc(values, LooksNumeric)}
	size := 0
	for _, text := range values {
		size += len(text)
	}
	if size > math.MaxUint32 {
		d.values = values
		return d
	}
	var arena strings.Builder
	arena.Grow(size)
	d.offs = make([]uint32, 1, len(values)+1)
	for _, text := range values {
		arena.WriteString(text)
		d.offs = append(d.offs, uint32(arena.Len()))
	}
	d.arena = arena.String()
	return d
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
	var arena strings.Builder
	arena.Grow(len(d.arena) + len(o.arena))
	out.offs = make([]uint32, 1, n+1)
	i, k := 0, 0
	for code := range uint32(n) {
		both := k < len(others) && others[k] == code
		if i < len(own) && own[i] == code {
			arena.WriteString(d.At(uint32(i)))
			i++
		} else {
			arena.WriteString(o.At(uint32(k)))
		}
		if both {
			k++
		}
		out.offs = append(out.offs, uint32(arena.Len()))
	}
	out.arena = arena.String()
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
