package keyval

import (
	"encoding/binary"
	"math/bits"
)

// Eight bytes are looked at in one step: a word of eight lanes in which the
// wanted bytes leave a mark, their lane's top bit.

const (
	lowBits  = 0x0101010101010101
	highBits = 0x8080808080808080
)

// load reads the eight bytes of b from i on; they must be there. All three ends of
// the slice are given, for then its bounds are one comparison.
func load(b []byte, i int) uint64 { return binary.LittleEndian.Uint64(b[i : i+8 : i+8]) }

// firstLane gives which lane the lowest mark is in. Above it there may be false
// marks, for the subtraction that makes them borrows; below there are none.
func firstLane(marks uint64) int { return bits.TrailingZeros64(marks) >> 3 }

// quotesAndBackslashes marks the lanes that hold one of both.
func quotesAndBackslashes(word uint64) uint64 {
	quotes, backslashes := word^(lowBits*'"'), word^(lowBits*'\\')
	return ((quotes-lowBits)&^quotes | (backslashes-lowBits)&^backslashes) & highBits
}

// digitsAt is how many digits a word begins with.
func digitsAt(word uint64) int {
	word ^= lowBits * '0'                                                      // digits are 0 to 9 now
	return firstLane(((word&^highBits + lowBits*(0x80-10)) | word) & highBits) // 8 where all are
}

// closingQuote gives the place of the quote that ends the string whose text
// begins at i, len(b) when none does, and whether it holds escapes.
func closingQuote(b []byte, i int) (end int, escaped bool) {
	for i+8 <= len(b) {
		if marks := quotesAndBackslashes(load(b, i)); marks != 0 {
			if i += firstLane(marks); b[i] == '"' {
				return i, false
			}
			break
		}
		i += 8
	}
	return closingQuoteSlow(b, i)
}

// closingQuoteSlow is closingQuote where there are escapes or few bytes left.
func closingQuoteSlow(b []byte, i int) (end int, escaped bool) {
	for i < len(b) {
		if i+8 <= len(b) {
			marks := quotesAndBackslashes(load(b, i))
			if marks == 0 {
				i += 8
				continue
			}
			i += firstLane(marks)
		}
		switch b[i] {
		case '"':
			return i, escaped
		case '\\':
			escaped = true
			i++
		}
		i++
	}
	return len(b), escaped
}
