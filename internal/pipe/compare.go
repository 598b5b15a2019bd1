package pipe

import (
	"context"
	"fmt"
	"strings"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/when"
)

// compare puts the answer of the same question an earlier period beside
// today's.
type compare struct {
	text   string // how far back, as written
	back   int64  // nanoseconds
	before []Pipe // the pipes in front of it
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
		back, err := when.ParseDuration(text)
		if err != nil || back <= 0 {
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
	out.before = pipes
	if out.keys() == nil {
		return nil, fmt.Errorf("compare stands behind a pipe that aggregates: stats, timechart, top, rare or patterns")
	}
	return &out, nil
}

func (p *compare) keys() []string {
	for i := len(p.before) - 1; i >= 0; i-- {
		if k, ok := p.before[i].(keyer); ok {
			return append([]string{}, k.Keys()...)
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
		rows, err := env.Sub(ctx, question.String(), env.From-p.back, env.To-p.back)
		if err != nil {
			return nil, fmt.Errorf("the question %s earlier: %w", p.text, err)
		}
		before, err := answered(ctx, env, rows)
		if err != nil {
			return nil, err
		}
		return []*row.Batch{p.beside(now, before)}, nil
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

// beside joins both answers by their keys.
func (p *compare) beside(now, before *row.Batch) *row.Batch {
	keys := p.keys()
	at := map[string]uint32{}
	for i := range before.Len {
		at[p.key(before, i, keys, p.back)] = uint32(i)
	}
	out := row.NewBuilder("")
	met := row.NewBitmap(before.Len)
	for i := range now.Len {
		k, found := at[p.key(now, i, keys, 0)]
		if found {
			met.Set(int(k))
		}
		p.add(out, keys, now, i, before, int(k), found)
	}
	for i := range before.Len {
		if !met.Has(i) {
			p.add(out, keys, nil, 0, before, i, true)
		}
	}
	return out.Batch()
}

// key is what a row is known by; times are moved forward by shift.
func (p *compare) key(b *row.Batch, i int, keys []string, shift int64) string {
	var dst []byte
	for _, k := range keys {
		v := b.Col(k).Value(i)
		if v.Kind == row.Time {
			v = row.TimeOf(v.Nums() + shift)
		}
		dst = v.AppendKey(dst)
	}
	return string(dst)
}

// add writes one row: keys, then each aggregate now, before and its change.
// now is nil for a row that was there only before.
func (p *compare) add(out *row.Builder, keys []string, now *row.Batch, i int, before *row.Batch, k int, found bool) {
	out.BeginBare()
	for _, name := range keys {
		if now != nil {
			out.Value([]byte(name), now.Col(name).Value(i))
			continue
		}
		v := before.Col(name).Value(k)
		if v.Kind == row.Time {
			v = row.TimeOf(v.Nums() + p.back)
		}
		out.Value([]byte(name), v)
	}
	from := now
	if now == nil {
		from = before
	}
	for c := range from.Cols {
		name := from.Cols[c].Name
		if isKey(keys, name) {
			continue
		}
		var a, b row.Value
		if now != nil {
			a = now.Cols[c].Value(i)
			out.Value([]byte(name), a)
		}
		if name == FieldPartial || !found {
			continue
		}
		b = before.Col(name).Value(k)
		out.Value([]byte(name+"_before"), b)
		out.Value([]byte(name+"_change"), change(a, b))
	}
}

func isKey(keys []string, name string) bool {
	for _, k := range keys {
		if k == name {
			return true
		}
	}
	return false
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
