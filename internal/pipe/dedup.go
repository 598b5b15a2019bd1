package pipe

import (
	"context"
	"strconv"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
)

// dedup keeps the first rows of each combination of some fields.
type dedup struct {
	keep   int
	fields []string
}

var dedupKind = &Kind{
	Name:    "dedup",
	Aliases: []string{"distinct"},
	Syntax:  "dedup [<n>] <field> [, <field> …]",
	Summary: "keeps the first row (or the first n) of each combination of some fields",
	Doc: `Lines come newest first, so the newest line of each is kept. Rows that lack one
of the fields leave.

	canonical-log-line | dedup user_id | head 20
`,
	Parse: func(r *expr.Reader, name string) (Pipe, error) {
		p := &dedup{keep: 1}
		var err error
		if c := r.Peek(); c >= '0' && c <= '9' {
			at := r.Offset()
			if p.keep, err = parseCount(r, name, 1); err != nil {
				return nil, err
			}
			if p.keep == 0 {
				return nil, r.Fail(at, "expected how many rows to keep of each, found “0”", "dedup 2 user_id")
			}
		}
		p.fields, err = r.FieldNames("the name of a field")
		return p, err
	},
}

func (p *dedup) String() string {
	s := "dedup "
	if p.keep != 1 {
		s += strconv.Itoa(p.keep) + " "
	}
	return s + expr.QuoteFields(p.fields)
}

func (p *dedup) Reads(after Need) Need { return after.With(p.fields...) }

func (p *dedup) Run(ctx context.Context, env *Env, in row.Rows) row.Rows {
	seen := map[string]int{}
	var key []byte
	return each(ctx, in, func(b *row.Batch) (*row.Batch, error) {
		cols := make([]*row.Column, len(p.fields))
		for k, f := range p.fields {
			cols[k] = b.Col(f)
		}
		keep := row.NewBitmap(b.Len)
	rows:
		for i := range b.Len {
			key = key[:0]
			for _, c := range cols {
				v := c.Value(i)
				if v.IsMissing() {
					continue rows
				}
				key = v.AppendKey(key)
			}
			n := seen[string(key)]
			if n >= p.keep {
				continue
			}
			if n == 0 {
				if err := env.Budget.Take(len(key) + mapEntryBytes); err != nil {
					return nil, err
				}
			}
			seen[string(key)] = n + 1
			keep.Set(i)
		}
		return b.Keep(keep), nil
	})
}

// mapEntryBytes is about what an entry of a map costs beside its key.
const mapEntryBytes = 48
