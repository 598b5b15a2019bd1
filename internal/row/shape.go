package row

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"strings"
)

// A shape is the literal text of a message with a hole for each run of digits,
// each hex token and each group of a UUID; what filled the holes is kept beside it,
// one after the other. A program prints millions of lines and some thousand shapes, so
// words, phrases and patterns are looked up in shapes.
//
//	"took 1532 ms, id 9f3ab2c1"  →  "took ", hole 4 digits, " ms, id ", hole 8 hex  +  "15329f3ab2c1"
//
// In the shape's text a hole is two bytes, its kind and its length; a byte of
// the message that would read as a hole is escaped.
const (
	holeDigits = 0x01 // run of 0-9
	holeHex    = 0x02 // token of 0-9a-f
	holeUpper  = 0x03 // token of 0-9A-F
	holeEscape = 0x04 // the next byte stands for itself
)

// maxHole is the longest hole: its length is one byte, and not one that reads
// as a hole itself. Longer runs take several holes.
const maxHole = 250

// minHex is the shortest token that counts as hex: shorter ones are words
// ("bad", "face1") too often. It needs a letter and a digit.
const minHex = 6

// A token is a run of letters and digits; bytes outside ASCII count as
// letters, so that no hole cuts a rune's word.
const (
	classOther  = 0
	classDigit  = 1
	classLower  = 2 // a-f
	classUpper  = 4 // A-F
	classLetter = 8
)

var classes = func() (t [256]uint8) {
	for c := range 256 {
		switch {
		case c >= '0' && c <= '9':
			t[c] = classDigit
		case c >= 'a' && c <= 'f':
			t[c] = classLower
		case c >= 'A' && c <= 'F':
			t[c] = classUpper
		case c >= 'g' && c <= 'z', c >= 'G' && c <= 'Z', c >= 0x80:
			t[c] = classLetter
		}
	}
	return t
}()

// hexHole is the kind of hole for a token of these classes and length, 0 when
// it is no hex token.
func hexHole(seen uint8, n int) byte {
	if n < minHex {
		return 0
	}
	switch seen {
	case classDigit | classLower:
		return holeHex
	case classDigit | classUpper:
		return holeUpper
	}
	return 0
}

// token returns the end of the token that starts at i and the classes in it.
func token(msg []byte, i int) (end int, seen uint8) {
	for end = i; end < len(msg) && classes[msg[end]] != classOther; end++ {
		seen |= classes[msg[end]]
	}
	return end, seen
}

// SplitShape appends the shape of msg to shape and what fills its holes to
// fill. AppendShape puts them together again, to the byte.
func SplitShape(shape, fill, msg []byte) (newShape, newFill []byte) {
	from := 0 // what is before it is in shape
	for i := nextSplit(msg, 0); i < len(msg); {
		if classes[msg[i]] != classDigit {
			shape = append(append(shape, msg[from:i]...), holeEscape)
			from = i // the byte itself goes along with what follows
			i = nextSplit(msg, i+1)
			continue
		}
		start, seen := i, uint8(0)
		for start > from && classes[msg[start-1]] != classOther {
			start--
			seen |= classes[msg[start]]
		}
		end, rest := token(msg, i)
		kind := hexHole(seen|rest, end-start)
		if dashed(msg, from, start, end) {
			if at, of := uuidAround(msg, from, start, end); of != 0 {
				start, end, kind = at, at+uuidLen, of
			}
		}
		if kind != 0 {
			shape, fill = appendHex(append(shape, msg[from:start]...), fill, kind, msg[start:end])
			from = end
		} else {
			shape, fill, from = splitDigits(shape, fill, msg[:end], from, i)
		}
		i = nextSplit(msg, end)
	}
	return append(shape, msg[from:]...), fill
}

// splitDigits makes holes of the digits in the token that msg ends with. The
// first is at i; from is as in SplitShape.
func splitDigits(shape, fill, msg []byte, from, i int) (newShape, newFill []byte, newFrom int) {
	for i < len(msg) {
		if classes[msg[i]] != classDigit {
			i++
			continue
		}
		end := i
		for end < len(msg) && classes[msg[end]] == classDigit {
			end++
		}
		shape, fill = appendHole(append(shape, msg[from:i]...), fill, holeDigits, msg[i:end])
		from, i = end, end
	}
	return shape, fill, from
}

func appendHole(shape, fill []byte, kind byte, run []byte) (newShape, newFill []byte) {
	fill = append(fill, run...)
	for len(run) > maxHole {
		shape = append(shape, kind, holeLen(maxHole))
		run = run[maxHole:]
	}
	return append(shape, kind, holeLen(len(run))), fill
}

// nextSplit is the place of the first digit, or byte that must be escaped, at
// or after i; len(msg) when there is none. Eight bytes are looked at in a step.
func nextSplit(msg []byte, i int) int {
	for ; i+8 <= len(msg); i += 8 {
		if marks := splitMarks(binary.LittleEndian.Uint64(msg[i:])); marks != 0 {
			return i + bits.TrailingZeros64(marks)>>3
		}
	}
	for ; i < len(msg); i++ {
		if c := msg[i]; c-'0' <= 9 || c-holeDigits <= holeEscape-holeDigits {
			return i
		}
	}
	return i
}

const (
	each = 0x0101010101010101
	top  = 0x80 * each
)

// splitMarks marks the digits and the bytes to be escaped of a word by their
// top bits.
func splitMarks(word uint64) uint64 {
	ascii := word &^ top
	escaped := (ascii + each*(0x80-holeDigits)) &^ (ascii + each*(0x80-holeEscape-1))
	return digitMarks(word) | escaped&top&^word
}

// digitMarks marks the digits of a word. A byte below 0x80 plus 0x80-c sets its
// top bit just when it is at least c, and none carries into the next: so ranges
// are tested in all bytes at once.
func digitMarks(word uint64) uint64 {
	ascii := word &^ top
	return (ascii + each*(0x80-'0')) &^ (ascii + each*(0x80-'9'-1)) & top &^ word
}

// AppendZeroed appends msg with all its digits made 0. Messages that come to the
// same have their holes at the same places, and one shape.
func AppendZeroed(dst, msg []byte) []byte {
	n := len(msg)
	dst = slices.Grow(dst, n)
	out := dst[len(dst) : len(dst)+n]
	if n < 8 {
		for i, c := range msg {
			if c-'0' <= 9 {
				c = '0'
			}
			out[i] = c
		}
		return dst[:len(dst)+n]
	}
	zero := func(at int) {
		word := binary.LittleEndian.Uint64(msg[at:])
		binary.LittleEndian.PutUint64(out[at:], word&^(digitMarks(word)>>7*15))
	}
	for at := 0; at+8 <= n; at += 8 {
		zero(at)
	}
	zero(n - 8) // what is left, and some of it again
	return dst[:len(dst)+n]
}

// holeLen keeps a hole's length out of the range of hole kinds.
func holeLen(n int) byte { return byte(n) + holeEscape }

// AppendShape appends the message that SplitShape took apart.
func AppendShape(dst []byte, shape string, fill []byte) []byte {
	for i := 0; i < len(shape); {
		c, hole, width, next := piece(shape, i)
		if i = next; hole == 0 {
			dst = append(dst, c)
			continue
		}
		width = min(width, len(fill)) // damage must not reach past the fill
		dst, fill = append(dst, fill[:width]...), fill[width:]
	}
	return dst
}

// piece reads what stands at i of a shape: a literal byte c, or a hole. next
// is where the one after it starts.
func piece(shape string, i int) (c, hole byte, width, next int) {
	c = shape[i]
	switch {
	case c < holeDigits || c > holeEscape:
		return c, 0, 0, i + 1
	case i+1 == len(shape): // cut off
		return c, 0, 0, i + 1
	case c == holeEscape:
		return shape[i+1], 0, 0, i + 2
	}
	return 0, c, int(shape[i+1] - holeEscape), i + 2
}

// AppendPattern appends the pattern of msg: each run of digits as <n>, each
// hex token of six or more with a letter and a digit as <hex>, each UUID as <uuid>.
func AppendPattern(dst, msg []byte) []byte {
	from := 0 // what is before it is in dst
	for i := nextSplit(msg, 0); i < len(msg); {
		if classes[msg[i]] != classDigit { // a byte that a shape escapes
			i = nextSplit(msg, i+1)
			continue
		}
		start, seen := i, uint8(0)
		for start > from && classes[msg[start-1]] != classOther {
			start--
			seen |= classes[msg[start]]
		}
		end, rest := token(msg, i)
		kind := hexHole(seen|rest, end-start)
		if dashed(msg, from, start, end) {
			if at, of := uuidAround(msg, from, start, end); of != 0 {
				start, end, kind = at, at+uuidLen, of
			}
		}
		if kind != 0 {
			dst = append(append(dst, msg[from:start]...), patternOf(msg[start:end])...)
			from = end
		} else {
			dst, from = appendDigitPattern(dst, msg[:end], from, i)
		}
		i = nextSplit(msg, end)
	}
	return append(dst, msg[from:]...)
}

// appendDigitPattern is for the token that msg ends with. Its first digit is at
// i; from is as in AppendPattern.
func appendDigitPattern(dst, msg []byte, from, i int) (newDst []byte, newFrom int) {
	for i < len(msg) {
		dst = append(append(dst, msg[from:i]...), "<n>"...)
		for i < len(msg) && msg[i]-'0' <= 9 {
			i++
		}
		from = i
		for i < len(msg) && msg[i]-'0' > 9 {
			i++
		}
	}
	return dst, from
}

// AppendShapePattern appends the pattern of every message of this shape.
func AppendShapePattern(dst []byte, shape string) []byte {
	var open byte // the hole before, when it was too short for its run
	for i := 0; i < len(shape); {
		c, hole, width, next := piece(shape, i)
		switch i = next; {
		case hole == 0:
			dst = append(dst, c)
		case hole == open: // goes on with the run
		case hole == holeDigits:
			dst = append(dst, "<n>"...)
		case strings.HasPrefix(shape[next-2:], uuidShape(hole)):
			dst = append(dst, "<uuid>"...)
			i += len(uuidLower) - 2
		default:
			dst = append(dst, "<hex>"...)
		}
		if open = 0; width == maxHole {
			open = hole
		}
	}
	return dst
}

// ShapeLiterals calls yield with each literal stretch of a shape and the hole
// that follows it: its kind and width, 0 where more literal text follows, or
// nothing.
func ShapeLiterals(shape string, yield func(literal string, hole byte, width int) bool) {
	from := 0 // of the literal stretch
	for i := 0; i < len(shape); {
		kind := shape[i]
		if kind < holeDigits || kind > holeEscape || i+1 == len(shape) {
			i++
			continue
		}
		stretch := shape[from:i]
		if kind == holeEscape {
			from, i = i+1, i+2 // the byte behind it begins another stretch
			if !yield(stretch, 0, 0) {
				return
			}
			continue
		}
		_, hole, width, next := piece(shape, i)
		if from, i = next, next; !yield(stretch, hole, width) {
			return
		}
	}
	if from < len(shape) {
		yield(shape[from:], 0, 0)
	}
}
