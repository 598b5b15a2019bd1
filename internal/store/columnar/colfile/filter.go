package colfile

import (
	"encoding/binary"
	"math/bits"
	"unicode"
	"unicode/utf8"

	"github.com/FastFilter/xorfilter"
	"github.com/zeebo/xxh3"

	"github.com/plumbline/plumbline/internal/frame"
	"github.com/plumbline/plumbline/internal/row"
)

// A binary fuse filter tells, for nearly all of the ids that a group does not
// hold, that it does not, from three of its bytes. It is probed where it lies:
// its bytes are kept in cells with a checksum each, so that a probe reads and
// checks only the cells it touches.
//
//	┌──────────────┬──────────────────┐
//	│ fingerprints │ xxh3 of them     │  … × cells
//	│ 1,016 bytes  │ 8 bytes          │
//	└──────────────┴──────────────────┘
const (
	cellBytes  = 1016 // with its checksum 1 KiB: three probes read 7 at most
	cellStride = cellBytes + 8
)

// filterPlace is where the filter of a chunk lies, and its shape.
type filterPlace struct {
	off      int64
	seed     uint64
	segment  uint32 // fingerprints in a segment, a power of two; 0: no filter
	segments uint32
}

// fingerprints is the length of the filter's array.
func (f filterPlace) fingerprints() int64 { return int64(f.segments+2) * int64(f.segment) }

// bytes is what the filter takes in the file.
func (f filterPlace) bytes() int64 {
	if f.segment == 0 {
		return 0
	}
	n := f.fingerprints()
	return n + (n+cellBytes-1)/cellBytes*8
}

func appendFilter(dst []byte, f filterPlace) []byte {
	dst = binary.AppendUvarint(dst, uint64(f.segment))
	if f.segment == 0 {
		return dst
	}
	dst = binary.AppendUvarint(dst, uint64(f.segments))
	dst = binary.AppendUvarint(dst, uint64(f.off))
	return binary.LittleEndian.AppendUint64(dst, f.seed)
}

func readFilter(r *frame.Cursor) filterPlace {
	f := filterPlace{segment: uint32(r.Count(1 << 18))}
	if f.segment == 0 {
		return f
	}
	f.segments = uint32(r.Count(1 << 20))
	f.off = int64(r.Uvarint() &^ (1 << 63))
	f.seed = r.Uint64()
	if f.segment&(f.segment-1) != 0 || f.segments == 0 {
		r.Fail("a filter of no shape")
	}
	return f
}

// filters builds the filters of one writer, its memory used again.
type filters struct {
	builder xorfilter.BinaryFuseBuilder
	keys    []uint64
}

// append appends the filter of the keys collected and forgets them.
func (f *filters) append(dst []byte) ([]byte, filterPlace, error) {
	made, err := xorfilter.BuildBinaryFuse[uint8](&f.builder, f.keys)
	f.keys = f.keys[:0]
	if err != nil {
		return dst, filterPlace{}, err
	}
	for rest := made.Fingerprints; len(rest) > 0; {
		cell := rest[:min(cellBytes, len(rest))]
		rest = rest[len(cell):]
		dst = binary.LittleEndian.AppendUint64(append(dst, cell...), xxh3.Hash(cell))
	}
	return dst, filterPlace{seed: made.Seed, segment: made.SegmentLength, segments: made.SegmentCount}, nil
}

// places are the three fingerprints of a key, and what they give together when
// the key is in the filter.
func (f filterPlace) places(key uint64) (at [3]uint32, want uint8) {
	h := scramble(key + f.seed)
	hi, _ := bits.Mul64(h, uint64(f.segments)*uint64(f.segment))
	at[0] = uint32(hi)
	at[1] = (at[0] + f.segment) ^ uint32(h>>18)&(f.segment-1)
	at[2] = (at[0] + 2*f.segment) ^ uint32(h)&(f.segment-1)
	return at, uint8(h ^ h>>32)
}

// scramble is the finishing step of murmur3, which the filter hashes with.
func scramble(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// filterKey is what a filter knows a text by: the same for all texts that
// field=text finds – letter case apart, numbers by size.
func filterKey(text []byte, scratch []byte) (uint64, []byte) {
	scratch = appendFolded(scratch[:0], text)
	if !row.LooksNumeric(view(scratch)) {
		return xxh3.Hash(scratch), scratch
	}
	n := len(scratch)
	if num := row.TextOf(string(scratch)).Number(); !num.IsMissing() {
		scratch = num.AppendKey(append(scratch, 0))
		return xxh3.Hash(scratch[n:]), scratch
	}
	return xxh3.Hash(scratch), scratch
}

// appendFolded appends a text in the one letter case that stands for all.
func appendFolded(dst, text []byte) []byte {
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			if c-'A' <= 'Z'-'A' {
				c += 'a' - 'A'
			}
			dst = append(dst, c)
			i++
			continue
		}
		r, n := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && n == 1 {
			dst = append(dst, c)
		} else {
			dst = utf8.AppendRune(dst, folded(r))
		}
		i += n
	}
	return dst
}

// folded is the least of all letters that any way of ignoring case takes for
// r, so that a filter never misses what a search would find.
func folded(r rune) rune {
	r = unicode.ToLower(r)
	least := r
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		least = min(least, f)
	}
	if least-'A' <= 'Z'-'A' && least >= 'A' {
		least += 'a' - 'A'
	}
	return least
}
