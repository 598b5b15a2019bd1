package agg

import "github.com/plumbline/plumbline/internal/row"

// pairTable gives each different pair of numbers a number, in order of first
// sight. Small ones are looked up in a grid, others by hash.
type pairTable struct {
	pairs  []uint64 // by number: first<<32 | second
	grid   []uint32 // the number at first·stride + second; row.None: no such pair yet
	stride int      // 0: no grid yet, or no longer
	hash   numberTable
	hashed bool
}

// A grid may always have gridSlots, as many as fit a core's second cache (1
// MB), and more while a tenth of them is used: then it is no larger than the
// hash table would be.
const (
	gridSlots   = 1 << 18
	slotsOfPair = 10
)

// assign puts the number of (first[i], second[i]) into first[i]; row.None with
// anything is row.None. All of them lie below firsts and seconds.
func (t *pairTable) assign(first, second []uint32, firsts, seconds int) {
	t.reserve(firsts, seconds)
	if !t.hashed {
		t.assignGrid(first, second)
		return
	}
	last, number := uint64(0), row.None
	for i, a := range first {
		b := second[i]
		if isNone(a | b) {
			first[i] = row.None
			continue
		}
		if pair := uint64(a)<<32 | uint64(b); pair != last || number == row.None {
			last, number = pair, t.find(pair)
		}
		first[i] = number
	}
}

func (t *pairTable) assignGrid(first, second []uint32) {
	grid, stride := t.grid, t.stride
	second = second[:len(first)]
	for i, a := range first {
		b := second[i]
		if isNone(a | b) {
			first[i] = row.None
			continue
		}
		at := int(a)*stride + int(b)
		number := grid[at]
		if isNone(number) {
			number = uint32(len(t.pairs))
			t.pairs = append(t.pairs, uint64(a)<<32|uint64(b))
			grid[at] = number
		}
		first[i] = number
	}
}

// assignCoded puts the number of (first[a[i]], second[b[i]]) into dst[i], as assign
// does. It writes to first.
func (t *pairTable) assignCoded(dst, a, b, first, second []uint32, firsts, seconds int) {
	t.reserve(firsts, seconds)
	if t.hashed {
		others := make([]uint32, len(dst))
		for i := range dst {
			dst[i], others[i] = first[a[i]], second[b[i]]
		}
		t.assign(dst, others, firsts, seconds)
		return
	}
	for i, code := range first { // where its line of the grid begins
		if !isNone(code) {
			first[i] = code * uint32(t.stride)
		}
	}
	grid := t.grid
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		number := row.None
		if at := first[a[i]] | second[b[i]]; uint(at) < uint(len(grid)) { // a stride is a power of two, and row.None is beyond
			if number = grid[at]; isNone(number) {
				number = t.number(at/uint32(t.stride), at%uint32(t.stride))
			}
		}
		dst[i] = number
	}
}

// number is the number of one pair; reserve was called for it.
func (t *pairTable) number(first, second uint32) uint32 {
	one, other := [1]uint32{first}, [1]uint32{second}
	if t.hashed {
		return t.find(uint64(first)<<32 | uint64(second))
	}
	t.assignGrid(one[:], other[:])
	return one[0]
}

func (t *pairTable) find(pair uint64) uint32 {
	number, found := t.hash.find(int64(pair), uint32(len(t.pairs)))
	if !found {
		t.pairs = append(t.pairs, pair)
	}
	return number
}

// reserve makes the grid large enough, or gives it up.
func (t *pairTable) reserve(firsts, seconds int) {
	if t.hashed || t.stride >= seconds && firsts*t.stride <= len(t.grid) {
		return
	}
	stride := max(t.stride, 8)
	for stride < seconds {
		stride *= 2
	}
	rows := 8
	for rows < firsts {
		rows *= 2
	}
	if rows*stride > max(gridSlots, slotsOfPair*len(t.pairs)) {
		t.toHash()
		return
	}
	t.grid, t.stride = make([]uint32, rows*stride), stride
	fill(t.grid, row.None)
	for i, pair := range t.pairs {
		t.grid[int(pair>>32)*stride+int(uint32(pair))] = uint32(i)
	}
}

func (t *pairTable) toHash() {
	t.grid, t.stride, t.hashed = nil, 0, true
	for i, pair := range t.pairs {
		t.hash.find(int64(pair), uint32(i))
	}
}

// split is the pair of a number.
func (t *pairTable) split(number uint32) (first, second uint32) {
	pair := t.pairs[number]
	return uint32(pair >> 32), uint32(pair)
}

func (t *pairTable) memBytes() int {
	return 8*cap(t.pairs) + 4*len(t.grid) + t.hash.memBytes()
}
