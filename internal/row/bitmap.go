package row

import "math/bits"

// Bitmap is a set of rows, bit i%64 of word i/64 for row i. Bits at and after
// the number of rows it was made for are zero.
type Bitmap []uint64

// NewBitmap returns an empty set that can hold n rows.
func NewBitmap(n int) Bitmap { return make(Bitmap, (n+63)/64) }

// FullBitmap returns the set of all of n rows.
func FullBitmap(n int) Bitmap {
	m := NewBitmap(n)
	m.Fill(n)
	return m
}

// Fill makes m the set of the first n rows.
func (m Bitmap) Fill(n int) {
	clear(m)
	for i := range n / 64 {
		m[i] = ^uint64(0)
	}
	if r := n % 64; r != 0 {
		m[n/64] = 1<<r - 1
	}
}

// Has reports whether row i is in the set; a nil set holds no row.
func (m Bitmap) Has(i int) bool { return i>>6 < len(m) && m[i>>6]>>(i&63)&1 != 0 }

// Set puts row i into the set.
func (m Bitmap) Set(i int) { m[i>>6] |= 1 << (i & 63) }

// Unset takes row i out of the set.
func (m Bitmap) Unset(i int) { m[i>>6] &^= 1 << (i & 63) }

// Count is the number of rows in the set.
func (m Bitmap) Count() int {
	n := 0
	for _, w := range m {
		n += bits.OnesCount64(w)
	}
	return n
}

// Any reports whether the set holds a row.
func (m Bitmap) Any() bool {
	for _, w := range m {
		if w != 0 {
			return true
		}
	}
	return false
}

// And keeps the rows that are in o too. A nil o empties the set.
func (m Bitmap) And(o Bitmap) {
	if o == nil {
		clear(m)
		return
	}
	for i := range m {
		m[i] &= o[i]
	}
}

// AndNot drops the rows that are in o.
func (m Bitmap) AndNot(o Bitmap) {
	for i := range o {
		m[i] &^= o[i]
	}
}

// Or adds the rows of o.
func (m Bitmap) Or(o Bitmap) {
	for i := range o {
		m[i] |= o[i]
	}
}

// Clone copies the set.
func (m Bitmap) Clone() Bitmap { return append(Bitmap(nil), m...) }

// Rows calls yield for every row in the set, lowest first.
func (m Bitmap) Rows(yield func(int) bool) {
	for i, w := range m {
		for w != 0 {
			if !yield(i<<6 + bits.TrailingZeros64(w)) {
				return
			}
			w &= w - 1
		}
	}
}

// Append adds the rows of the set to dst, lowest first.
func (m Bitmap) Append(dst []uint32) []uint32 {
	for i, w := range m {
		for w != 0 {
			dst = append(dst, uint32(i<<6+bits.TrailingZeros64(w)))
			w &= w - 1
		}
	}
	return dst
}
