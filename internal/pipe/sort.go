package pipe

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
)

// sorting puts rows in the order of some fields.
type sorting struct {
	limit int // 0: all rows
	keys  []sortKey
}

type sortKey struct {
	field   string
	falling bool
}

var sortKind = &Kind{
	Name:    "sort",
	Aliases: []string{"order"},
	Syntax:  "sort [<n>] [by] [-]<field> [asc|desc] [, …]",
	Summary: "puts rows in the order of some fields",
	Doc: `A minus in front of a field, or desc behind it, sorts falling. Numbers come before
texts, rows without the field come last either way; rows that are equal stay in
their order. With a number in front only the first n rows are given.

	canonical-log-line | stats count by user_id | sort -count | head 10
	sort 100 -duration, _time
`,
	Parse: parseSort,
}

func parseSort(r *expr.Reader, name string) (Pipe, error) {
	p := &sorting{}
	if c := r.Peek(); c >= '0' && c <= '9' {
		n, err := parseCount(r, name, 0)
		if err != nil {
			return nil, err
		}
		p.limit = n
	}
	r.TakeWord("by")
	for {
		k := sortKey{falling: r.Take("-")}
		if !k.falling {
			r.Take("+")
		}
		var err error
		if k.field, err = r.FieldName("the name of a field to sort by"); err != nil {
			return nil, err
		}
		if r.TakeWord("desc") {
			k.falling = true
		} else {
			r.TakeWord("asc")
		}
		p.keys = append(p.keys, k)
		if r.Take(","); r.Done() {
			return p, nil
		}
	}
}

func (p *sorting) String() string {
	parts := make([]string, len(p.keys))
	for i, k := range p.keys {
		if k.falling {
			parts[i] = "-"
		}
		parts[i] += expr.QuoteField(k.field)
	}
	s := "sort "
	if p.limit > 0 {
		s += strconv.Itoa(p.limit) + " "
	}
	return s + strings.Join(parts, ", ")
}

func (p *sorting) Reads(after Need) Need {
	for _, k := range p.keys {
		after = after.With(k.field)
	}
	return after
}

func (p *sorting) Run(ctx context.Context, env *Env, in row.Rows) row.Rows {
	return whole(func() ([]*row.Batch, error) {
		list, err := gather(ctx, env, in)
		if err != nil || len(list) == 0 {
			return nil, err
		}
		b := row.Concat(list)
		if err := env.Budget.Take(b.MemBytes()); err != nil {
			return nil, err
		}
		rows := sortRows(b, p.keys)
		if p.limit > 0 && len(rows) > p.limit {
			rows = rows[:p.limit]
		}
		return []*row.Batch{b.Pick(rows)}, nil
	})
}

// sortRows is the order of the rows of b by these keys.
func sortRows(b *row.Batch, keys []sortKey) []uint32 {
	values := make([][]row.Value, len(keys))
	for k, key := range keys {
		c := b.Col(key.field)
		values[k] = make([]row.Value, b.Len)
		for i := range b.Len {
			values[k][i] = c.Value(i)
		}
	}
	rows := allRows(b.Len)
	slices.SortStableFunc(rows, func(x, y uint32) int {
		for k, key := range keys {
			vx, vy := values[k][x], values[k][y]
			c := row.Compare(vx, vy)
			if key.falling && !vx.IsMissing() && !vy.IsMissing() {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return 0
	})
	return rows
}

func allRows(n int) []uint32 {
	rows := make([]uint32, n)
	for i := range rows {
		rows[i] = uint32(i)
	}
	return rows
}
