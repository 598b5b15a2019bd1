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
	// ties are the order in which rows come that are equal: that of the pipe in
	// front, which then need not make it.
	ties []sortKey
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

// NewestFirst is the pipe that puts lines in the order in which they are shown,
// for a store that cannot.
func NewestFirst() Pipe { return &sorting{keys: newestFirst()} }

// newestFirst is the order of lines.
func newestFirst() []sortKey {
	return []sortKey{{row.FieldTime, true}, {row.FieldDataset, false}, {row.FieldSeq, true}}
}

func (p *sorting) Reads(after Need) Need {
	for _, k := range p.keys {
		after = after.With(k.field)
	}
	return after
}

// Fuse takes a head behind the sort in, so that only its rows are held.
func (p *sorting) Fuse(next Pipe) (Pipe, bool) {
	h, ok := next.(*head)
	if !ok || h.n == 0 {
		return nil, false
	}
	out := *p
	if out.limit == 0 || h.n < out.limit {
		out.limit = h.n
	}
	return &out, true
}

// Behind takes over the order in which stats in front gives its groups: only
// those that are equal here are compared by it.
func (p *sorting) Behind(front Pipe) (before, self Pipe, ok bool) {
	s, ok := front.(*stats)
	if !ok {
		return nil, nil, false
	}
	out := *p
	for _, field := range s.by {
		out.ties = append(out.ties, sortKey{field: field})
	}
	return s.Unsorted(), &out, true
}

// cutAt is how many rows beyond its limit a sort holds before it drops those
// that cannot come first any more: few sorts of many rows cost less than many
// of few.
const cutAt = 1 << 16

func (p *sorting) Run(ctx context.Context, env *Env, in row.Rows) row.Rows {
	return whole(func() ([]*row.Batch, error) {
		held := &pile{budget: env.Budget}
		for b, err := range each(ctx, in, same) {
			if err == nil {
				err = held.add(b)
			}
			if err == nil && p.limit > 0 && held.rows > 2*p.limit+cutAt {
				err = p.cut(held)
			}
			if err != nil {
				return nil, err
			}
		}
		err := p.cut(held)
		return held.list, err
	})
}

// cut sorts what is held and keeps the rows within the limit.
func (p *sorting) cut(held *pile) error {
	b, err := held.one()
	if err != nil {
		return err
	}
	keys := slices.Concat(p.keys, p.ties)
	if p.limit > 0 {
		return held.become(b.Pick(headRows(b, keys, p.limit)))
	}
	return held.become(b.Pick(sortRows(b, keys)))
}

// sortRows is the order of the rows of b by these keys; rows that are equal
// stay in their order.
func sortRows(b *row.Batch, keys []sortKey) []uint32 { return headRows(b, keys, b.Len) }

// headRows is the first n of sortRows.
func headRows(b *row.Batch, keys []sortKey, n int) []uint32 {
	by := make([]row.SortKey, len(keys))
	for k, key := range keys {
		by[k] = row.SortKey{Col: b.Col(key.field), Falling: key.falling}
	}
	return row.Sorted(by, b.Len, n)
}
