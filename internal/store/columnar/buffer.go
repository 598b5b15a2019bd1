package columnar

import (
	"math"
	"slices"
	"time"

	"github.com/plumbline/plumbline/internal/journal"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/store/columnar/colfile"
)

// chunk is a number of rows in a buffer: a batch as it came, or several small
// ones put together. It is never written again.
type chunk struct {
	batch            *row.Batch // with _time and _seq
	minTime, maxTime int64
	minSeq, maxSeq   int64
	bytes            int64
}

// columnBytes is about what a column takes besides its values: late lines that
// are strewn over many partitions are chunks of one row.
const columnBytes = 256

// newChunk makes a chunk of rows that have _time and _seq.
func newChunk(b *row.Batch) *chunk {
	c := &chunk{batch: b, bytes: memBytes(b)}
	c.minTime, c.maxTime = span(b.Col(row.FieldTime).Nums)
	c.minSeq, c.maxSeq = span(b.Col(row.FieldSeq).Nums)
	return c
}

// memBytes is about what a batch takes, its dictionaries among it, which of wide
// lines are half of it. Of one larger than the batch, which was cut out of
// another, as much is counted as the rows can use.
func memBytes(b *row.Batch) int64 {
	n := b.MemBytes() + columnBytes*len(b.Cols)
	for i := range b.Cols {
		if d := b.Cols[i].Dict; d != nil {
			for _, text := range d.Values()[:min(d.Len(), b.Len)] {
				n += len(text) + stringBytes
			}
		}
	}
	return int64(n)
}

// stringBytes is what a text takes besides its bytes.
const stringBytes = 16

// span is the least and the greatest of some numbers.
func span(nums []int64) (least, greatest int64) {
	least, greatest = math.MaxInt64, math.MinInt64
	for _, n := range nums {
		least, greatest = min(least, n), max(greatest, n)
	}
	return least, greatest
}

// buffer holds the rows of a partition that are in the log and not yet in a
// part. Store.mu guards it.
type buffer struct {
	chunks []*chunk
	rows   int
	bytes  int64
	first  journal.Position // of the oldest entry with rows in it
	last   journal.Position // of the youngest
	since  time.Time        // when its first row came
}

func (b *buffer) add(c *chunk, at journal.Position) {
	if b.rows == 0 {
		b.first, b.since = at, time.Now()
	}
	b.last = at
	b.chunks = append(b.chunks, c)
	b.rows += c.batch.Len
	b.bytes += c.bytes
	b.compact()
}

const (
	// compactFan chunks of like size become one: so a row is copied some four
	// times on its way, and a buffer of single lines has some thirty chunks.
	compactFan = 8
	// compactMost rows are not copied any more: by then a chunk costs a
	// question little beside its rows, and copying is done under the lock.
	compactMost = 4096
	// compactPlaces are half of a megabyte. Chunks that share few fields are put together
	// up to there only.
	compactPlaces = 64 << 10
)

// compact puts small chunks together, the youngest of like size first.
func (b *buffer) compact() {
	for len(b.chunks) >= compactFan {
		last := b.chunks[len(b.chunks)-compactFan:]
		rows := 0
		for _, c := range last {
			rows += c.batch.Len
		}
		if rows > compactMost || rows > 2*compactFan*last[compactFan-1].batch.Len || sparse(last) {
			return
		}
		c := newChunk(joined(last))
		for _, old := range last {
			b.bytes -= old.bytes
		}
		b.bytes += c.bytes
		// A question may hold the old slice, so it is not written to.
		b.chunks = append(slices.Clone(b.chunks[:len(b.chunks)-compactFan]), c)
	}
}

// sparse reports whether chunks share so few fields that together they take much more
// than apart.
func sparse(chunks []*chunk) bool {
	var u colfile.Union
	for _, c := range chunks {
		u.Add(c.batch)
	}
	return u.Sparse(compactPlaces)
}

// joined is the rows of chunks in one batch.
func joined(chunks []*chunk) *row.Batch {
	list := make([]*row.Batch, len(chunks))
	for i, c := range chunks {
		list[i] = c.batch
	}
	return colfile.Concat(list...)
}
