package journal

import (
	"encoding/binary"
	"slices"

	"github.com/zeebo/xxh3"
)

const (
	pageBytes  = 4096 // the page cache's unit and the largest sector in use: overwriting whole pages reads nothing back
	frameAlign = 8
	frameHead  = 32

	kindData   = 1
	kindClosed = 2
)

// frame is one frame as it lies in a segment. The payload points into a buffer that the next read overwrites.
type frame struct {
	at       int64 // offset of its first byte
	end      int64 // offset behind its last, a multiple of frameAlign
	position Position
	place    uint32
	kind     uint32
	payload  []byte
}

func pageUp(n int64) int64 { return (n + pageBytes - 1) &^ (pageBytes - 1) }

// frameBytes is the room of a frame with a payload of so many bytes.
func frameBytes(payload int64) int64 {
	return (frameHead + payload + frameAlign - 1) &^ (frameAlign - 1)
}

// padPage fills up with zeros.
func padPage(group []byte) []byte {
	size := int(pageUp(int64(len(group))))
	old := len(group)
	group = slices.Grow(group, size-old)[:size]
	clear(group[old:])
	return group
}

// appendFrame adds the frame to a group; f.at must be where it will lie.
func appendFrame(group []byte, f frame, salt uint64) []byte {
	from, size := len(group), int(frameBytes(int64(len(f.payload))))
	group = slices.Grow(group, size)[:from+size]
	b := group[from:]
	binary.LittleEndian.PutUint32(b[12:], uint32(len(f.payload)))
	binary.LittleEndian.PutUint64(b[16:], uint64(f.position))
	binary.LittleEndian.PutUint32(b[24:], f.place)
	binary.LittleEndian.PutUint32(b[28:], f.kind)
	clear(b[frameHead+copy(b[frameHead:], f.payload):])
	seed := salt + uint64(f.at)
	binary.LittleEndian.PutUint32(b[8:], headSum(b, seed))
	binary.LittleEndian.PutUint64(b, xxh3.HashSeed(b[8:], seed))
	return group
}

func headSum(b []byte, seed uint64) uint32 { return uint32(xxh3.HashSeed(b[12:frameHead], seed)) }

// plausible is the cheap first look at bytes that may begin a frame.
func plausible(b []byte) bool {
	kind := binary.LittleEndian.Uint32(b[28:])
	return kind == kindData || kind == kindClosed
}

// readHead returns the frame without its payload when the head verifies.
func readHead(b []byte, at int64, salt uint64) (frame, bool) {
	if headSum(b, salt+uint64(at)) != binary.LittleEndian.Uint32(b[8:]) {
		return frame{}, false
	}
	return frame{
		at:       at,
		end:      at + frameBytes(int64(binary.LittleEndian.Uint32(b[12:]))),
		position: Position(binary.LittleEndian.Uint64(b[16:])),
		place:    binary.LittleEndian.Uint32(b[24:]),
		kind:     binary.LittleEndian.Uint32(b[28:]),
	}, true
}

// readBody checks a whole frame and gives it its payload.
func (f *frame) readBody(b []byte, salt uint64) bool {
	if xxh3.HashSeed(b[8:], salt+uint64(f.at)) != binary.LittleEndian.Uint64(b) {
		return false
	}
	f.payload = b[frameHead : frameHead+binary.LittleEndian.Uint32(b[12:])]
	return true
}

// group is the position of the first frame of the group that f was written in.
func (f *frame) group() Position { return f.position - Position(f.place) }
