package frame

import "encoding/binary"

// ShapeFill says what fills a shape: how many digits, and of which kinds.
type ShapeFill struct {
	Len   int // digits in all its holes
	holes []hole
	plain bool // only decimal digits
}

// hole is one, or several of a kind that follow each other.
type hole struct {
	kind byte
	from int
	to   int
}

// In a shape's text a hole is its kind and its length, and a byte that would
// read as a kind stands behind holeEscape; see row.SplitShape.
const (
	holeDigits = 0x01
	holeHex    = 0x02
	holeUpper  = 0x03
	holeEscape = 0x04
)

// FillOf works out the holes of a shape. A text that no SplitShape made gives
// false: it could not be read back.
func FillOf(shape string) (ShapeFill, bool) {
	f := ShapeFill{plain: true}
	for i := 0; i < len(shape); i++ {
		kind := shape[i]
		if kind-holeDigits > holeEscape-holeDigits {
			continue
		}
		if i++; i == len(shape) {
			return ShapeFill{}, false
		}
		if kind == holeEscape {
			continue
		}
		if shape[i] <= holeEscape { // a hole is one digit long at least
			return ShapeFill{}, false
		}
		width := int(shape[i] - holeEscape)
		if n := len(f.holes); n > 0 && f.holes[n-1].kind == kind {
			f.holes[n-1].to += width
		} else {
			f.holes = append(f.holes, hole{kind, f.Len, f.Len + width})
		}
		f.Len += width
		f.plain = f.plain && kind == holeDigits
	}
	return f, true
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
	return f.fit(dst)
}

// Plain reports whether all holes are decimal.
func (f *ShapeFill) Plain() bool { return f.plain }

// Slack is how many bytes behind its own UnpackPlain may read or write.
const Slack = 8

// UnpackPlain is Unpack – and then More, where usual is not nil – for a plain
// shape, eight digits at a time whatever their number: of each slice Slack bytes
// more are read, of dst written over.
func (f *ShapeFill) UnpackPlain(dst, packed, usual []byte) bool {
	over, left := uint64(0), f.Len
	for ; left > 0; left -= 8 {
		x := halves(packed)
		if usual != nil {
			x += binary.LittleEndian.Uint64(usual)
			x -= (x + 0x76*each) >> 7 & each * 10 // 10 and more set bit 7
			usual = usual[8:]
		}
		binary.LittleEndian.PutUint64(dst, x+'0'*each)
		if left < 8 {
			x &= 1<<(8*left) - 1
		}
		over |= x + 0x76*each
		dst, packed = dst[8:], packed[4:]
	}
	return over&(0x80*each) == 0
}

// fit puts digits, letters in lower case, into the case of their holes, and
// reports whether they fit.
func (f *ShapeFill) fit(digits []byte) bool {
	if f.plain {
		return decimal(digits)
	}
	for _, h := range f.holes {
		part := digits[h.from:h.to]
		switch h.kind {
		case holeDigits:
			if !decimal(part) {
				return false
			}
		case holeUpper:
			for i, c := range part {
				part[i] = c - c>>6&1*('a'-'A') // letters have bit 6
			}
		}
	}
	return true
}

// decimal reports whether all digits are decimal: letters have bit 6.
func decimal(digits []byte) bool {
	over := uint64(0)
	for len(digits) >= 8 {
		over |= binary.LittleEndian.Uint64(digits)
		digits = digits[8:]
	}
	for _, c := range digits {
		over |= uint64(c)
	}
	return over&0x4040404040404040 == 0
}

// Less writes how much each digit is more than the usual one at its place,
// counted round: in decimal holes modulo 10, in hex holes modulo 16. usual and
// dst hold values 0 to 15, digits is text; all are Len long.
func (f *ShapeFill) Less(dst, digits, usual []byte) {
	if f.plain {
		lessDecimal(dst, digits, usual)
		return
	}
	for _, h := range f.holes {
		if h.kind == holeDigits {
			lessDecimal(dst[h.from:h.to], digits[h.from:h.to], usual[h.from:h.to])
			continue
		}
		for i := h.from; i < h.to; i++ {
			dst[i] = (nibble(digits[i]) - usual[i]) & 15
		}
	}
}

// AppendLess appends what Less gives, two to a byte. scratch is memory for Len
// values.
func (f *ShapeFill) AppendLess(dst, digits, usual, scratch []byte) []byte {
	if !f.plain {
		f.Less(scratch[:f.Len], digits, usual)
		return PackValues(dst, scratch[:f.Len])
	}
	for len(digits) >= 8 && len(usual) >= 8 {
		x := lessWord(binary.LittleEndian.Uint64(digits), binary.LittleEndian.Uint64(usual))
		dst = binary.LittleEndian.AppendUint32(dst, joinHalves(x))
		digits, usual = digits[8:], usual[8:]
	}
	if len(digits) == 0 {
		return dst
	}
	lessDecimal(scratch[:len(digits)], digits, usual)
	return PackValues(dst, scratch[:len(digits)])
}

// lessWord is eight digits less the usual ones, modulo 10.
func lessWord(digits, usual uint64) uint64 {
	x := digits&(15*each) + 10*each - usual
	return x - (x+0x76*each)>>7&each*10 // 10 and more set bit 7
}

// Kept writes how digits at a place of the shape are kept: less the usual ones
// of the shape, as Less does, or as they are where usual is nil.
func (f *ShapeFill) Kept(dst []byte, digits string, at int, usual []byte) {
	for i := range dst {
		dst[i] = nibble(digits[i])
		switch {
		case usual == nil:
		case f.kindAt(at+i) == holeDigits:
			dst[i] = (dst[i] + 10 - usual[at+i]) % 10
		default:
			dst[i] = (dst[i] - usual[at+i]) & 15
		}
	}
}

// Decimals marks those of sixteen digits, half a byte each, that fill decimal
// holes.
func (f *ShapeFill) Decimals(at int) uint64 {
	if f.plain {
		return ^uint64(0)
	}
	marks := uint64(0)
	for _, h := range f.holes {
		if from, to := max(h.from-at, 0), min(h.to-at, 16); h.kind == holeDigits && from < to {
			marks |= ^uint64(0) >> (64 - 4*(to-from)) << (4 * from)
		}
	}
	return marks
}

// kindAt is the kind of the hole that a digit fills.
func (f *ShapeFill) kindAt(at int) byte {
	if f.plain {
		return holeDigits
	}
	h := f.holes
	for h[0].to <= at {
		h = h[1:]
	}
	return h[0].kind
}

func lessDecimal(dst, digits, usual []byte) {
	for len(dst) >= 8 && len(digits) >= 8 && len(usual) >= 8 {
		binary.LittleEndian.PutUint64(dst, lessWord(binary.LittleEndian.Uint64(digits), binary.LittleEndian.Uint64(usual)))
		dst, digits, usual = dst[8:], digits[8:], usual[8:]
	}
	for i, c := range digits {
		d := c&15 + 10 - usual[i]
		if d >= 10 {
			d -= 10
		}
		dst[i] = d
	}
}

// each is a one in every byte of a word.
const each = 0x0101010101010101

// More is the inverse of Less: dst holds differences and becomes the digits as
// text. It reports whether they fit the holes.
func (f *ShapeFill) More(dst, usual []byte) bool {
	if f.plain {
		return moreDecimal(dst, usual)
	}
	for _, h := range f.holes {
		part := dst[h.from:h.to]
		switch h.kind {
		case holeDigits:
			if !moreDecimal(part, usual[h.from:h.to]) {
				return false
			}
		default:
			letters := lowerDigits
			if h.kind == holeUpper {
				letters = upperDigits
			}
			for i, more := range usual[h.from:h.to] {
				part[i] = letters[(part[i]+more)&15]
			}
		}
	}
	return true
}

// moreDecimal adds decimal digits, each modulo 10, and makes them text. It
// reports whether all of them are decimal.
func moreDecimal(dst, by []byte) bool {
	over := uint64(0)
	for len(dst) >= 8 && len(by) >= 8 {
		x := binary.LittleEndian.Uint64(dst) + binary.LittleEndian.Uint64(by)
		x -= (x + 0x76*each) >> 7 & each * 10 // 10 and more set bit 7
		over |= x + 0x76*each
		binary.LittleEndian.PutUint64(dst, x+'0'*each)
		dst, by = dst[8:], by[8:]
	}
	for i := range dst {
		d := dst[i] + by[i]
		if d >= 10 {
			d -= 10
		}
		over |= uint64(d + 0x76)
		dst[i] = d + '0'
	}
	return over&(0x80*each) == 0
}
