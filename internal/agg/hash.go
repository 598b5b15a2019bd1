package agg

import (
	"math/bits"
	"math/rand/v2"
	"unsafe"
)

// newSeed makes the places in a hash table unforeseeable: what lies in lines
// is written by strangers, who could otherwise choose values that collide.
func newSeed() uint64 { return rand.Uint64() }

// hashInt spreads an integer over 64 bits: both halves of one product.
func hashInt(v int64, seed uint64) uint64 {
	hi, lo := bits.Mul64(uint64(v)^seed, 0x9e3779b97f4a7c15) // 2^64 / golden ratio
	return hi ^ lo
}

// view is the bytes as a string without a copy; it lives as long as they do.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
