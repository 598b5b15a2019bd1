package frame

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// Word is what can be packed.
type Word interface{ ~uint32 | ~uint64 }

// Bits is the width that holds every value up to most.
func Bits(most uint64) int { return bits.Len64(most) }

// PackedLen is the bytes that n values of width bits take.
func PackedLen(n, width int) int { return (n*width + 7) / 8 }

// Pack appends values of width bits each, the lowest bit first, filled up to a
// whole byte. Every value must fit its width, 0 to 64.
func Pack[T Word](dst []byte, values []T, width int) []byte {
	size := PackedLen(len(values), width)
	if size == 0 {
		return dst
	}
	at := len(dst)
	dst = slices.Grow(dst, size+8)[:at+size+8] // whole words are stored, the last one overhangs
	out := dst[at:]
	switch {
	case width <= 8:
		packOctets(out, values, width)
	case width <= 16:
		packQuads(out, values, width)
	default:
		packStream(out, values, width)
	}
	return dst[:at+size]
}

// packOctets puts eight values into one word: eight of them fill width bytes
// exactly, so that the next eight start on a byte.
func packOctets[T Word](out []byte, values []T, width int) {
	w := uint(width) & 15
	for len(values) >= 8 {
		v := values[:8]
		x := uint64(v[0]) | uint64(v[1])<<w | uint64(v[2])<<(2*w) | uint64(v[3])<<(3*w) |
			uint64(v[4])<<(4*w) | uint64(v[5])<<(5*w) | uint64(v[6])<<(6*w) | uint64(v[7])<<(7*w)
		binary.LittleEndian.PutUint64(out, x)
		out, values = out[width:], values[8:]
	}
	packStream(out, values, width)
}

// packQuads puts four values into each of two words and joins those.
func packQuads[T Word](out []byte, values []T, width int) {
	w := uint(width) & 31
	for len(values) >= 8 && len(out) >= 16 {
		v := values[:8]
		lo := uint64(v[0]) | uint64(v[1])<<w | uint64(v[2])<<(2*w) | uint64(v[3])<<(3*w)
		hi := uint64(v[4]) | uint64(v[5])<<w | uint64(v[6])<<(2*w) | uint64(v[7])<<(3*w)
		binary.LittleEndian.PutUint64(out, lo|hi<<(4*w))
		binary.LittleEndian.PutUint64(out[8:], hi>>(64-4*w))
		out, values = out[width:], values[8:]
	}
	packStream(out, values, width)
}

// packStream packs any width through one word.
func packStream[T Word](out []byte, values []T, width int) {
	var acc uint64
	filled := 0
	for _, v := range values {
		acc |= uint64(v) << filled
		filled += width
		if filled >= 64 {
			binary.LittleEndian.PutUint64(out, acc)
			out = out[8:]
			filled -= 64
			acc = uint64(v) >> (width - filled)
		}
	}
	if filled > 0 {
		binary.LittleEndian.PutUint64(out, acc)
	}
}

// Unpack reads len(dst) values. packed holds PackedLen(len(dst), width) bytes
// or more.
func Unpack[T Word](dst []T, packed []byte, width int) {
	switch {
	case width == 0:
		clear(dst)
	case width <= 8:
		unpackOctets(dst, packed, width)
	case width <= 16:
		unpackQuads(dst, packed, width)
	case width <= 28:
		unpackPairs(dst, packed, width)
	default:
		unpackWide(dst, packed, width)
	}
}

func unpackOctets[T Word](dst []T, packed []byte, width int) {
	w := uint(width) & 15 // the masks below spare the checks of what shifts by more than 63 would give
	mask := uint64(1)<<w - 1
	for len(dst) >= 8 && len(packed) >= 8 {
		x := binary.LittleEndian.Uint64(packed)
		d := dst[:8]
		d[0] = T(x & mask)
		d[1] = T(x >> w & mask)
		d[2] = T(x >> (2 * w & 63) & mask)
		d[3] = T(x >> (3 * w & 63) & mask)
		d[4] = T(x >> (4 * w & 63) & mask)
		d[5] = T(x >> (5 * w & 63) & mask)
		d[6] = T(x >> (6 * w & 63) & mask)
		d[7] = T(x >> (7 * w & 63) & mask)
		dst, packed = dst[8:], packed[width:]
	}
	unpackEach(dst, packed, width)
}

func unpackQuads[T Word](dst []T, packed []byte, width int) {
	w := uint(width) & 31
	mask := uint64(1)<<w - 1
	half, skew := width/2, uint(width%2)*4 // where the fifth value starts
	for len(dst) >= 8 && len(packed) >= 16 {
		x := binary.LittleEndian.Uint64(packed)
		y := binary.LittleEndian.Uint64(packed[half:]) >> skew
		d := dst[:8]
		d[0] = T(x & mask)
		d[1] = T(x >> w & mask)
		d[2] = T(x >> (2 * w & 63) & mask)
		d[3] = T(x >> (3 * w & 63) & mask)
		d[4] = T(y & mask)
		d[5] = T(y >> w & mask)
		d[6] = T(y >> (2 * w & 63) & mask)
		d[7] = T(y >> (3 * w & 63) & mask)
		dst, packed = dst[8:], packed[width:]
	}
	unpackEach(dst, packed, width)
}

// unpackPairs takes two values out of each of four words: with the 7 bits before
// them they fit one. Eight values fill width bytes, so that the pairs of the next
// eight start as far behind.
func unpackPairs[T Word](dst []T, packed []byte, width int) {
	const reach = 32 + 8 // a word that starts at any of 32 bytes; the masks below spare the checks
	w := uint(width) & 31
	mask := uint64(1)<<w - 1
	at2, at3, at4 := 2*w>>3, 4*w>>3, 6*w>>3 // the bytes and the bits where pairs start
	by2, by3, by4 := 2*w&7, 4*w&7, 6*w&7
	for len(dst) >= 8 && len(packed) >= reach {
		d, p := (*[8]T)(dst), (*[reach]byte)(packed)
		x := binary.LittleEndian.Uint64(p[:])
		d[0], d[1] = T(x&mask), T(x>>w&mask)
		x = binary.LittleEndian.Uint64(p[at2&31:]) >> (by2 & 7)
		d[2], d[3] = T(x&mask), T(x>>w&mask)
		x = binary.LittleEndian.Uint64(p[at3&31:]) >> (by3 & 7)
		d[4], d[5] = T(x&mask), T(x>>w&mask)
		x = binary.LittleEndian.Uint64(p[at4&31:]) >> (by4 & 7)
		d[6], d[7] = T(x&mask), T(x>>w&mask)
		dst, packed = dst[8:], packed[width:]
	}
	unpackEach(dst, packed, width)
}

func unpackWide[T Word](dst []T, packed []byte, width int) {
	i := 0
	if width <= 57 { // a value and the 7 bits before it fit one word
		mask := uint64(1)<<width - 1
		for bit := 0; i < len(dst) && bit>>3+8 <= len(packed); i++ {
			dst[i] = T(binary.LittleEndian.Uint64(packed[bit>>3:]) >> (bit & 7) & mask)
			bit += width
		}
	}
	for ; i < len(dst); i++ {
		dst[i] = T(At(packed, i, width))
	}
}

func unpackEach[T Word](dst []T, packed []byte, width int) {
	for i := range dst {
		dst[i] = T(At(packed, i, width))
	}
}

// At is value i of those packed.
func At(packed []byte, i, width int) uint64 {
	bit := i * width
	p, skew := bit>>3, bit&7
	if p+8 > len(packed) {
		return atEnd(packed[min(p, len(packed)):], skew, width)
	}
	x := binary.LittleEndian.Uint64(packed[p:]) >> skew
	if skew+width > 64 {
		x |= uint64(packed[p+8]) << (64 - skew)
	}
	return x & (1<<width - 1)
}

// atEnd reads a value near the end, where no whole word is left.
func atEnd(rest []byte, skew, width int) uint64 {
	var word [16]byte
	copy(word[:], rest)
	x := binary.LittleEndian.Uint64(word[:]) >> skew
	if skew > 0 {
		x |= uint64(word[8]) << (64 - skew)
	}
	return x & (1<<width - 1)
}
