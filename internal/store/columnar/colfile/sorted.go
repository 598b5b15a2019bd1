package colfile

import (
	"encoding/binary"
	"slices"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/frame"
	"github.com/plumbline/plumbline/internal/row"
)

// A block of a dictionary holds texts in their order, in one of two forms.
//
// fronted: what each text shares with the one before, and the rest.
//
//	┌──────┬──────────┬──────────────────┬─────────────┬───────┐
//	│ form │ count uv │ width, packed    │ width,      │ bytes │
//	│ 0    │          │ shared lengths   │ packed more │       │
//	└──────┴──────────┴──────────────────┴─────────────┴───────┘
//
// numbered: one prefix and then only decimal digits, as ids of users have.
// Written as a fraction (7 → .7, 12 → .12) numbers order like their texts, and
// neighbours lie close together.
//
//	┌──────┬──────────┬─────────────┬──────────────┬─────────────────────────┐
//	│ form │ count uv │ prefix text │ width,       │ numbers, as on a page:  │
//	│ 1    │          │             │ packed digits│ digits · 10^(18−digits) │
//	└──────┴──────────┴─────────────┴──────────────┴─────────────────────────┘
const (
	fronted  byte = 0
	numbered byte = 1
)

// fractionDigits is how many digits surely fit an int64.
const fractionDigits = 18

// appendSorted appends a block; nums is for the numbers of all blocks of a
// dictionary.
func appendSorted(dst []byte, texts []string, nums *numbersPage) []byte {
	if out, ok := appendNumbered(dst, texts, nums); ok {
		return out
	}
	return appendFronted(dst, texts)
}

func appendFronted(dst []byte, texts []string) []byte {
	shared, more := make([]uint32, len(texts)), make([]uint32, len(texts))
	last := ""
	for i, s := range texts {
		n := sharedLen(last, s)
		shared[i], more[i] = uint32(n), uint32(len(s)-n)
		last = s
	}
	dst = binary.AppendUvarint(append(dst, fronted), uint64(len(texts)))
	dst = appendPacked(appendPacked(dst, shared), more)
	for i, s := range texts {
		dst = append(dst, s[shared[i]:]...)
	}
	return dst
}

// appendNumbered appends texts as numbers, if all are.
func appendNumbered(dst []byte, texts []string, page *numbersPage) ([]byte, bool) {
	if len(texts) < 2 {
		return dst, false
	}
	prefix := sharedPrefix(texts)
	for len(prefix) > 0 && prefix[len(prefix)-1]-'0' <= 9 {
		prefix = prefix[:len(prefix)-1]
	}
	nums, digits := make([]int64, len(texts)), make([]uint32, len(texts))
	for i, s := range texts {
		n, ok := fraction(s[len(prefix):])
		if !ok {
			return dst, false
		}
		nums[i], digits[i] = n, uint32(len(s)-len(prefix))
	}
	dst = binary.AppendUvarint(append(dst, numbered), uint64(len(texts)))
	dst = appendPacked(frame.AppendText(dst, prefix), digits)
	return page.append(dst, nums), true
}

// fraction reads digits as the decimals of a number.
func fraction(digits string) (int64, bool) {
	if len(digits) == 0 || len(digits) > fractionDigits {
		return 0, false
	}
	n := int64(0)
	for i := range len(digits) {
		d := digits[i] - '0'
		if d > 9 {
			return 0, false
		}
		n = 10*n + int64(d)
	}
	return n * pow10[fractionDigits-len(digits)], true
}

// readSorted reads the count texts of a block, which stand behind those read
// before.
func readSorted(into *row.SortedTexts, data []byte, count int) error {
	r := frame.NewCursor(data)
	form := r.Byte()
	if n := r.Count(count); n != count {
		r.Fail("not as many texts as there should be")
	}
	if r.Err() != nil {
		return r.Err()
	}
	switch form {
	case fronted:
		return readFronted(into, r, count)
	case numbered:
		return readNumbered(into, r, count)
	}
	return fault.New(fault.Corrupt, "texts in an unknown form %d", form)
}

// maxTexts bounds the texts of one block in memory.
const maxTexts = 1 << 30

// reserve makes room for the texts of a block.
func reserve(into *row.SortedTexts, count, size int) error {
	if size > maxTexts {
		return fault.New(fault.Corrupt, "texts of more than %d bytes", maxTexts)
	}
	into.Grow(count, size)
	return nil
}

// misplaced is the error of a text that cannot stand where it does.
func misplaced(into *row.SortedTexts) error {
	return fault.New(fault.Corrupt, "text %d is out of order, or beyond 4 GiB", into.Len())
}

func readFronted(into *row.SortedTexts, r *frame.Cursor, count int) error {
	shared, more := readPacked(nil, r, count), readPacked(nil, r, count)
	if r.Err() != nil {
		return r.Err()
	}
	size, last := 0, 0
	for i, n := range shared {
		if int(n) > last {
			return fault.New(fault.Corrupt, "text %d shares more than there is", i)
		}
		last = int(n) + int(more[i])
		size += last
	}
	if err := reserve(into, count, size); err != nil {
		return err
	}
	before := 0 // where the text before begins
	for i, n := range shared {
		from := len(into.Bytes)
		into.Bytes = append(append(into.Bytes, into.Bytes[before:before+int(n)]...), r.Bytes(int(more[i]))...)
		if r.Err() != nil {
			return r.Err()
		}
		if !into.End() {
			return misplaced(into)
		}
		before = from
	}
	return r.End()
}

func readNumbered(into *row.SortedTexts, r *frame.Cursor, count int) error {
	prefix := r.Text()
	digits := readPacked(nil, r, count)
	if r.Err() != nil {
		return r.Err()
	}
	nums := readNumbers(make([]int64, 0, count), r, count, nil)
	if err := r.End(); err != nil {
		return err
	}
	size := count * len(prefix)
	for _, n := range digits {
		size += int(min(n, fractionDigits))
	}
	if err := reserve(into, count, size); err != nil {
		return err
	}
	for i, n := range nums {
		into.Bytes = append(into.Bytes, prefix...)
		var ok bool
		if into.Bytes, ok = appendFraction(into.Bytes, n, int(digits[i])); !ok {
			return fault.New(fault.Corrupt, "text %d has no such digits", i)
		}
		if !into.End() {
			return misplaced(into)
		}
	}
	return nil
}

// appendFraction appends the digits that fraction read.
func appendFraction(dst []byte, n int64, digits int) ([]byte, bool) {
	if digits < 1 || digits > fractionDigits || n < 0 || n%pow10[fractionDigits-digits] != 0 {
		return dst, false
	}
	n /= pow10[fractionDigits-digits]
	at := len(dst)
	dst = append(dst, "000000000000000000"[:digits]...)
	for i := at + digits - 1; i >= at; i-- {
		dst[i] = byte('0' + n%10)
		n /= 10
	}
	return dst, n == 0
}

// appendPacked appends a width and values of that width.
func appendPacked(dst []byte, values []uint32) []byte {
	most := uint32(0)
	for _, v := range values {
		most = max(most, v)
	}
	width := frame.Bits(uint64(most))
	return frame.Pack(append(dst, byte(width)), values, width)
}

// readPacked appends n values to dst.
func readPacked(dst []uint32, r *frame.Cursor, n int) []uint32 {
	width := r.Width()
	if width > 32 {
		r.Fail("values wider than 32 bits")
	}
	packed := r.Packed(n, width)
	if r.Err() != nil {
		return dst
	}
	k := len(dst)
	dst = slices.Grow(dst, n)[:k+n]
	frame.Unpack(dst[k:], packed, width)
	return dst
}
