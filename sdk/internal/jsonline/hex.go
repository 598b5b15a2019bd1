package jsonline

import (
	"encoding/binary"
	"slices"
)

// AppendHex appends raw as lower-case hex, as a JSON string.
func AppendHex(b, raw []byte) []byte {
	return append(AppendHexBare(append(b, '"'), raw), '"')
}

// AppendHexBare appends raw as lower-case hex. Ids are 8 or 16 bytes, so it takes four
// at a time.
func AppendHexBare(b, raw []byte) []byte {
	n := len(b)
	b = slices.Grow(b, 2*len(raw))[:n+2*len(raw)] // once, not at every digit
	out := b[n:]
	for len(raw) >= 4 {
		binary.LittleEndian.PutUint64(out, eightDigits(binary.LittleEndian.Uint32(raw)))
		raw, out = raw[4:], out[8:]
	}
	for i, c := range raw {
		digits := eightDigits(uint32(c))
		out[2*i], out[2*i+1] = byte(digits), byte(digits>>8)
	}
	return b
}

// eightDigits are the hex digits of four bytes, the first lowest.
func eightDigits(four uint32) uint64 {
	x := uint64(four)
	x = (x | x<<16) & 0x0000ffff0000ffff // a byte in each lane of two
	x = (x | x<<8) & 0x00ff00ff00ff00ff
	x = (x>>4 | x<<8) & 0x0f0f0f0f0f0f0f0f // its upper half, then its lower one
	letters := (x + 6*ones) >> 4 & ones    // 1 where it is ten or more
	return x + '0'*ones + ('a'-'0'-10)*letters
}
