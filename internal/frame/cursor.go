package frame

import (
	"encoding/binary"

	"github.com/plumbline/plumbline/internal/fault"
)

// Cursor reads binary words from bytes that may be hostile. After the first
// failure every reading gives a zero, so that a reader asks for the error
// where it matters and not after each word.
type Cursor struct {
	rest []byte
	size int
	err  error
}

// NewCursor returns a cursor at the start of data.
func NewCursor(data []byte) *Cursor { return &Cursor{rest: data, size: len(data)} }

// Fail records what is wrong, unless something was before.
func (c *Cursor) Fail(what string) {
	if c.err == nil {
		c.err = fault.New(fault.Corrupt, "%s, at byte %d of %d", what, c.size-len(c.rest), c.size)
		c.rest = nil
	}
}

// Err is the first failure, of kind Corrupt.
func (c *Cursor) Err() error { return c.err }

// Left is the number of bytes not yet read.
func (c *Cursor) Left() int { return len(c.rest) }

// End fails when bytes are left over, and returns Err.
func (c *Cursor) End() error {
	if c.err == nil && len(c.rest) > 0 {
		c.Fail("bytes left over")
	}
	return c.err
}

// Bytes are the next n bytes; they share memory with the data.
func (c *Cursor) Bytes(n int) []byte {
	if n < 0 || n > len(c.rest) {
		c.Fail("too few bytes")
		return nil
	}
	b := c.rest[:n:n]
	c.rest = c.rest[n:]
	return b
}

// Byte is the next byte.
func (c *Cursor) Byte() byte {
	if len(c.rest) == 0 {
		c.Fail("too few bytes")
		return 0
	}
	b := c.rest[0]
	c.rest = c.rest[1:]
	return b
}

// Uvarint is the next unsigned varint.
func (c *Cursor) Uvarint() uint64 {
	if len(c.rest) > 0 && c.rest[0] < 0x80 {
		u := uint64(c.rest[0])
		c.rest = c.rest[1:]
		return u
	}
	return c.longUvarint()
}

// longUvarint is a varint of several bytes.
func (c *Cursor) longUvarint() uint64 {
	u, n := binary.Uvarint(c.rest)
	if n <= 0 {
		c.Fail("no varint")
		return 0
	}
	c.rest = c.rest[n:]
	return u
}

// Varint is the next signed varint.
func (c *Cursor) Varint() int64 {
	u := c.Uvarint()
	return int64(u>>1) ^ -int64(u&1)
}

// Uint64 is the next 8 bytes, little-endian.
func (c *Cursor) Uint64() uint64 {
	b := c.Bytes(8)
	if b == nil {
		return 0
	}
	return binary.LittleEndian.Uint64(b)
}

// Count is a uvarint that may be at most most.
func (c *Cursor) Count(most int) int {
	u := c.Uvarint()
	if u > uint64(max(most, 0)) {
		c.Fail("a count beyond what can be there")
		return 0
	}
	return int(u)
}

// Text is a length and that many bytes, copied.
func (c *Cursor) Text() string { return string(c.Bytes(c.Count(len(c.rest)))) }

// Width is the width of packed values.
func (c *Cursor) Width() int {
	w := c.Byte()
	if w > 64 {
		c.Fail("values wider than 64 bits")
		return 0
	}
	return int(w)
}

// Packed are the bytes of n packed values of width bits.
func (c *Cursor) Packed(n, width int) []byte { return c.Bytes(PackedLen(n, width)) }

// AppendText appends a length and the bytes.
func AppendText(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}
