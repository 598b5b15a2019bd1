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
	head, tail uint64 // the first and the second eight bytes, zeros behind the end; the hash of a long text, and 0
	size       uint32
}

// wholeMost is the length up to which head, tail and size are all of a text.
const wholeMost = 16

// SightSlack is how many bytes SightAt may read behind a text.
const SightSlack = wholeMost

// SightOf looks at a text of less than 4 GiB.
func SightOf(text []byte) Sight {
	s := Sight{size: uint32(len(text))}
	switch n := len(text); {
	case n > wholeMost:
		s.head = xxh3.Hash(text)
	case n >= 8:
		s.head, s.tail = load(text, 0), load(text, n-8)>>(8*(wholeMost-n))
	case n >= 4: // what is loaded twice is loaded to the same place
		s.head = uint64(binary.LittleEndian.Uint32(text)) | uint64(binary.LittleEndian.Uint32(text[n-4:]))<<(8*(n-4))
	case n > 0:
		s.head = uint64(text[0]) | uint64(text[n/2])<<(8*(n/2)) | uint64(text[n-1])<<(8*(n-1))
	}
	return s
}

// SightAt is SightOf b[from:from+size], faster where texts are of many lengths;
// SightSlack bytes must stand behind them.
func SightAt(b []byte, from, size uint32) Sight {
	if size > wholeMost {
		return Sight{head: xxh3.Hash(b[from : from+size]), size: size}
	}
	b = b[from : from+SightSlack]
	head, tail := load(b, 0), load(b, 8)
	if size <= 8 {
		return Sight{head: head & (1<<(8*size) - 1), size: size}
	}
	return Sight{head: head, tail: tail & (1<<(8*(size-8)) - 1), size: size}
}

// Whole reports whether texts that look like this are equal.
func (s Sight) Whole() bool { return s.size <= wholeMost }

// Hash is a number to find a slot by. It keeps nobody from making texts that
// collide; a table answers rightly all the same.
func (s Sight) Hash() uint64 {
	hi, lo := bits.Mul64(s.head^0x9e3779b97f4a7c15, s.tail^uint64(s.size)^0xbf58476d1ce4e5b9)
	return hi ^ lo
}
