package colfile

import (
	"slices"
	"unsafe"

	"github.com/plumbline/plumbline/internal/frame"
)

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
		for ; len(words) >= 8; words = words[8:] {
			w := (*[8]uint64)(words)
			w[0], w[1], w[2], w[3] = w[0]*unit+low, w[1]*unit+low, w[2]*unit+low, w[3]*unit+low
			w[4], w[5], w[6], w[7] = w[4]*unit+low, w[5]*unit+low, w[6]*unit+low, w[7]*unit+low
		}
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
