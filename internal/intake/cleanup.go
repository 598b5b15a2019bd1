package intake

import (
	"context"
	"fmt"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/pipe"
	"github.com/plumbline/plumbline/internal/row"
)

// cleanup is the pipes that the lines of a dataset go through before they are
// stored, as the dataset declares them.
type cleanup []pipe.Pipe

// CheckPipes says what is wrong with the pipes of a dataset: line and column,
// and which pipe cannot stand there.
func CheckPipes(ds dataset.Dataset) error {
	_, err := cleanupOf(ds)
	return err
}

func cleanupOf(ds dataset.Dataset) (cleanup, error) {
	if ds.Pipes == "" {
		return nil, nil
	}
	list, err := pipe.ParseCleanup(ds.Pipes, ds.Aliases)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "dataset %s: pipes", ds.Name)
	}
	return list, nil
}

// run puts a chunk through the pipes. What the house says of a line – its time,
// its dataset – is there afterwards whatever they did, and _seq, which the store
// has yet to give, is not.
func (c cleanup) run(ctx context.Context, b *row.Batch, now int64) (*row.Batch, error) {
	env := &pipe.Env{Now: now, Note: func(pipe.Note) {}}
	name, times := b.Dataset, b.Col(row.FieldTime)
	lines := make([]int64, b.Len) // which lines are left
	for i := range lines {
		lines[i] = int64(i)
	}
	for _, p := range c {
		out, err := once(p.Run(ctx, env, rows(b.With(lineNumbers(lines)))), maxGrowth+4*b.MemBytes())
		if err != nil {
			return nil, fmt.Errorf("clean-up pipe %s of dataset %s: %w", p, name, err)
		}
		// A pipe that drops rows changes none of their fields; one that changes
		// fields drops no rows.
		if out.Len < b.Len {
			lines = numbersOf(out)
		}
		if b = out; b.Len == 0 {
			return b, nil
		}
		b = without(b, row.FieldSeq, row.FieldDataset)
		b.Dataset = name
		b = b.With(mended(b.Col(row.FieldTime), times, lines))
	}
	return b, nil
}

// rows is a stream of one batch.
func rows(b *row.Batch) row.Rows {
	return func(yield func(*row.Batch, error) bool) { yield(b, nil) }
}

// maxGrowth is how much a pipe may make of a chunk, beside four times what the chunk
// holds. It is far from what lines need.
const maxGrowth = 64 << 20

// once is a stream as one batch of so many bytes at most.
func once(in row.Rows, most int) (*row.Batch, error) {
	var list []*row.Batch
	for b, err := range in {
		if err != nil {
			return nil, err
		}
		if most -= b.MemBytes(); most < 0 {
			return nil, &fault.Limit{Name: "growth of some lines", Bound: "64 MiB"}
		}
		list = append(list, b)
	}
	if len(list) == 0 {
		return &row.Batch{}, nil
	}
	return row.Concat(list), nil
}

func lineNumbers(lines []int64) row.Column {
	return row.Column{Name: row.FieldSeq, Kind: row.Int, Nums: lines}
}

func numbersOf(b *row.Batch) []int64 {
	c := b.Col(row.FieldSeq)
	lines := make([]int64, b.Len)
	for i := range lines {
		lines[i] = c.Value(i).Nums()
	}
	return lines
}

// without is the batch without some columns; it may be written.
func without(b *row.Batch, names ...string) *row.Batch {
	out := &row.Batch{Len: b.Len, Cols: make([]row.Column, 0, len(b.Cols))}
next:
	for _, c := range b.Cols {
		for _, name := range names {
			if c.Name == name {
				continue next
			}
		}
		out.Cols = append(out.Cols, c)
	}
	return out
}

// mended is the times of the lines that are left, where a pipe left something
// else in their place.
func mended(c, was *row.Column, lines []int64) row.Column {
	out := row.Column{Name: row.FieldTime, Kind: row.Time, Nums: make([]int64, len(lines))}
	for i, line := range lines {
		if v := c.Value(i); v.Kind == row.Time {
			out.Nums[i] = v.Nums()
		} else {
			out.Nums[i] = was.Value(int(line)).Nums()
		}
	}
	return out
}
