package pipe

import (
	"context"

	"github.com/plumbline/plumbline/internal/row"
)

// pile is rows that a pipe holds until it has seen all of them. What they take
// is taken from the budget.
type pile struct {
	budget *Budget
	list   []*row.Batch
	rows   int
	bytes  int
}

// gather piles up all rows of in.
func gather(ctx context.Context, env *Env, in row.Rows) (*pile, error) {
	p := &pile{budget: env.Budget}
	for b, err := range in {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = p.add(b)
		}
		if err != nil {
			return nil, err
		}
	}
	return p, nil
}

// add puts a batch on the pile; one without rows is passed over.
func (p *pile) add(b *row.Batch) error {
	if b.Len == 0 {
		return nil
	}
	p.list = append(p.list, b)
	p.rows += b.Len
	return p.hold(p.bytes + b.MemBytes())
}

// hold says how much the pile takes now.
func (p *pile) hold(bytes int) error {
	by := bytes - p.bytes
	p.bytes = bytes
	return p.budget.Take(by)
}

// dropFirst takes the first batch off.
func (p *pile) dropFirst() {
	p.rows -= p.list[0].Len
	_ = p.hold(p.bytes - p.list[0].MemBytes()) // giving back cannot fail
	p.list[0] = nil
	p.list = p.list[1:]
}

// one is all rows in one batch, which the pile then holds in place of the
// others. For a moment both are there.
func (p *pile) one() (*row.Batch, error) {
	if len(p.list) == 1 {
		return p.list[0], nil
	}
	b := row.Concat(p.list)
	if err := p.budget.Take(b.MemBytes()); err != nil {
		return nil, err
	}
	_ = p.budget.Take(-p.bytes) // giving back cannot fail
	p.list, p.bytes = []*row.Batch{b}, b.MemBytes()
	return b, nil
}

// become replaces the pile by one batch made of it.
func (p *pile) become(b *row.Batch) error {
	p.list, p.rows = []*row.Batch{b}, b.Len
	return p.hold(b.MemBytes())
}
