package pipe

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/when"
)

// compare puts the answer of the same question an earlier period beside
// today's.
type compare struct {
	text   string    // how far back, as written
	back   when.Span // how far back
	before []Pipe    // the pipes in front of it
	keys   []string  // the fields rows are known by
}

var compareKind = &Kind{
	Name:    "compare",
	Syntax:  "compare <length>",
	Summary: "puts the answer of the same question an earlier period beside today's",
	Doc: `Rows are matched by the fields they are grouped by; in a timechart by the step of
time, moved by the length. Each aggregate gets a column ` + "`<name>_before`" + ` and one
` + "`<name>_change`" + `, in percent. Groups that were there only before are given too.

	canonical-log-line earliest=-1h | stats count p99(duration) by http_route | compare 1d
	canonical-log-line earliest=@d | timechart span=1h count | compare 1w
`,
	Parse: func(r *expr.Reader, _ string) (Pipe, error) {
		r.Space()
		at := r.Offset()
		text, err := r.Value("how far back to look")
		if err != nil {
			return nil, err
		}
		text = strings.TrimPrefix(text, "-")
		back, err := when.ParseSpan(text)
		if err != nil {
			return nil, r.Fail(at, "“"+text+"” is no length of time", "compare 1d, compare 1w")
		}
		return &compare{text: text, back: back}, nil
	},
}

// keyer is a pipe whose rows are known by some fields.
type keyer interface{ Keys() []string }

// Keys are the fields that the rows of stats are known by.
func (p *stats) Keys() []string { return p.by }

// Keys are the fields that the rows of top and rare are known by.
func (p *top) Keys() []string { return p.keys() }

// Keys is the pattern, and what it was grouped by.
func (p *patterns) Keys() []string { return p.keys() }

// Keys is the time of a step.
func (p *timechart) Keys() []string { return []string{row.FieldTime} }

// after tells the pipe what stands in front of it.
func (p *compare) after(pipes []Pipe) (Pipe, error) {
	out := *p
	out.before = slices.Clone(pipes)
	for _, q := range out.before {
		if err := out.follow(q); err != nil {
			return nil, err
		}
	}
	if out.keys == nil {
		return nil, fmt.Errorf("compare stands behind a pipe that aggregates: stats, timechart, top, rare or patterns")
	}
	return &out, nil
}

// follow keeps track of the fields that rows are known by.
func (p *compare) follow(q Pipe) error {
	if k, ok := q.(keyer); ok {
		p.keys = append([]string{}, k.Keys()...)
		return nil
	}
	switch q := q.(type) {
	case *rename:
		for _, x := range q.pairs {
			if i := slices.Index(p.keys, x.from); i >= 0 {
				p.keys[i] = x.to
			}
		}
	case *fields:
		return p.follows(func(key string) bool { return anyMatches(q.names, key) != q.drop || key == row.FieldTime && !q.drop })
	case *table:
		return p.follows(func(key string) bool { return anyMatches(q.names, key) })
	case *filter, *sorting, *head, *tail, *eval, *fillnull, *format:
	default:
		if p.keys != nil {
			word, _, _ := strings.Cut(q.String(), " ")
			return fmt.Errorf("compare cannot stand behind %s: it would not know which rows belong together", word)
		}
	}
	return nil
}

// follows says which key a pipe drops.
func (p *compare) follows(keeps func(key string) bool) error {
	for _, k := range p.keys {
		if !keeps(k) {
			return fmt.Errorf("compare needs the field %s, by which rows are known, but it is dropped before", k)
		}
	}
	return nil
}

func (p *compare) String() string { return "compare " + p.text }

func (p *compare) Reads(Need) Need { return Everything() }

func (p *compare) Run(ctx context.Context, env *Env, in row.Rows) row.Rows {
	return whole(func() ([]*row.Batch, error) {
		now, err := answered(ctx, env, in)
		if err != nil {
			return nil, err
		}
		question := Question{Search: env.Search, Pipes: p.before}
		from, to := p.back.Add(env.From, -1, env.Zone), p.back.Add(env.To, -1, env.Zone)
		rows, err := env.Sub(ctx, question.String(), from, to)
		if err != nil {
			return nil, fmt.Errorf("the question %s earlier: %w", p.text, err)
		}
		before, err := answered(ctx, env, rows)
		if err != nil {
			return nil, err
		}
		return []*row.Batch{p.join(env, now, before)}, nil
	})
}

// answered is all rows of an answer in one batch.
func answered(ctx context.Context, env *Env, rows row.Rows) (*row.Batch, error) {
	held, err := gather(ctx, env, rows)
	if err != nil {
		return nil, err
	}
	return held.one()
}

// join puts both answers beside each other by their keys.
func (p *compare) join(env *Env, now, before *row.Batch) *row.Batch {
	at := map[string]int{}
	for i := range before.Len {
		at[p.key(env, before, i, 1)] = i
	}
	names := p.values(now, before)
	out := row.NewBuilder("")
	met := row.NewBitmap(before.Len)
	for i := range now.Len {
		out.BeginBare()
		for _, k := range p.keys {
			out.Value([]byte(k), now.Col(k).Value(i))
		}
		k, found := at[p.key(env, now, i, 0)]
		if found {
			met.Set(k)
		}
		p.add(out, names, now, i, before, k, found)
	}
	for k := range before.Len {
		if met.Has(k) {
			continue
		}
		out.BeginBare()
		for _, name := range p.keys {
			out.Value([]byte(name), p.moved(env, before.Col(name).Value(k), 1))
		}
		p.add(out, names, &row.Batch{}, 0, before, k, true)
	}
	return out.Batch()
}

// values are the columns of both that are no keys.
func (p *compare) values(now, before *row.Batch) []string {
	var names []string
	for _, b := range []*row.Batch{now, before} {
		for i := range b.Cols {
			if name := b.Cols[i].Name; !slices.Contains(p.keys, name) && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// key is what a row is known by; times are moved.
func (p *compare) key(env *Env, b *row.Batch, i int, by int64) string {
	var dst []byte
	for _, k := range p.keys {
		dst = p.moved(env, b.Col(k).Value(i), by).AppendKey(dst)
	}
	return string(dst)
}

// moved is a time so many lengths later, and any other value as it is.
func (p *compare) moved(env *Env, v row.Value, by int64) row.Value {
	if v.Kind != row.Time || by == 0 {
		return v
	}
	return row.TimeOf(p.back.Add(v.Nums(), by, env.Zone))
}

// add writes the values of a row: each now, before, and its change.
func (p *compare) add(out *row.Builder, names []string, now *row.Batch, i int, before *row.Batch, k int, found bool) {
	for _, name := range names {
		a := now.Col(name).Value(i)
		out.Value([]byte(name), a)
		if name == FieldPartial || !found {
			continue
		}
		b := before.Col(name).Value(k)
		out.Value([]byte(name+"_before"), b)
		out.Value([]byte(name+"_change"), change(a, b))
	}
}

// change is by how many percent a differs from b.
func change(a, b row.Value) row.Value {
	x, okX := a.Float()
	y, okY := b.Float()
	if !okX || !okY || y == 0 {
		return row.Value{}
	}
	return row.FloatOf(100 * (x - y) / y)
}
