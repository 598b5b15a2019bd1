package pipe

import (
	"context"
	"slices"
	"strings"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/row"
)

// lookup puts the fields of a table's row beside rows with the same key.
type lookup struct {
	table string
	key   string // column of the table
	field string // field of the rows
	take  []renaming
}

var lookupKind = &Kind{
	Name:    "lookup",
	Syntax:  "lookup <table> <column> [as <field>] [output <column> [as <name>], …]",
	Summary: "puts columns of a lookup table (CSV) beside rows with the same key",
	Doc: `Without output all other columns are taken. Of several rows with one key the first
counts. Rows whose key is not in the table stay as they are; a field that is taken
replaces one of the same name.

	canonical-log-line | lookup customers id as user_id output name, plan as tier
`,
	Parse: parseLookup,
}

func parseLookup(r *expr.Reader, _ string) (Pipe, error) {
	p := &lookup{}
	var err error
	if p.table, err = r.Value("the name of a lookup table"); err != nil {
		return nil, err
	}
	if p.key, err = r.FieldName("the table's column to look in"); err != nil {
		return nil, err
	}
	p.field = p.key
	if r.TakeWord("as") {
		if p.field, err = r.FieldName("the field to look for"); err != nil {
			return nil, err
		}
	}
	if !r.TakeWord("output") {
		return p, nil
	}
	for {
		from, err := r.FieldName("a column of the table")
		if err != nil {
			return nil, err
		}
		to := from
		if r.TakeWord("as") {
			if to, err = r.FieldName("a name for " + from); err != nil {
				return nil, err
			}
		}
		p.take = append(p.take, renaming{from, to})
		if r.Take(","); r.Done() {
			return p, nil
		}
	}
}

func (p *lookup) String() string {
	s := "lookup " + expr.QuoteValue(p.table) + " " + expr.QuoteField(p.key)
	if p.field != p.key {
		s += " as " + expr.QuoteField(p.field)
	}
	if len(p.take) == 0 {
		return s
	}
	parts := make([]string, len(p.take))
	for i, t := range p.take {
		parts[i] = expr.QuoteField(t.from)
		if t.to != t.from {
			parts[i] += " as " + expr.QuoteField(t.to)
		}
	}
	return s + " output " + strings.Join(parts, ", ")
}

func (p *lookup) Reads(after Need) Need { return after.With(p.field) }

func (p *lookup) Order() Order { return KeepsOrder }

func (p *lookup) Run(ctx context.Context, env *Env, in row.Rows) row.Rows {
	return func(yield func(*row.Batch, error) bool) {
		table, err := env.Table(p.table)
		if err == nil {
			err = p.check(table)
		}
		if err != nil {
			yield(nil, err)
			return
		}
		at := firstRows(table.Col(p.key), table.Len)
		each(ctx, in, func(b *row.Batch) (*row.Batch, error) { return p.fill(b, table, at), nil })(yield)
	}
}

// check says which column the table lacks.
func (p *lookup) check(table *row.Batch) error {
	if table.Len == 0 {
		return nil
	}
	names := make([]string, len(table.Cols))
	for i := range table.Cols {
		names[i] = table.Cols[i].Name
	}
	for _, x := range append([]renaming{{p.key, p.key}}, p.take...) {
		if !slices.Contains(names, x.from) {
			hint := ""
			if near := fault.Nearest(x.from, names); near != "" {
				hint = "; did you mean " + near + "?"
			}
			return fault.New(fault.Invalid, "the lookup table %s has no column %s%s", p.table, x.from, hint)
		}
	}
	return nil
}

// firstRows is the first row of each key.
func firstRows(c *row.Column, n int) map[string]uint32 {
	at := make(map[string]uint32, n)
	var key []byte
	for i := range n {
		if v := c.Value(i); !v.IsMissing() {
			key = v.AppendKey(key[:0])
			if _, known := at[string(key)]; !known {
				at[string(key)] = uint32(i)
			}
		}
	}
	return at
}

func (p *lookup) fill(b, table *row.Batch, at map[string]uint32) *row.Batch {
	c := b.Col(p.field)
	rows := make([]uint32, b.Len)
	missed := row.NewBitmap(b.Len)
	var key []byte
	for i := range b.Len {
		v := c.Value(i)
		key = v.AppendKey(key[:0])
		k, ok := at[string(key)]
		if rows[i] = k; !ok || v.IsMissing() {
			missed.Set(i)
		}
	}
	if missed.Count() == b.Len {
		return b
	}
	for _, t := range p.columns(table) {
		picked := blank(table.Col(t.from).Pick(rows), missed, b.Len)
		picked.Name = t.to
		if own := b.Find(t.to); own != nil && missed.Any() {
			picked = keepOwn(own, &picked, missed, b.Len)
		}
		b = b.With(picked)
	}
	return b
}

// keepOwn is the new column, and the old one where the table had no row.
func keepOwn(own, picked *row.Column, missed row.Bitmap, n int) row.Column {
	out := row.Column{Name: picked.Name, Kind: row.Mixed, Values: make([]row.Value, n)}
	for i := range n {
		if missed.Has(i) {
			out.Values[i] = own.Value(i)
		} else {
			out.Values[i] = picked.Value(i)
		}
	}
	return out
}

func (p *lookup) columns(table *row.Batch) []renaming {
	if len(p.take) > 0 {
		return p.take
	}
	var all []renaming
	for i := range table.Cols {
		if name := table.Cols[i].Name; name != p.key {
			all = append(all, renaming{name, name})
		}
	}
	return all
}
