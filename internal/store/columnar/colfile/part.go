package colfile

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"github.com/zeebo/xxh3"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/frame"
	"github.com/plumbline/plumbline/internal/row"
)

// Part is an immutable file of row groups, open for reading. It holds next to
// nothing itself: what is read lies in the Cache. Any number of goroutines may
// use it.
type Part struct {
	file  io.ReaderAt
	name  string
	size  int64
	cache *Cache
	meta  Meta
	foot  block

	version uint32

	trusting bool // tests only: checksums are not held against, so that decoders see damage
}

// Open reads the footer of a part of size bytes. name stands in errors. A file
// that is no part, or is damaged where the footer finds that out, is Corrupt;
// one of an unknown version is Invalid.
func Open(file io.ReaderAt, size int64, name string, cache *Cache) (*Part, error) {
	p := &Part{file: file, name: name, size: size, cache: cache}
	if err := p.readTrailer(); err != nil {
		return nil, err
	}
	f, err := p.footer()
	if err != nil {
		return nil, err
	}
	p.meta = f.meta
	p.meta.Bytes = size
	return p, nil
}

func (p *Part) readTrailer() error {
	least := int64(len(magic) + trailerBytes)
	if p.size < least {
		return p.corrupt("%d bytes are no part", p.size)
	}
	tail := make([]byte, trailerBytes)
	if _, err := p.file.ReadAt(tail, p.size-int64(trailerBytes)); err != nil {
		return fmt.Errorf("read the end of part %s: %w", p.name, err)
	}
	head := make([]byte, len(magic))
	if _, err := p.file.ReadAt(head, 0); err != nil {
		return fmt.Errorf("read the start of part %s: %w", p.name, err)
	}
	if string(head) != magic || string(tail[trailerBytes-len(magic):]) != magic {
		return p.corrupt("it does not begin and end as a part does")
	}
	p.version = binary.LittleEndian.Uint32(tail[trailerEntry:])
	if p.version < oldestVersion || p.version > FormatVersion {
		return fault.New(fault.Invalid, "part %s: format version %d, known is %d", p.name, p.version, FormatVersion)
	}
	if xxh3.Hash(tail[:trailerEntry+4]) != binary.LittleEndian.Uint64(tail[trailerEntry+4:]) {
		return p.corrupt("the trailer does not check")
	}
	r := frame.NewCursor(tail[:trailerEntry])
	p.foot = readBlock(r, 0)
	p.foot.off = p.size - int64(trailerBytes) - int64(p.foot.stored)
	if r.Err() != nil || p.foot.off < int64(len(magic)) {
		return p.corrupt("a footer longer than the file")
	}
	return nil
}

// corrupt is the error of a damaged part.
func (p *Part) corrupt(format string, args ...any) error {
	return fault.New(fault.Corrupt, "part %s: %s", p.name, fmt.Sprintf(format, args...))
}

// Name is the name the part was opened under.
func (p *Part) Name() string { return p.name }

// Meta is what the part says of itself as a whole.
func (p *Part) Meta() Meta { return p.meta }

// Groups is the number of row groups, oldest first.
func (p *Part) Groups() int { return p.meta.Groups }

// kept gives the decoded bytes of a block, from the cache when they lie there.
func (p *Part) kept(b block) ([]byte, error) {
	if b.stored == 0 { // lies nowhere: the next block has the same offset
		return nil, nil
	}
	return cached(p, b.off, whatBytes, func() ([]byte, int64, error) {
		data, err := p.load(b)
		return data, int64(len(data)), err
	})
}

// load reads, checks and decodes a block.
func (p *Part) load(b block) ([]byte, error) {
	stored, err := p.stored(nil, b)
	if err != nil {
		return nil, err
	}
	return p.cache.decode(stored, b)
}

// stored reads and checks a block as it lies in the file, into the memory of dst
// where it is enough.
func (p *Part) stored(dst []byte, b block) ([]byte, error) {
	if b.off < 0 || b.end() > p.size {
		return nil, fault.New(fault.Corrupt, "bytes %d to %d of a file of %d", b.off, b.end(), p.size)
	}
	if cap(dst) < b.stored {
		dst = make([]byte, b.stored)
	}
	stored := dst[:b.stored]
	if _, err := p.file.ReadAt(stored, b.off); err != nil {
		return nil, err
	}
	if !p.trusting && !b.checks(stored) {
		return nil, fault.New(fault.Corrupt, "the %d bytes at %d do not match their checksum", b.stored, b.off)
	}
	return stored, nil
}

func (p *Part) footer() (*footer, error) {
	return cached(p, p.foot.off, whatFooter, func() (*footer, int64, error) {
		data, err := p.load(p.foot)
		if err != nil {
			return nil, 0, fmt.Errorf("part %s: read the footer: %w", p.name, err)
		}
		f, err := readFooter(data)
		if err != nil {
			return nil, 0, fmt.Errorf("part %s: read the footer: %w", p.name, err)
		}
		return f, int64(len(data))*4 + int64(len(f.fields))*fieldBytes, nil
	})
}

// fieldBytes is about what a field of a footer takes in memory.
const fieldBytes = 400

// Dictionary is the dictionary of the texts of a field, in their order; nil
// when no group keeps the field as codes of texts. All Dict columns of the
// field, of any group of the part, point into it, and into the same one while
// it stays in the cache.
func (p *Part) Dictionary(field string) (*row.Dictionary, error) {
	e, err := p.field(field)
	if e == nil || err != nil {
		return nil, err
	}
	return p.dictionary(&e.texts, e.name)
}

// Shapes is the dictionary of the shapes of a field, likewise.
func (p *Part) Shapes(field string) (*row.Dictionary, error) {
	e, err := p.field(field)
	if e == nil || err != nil {
		return nil, err
	}
	return p.dictionary(&e.shapes, e.name)
}

func (p *Part) field(name string) (*fieldEntry, error) {
	f, err := p.footer()
	if err != nil {
		return nil, err
	}
	if i, ok := f.byName[name]; ok {
		return &f.fields[i], nil
	}
	return nil, nil
}

// numbers is the dictionary of the numbers of a field.
func (p *Part) numbers(e *fieldEntry) ([]int64, error) {
	b := e.nums.blocks[0]
	return cached(p, b.off, whatNumbers, func() ([]int64, int64, error) {
		data, err := p.load(b)
		if err == nil {
			r := frame.NewCursor(data)
			nums := readNumbers(nil, r, e.nums.count, nil)
			if err = r.End(); err == nil {
				return nums, int64(8 * len(nums)), nil
			}
		}
		return nil, 0, fmt.Errorf("part %s: read the numbers of %q: %w", p.name, e.name, err)
	})
}

// fills are the holes of the shapes of a field.
func (p *Part) fills(e *fieldEntry) ([]frame.ShapeFill, error) {
	return cached(p, e.shapes.blocks[0].off, whatFills, func() ([]frame.ShapeFill, int64, error) {
		d, err := p.dictionary(&e.shapes, e.name)
		if err != nil {
			return nil, 0, err
		}
		fills, ok := fillsOf(d.Values())
		if !ok {
			return nil, 0, p.corrupt("half a hole in the shapes of %q", e.name)
		}
		return fills, int64(len(fills)) * 128, nil
	})
}

// rowCounts are the rows of each value of a dictionary; nil when not counted.
func (p *Part) rowCounts(d *dictEntry, name string) ([]uint64, error) {
	if d.rows.stored == 0 {
		return nil, nil
	}
	data, err := p.kept(d.rows)
	if err != nil {
		return nil, fmt.Errorf("part %s: read the counts of %q: %w", p.name, name, err)
	}
	r := frame.NewCursor(data)
	counts := make([]uint64, 0, min(d.count, len(data)))
	for range min(d.count, len(data)) {
		counts = append(counts, uint64(r.Count(math.MaxInt64)))
	}
	if err := r.End(); err != nil || len(counts) != d.count {
		return nil, p.corrupt("the counts of %q: %v", name, err)
	}
	return counts, nil
}
