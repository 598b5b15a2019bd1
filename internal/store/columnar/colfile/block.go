package colfile

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/klauspost/compress/huff0"
	"github.com/klauspost/compress/zstd"
	"github.com/zeebo/xxh3"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/frame"
)

// block is a stretch of the file under one checksum: a page, a map, a list, a
// dictionary, a header.
type block struct {
	off    int64
	stored int    // bytes in the file
	size   int    // bytes once decoded
	coder  coder  // how they were compressed
	sum    uint64 // xxh3 of the stored bytes
}

// coder is how the bytes of a block are compressed.
type coder uint8

const (
	asIs      coder = iota
	zstandard       // a zstd frame: dictionaries and text
	huffman         // huff0: codes and digits of uneven frequency, where zstd finds nothing
	coders
)

// A coder has to pay for the time of decoding: zstd and huff0 are taken where
// they save a twentieth or more.
const (
	saveNumerator   = 19
	saveDenominator = 20
)

// segment is how much huff0 takes at once; its limit is 2^18 − 1.
const segment = 1 << 17

// encoders compress the blocks of one writer.
type encoders struct {
	zstd *zstd.Encoder
	huff huff0.Scratch
	buf  []byte
	huf  []byte
}

// trial is what may be tried on a block.
type trial uint8

const (
	tryNone    trial = 0
	tryHuffman trial = 1
	tryZstd    trial = 2
	tryAll           = tryHuffman | tryZstd
)

// shrink gives the shortest form of data among the coders tried. The result is
// good until the next call.
func (e *encoders) shrink(data []byte, try trial) ([]byte, coder) {
	best, how := data, asIs
	bound := len(data) * saveNumerator / saveDenominator
	if try&tryHuffman != 0 {
		if out, ok := e.huffman(data, bound); ok {
			best, how, bound = out, huffman, len(out)*saveNumerator/saveDenominator
		}
	}
	if try&tryZstd != 0 && len(data) > smallest {
		if e.buf = e.zstd.EncodeAll(data, e.buf[:0]); len(e.buf) <= bound {
			best, how = e.buf, zstandard
		}
	}
	return best, how
}

// smallest is the length under which no coder earns its own header.
const smallest = 32

// huffman compresses data in segments, each behind its compressed length; 0
// marks one kept as it is.
func (e *encoders) huffman(data []byte, bound int) ([]byte, bool) {
	if len(data) <= smallest {
		return nil, false
	}
	e.huff.Reuse = huff0.ReusePolicyNone
	out := e.huf[:0]
	for len(data) > 0 {
		part := data[:min(segment, len(data))]
		data = data[len(part):]
		packed, _, err := huff0.Compress4X(part, &e.huff)
		if err == nil && len(packed) < len(part) {
			out = append(binary.AppendUvarint(out, uint64(len(packed))), packed...)
		} else {
			out = append(binary.AppendUvarint(out, 0), part...)
		}
		if len(out) > bound {
			e.huf = out
			return nil, false
		}
	}
	e.huf = out
	return out, true
}

// decode gives the bytes that a block holds. Bytes kept as they are share
// memory with stored.
func (c *Cache) decode(stored []byte, b block) ([]byte, error) {
	switch b.coder {
	case asIs:
		return stored, nil
	case zstandard:
		if c.zstdErr != nil {
			return nil, fmt.Errorf("decode zstd: %w", c.zstdErr)
		}
		out, err := c.zstd.DecodeAll(stored, make([]byte, 0, b.size))
		if err != nil || len(out) != b.size {
			return nil, fault.New(fault.Corrupt, "zstd gives %d of %d bytes: %v", len(out), b.size, err)
		}
		return out, nil
	case huffman:
		return c.unhuffman(stored, b.size)
	}
	return nil, fault.New(fault.Corrupt, "an unknown coder %d", b.coder)
}

func (c *Cache) unhuffman(stored []byte, size int) ([]byte, error) {
	s, _ := c.huff.Get().(*huff0.Scratch)
	defer c.huff.Put(s)
	out := make([]byte, 0, size)
	r := frame.NewCursor(stored)
	for len(out) < size && r.Err() == nil {
		n := min(segment, size-len(out))
		packed := r.Count(r.Left())
		if packed == 0 {
			out = append(out, r.Bytes(n)...)
			continue
		}
		_, rest, err := huff0.ReadTable(r.Bytes(packed), s)
		if err == nil {
			at := len(out)
			_, err = s.Decoder().Decompress4X(out[at:at:at+n], rest)
			out = out[:at+n]
		}
		if err != nil {
			return nil, fault.New(fault.Corrupt, "huff0: %v", err)
		}
	}
	return out, r.End()
}

// appendBlock appends the entry of a block; its offset is known to the reader.
func appendBlock(dst []byte, b block) []byte {
	dst = binary.AppendUvarint(append(dst, byte(b.coder)), uint64(b.stored))
	if b.coder != asIs {
		dst = binary.AppendUvarint(dst, uint64(b.size))
	}
	return binary.LittleEndian.AppendUint64(dst, b.sum)
}

const (
	// mostUnfolded bounds what one byte of a block can unfold to: a run in zstd
	// takes 4 bytes for each 128 KiB. Beyond it a size is a lie.
	mostUnfolded = 1 << 16
	// maxBlock bounds a block in memory: a page of 8,192 texts of 128 KiB each.
	maxBlock = 1 << 30
)

// readBlock reads an entry of a block that begins at off.
func readBlock(r *frame.Cursor, off int64) block {
	b := block{off: off, coder: coder(r.Byte())}
	b.stored = r.Count(maxBlock)
	b.size = b.stored
	if b.coder != asIs {
		b.size = r.Count(min(maxBlock, b.stored*mostUnfolded))
	}
	b.sum = r.Uint64()
	if b.coder >= coders {
		r.Fail("an unknown coder")
	}
	return b
}

// appendPlaced appends the entry of a block that may lie anywhere.
func appendPlaced(dst []byte, b block) []byte {
	return appendBlock(binary.AppendUvarint(dst, uint64(b.off)), b)
}

func readPlaced(r *frame.Cursor) block {
	off := int64(r.Count(math.MaxInt64))
	return readBlock(r, off)
}

// end is the offset after the block.
func (b block) end() int64 { return b.off + int64(b.stored) }

// checks reports whether these are the bytes that were written.
func (b block) checks(stored []byte) bool {
	return len(stored) == b.stored && checks(stored, b.sum)
}

func checks(data []byte, sum uint64) bool { return xxh3.Hash(data) == sum }
