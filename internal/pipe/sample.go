package pipe

import (
	"context"
	"fmt"
	"strconv"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
)

// sample lets one of n rows pass.
type sample struct{ n int }

var sampleKind = &Kind{
	Name:    "sample",
	Syntax:  "sample <n>",
	Summary: "lets one of n rows pass",
	Doc: `Which lines pass depends on their time and number alone, so the same question gives
the same sample; of rows that are no lines every n-th passes. The answer says that it
is a sample.

	canonical-log-line | sample 100 | stats count by http_route
`,
	Parse: func(r *expr.Reader, _ string) (Pipe, error) {
		r.Space()
		at := r.Offset()
		text, err := r.Value("a number, to let one of that many rows pass")
		if err != nil {
			return nil, err
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return nil, r.Fail(at, "expected a whole number above 0, found “"+text+"”", "sample 100 lets one of 100 rows pass")
		}
		return &sample{n}, nil
	},
}

func (p *sample) String() string { return "sample " + strconv.Itoa(p.n) }

func (p *sample) Reads(after Need) Need { return after.With(row.FieldTime, row.FieldSeq) }

func (p *sample) Order() Order { return KeepsOrder }

func (p *sample) Split() (lane, rest Pipe) { return p, nil }

func (p *sample) Run(ctx context.Context, env *Env, in row.Rows) row.Rows {
	if p.n > 1 {
		env.Note(Note{Approximate, fmt.Sprintf("this is a sample: one of %d rows", p.n)})
	}
	nth := 0 // of the rows without a number
	return each(ctx, in, func(b *row.Batch) (*row.Batch, error) {
		times, seqs := b.Col(row.FieldTime), b.Col(row.FieldSeq)
		keep := row.NewBitmap(b.Len)
		for i := range b.Len {
			if !seqs.Has(i) {
				if nth++; nth%p.n == 0 {
					keep.Set(i)
				}
				continue
			}
			h := uint64(times.Value(i).Nums())*0x9e3779b97f4a7c15 ^ uint64(seqs.Value(i).Nums())*0xff51afd7ed558ccd
			h = (h ^ h>>31) * 0xbf58476d1ce4e5b9
			if (h^h>>32)%uint64(p.n) == 0 {
				keep.Set(i)
			}
		}
		return b.Keep(keep), nil
	})
}
