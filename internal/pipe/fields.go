package pipe

import (
	"context"
	"strings"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
)

// fields keeps some fields of every row, or drops them.
type fields struct {
	drop  bool
	names []expr.Pattern
}

var fieldsKind = &Kind{
	Name:    "fields",
	Cleanup: true,
	Aliases: []string{"keep"},
	Syntax:  "fields [-] <field> [, <field> …]",
	Summary: "keeps only these fields, in this order; with - drops them",
	Doc: `A name may have wildcards: ` + "`http_*`" + `. Rows stay lines: ` + "`_time`, `_seq` and `_dataset`" + `
are kept unless they are dropped by name. A field that no row has is no error.

	canonical-log-line | fields _msg, http_*, user_id
	canonical-log-line | fields - alloc_count
`,
	Parse: func(r *expr.Reader, _ string) (Pipe, error) {
		p := &fields{drop: r.Take("-")}
		if !p.drop {
			r.Take("+")
		}
		var err error
		p.names, err = r.FieldPatterns("the name of a field")
		return p, err
	},
}

func (p *fields) String() string {
	sign := ""
	if p.drop {
		sign = "- "
	}
	return "fields " + sign + quoteNames(p.names)
}

// quoteNames prints names that may have wildcards.
func quoteNames(names []expr.Pattern) string {
	parts := make([]string, len(names))
	for i, n := range names {
		if text, ok := n.Literal(); ok {
			parts[i] = expr.QuoteField(text)
		} else {
			parts[i] = n.String()
		}
	}
	return strings.Join(parts, ", ")
}

func (p *fields) Reads(after Need) Need {
	if p.drop {
		for _, n := range p.names {
			if name, ok := n.Literal(); ok {
				after = after.Without(name)
			}
		}
		return after
	}
	need := Only(row.FieldTime, row.FieldSeq, row.FieldDataset)
	for _, n := range p.names {
		name, ok := n.Literal()
		if !ok {
			return Everything()
		}
		need = need.With(name)
	}
	return need
}

func (p *fields) Order() Order { return KeepsOrder }

func (p *fields) Split() (lane, rest Pipe) { return p, nil }

func (p *fields) Run(ctx context.Context, _ *Env, in row.Rows) row.Rows {
	return each(ctx, in, func(b *row.Batch) (*row.Batch, error) {
		if p.drop {
			return dropFields(b, p.names), nil
		}
		out := &row.Batch{Dataset: b.Dataset, Len: b.Len}
		if c := b.Find(row.FieldTime); c != nil && !anyMatches(p.names, row.FieldTime) {
			out.Cols = append(out.Cols, *c)
		}
		// What a line is known by stays with it, as tail and permalinks need it.
		for _, n := range p.names {
			out.Cols = append(out.Cols, matching(b, n, out.Cols)...)
		}
		for _, name := range []string{row.FieldSeq, row.FieldDataset} {
			out.Cols = append(out.Cols, matching(b, expr.LiteralPattern(name), out.Cols)...)
		}
		return out, nil
	})
}

// matching are the columns of b whose names match, those in have left out.
func matching(b *row.Batch, name expr.Pattern, have []row.Column) []row.Column {
	known := row.Batch{Cols: have}
	if text, ok := name.Literal(); ok {
		c := b.Col(text)
		if c.Kind == row.Missing || known.Find(text) != nil {
			return nil
		}
		return []row.Column{*c}
	}
	var out []row.Column
	for _, c := range b.Cols {
		if name.Matches(c.Name) && known.Find(c.Name) == nil {
			out = append(out, c)
		}
	}
	return out
}

func dropFields(b *row.Batch, names []expr.Pattern) *row.Batch {
	out := &row.Batch{Dataset: b.Dataset, Len: b.Len}
	if anyMatches(names, row.FieldDataset) {
		out.Dataset = ""
	}
	for _, c := range b.Cols {
		if !anyMatches(names, c.Name) {
			out.Cols = append(out.Cols, c)
		}
	}
	return out
}

func anyMatches(names []expr.Pattern, field string) bool {
	for _, n := range names {
		if n.Matches(field) {
			return true
		}
	}
	return false
}
