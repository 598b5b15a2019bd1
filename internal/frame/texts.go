package frame

import (
	"encoding/binary"
	"math"
)

// appendLengths appends the lengths of n texts, text i reaching from offs[i]
// to offs[i+1].
func appendLengths(dst []byte, offs []uint32, scratch []uint32) []byte {
	if len(offs) < 2 {
		return dst
	}
	least, most := uint32(math.MaxUint32), uint32(0)
	lens := scratch[:0]
	for i := 1; i < len(offs); i++ {
		n := offs[i] - offs[i-1]
		least, most = min(least, n), max(most, n)
		lens = append(lens, n)
	}
	for i := range lens {
		lens[i] -= least
	}
	width := Bits(uint64(most - least))
	dst = append(binary.AppendUvarint(dst, uint64(least)), byte(width))
	return Pack(dst, lens, width)
}

// strings appends texts given one by one.
func (w *writer) strings(values []string) {
	w.offs = append(w.offs[:0], 0)
	size := uint32(0)
	for _, v := range values {
		size += uint32(len(v))
		w.offs = append(w.offs, size)
	}
	w.dst = appendLengths(w.dst, w.offs, w.scratch())
	for _, v := range values {
		w.dst = append(w.dst, v...)
	}
}

// texts reads n texts: their offsets and their bytes, shared with the data.
func (c *Cursor) texts(n int) (offs []uint32, text []byte) {
	if n == 0 {
		return make([]uint32, 1), nil
	}
	least, width := c.Uvarint(), c.Width()
	if width > 32 || least > math.MaxUint32 {
		c.Fail("a text longer than 4 GiB")
	}
	packed := c.Packed(n, width)
	if c.err != nil || least*uint64(n) > uint64(len(c.rest)) {
		c.Fail("texts longer than what is there")
		return nil, nil
	}
	offs = make([]uint32, n+1)
	Unpack(offs[1:], packed, width)
	size := uint64(0)
	for i, extra := range offs[1:] {
		size += least + uint64(extra)
		offs[i+1] = uint32(size)
	}
	if size > math.MaxUint32 {
		c.Fail("texts longer than 4 GiB")
		return nil, nil
	}
	text = c.Bytes(int(size))
	if c.err != nil {
		return nil, nil
	}
	return offs, text
}

// strings reads n texts into one arena.
func (c *Cursor) strings(n int) []string {
	offs, text := c.texts(n)
	if c.err != nil {
		return nil
	}
	arena := string(text)
	out := make([]string, n)
	for i := range out {
		out[i] = arena[offs[i]:offs[i+1]]
	}
	return out
}
