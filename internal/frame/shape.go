package frame

import (
	"github.com/plumbline/plumbline/internal/row"
)

// ShapeFill says what fills a shape: how many digits, and of which kinds.
type ShapeFill struct {
	Len   int // digits in all its holes
	holes []hole
	plain bool // only decimal digits
}

type hole struct {
	kind byte
	from int
	to   int
}

// The kinds of hole, as row.ShapeLiterals names them.
const (
	holeDigits = 0x01
	holeUpper  = 0x03
)

// FillOf works out the holes of a shape. A text that no SplitShape made gives
// false: it could not be read back.
func FillOf(shape string) (ShapeFill, bool) {
	if !wellFormed(shape) {
		return ShapeFill{}, false
	}
	f := ShapeFill{plain: true}
	row.ShapeLiterals(shape, func(_ []byte, kind byte, width int) bool {
		if kind != 0 {
			f.holes = append(f.holes, hole{kind, f.Len, f.Len + width})
			f.Len += width
			f.plain = f.plain && kind == holeDigits
		}
		return true
	})
	return f, true
}

// wellFormed reports whether every hole and escape of a shape is whole.
func wellFormed(shape string) bool {
	for i := 0; i < len(shape); i++ {
		if c := shape[i]; c >= 0x01 && c <= 0x04 {
			i++
			if i == len(shape) {
				return false
			}
			if c != 0x04 && shape[i] <= 0x04 { // the length of a hole is at least one
				return false
			}
		}
	}
	return true
}

// Fits reports whether these digits can fill the shape and come back from
// their halves of bytes.
func (f *ShapeFill) Fits(digits []byte) bool {
	if len(digits) != f.Len {
		return false
	}
	for _, h := range f.holes {
		letter := byte('a')
		if h.kind == holeUpper {
			letter = 'A'
		}
		for _, c := range digits[h.from:h.to] {
			if c-'0' > 9 && (h.kind == holeDigits || c-letter > 5) {
				return false
			}
		}
	}
	return true
}

// Unpack writes the digits of the shape from halves of bytes. It reports
// whether they fit its holes.
func (f *ShapeFill) Unpack(dst, packed []byte) bool {
	UnpackNibbles(dst, packed)
	if f.plain {
		over := byte(0)
		for _, c := range dst {
			over |= c
		}
		return over&0x40 == 0
	}
	for _, h := range f.holes {
		digits := dst[h.from:h.to]
		for i, c := range digits {
			switch {
			case c <= '9':
			case h.kind == holeDigits:
				return false
			case h.kind == holeUpper:
				digits[i] = c - ('a' - 'A')
			}
		}
	}
	return true
}
