package pipe

import (
	"context"
	"slices"
	"strconv"

	"github.com/plumbline/plumbline/internal/agg"
	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/scan"
)

// top gives the most frequent combinations of some fields, or the rarest.
type top struct {
	rare   bool
	n      int
	fields []string
	by     []string
	part   part
}

var topKind = &Kind{
	Name:    "top",
	Syntax:  "top [<n>] <field> [, <field> …] [by <field> …]",
	Summary: "gives the most frequent values of a field, 10 when no number is said",
	Doc: `With several fields their combinations are counted; with by there is a list for
each group. Beside the values stand count and percent, the share of all rows that
have the fields, within the group if there are groups. The number may also be written
limit=5.

	canonical-log-line http_status=500 | top http_path
	top 3 user_id by http_route
`,
	Parse: parseTop,
}

var rareKind = &Kind{
	Name:    "rare",
	Syntax:  "rare [<n>] <field> [, <field> …] [by <field> …]",
	Summary: "gives the rarest values of a field, 10 when no number is said",
	Doc: `As top, from the other end.

	canonical-log-line | rare 5 user_agent
`,
	Parse: parseTop,
}

func parseTop(r *expr.Reader, name string) (Pipe, error) {
	p := &top{rare: name == "rare", n: defaultHead}
	counted := []aggregate{{as: "count"}, {as: "percent"}}
	text, at, ok, err := r.Option("limit")
	if err != nil {
		return nil, err
	}
	if ok {
		if p.n, err = positive("limit", text); err != nil {
			return nil, r.Fail(at, err.Error(), "")
		}
	} else if c := r.Peek(); c >= '0' && c <= '9' {
		if p.n, err = parseCount(r, name, defaultHead); err != nil {
			return nil, err
		}
	}
	if p.fields, err = parseKeys(r, counted, "by"); err != nil {
		return nil, err
	}
	if !r.TakeWord("by") {
		return p, nil
	}
	r.Space()
	at = r.Offset()
	if p.by, err = parseKeys(r, counted); err != nil {
		return nil, err
	}
	for _, f := range p.fields {
		if slices.Contains(p.by, f) {
			return nil, r.Fail(at, "the field "+f+" cannot be counted and grouped by", "")
		}
	}
	return p, nil
}

func (p *top) String() string {
	s := "top "
	if p.rare {
		s = "rare "
	}
	if p.n != defaultHead {
		s += strconv.Itoa(p.n) + " "
	}
	s += expr.QuoteFields(p.fields)
	if len(p.by) > 0 {
		s += " by " + expr.QuoteFields(p.by)
	}
	return s
}

func (p *top) keys() []string { return append(append([]string(nil), p.by...), p.fields...) }

func (p *top) Reads(Need) Need { return Only(p.keys()...) }

func (p *top) Order() Order { return IgnoresOrder }

func (p *top) Shape() Shape { return Table }

func (p *top) Split() (lane, rest Pipe) {
	a, b := *p, *p
	a.part, b.part = laneHalf, restHalf
	return &a, &b
}

// grouping counts the combinations.
func (p *top) grouping() *grouping {
	call, _ := agg.Lookup("count")
	return &grouping{aggs: []aggregate{{call: call, word: "count", as: "count"}}, by: p.keys(), part: p.part}
}

// Group is the part a store may do.
func (p *top) Group(env *Env) *scan.Group { return p.grouping().asked(env) }

func (p *top) Run(ctx context.Context, env *Env, in row.Rows) row.Rows {
	return whole(func() ([]*row.Batch, error) {
		t, err := p.grouping().fold(ctx, env, in)
		if err != nil {
			return nil, err
		}
		if p.part == laneHalf {
			return unfinished(t), nil
		}
		return []*row.Batch{p.choose(t.Batch())}, nil
	})
}

// choose keeps the first n of each group, after sorting by count. Equal counts
// stand in the order of their values, so that an answer is always the same.
func (p *top) choose(b *row.Batch) *row.Batch {
	keys := make([]sortKey, 0, len(p.by)+len(p.fields)+1)
	for _, f := range p.by {
		keys = append(keys, sortKey{field: f})
	}
	keys = append(keys, sortKey{field: "count", falling: !p.rare})
	for _, f := range p.fields {
		keys = append(keys, sortKey{field: f})
	}
	if len(p.by) == 0 {
		return withPercent(b, headRows(b, keys, p.n))
	}
	b = b.Pick(sortRows(b, keys))
	totals := map[string]int64{}
	groups := make([]string, b.Len)
	counts := b.Col("count")
	var key []byte
	for i := range b.Len {
		key = key[:0]
		for _, f := range p.by {
			key = b.Col(f).Value(i).AppendKey(key)
		}
		groups[i] = string(key)
		totals[groups[i]] += counts.Value(i).Nums()
	}
	var rows []uint32
	taken := map[string]int{}
	percent := row.Column{Name: "percent", Kind: row.Float}
	for i := range b.Len {
		if taken[groups[i]]++; taken[groups[i]] <= p.n {
			rows = append(rows, uint32(i))
			percent.Floats = append(percent.Floats, 100*float64(counts.Value(i).Nums())/float64(totals[groups[i]]))
		}
	}
	return b.Pick(rows).With(percent)
}

// withPercent is these rows with the share that each has of the count of all.
func withPercent(b *row.Batch, rows []uint32) *row.Batch {
	total := int64(0)
	counts := b.Col("count")
	for i := range b.Len {
		total += counts.Value(i).Nums()
	}
	percent := row.Column{Name: "percent", Kind: row.Float}
	for _, i := range rows {
		percent.Floats = append(percent.Floats, 100*float64(counts.Value(int(i)).Nums())/float64(total))
	}
	return b.Pick(rows).With(percent)
}
