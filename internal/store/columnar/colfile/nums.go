package colfile

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/plumbline/plumbline/internal/frame"
)

// A page of numbers:
//
//	┌───────┬───────────┬──────┬──────┬───────┬─────────┬─────────────┬────────────┐
//	│ flags │ first  sv │ unit │ low  │ width │ packed  │ exceptions  │ high bits  │
//	│ byte  │ if steps  │ uv   │ sv   │ byte  │         │ count,      │ uv each    │
//	│       │           │      │      │       │         │ gaps uv     │            │
//	└───────┴───────────┴──────┴──────┴───────┴─────────┴─────────────┴────────────┘
//
// packed holds (n − low) / unit, or the same of the step from the number
// before. A few far larger than the rest keep only their low bits there, and
// their high bits at the end: they would widen all others.
const (
	flagSteps   byte = 1
	flagPatched byte = 2
)

// exceptionBits is about what an exception costs: a gap and its high bits.
const exceptionBits = 20

// numbersPage writes pages of numbers. What suits the first page of a chunk,
// numbers or steps, is taken for the others too.
type numbersPage struct {
	words []uint64
	other []uint64
	habit habit
}

type habit uint8

const (
	undecided habit = iota
	asNumbers
	asSteps
)

// begin begins the pages of other numbers.
func (p *numbersPage) begin() *numbersPage {
	p.habit = undecided
	return p
}

// append appends a page of numbers.
func (p *numbersPage) append(dst []byte, nums []int64) []byte {
	if len(nums) == 0 {
		return dst
	}
	var best plan
	switch p.habit {
	case asNumbers:
		best = p.plan(&p.words, nums, false)
	case asSteps:
		best = p.plan(&p.words, nums, true)
	default:
		best, p.habit = p.plan(&p.words, nums, false), asNumbers
		if steps := p.plan(&p.other, nums, true); steps.bits < best.bits {
			best, p.habit = steps, asSteps
			p.words, p.other = p.other, p.words
		}
	}
	dst = append(dst, best.flags())
	if best.steps {
		dst = binary.AppendVarint(dst, nums[0])
	}
	return best.append(dst, p.words)
}

// plan is how numbers are to be packed.
type plan struct {
	steps   bool
	unit    uint64
	low     int64
	width   int
	patched int // exceptions
	bits    int // the whole page, about
}

func (p plan) flags() byte {
	f := byte(0)
	if p.steps {
		f |= flagSteps
	}
	if p.patched > 0 {
		f |= flagPatched
	}
	return f
}

// plan fills words with what would be packed and finds the width.
func (p *numbersPage) plan(words *[]uint64, nums []int64, steps bool) plan {
	out := slices.Grow((*words)[:0], len(nums))
	if steps {
		for i := 1; i < len(nums); i++ {
			out = append(out, uint64(nums[i]-nums[i-1]))
		}
	} else {
		for _, n := range nums {
			out = append(out, uint64(n))
		}
	}
	*words = out
	pl := plan{steps: steps, unit: 1}
	if len(out) == 0 {
		return pl
	}
	low := int64(math.MaxInt64)
	for _, w := range out {
		low = min(low, int64(w))
	}
	pl.low = low
	for i := range out {
		out[i] -= uint64(low)
	}
	if pl.unit = divisor(out); pl.unit > 1 {
		for i := range out {
			out[i] /= pl.unit
		}
	}
	pl.width, pl.patched, pl.bits = narrowest(out)
	return pl
}

// divisor is the greatest number that divides all words. It is mostly 1 after
// a few of them.
func divisor(words []uint64) uint64 {
	d := uint64(0)
	for _, w := range words {
		for w != 0 {
			d, w = w, d%w
		}
		if d == 1 {
			return 1
		}
	}
	return max(d, 1)
}

// narrowest finds the width at which packing and exceptions together are
// shortest.
func narrowest(words []uint64) (width, patched, bits int) {
	var counts [65]int
	for _, w := range words {
		counts[frame.Bits(w)]++
	}
	widest := 64
	for widest > 0 && counts[widest] == 0 {
		widest--
	}
	width, bits = widest, len(words)*widest
	over := 0
	for w := widest - 1; w >= 0; w-- {
		over += counts[w+1]
		if cost := len(words)*w + over*(exceptionBits+widest-w); cost < bits {
			width, patched, bits = w, over, cost
		}
	}
	return width, patched, bits
}

func (p plan) append(dst []byte, words []uint64) []byte {
	dst = binary.AppendUvarint(dst, p.unit)
	dst = append(binary.AppendVarint(dst, p.low), byte(p.width))
	if p.patched == 0 {
		return frame.Pack(dst, words, p.width)
	}
	mask := uint64(1)<<p.width - 1
	places := make([]int, 0, p.patched)
	highs := make([]uint64, 0, p.patched)
	for i, w := range words {
		if w > mask {
			places, highs = append(places, i), append(highs, w>>p.width)
			words[i] = w & mask
		}
	}
	dst = frame.Pack(dst, words, p.width)
	dst = binary.AppendUvarint(dst, uint64(len(places)))
	last := 0
	for _, at := range places {
		dst = binary.AppendUvarint(dst, uint64(at-last))
		last = at
	}
	for _, h := range highs {
		dst = binary.AppendUvarint(dst, h)
	}
	return dst
}
