package keyval

import (
	"encoding/binary"
	"math/bits"
)

// Eight bytes are looked at in one step: a word of eight lanes in which the
// wanted bytes leave their lane's top bit set.

const (
	lowBits  = 0x0101010101010101
	highBits = 0x8080808080808080
)

// spread puts c into all lanes.
func spread(c byte) uint64 { return lowBits * uint64(c) }

// zeroLanes marks lanes that are zero. Above the lowest marked one there may be
// false marks; none below.
func zeroLanes(word uint64) uint64 { return (word - lowBits) &^ word & highBits }

// load reads the eight bytes of b from i on; they must be there.
func load(b []byte, i int) uint64 { return binary.LittleEndian.Uint64(b[i:]) }

// firstLane gives which lane the lowest mark is in.
func firstLane(marks uint64) int { return bits.TrailingZeros64(marks) >> 3 }

// stringEnd gives the place of the first quote or backslash of b from i on,
// len(b) when there is none.
func stringEnd(b []byte, i int) int {
	const quotes, backslashes = lowBits * '"', lowBits * '\\'
	for i+8 <= len(b) {
		word := load(b, i)
		if marks := zeroLanes(word^quotes) | zeroLanes(word^backslashes); marks != 0 {
			return i + firstLane(marks)
		}
		i += 8
	}
	for i < len(b) && b[i] != '"' && b[i] != '\\' {
		i++
	}
	return i
}

// closingQuote gives the place of the quote that ends the string whose text
// begins at i, len(b) when none does, and whether it holds escapes.
func closingQuote(b []byte, i int) (end int, escaped bool) {
	for {
		i = stringEnd(b, i)
		if i >= len(b) || b[i] == '"' {
			return min(i, len(b)), escaped
		}
		escaped = true
		i += 2
	}
}
