package frame

import "encoding/binary"

// AppendNibbles appends digits (0-9, a-f, A-F) two to a byte, the first one in
// the low half. An odd one is followed by a zero half.
func AppendNibbles(dst, digits []byte) []byte {
	for len(digits) >= 8 {
		x := binary.LittleEndian.Uint64(digits)
		x = x&0x0f0f0f0f0f0f0f0f + x>>6&0x0101010101010101*9 // letters have bit 6
		dst = binary.LittleEndian.AppendUint32(dst, joinHalves(x))
		digits = digits[8:]
	}
	for ; len(digits) >= 2; digits = digits[2:] {
		dst = append(dst, nibble(digits[0])|nibble(digits[1])<<4)
	}
	if len(digits) == 1 {
		dst = append(dst, nibble(digits[0]))
	}
	return dst
}

// joinHalves puts the lower halves of eight bytes into four; the upper ones are
// zero.
func joinHalves(x uint64) uint32 {
	x |= x >> 4
	x = x&0x00ff00ff00ff00ff | x>>8&0x0000ff000000ff00
	return uint32(x)&0xffff | uint32(x>>32)<<16
}

func nibble(c byte) byte { return c&15 + c>>6*9 }

// UnpackNibbles writes len(dst) digits, letters in lower case.
func UnpackNibbles(dst, packed []byte) {
	for len(dst) >= 8 && len(packed) >= 4 {
		x := halves(packed)
		letters := (x + 0x0606060606060606) >> 4 & 0x0101010101010101 // 10 and more
		binary.LittleEndian.PutUint64(dst, x+0x3030303030303030+letters*('a'-'0'-10))
		dst, packed = dst[8:], packed[4:]
	}
	for i := range dst {
		dst[i] = lowerDigits[packed[i/2]>>(i%2*4)&15]
	}
}

// halves gives each half of four bytes a byte.
func halves(packed []byte) uint64 {
	x := uint64(binary.LittleEndian.Uint32(packed))
	x = x&0x000000000000ffff | x&0x00000000ffff0000<<16
	x = x&0x000000ff000000ff | x&0x0000ff000000ff00<<8
	return x&0x000f000f000f000f | x&0x00f000f000f000f0<<4
}

const (
	lowerDigits = "0123456789abcdef"
	upperDigits = "0123456789ABCDEF"
)

// UnpackValues writes the values 0 to 15 of len(dst) halves of bytes.
func UnpackValues(dst, packed []byte) {
	for len(dst) >= 8 && len(packed) >= 4 {
		binary.LittleEndian.PutUint64(dst, halves(packed))
		dst, packed = dst[8:], packed[4:]
	}
	for i := range dst {
		dst[i] = packed[i/2] >> (i % 2 * 4) & 15
	}
}

// PackValues appends values 0 to 15 two to a byte, as AppendNibbles does.
func PackValues(dst, values []byte) []byte {
	for len(values) >= 8 {
		dst = binary.LittleEndian.AppendUint32(dst, joinHalves(binary.LittleEndian.Uint64(values)))
		values = values[8:]
	}
	for ; len(values) >= 2; values = values[2:] {
		dst = append(dst, values[0]|values[1]<<4)
	}
	if len(values) == 1 {
		dst = append(dst, values[0])
	}
	return dst
}
