package keyval

import (
	"encoding/binary"
	"math/bits"
)

// EndsMost is the length up to which Ends hold all of a text.
const EndsMost = 16

// Ends are the first and the last eight bytes of a text, which overlap in one
// of less than sixteen: with its length they are all of a text of up to
// EndsMost bytes, so that short texts are compared and hashed without a call.
func Ends(text []byte) (head, tail uint64) {
	switch n := len(text); {
	case n >= 8:
		return binary.LittleEndian.Uint64(text), binary.LittleEndian.Uint64(text[n-8:])
	case n >= 4:
		return uint64(binary.LittleEndian.Uint32(text)), uint64(binary.LittleEndian.Uint32(text[n-4:]))
	case n > 0:
		return uint64(text[0])<<8 | uint64(text[n/2]), uint64(text[n-1])
	}
	return 0, 0
}

// Mix spreads two words over the bits of one, for tables of what a sender
// writes. It keeps nobody from making texts that collide; a table answers
// rightly all the same.
func Mix(head, tail uint64) uint64 {
	hi, lo := bits.Mul64(head^0x9e3779b97f4a7c15, tail^0xbf58476d1ce4e5b9)
	return hi ^ lo
}
