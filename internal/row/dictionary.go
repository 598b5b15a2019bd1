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
