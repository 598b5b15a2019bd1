package journal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"sort"
	"strconv"
	"strings"
	"sync"

	"github.com/zeebo/xxh3"

	"github.com/plumbline/plumbline/internal/disk"
	"github.com/plumbline/plumbline/internal/fault"
)

const (
	magic      = "PLUMJNL1"
	headerSize = 48
	framesAt   = 2 * pageBytes
	// minSegmentBytes holds two headers, one group and the closing page.
	minSegmentBytes = framesAt + 2*pageBytes
	// zerosBytes is written at once when a file is made.
	zerosBytes = 1 << 20
	// markEvery spaces the known offsets in a segment, so that a reader who comes back reads at most so much again.
	markEvery = 256 << 10
)

// segment is one file. Its fields belong to the holder of the turn, but for the marks.
type segment struct {
	number  uint64
	first   Position
	salt    uint64
	size    int64
	blind   error // why no frame in it can be read
	suspect bool  // a write failed or bytes were bad: never written again
	pins    int   // how many Replays are reading it

	mu    sync.Mutex
	marks []mark
}

type mark struct {
	position Position
	at       int64
}

func segmentName(number uint64, first Position) string {
	return fmt.Sprintf("%016x-%016x.seg", number, uint64(first))
}

func (s *segment) name() string      { return segmentName(s.number, s.first) }
func freeName(number uint64) string  { return fmt.Sprintf("%016x.free", number) }
func freshName(number uint64) string { return fmt.Sprintf("%016x.new", number) }
func parseHex(text string) (uint64, bool) {
	n, err := strconv.ParseUint(text, 16, 64)
	return n, err == nil && len(text) == 16
}

// parseSegment reads a segment's name.
func parseSegment(name string) (number uint64, first Position, ok bool) {
	stem, is := strings.CutSuffix(name, ".seg")
	left, right, cut := strings.Cut(stem, "-")
	number, one := parseHex(left)
	position, two := parseHex(right)
	return number, Position(position), is && cut && one && two
}

// remember notes where a frame lies.
func (s *segment) remember(p Position, at int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.marks); n == 0 || at >= s.marks[n-1].at+markEvery {
		s.marks = append(s.marks, mark{p, at})
	}
}

// near returns the last known place at or before a position.
func (s *segment) near(p Position) mark {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := sort.Search(len(s.marks), func(i int) bool { return s.marks[i].position > p }); n > 0 {
		return s.marks[n-1]
	}
	return mark{s.first, framesAt}
}

func (s *segment) header() []byte {
	b := make([]byte, framesAt)
	copy(b, magic)
	binary.LittleEndian.PutUint64(b[8:], s.number)
	binary.LittleEndian.PutUint64(b[16:], s.salt)
	binary.LittleEndian.PutUint64(b[24:], uint64(s.first))
	binary.LittleEndian.PutUint64(b[32:], uint64(s.size))
	binary.LittleEndian.PutUint64(b[40:], xxh3.Hash(b[:40]))
	copy(b[pageBytes:], b[:headerSize])
	return b
}

// readHeader takes salt and size from either copy of the header, or says why it cannot.
func (s *segment) readHeader(f disk.File) error {
	var failed error
	for _, at := range []int64{0, pageBytes} {
		b := make([]byte, headerSize)
		if n, err := f.ReadAt(b, at); n < headerSize {
			failed = fmt.Errorf("header: %w", err)
			continue
		}
		switch {
		case string(b[:8]) != magic || binary.LittleEndian.Uint64(b[40:]) != xxh3.Hash(b[:40]):
			failed = errors.New("header does not verify")
		case binary.LittleEndian.Uint64(b[8:]) != s.number || binary.LittleEndian.Uint64(b[24:]) != uint64(s.first):
			failed = errors.New("header is of another segment")
		default:
			s.salt = binary.LittleEndian.Uint64(b[16:])
			s.size = int64(binary.LittleEndian.Uint64(b[32:]))
			return nil
		}
	}
	return failed
}

// begin makes a new segment the tail. When it fails there is no tail, and nothing but a stray file is left behind.
func (j *Journal) begin(size int64) error {
	j.number++
	s := &segment{number: j.number, first: j.next, salt: rand.Uint64(), size: size}
	made, file, err := j.prepare(size)
	if err != nil {
		return err
	}
	disk.Point(j.fs, "journal.prepared")
	_, err = file.WriteAt(s.header(), 0)
	if err == nil {
		err = file.Sync()
	}
	err = errors.Join(err, file.Close()) // closed for the rename
	if err == nil {
		disk.Point(j.fs, "journal.segment-made")
		err = j.fs.Rename(j.path(made), j.path(s.name()))
	}
	if err != nil {
		return errors.Join(err, j.discard(made, size))
	}
	disk.Point(j.fs, "journal.segment-named")
	if err = j.fs.SyncDir(j.dir); err == nil {
		file, err = j.fs.Edit(j.path(s.name()))
	}
	if err != nil {
		j.segments = append(j.segments, s)
		return errors.Join(err, j.abandon())
	}
	j.segments = append(j.segments, s)
	disk.Point(j.fs, "journal.begun")
	j.tail, j.at, j.marked = file, framesAt, false
	j.publish(0)
	return nil
}

// prepare opens a free file, or makes one of zeros.
func (j *Journal) prepare(size int64) (string, disk.File, error) {
	for size == j.segmentBytes && len(j.spare) > 0 {
		name := j.spare[0]
		j.spare = j.spare[1:]
		if file, err := j.fs.Edit(j.path(name)); err == nil {
			return name, file, nil
		} // it stays where it is, for the next Open to look at
	}
	// Asked beforehand, so that a full disk is not filled to the last byte by each who tries.
	if space, err := j.fs.Free(j.dir); err == nil && space.Free < size {
		return "", nil, fault.New(fault.Busy, "no room for a segment of %d bytes, %d are free", size, space.Free)
	}
	name := freshName(j.number)
	file, err := j.fs.Create(j.path(name))
	if err != nil {
		return "", nil, err
	}
	j.publish(size)
	if err := zero(file, size); err != nil {
		return "", nil, errors.Join(err, file.Close(), j.discard(name, size))
	}
	return name, file, nil
}

func zero(file disk.File, size int64) error {
	zeros := make([]byte, min(size, zerosBytes))
	for at := int64(0); at < size; at += int64(len(zeros)) {
		if _, err := file.WriteAt(zeros[:min(int64(len(zeros)), size-at)], at); err != nil {
			return err
		}
	}
	return nil
}

// discard removes a file that nobody needs.
func (j *Journal) discard(name string, size int64) error {
	if err := j.fs.RemoveAll(j.path(name)); err != nil {
		return err
	}
	j.publish(-size)
	return nil
}
