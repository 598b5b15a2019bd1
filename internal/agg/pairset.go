package agg

import "github.com/plumbline/plumbline/internal/row"

// pairSet is a set of pairs of numbers: bits in a grid while that is smaller,
// else hashed.
type pairSet struct {
	bits   []uint64
	stride int      // words for each first number
	slots  []uint64 // first<<32 | second, +1; 0 is free; at most half full
	len    int
	seed   uint64
}

const (
	// minGridBytes is what a grid may always take: about a core's second cache.
	minGridBytes = 1 << 20
	// hashedBytes is about what a pair takes when hashed.
	hashedBytes = 24
)

// reserve makes room for pairs below firsts and seconds.
func (s *pairSet) reserve(firsts, seconds int) {
	if s.slots != nil || s.stride*64 >= seconds && firsts*s.stride <= len(s.bits) {
		return
	}
	stride, rows := max(s.stride, 1), 1
	for stride*64 < seconds {
		stride *= 2
	}
	for rows < firsts {
		rows *= 2
	}
	if 8*rows*stride > max(minGridBytes, hashedBytes*s.len) {
		s.toHash()
		return
	}
	bits := make([]uint64, rows*stride)
	for at := 0; s.stride > 0 && at < len(s.bits); at += s.stride {
		copy(bits[at/s.stride*stride:], s.bits[at:at+s.stride])
	}
	s.bits, s.stride = bits, stride
}

// add puts a pair into the set and reports whether it is new. reserve was
// called for it.
func (s *pairSet) add(first, second uint32) bool {
	if s.slots != nil {
		return s.addHashed(uint64(first)<<32 | uint64(second))
	}
	word := &s.bits[int(first)*s.stride+int(second>>6)]
	bit := uint64(1) << (second & 63)
	if *word&bit != 0 {
		return false
	}
	*word |= bit
	s.len++
	return true
}

func (s *pairSet) addHashed(pair uint64) bool {
	if 2*s.len >= len(s.slots) {
		s.grow(2 * len(s.slots))
	}
	mask := uint64(len(s.slots) - 1)
	for p := hashInt(int64(pair), s.seed) & mask; ; p = (p + 1) & mask {
		switch s.slots[p] {
		case 0:
			s.slots[p] = pair + 1
			s.len++
			return true
		case pair + 1:
			return false
		}
	}
}

func (s *pairSet) toHash() {
	old, stride := s.bits, s.stride
	s.bits, s.stride, s.seed = nil, 0, newSeed()
	size := firstSlots
	for size < 4*s.len {
		size *= 2
	}
	s.len, s.slots = 0, make([]uint64, size)
	eachBit(old, stride, func(first, second uint32) { s.addHashed(uint64(first)<<32 | uint64(second)) })
}

func (s *pairSet) grow(size int) {
	old := s.slots
	s.len, s.slots = 0, make([]uint64, size)
	for _, pair := range old {
		if pair != 0 {
			s.addHashed(pair - 1)
		}
	}
}

// each calls yield with every pair.
func (s *pairSet) each(yield func(first, second uint32)) {
	eachBit(s.bits, s.stride, yield)
	for _, pair := range s.slots {
		if pair != 0 {
			yield(uint32((pair-1)>>32), uint32(pair-1))
		}
	}
}

func eachBit(words []uint64, stride int, yield func(first, second uint32)) {
	for at := 0; at < len(words); at += stride {
		for second := range row.Bitmap(words[at : at+stride]).Rows {
			yield(uint32(at/stride), uint32(second))
		}
	}
}

func (s *pairSet) memBytes() int { return 8 * (len(s.bits) + len(s.slots)) }
