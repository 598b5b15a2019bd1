package colfile

import (
	"encoding/binary"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/row"
)

// A digit that is the same in all rows of a shape, in a group, is settled: the
// version in a path, the year. It stands among the usual digits of the shape, and
// no row keeps it. So rows are shorter in the file than in memory, where zeros, the
// difference to the usual digit, stand at these places again: whoever looks at
// digits finds each at its place in the shape.

// leastSettled is the fewest rows of a shape whose digits are settled. A mark is a
// bit for each digit; of fewer rows it costs about what it saves.
const leastSettled = 8

// settled says which half bytes of a row are in the file.
type settled struct {
	marks row.Bitmap // settled digits of all shapes, as usuals have them
	loose []stretch  // the others
	ends  []uint32   // of loose, by code
	sizes []uint32   // bytes of a row in the file, by code
}

// stretch is digits of a row side by side.
type stretch struct{ at, n int }

// newSettled works out what is left of the shapes whose digits begin at offs.
func newSettled(marks row.Bitmap, offs []uint32) *settled {
	shapes := len(offs) - 1
	t := &settled{marks: marks, ends: make([]uint32, shapes), sizes: make([]uint32, shapes)}
	for code := range shapes {
		from, to, kept := int(offs[code]), int(offs[code+1]), 0
		for at := from; at < to; {
			first := at
			for at < to && !marks.Has(at) {
				at++
			}
			if at > first {
				t.loose = append(t.loose, stretch{first - from, at - first})
				kept += at - first
			}
			for at < to && marks.Has(at) {
				at++
			}
		}
		t.ends[code], t.sizes[code] = uint32(len(t.loose)), uint32(kept+1)/2
	}
	return t
}

// of is what rows of a shape keep.
func (t *settled) of(code uint32) []stretch {
	if code == 0 {
		return t.loose[:t.ends[0]]
	}
	return t.loose[t.ends[code-1]:t.ends[code]]
}

// appendKept appends what is kept of a row.
func (t *settled) appendKept(dst, row []byte, code uint32) []byte {
	at := len(dst)
	dst = append(dst, make([]byte, t.sizes[code])...)
	to := 0
	for _, l := range t.of(code) {
		orHalves(dst[at:], to, row, l.at, l.n)
		to += l.n
	}
	return dst
}

// spread gives rows the room that they have in memory: sizes by code.
func (t *settled) spread(codes, sizes []uint32, kept []byte) ([]byte, error) {
	size, have := 0, 0
	for _, code := range codes {
		size += int(sizes[code])
		have += int(t.sizes[code])
	}
	if have != len(kept) || size > maxBlock {
		return nil, fault.New(fault.Corrupt, "%d bytes of digits where the shapes take %d", len(kept), have)
	}
	all := make([]byte, size)
	rows := all
	for _, code := range codes {
		loose, from := t.of(code), 0
		if len(loose) == 1 && loose[0].at == 0 { // all of them, mostly
			copy(rows, kept[:t.sizes[code]])
			loose = nil
		}
		for _, l := range loose {
			orHalves(rows, l.at, kept, from, l.n)
			from += l.n
		}
		rows, kept = rows[sizes[code]:], kept[t.sizes[code]:]
	}
	return all, nil
}

// orHalves puts n half bytes of src where those of dst are zero.
func orHalves(dst []byte, to int, src []byte, from, n int) {
	for n > 0 {
		k := min(n, 15) // with half a byte before them they fill a word
		x := word(src[from/2:]) >> (from % 2 * 4) & (1<<(4*k) - 1) << (to % 2 * 4)
		if into := dst[to/2:]; len(into) >= 8 {
			binary.LittleEndian.PutUint64(into, binary.LittleEndian.Uint64(into)|x)
		} else {
			for i := range into {
				into[i] |= byte(x >> (8 * i))
			}
		}
		from, to, n = from+k, to+k, n-k
	}
}

// settledDigits finds the digits that are alike in all rows of a shape; nil when
// there are none.
func (s *sheet) settledDigits(v *vector, u *usuals) *settled {
	first, differ := make([]byte, len(u.values)), make([]byte, len(u.values)) // as text
	seen := row.NewBitmap(v.count)
	for i := range v.present {
		code := v.dense(i)
		from, to := u.offs[code], u.offs[code+1]
		digits, known, other := v.bytes[v.offs[i]:v.offs[i+1]], first[from:to], differ[from:to]
		if !seen.Has(int(code)) {
			seen.Set(int(code))
			copy(known, digits)
			continue
		}
		for len(digits) >= 8 && len(known) >= 8 && len(other) >= 8 {
			x := binary.LittleEndian.Uint64(digits) ^ binary.LittleEndian.Uint64(known)
			binary.LittleEndian.PutUint64(other, binary.LittleEndian.Uint64(other)|x)
			digits, known, other = digits[8:], known[8:], other[8:]
		}
		for k, d := range digits {
			other[k] |= d ^ known[k]
		}
	}
	marks, any := row.NewBitmap(len(differ)), false
	for code, n := range v.rows {
		if n < leastSettled {
			continue
		}
		for at := u.offs[code]; at < u.offs[code+1]; at++ {
			if differ[at] == 0 {
				marks.Set(int(at))
				any = true
			}
		}
	}
	if !any {
		return nil
	}
	return newSettled(marks, u.offs)
}
