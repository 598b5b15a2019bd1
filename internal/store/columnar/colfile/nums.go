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

// numbersPage writes pages of numbers and remembers whether steps suited the
// page before.
type numbersPage struct {
	words []uint64
	steps []uint64
}

// append appends a page of numbers, in the shorter of both forms.
func (p *numbersPage) append(dst []byte, nums []int64) []byte {
	if len(nums) == 0 {
		return dst
	}
	plain := p.plan(&p.words, nums, false)
	step := p.plan(&p.steps, nums, true)
	if step.bits < plain.bits {
		dst = binary.AppendVarint(append(dst, step.flags()), nums[0])
		return step.append(dst, p.steps)
	}
	return plain.append(append(dst, plain.flags()), p.words)
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
	out := (*words)[:0]
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

// readNumbers appends the n numbers of a page, or those at the places given,
// ascending.
func readNumbers(dst []int64, r *frame.Cursor, n int, at []uint32) []int64 {
	if n == 0 {
		return dst
	}
	flags := r.Byte()
	steps := flags&flagSteps != 0
	var first int64
	if steps {
		first = r.Varint()
		n--
	}
	unit, low, width := r.Uvarint(), uint64(r.Varint()), r.Width()
	packed := r.Packed(n, width)
	if flags > flagSteps|flagPatched {
		r.Fail("numbers in an unknown form")
	}
	if at != nil && flags == 0 && r.Err() == nil {
		for _, i := range at {
			dst = append(dst, int64(frame.At(packed, int(i), width)*unit+low))
		}
		return dst
	}
	words := make([]uint64, n)
	if r.Err() == nil {
		frame.Unpack(words, packed, width)
	}
	if flags&flagPatched != 0 {
		patch(r, words, width)
	}
	if r.Err() != nil {
		return dst
	}
	if at == nil {
		return appendUnpacked(dst, words, unit, low, steps, first)
	}
	all := appendUnpacked(make([]int64, 0, n+1), words, unit, low, steps, first)
	for _, i := range at {
		dst = append(dst, all[i])
	}
	return dst
}

func appendUnpacked(dst []int64, words []uint64, unit, low uint64, steps bool, first int64) []int64 {
	if steps {
		last := uint64(first)
		dst = append(dst, first)
		for _, w := range words {
			last += w*unit + low
			dst = append(dst, int64(last))
		}
		return dst
	}
	at := len(dst)
	dst = slices.Grow(dst, len(words))[:at+len(words)]
	out := dst[at:]
	if unit == 1 {
		for i, w := range words {
			out[i] = int64(w + low)
		}
		return dst
	}
	for i, w := range words {
		out[i] = int64(w*unit + low)
	}
	return dst
}

// patch puts the high bits of exceptions back.
func patch(r *frame.Cursor, words []uint64, width int) {
	n := r.Count(len(words))
	places := make([]int, 0, n)
	last := 0
	for range n {
		last += r.Count(len(words))
		if last >= len(words) {
			r.Fail("an exception beyond the page")
			return
		}
		places = append(places, last)
	}
	for _, at := range places {
		words[at] |= r.Uvarint() << width
	}
}
