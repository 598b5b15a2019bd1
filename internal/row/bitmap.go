package row

import (
	"iter"
	"math/bits"
	"slices"
)

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

// UnsetRange takes the rows from to to−1 out of the set.
func (m Bitmap) UnsetRange(from, to int) {
	for ; from < to && from&63 != 0; from++ {
		m.Unset(from)
	}
	for ; from+64 <= to; from += 64 {
		m[from>>6] = 0
	}
	for ; from < to; from++ {
		m.Unset(from)
	}
}

// OrAt adds the rows of o, each at places further on; there must be room for
// them.
func (m Bitmap) OrAt(o Bitmap, at int) {
	shift := uint(at & 63)
	for i, w := range o {
		if w == 0 {
			continue
		}
		k := i + at>>6
		m[k] |= w << shift
		if high := w >> (64 - shift); high != 0 { // 0 for a shift of 64
			m[k+1] |= high
		}
	}
}

// Slice is the set of the rows from to to−1, counted from from.
func (m Bitmap) Slice(from, to int) Bitmap {
	out := NewBitmap(to - from)
	shift := uint(from & 63)
	for i := range out {
		k := from>>6 + i
		if out[i] = m[k] >> shift; k+1 < len(m) {
			out[i] |= m[k+1] << (64 - shift) // 0 for a shift of 64
		}
	}
	if r := (to - from) % 64; r != 0 {
		out[len(out)-1] &= 1<<r - 1
	}
	return out
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

// Others gives those of the first n rows that are not in the set, lowest first.
func (m Bitmap) Others(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for at := 0; at < n; at += 64 {
			w := ^uint64(0)
			if at>>6 < len(m) {
				w = ^m[at>>6]
			}
			if n-at < 64 {
				w &= 1<<(n-at) - 1
			}
			for ; w != 0; w &= w - 1 {
				if !yield(at + bits.TrailingZeros64(w)) {
					return
				}
			}
		}
	}
}

// Append adds the rows of the set to dst, lowest first.
func (m Bitmap) Append(dst []uint32) []uint32 {
	at := len(dst)
	dst = slices.Grow(dst, m.Count())
	dst = dst[:cap(dst)]
	for i, w := range m {
		for ; w != 0; w &= w - 1 {
			dst[at] = uint32(i<<6 + bits.TrailingZeros64(w))
			at++
		}
	}
	return dst[:at]
}
