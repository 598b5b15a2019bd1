package frame

import (
	"encoding/binary"
	"math"
)

// differences is the flag of nums whose numbers follow the one before.
const differences = 1

// strip is how many numbers are brought into packed form at a time, on the
// stack.
const strip = 512

// appendNums appends numbers in the narrower of two forms: as they are, or as
// the steps between them, which suits times and running numbers.
func appendNums(dst []byte, nums []int64) []byte {
	if len(nums) == 0 {
		return dst
	}
	low, high := bounds(nums)
	stepLow, stepHigh := stepBounds(nums)
	if Bits(uint64(stepHigh)-uint64(stepLow)) < Bits(uint64(high)-uint64(low)) {
		dst = binary.AppendVarint(append(dst, differences), nums[0])
		return packNums(dst, nums[1:], nums[0], 1, stepLow, stepHigh)
	}
	return packNums(append(dst, 0), nums, 0, 0, low, high)
}

// packNums packs (num − times·before − low) / unit.
func packNums(dst []byte, nums []int64, before, times, low, high int64) []byte {
	unit := unitOf(nums, before, times, low)
	width := Bits((uint64(high) - uint64(low)) / unit)
	dst = binary.AppendUvarint(dst, unit)
	dst = binary.AppendVarint(dst, low)
	dst = append(dst, byte(width))
	var words [strip]uint64
	for len(nums) > 0 {
		part := nums[:min(strip, len(nums))]
		for i, n := range part {
			words[i] = uint64(n) - uint64(times*before) - uint64(low)
			before = n
		}
		if unit > 1 {
			for i := range part {
				words[i] /= unit
			}
		}
		dst = Pack(dst, words[:len(part)], width)
		nums = nums[len(part):]
	}
	return dst
}

// units are what clocks and counters step in: milli-, micro- and nanoseconds
// written as nanoseconds.
var units = [...]uint64{1e9, 1e6, 1e3}

// unitOf is the largest of units that divides all that is packed.
func unitOf(nums []int64, before, times, low int64) uint64 {
	for _, unit := range units {
		last, divides := before, true
		for _, n := range nums {
			if (uint64(n)-uint64(times*last)-uint64(low))%unit != 0 {
				divides = false
				break
			}
			last = n
		}
		if divides {
			return unit
		}
	}
	return 1
}

func bounds(nums []int64) (low, high int64) {
	low, high = nums[0], nums[0]
	for _, n := range nums {
		low, high = min(low, n), max(high, n)
	}
	return low, high
}

// stepBounds are those of the differences between neighbours. Differences wrap
// around, and add up again in the same way.
func stepBounds(nums []int64) (low, high int64) {
	if len(nums) < 2 {
		return 0, 0
	}
	low, high = math.MaxInt64, math.MinInt64
	before := nums[0]
	for _, n := range nums[1:] {
		step := n - before
		low, high = min(low, step), max(high, step)
		before = n
	}
	return low, high
}

// nums reads n numbers.
func (c *Cursor) nums(n int) []int64 {
	if n == 0 {
		return nil
	}
	flags := c.Byte()
	if flags > differences {
		c.Fail("numbers in an unknown form")
	}
	out := make([]int64, 0, n)
	var last uint64
	if flags == differences {
		last = uint64(c.Varint())
		out = append(out, int64(last))
		n--
	}
	unit, low, width := c.Uvarint(), uint64(c.Varint()), c.Width()
	packed := c.Packed(n, width)
	if c.err != nil {
		return nil
	}
	var words [strip]uint64
	for at := 0; at < n; at += strip {
		part := words[:min(strip, n-at)]
		Unpack(part, packed[at/8*width:], width) // strip is a multiple of 8: whole bytes
		for _, w := range part {
			w = w*unit + low
			if flags == differences {
				last += w
				w = last
			}
			out = append(out, int64(w))
		}
	}
	return out
}
