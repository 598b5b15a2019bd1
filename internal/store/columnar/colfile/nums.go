package colfile

import (
	"encoding/binary"
	"math"
	"slices"
	"unsafe"

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

// readNumbers appends the n numbers of a page, or those at the places given,
// ascending.
func readNumbers(dst []int64, r *frame.Cursor, n int, at []uint32) []int64 {
	if n == 0 {
		return dst
	}
	p := packedNumbers{n: n}
	if p.read(r); r.Err() != nil {
		return dst
	}
	if at == nil {
		return p.appendAll(dst, r)
	}
	if p.flags&flagSteps != 0 {
		return p.appendSteps(dst, r, at)
	}
	if len(at) > n/manyPlaces {
		from := len(dst)
		dst = p.appendAll(dst, r)
		for k, i := range at { // never behind the place it comes from
			dst[from+k] = dst[from+int(i)]
		}
		return dst[:from+len(at)]
	}
	if p.flags == 0 {
		for _, i := range at {
			dst = append(dst, int64(frame.At(p.packed, int(i), p.width)*p.unit+p.low))
		}
		return dst
	}
	return p.appendSome(dst, r, at)
}

// manyPlaces is the share of a page, one in so many, from which on unpacking
// all of it costs less than looking each number up.
const manyPlaces = 4

// packedNumbers is a page of numbers, not yet unpacked.
type packedNumbers struct {
	n      int
	flags  byte
	first  int64
	unit   uint64
	low    uint64
	width  int
	packed []byte
}

func (p *packedNumbers) read(r *frame.Cursor) {
	packed := p.n
	if p.flags = r.Byte(); p.flags&flagSteps != 0 {
		p.first = r.Varint()
		packed--
	}
	p.unit, p.low, p.width = r.Uvarint(), uint64(r.Varint()), r.Width()
	p.packed = r.Packed(packed, p.width)
	if p.flags > flagSteps|flagPatched {
		r.Fail("numbers in an unknown form")
	}
}

// appendAll appends all numbers. They are unpacked where they will stand, some at
// a time, so that they are still at hand for what makes numbers of them.
func (p *packedNumbers) appendAll(dst []int64, r *frame.Cursor) []int64 {
	at := len(dst)
	dst = slices.Grow(dst, p.n)[:at+p.n]
	out := dst[at:]
	if p.flags&flagSteps != 0 {
		out[0] = p.first
		out = out[1:]
	}
	words := unsafe.Slice((*uint64)(unsafe.Pointer(unsafe.SliceData(out))), len(out)) // the same bits
	var far []uint32
	if p.flags&flagPatched != 0 {
		far = exceptions(r, len(words))
	}
	last := uint64(p.first)
	for from := 0; from < len(words); from += strip {
		part := words[from:min(from+strip, len(words))]
		frame.Unpack(part, p.packed[from/8*p.width:], p.width) // a strip is whole bytes
		for ; len(far) > 0 && int(far[0]) < from+len(part); far = far[1:] {
			words[far[0]] |= r.Uvarint() << p.width
		}
		if p.flags&flagSteps != 0 {
			last = sumUp(part, p.unit, p.low, last)
		} else {
			scaleUp(part, p.unit, p.low)
		}
	}
	return dst
}

// scaleUp makes numbers of what is packed: their unit and the lowest come in.
func scaleUp(words []uint64, unit, low uint64) {
	switch {
	case unit != 1:
		for i, w := range words {
			words[i] = w*unit + low
		}
	case low != 0:
		for ; len(words) >= 8; words = words[8:] {
			w := (*[8]uint64)(words)
			w[0], w[1], w[2], w[3] = w[0]+low, w[1]+low, w[2]+low, w[3]+low
			w[4], w[5], w[6], w[7] = w[4]+low, w[5]+low, w[6]+low, w[7]+low
		}
		for i := range words {
			words[i] += low
		}
	}
}

// sumUp makes numbers of the steps that are packed, and returns the last one.
func sumUp(words []uint64, unit, low, last uint64) uint64 {
	for i, w := range words {
		last += w*unit + low
		words[i] = last
	}
	return last
}

// appendEven is appendSteps where all steps but the exceptions are alike.
func (p *packedNumbers) appendEven(dst []int64, r *frame.Cursor, at, far []uint32) []int64 {
	beyond := uint64(0) // how far the exceptions have led
	for _, i := range at {
		for ; len(far) > 0 && far[0] < i; far = far[1:] {
			beyond += r.Uvarint() * p.unit
		}
		dst = append(dst, p.first+int64(uint64(i)*p.low+beyond))
	}
	for range far {
		r.Uvarint()
	}
	return dst
}

// sum is how far steps that are packed lead together. Four sums side by side do not
// wait for each other.
func (p *packedNumbers) sum(words []uint64) uint64 {
	var a, b, c, d uint64
	n := uint64(len(words))
	for ; len(words) >= 4; words = words[4:] {
		a, b, c, d = a+words[0], b+words[1], c+words[2], d+words[3]
	}
	for _, w := range words {
		a += w
	}
	return (a+b+c+d)*p.unit + n*p.low
}

// strip is how many numbers are unpacked at a time, on the stack.
const strip = 512

// appendSteps appends the numbers at the places given of a page of steps, and
// unpacks no more than those up to the last.
func (p *packedNumbers) appendSteps(dst []int64, r *frame.Cursor, at []uint32) []int64 {
	var far []uint32 // exceptions among the steps
	if p.flags&flagPatched != 0 {
		far = exceptions(r, p.n-1)
	}
	if p.width == 0 {
		return p.appendEven(dst, r, at, far)
	}
	last := uint64(p.first)
	if len(at) > 0 && at[0] == 0 {
		dst, at = append(dst, p.first), at[1:]
	}
	var words [strip]uint64
	for from := 1; len(at) > 0; from += strip { // step i leads to number i+1
		part := words[:min(strip, p.n-from)]
		frame.Unpack(part, p.packed[from/8*p.width:], p.width) // a strip is whole bytes
		for ; len(far) > 0 && int(far[0])+1 < from+len(part); far = far[1:] {
			part[int(far[0])+1-from] |= r.Uvarint() << p.width
		}
		summed := 0
		for ; len(at) > 0 && int(at[0])-from < len(part); at = at[1:] {
			to := int(at[0]) - from + 1
			last += p.sum(part[summed:to])
			dst, summed = append(dst, int64(last)), to
		}
		last += p.sum(part[summed:])
	}
	for range far {
		r.Uvarint()
	}
	return dst
}

// appendSome appends the numbers at the places given, and looks for each among
// the exceptions.
func (p *packedNumbers) appendSome(dst []int64, r *frame.Cursor, at []uint32) []int64 {
	places := exceptions(r, p.n)
	k := 0
	for _, i := range at {
		for ; k < len(places) && places[k] < i; k++ {
			r.Uvarint()
		}
		w := frame.At(p.packed, int(i), p.width)
		if k < len(places) && places[k] == i {
			w |= r.Uvarint() << p.width
			k++
		}
		dst = append(dst, int64(w*p.unit+p.low))
	}
	for ; k < len(places); k++ {
		r.Uvarint()
	}
	return dst
}

// exceptions are the places of the exceptions among n numbers, ascending.
func exceptions(r *frame.Cursor, n int) []uint32 {
	count, last := r.Count(n), 0
	places := make([]uint32, 0, count)
	for range count {
		last += r.Count(n)
		if last >= n || len(places) > 0 && last == int(places[len(places)-1]) {
			r.Fail("an exception out of its place")
			return nil
		}
		places = append(places, uint32(last))
	}
	return places
}
