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
