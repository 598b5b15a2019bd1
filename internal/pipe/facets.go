package pipe

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
)

// facets gives the most frequent values of every field.
type facets struct{ n int }

var facetsKind = &Kind{
	Name:    "facets",
	Syntax:  "facets [<n>]",
	Summary: "gives the most frequent values of every field with their counts, 10 of each when no number is said",
	Doc: `A row a value: ` + "`field`, `value`, `count`" + `; beside it ` + "`rows`" + `, how many rows have the field, and
` + "`distinct`" + `, how many different values it has. Fields with more than 10,000 different
values, which are ids or texts, are given with ` + "`distinct`" + ` missing and counts of the values
met first.

	http_status=500 earliest=-15m | facets 5
`,
	Parse: func(r *expr.Reader, name string) (Pipe, error) {
		n, err := parseCount(r, name, defaultHead)
		return &facets{n}, err
	},
}

func (p *facets) String() string {
	if p.n == defaultHead {
		return "facets"
	}
	return "facets " + strconv.Itoa(p.n)
}

func (p *facets) Reads(Need) Need { return Everything() }

func (p *facets) Order() Order { return IgnoresOrder }

func (p *facets) Shape() Shape { return Table }

// maxFacetValues bounds what is held of one field.
const maxFacetValues = 10_000

// facet counts the values of one field.
type facet struct {
	rows   int64
	over   bool // more values than are held
	counts map[string]*facetValue
}

type facetValue struct {
	value row.Value
	count int64
}

func (p *facets) Run(ctx context.Context, env *Env, in row.Rows) row.Rows {
	return whole(func() ([]*row.Batch, error) {
		fields := map[string]*facet{}
		for b, err := range each(ctx, in, same) {
			if err != nil {
				return nil, err
			}
			for i := range b.Cols {
				name := b.Cols[i].Name
				if name == row.FieldTime || name == row.FieldSeq {
					continue
				}
				if fields[name] == nil {
					fields[name] = &facet{counts: map[string]*facetValue{}}
				}
				if err := fields[name].add(env, &b.Cols[i], b.Len); err != nil {
					return nil, err
				}
			}
		}
		return []*row.Batch{p.list(fields)}, nil
	})
}

func (f *facet) add(env *Env, c *row.Column, n int) error {
	var byCode []*facetValue
	if c.Kind == row.Dict {
		byCode = make([]*facetValue, c.Dict.Len())
	}
	var key []byte
	for i := range n {
		if !c.Has(i) {
			continue
		}
		f.rows++
		if byCode != nil && byCode[c.Codes[i]] != nil {
			byCode[c.Codes[i]].count++
			continue
		}
		v := c.Value(i)
		key = v.AppendKey(key[:0])
		held := f.counts[string(key)]
		if held == nil {
			if len(f.counts) == maxFacetValues {
				f.over = true
				continue
			}
			if err := env.Budget.Take(len(key) + v.MemBytes() + mapEntryBytes); err != nil {
				return err
			}
			if v.Kind == row.Text {
				v = row.TextOf(strings.Clone(v.Str())) // not the whole column behind it
			}
			held = &facetValue{value: v}
			f.counts[string(key)] = held
		}
		held.show(v)
		held.count++
		if byCode != nil {
			byCode[c.Codes[i]] = held
		}
	}
	return nil
}

// show keeps the form in which a value is shown: 200 and "200" are one, and
// which came first must not matter. A number goes before its text, a shorter
// text before a longer one.
func (f *facetValue) show(v row.Value) {
	if v.Kind != row.Text {
		if n := v.Canonical(); !n.IsMissing() {
			v = n
		}
		f.value = v
	} else if f.value.Kind == row.Text && len(v.Str()) < len(f.value.Str()) {
		f.value = row.TextOf(strings.Clone(v.Str()))
	}
}

// list is a row for each value: fields that most rows have first.
func (p *facets) list(fields map[string]*facet) *row.Batch {
	names := make([]string, 0, len(fields))
	for name, f := range fields {
		if f.rows > 0 {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		if fields[a].rows != fields[b].rows {
			return int(fields[b].rows - fields[a].rows)
		}
		return strings.Compare(a, b)
	})
	out := row.NewBuilder("")
	for _, name := range names {
		f := fields[name]
		values := make([]*facetValue, 0, len(f.counts))
		for _, v := range f.counts {
			values = append(values, v)
		}
		slices.SortFunc(values, func(a, b *facetValue) int {
			if a.count != b.count {
				return int(b.count - a.count)
			}
			return row.Compare(a.value, b.value)
		})
		for _, v := range values[:min(p.n, len(values))] {
			out.BeginBare()
			out.Text([]byte("field"), []byte(name))
			out.Value([]byte("value"), v.value)
			out.Value([]byte("count"), row.IntOf(v.count))
			out.Value([]byte("rows"), row.IntOf(f.rows))
			if !f.over {
				out.Value([]byte("distinct"), row.IntOf(int64(len(f.counts))))
			}
		}
	}
	return out.Batch()
}
