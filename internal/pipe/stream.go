package pipe

import (
	"context"
	"strconv"

	"github.com/plumbline/plumbline/internal/row"
)

// each is the stream of change(batch) for every batch of in. Batches without
// rows are left out; nil from change too.
func each(ctx context.Context, in row.Rows, change func(*row.Batch) (*row.Batch, error)) row.Rows {
	return func(yield func(*row.Batch, error) bool) {
		for b, err := range in {
			if err == nil {
				err = ctx.Err()
			}
			if err == nil && b.Len > 0 {
				if b, err = change(b); err == nil {
					err = ctx.Err() // a change may have been cut short
				}
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if b != nil && b.Len > 0 && !yield(b, nil) {
				return
			}
		}
	}
}

// chunks is in with its batches put together until they have n rows.
func chunks(in row.Rows, n int) row.Rows {
	return func(yield func(*row.Batch, error) bool) {
		var list []*row.Batch
		rows := 0
		for b, err := range in {
			if err != nil {
				yield(nil, err)
				return
			}
			if list, rows = append(list, b), rows+b.Len; rows < n {
				continue
			}
			if !yield(row.Concat(list), nil) {
				return
			}
			list, rows = nil, 0
		}
		if rows > 0 {
			yield(row.Concat(list), nil)
		}
	}
}

// same changes nothing.
func same(b *row.Batch) (*row.Batch, error) { return b, nil }

// whole is the stream of what make gives when in is asked for first: for pipes
// that must see all rows before they can say anything.
func whole(make func() ([]*row.Batch, error)) row.Rows {
	return func(yield func(*row.Batch, error) bool) {
		list, err := make()
		if err != nil {
			yield(nil, err)
			return
		}
		for _, b := range list {
			if (b.Len > 0 || b.Partial != nil) && !yield(b, nil) {
				return
			}
		}
	}
}

func countText(n int) string { return strconv.Itoa(n) }
