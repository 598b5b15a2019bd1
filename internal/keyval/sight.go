package keyval

import (
	"encoding/binary"
	"math/bits"

	"github.com/zeebo/xxh3"
)

// Sight is what a text looks like at first sight, for tables of texts: equal
// texts look equal, and short ones are equal if they do, so that no call is
// needed to compare them.
type Sight struct {
	head, tail uint64 // its bytes, zeros, and in the last byte its size; of a long text a hash, its size, and longText in the last byte
}

const (
	// wholeMost is the length up to which a text is looked at as a whole.
	wholeMost = 15
	// sizeShift is where the last byte of tail is.
	sizeShift = 56
	longText  = 0xff << sizeShift
)

// SightSlack is how many bytes SightAt may read behind a text.
const SightSlack = wholeMost + 1

// SightOf looks at a text of less than 4 GiB.
func SightOf(text []byte) Sight {
	size := uint64(len(text)) << sizeShift
	switch n := len(text); {
	case n > wholeMost:
		return sightOfLong(text)
	case n >= 8:
		return Sight{load(text, 0), load(text, n-8)>>(8*(16-n)) | size}
	case n >= 4: // what is loaded twice is loaded to the same place
		return Sight{uint64(binary.LittleEndian.Uint32(text)) | uint64(binary.LittleEndian.Uint32(text[n-4:]))<<(8*(n-4)), size}
	case n > 0:
		return Sight{uint64(text[0]) | uint64(text[n/2])<<(8*(n/2)) | uint64(text[n-1])<<(8*(n-1)), size}
	}
	return Sight{}
}

// SightAt is SightOf b[from:from+n], faster where texts are of many lengths;
// SightSlack bytes must stand behind them.
func SightAt(b []byte, from, n uint32) Sight {
	if n > wholeMost {
		return sightOfLong(b[from : from+n])
	}
	// Without a branch on n, which in many fields lies on both sides of eight.
	b = b[from : from+SightSlack]
	head, tail := uint64(1)<<(8*n)-1, uint64(1)<<(8*(max(n, 8)-8))-1
	return Sight{load(b, 0) & head, load(b, 8)&tail | uint64(n)<<sizeShift}
}

func sightOfLong(text []byte) Sight { return Sight{xxh3.Hash(text), uint64(len(text)) | longText} }

// Whole reports whether texts that look like this are equal.
func (s Sight) Whole() bool { return s.tail < longText }

// Hash is a number to find a slot by. It keeps nobody from making texts that
// collide; a table answers rightly all the same.
func (s Sight) Hash() uint64 {
	hi, lo := bits.Mul64(s.head^0x9e3779b97f4a7c15, s.tail^0xbf58476d1ce4e5b9)
	return hi ^ lo
}
