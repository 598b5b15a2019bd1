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
				b, err = change(b)
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

// gather reads all batches of in, within the budget.
func gather(ctx context.Context, env *Env, in row.Rows) ([]*row.Batch, error) {
	var list []*row.Batch
	for b, err := range in {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = env.Budget.Take(b.MemBytes())
		}
		if err != nil {
			return nil, err
		}
		if b.Len > 0 {
			list = append(list, b)
		}
	}
	return list, nil
}

func countText(n int) string { return strconv.Itoa(n) }
