package pipe

import (
	"context"
	"fmt"
	"math"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/when"
)

// bin rounds a field down to steps: of time for times, of size for numbers.
type bin struct {
	text  string // of the span as written
	span  when.Span
	step  row.Value // for numbers; missing when the span is a length of time
	field string
	as    string
}

var binKind = &Kind{
	Name:    "bin",
	Aliases: []string{"bucket"},
	Syntax:  "bin [span=<length or size>] <field> [as <name>]",
	Summary: "rounds a time or a number down to steps",
	Doc: `A time takes a length (5m, 1d, 1w, 1mon), a number a size; a size on a time is
seconds, and a length on a number, too. Without span= a time
is cut so that the range has at most 100 steps, and a number into steps of 10.
Values of another kind stay as they are.

	canonical-log-line | bin span=1w _time | stats dc(user_id) by _time
	canonical-log-line | bin span=0.1 duration | stats count by duration
`,
	Parse: parseBin,
}

func parseBin(r *expr.Reader, _ string) (Pipe, error) {
	p := &bin{}
	for range 2 { // the option may stand before or after the field
		text, at, ok, err := r.Option("span")
		if err != nil {
			return nil, err
		}
		if ok {
			if err := p.setSpan(text); err != nil {
				return nil, r.Fail(at, err.Error(), "for example span=5m, or span=100 for numbers")
			}
		}
		if p.field != "" {
			break
		}
		if p.field, err = r.FieldName("the name of a field"); err != nil {
			return nil, err
		}
		if r.TakeWord("as") {
			if p.as, err = r.FieldName("a name for the steps"); err != nil {
				return nil, err
			}
		}
	}
	return p, nil
}

func (p *bin) setSpan(text string) error {
	p.text = text
	step, ok := expr.ParseNumber(text)
	if !ok {
		var err error
		p.span, err = when.ParseSpan(text)
		return err
	}
	if row.Compare(step, row.IntOf(0)) <= 0 {
		return fmt.Errorf("span=%s: a step is greater than 0", text)
	}
	p.step, p.span = step, spanOf(step)
	return nil
}

// spanOf is a span of so many seconds. Of less than a nanosecond it is one, which leaves every
// time as it is; a step as long as all time has one beginning, the epoch.
func spanOf(n row.Value) when.Span {
	f, _ := n.Float()
	switch ns := f * 1e9; {
	case ns < 1:
		return when.FixedSpan(1)
	case ns < math.MaxInt64:
		exact := expr.Floor(n, row.DecimalOf(1, 9))
		return when.FixedSpan(exact.Nums())
	}
	return when.FixedSpan(math.MaxInt64)
}

func (p *bin) String() string {
	s := "bin "
	if p.text != "" {
		s += "span=" + expr.QuoteValue(p.text) + " "
	}
	s += expr.QuoteField(p.field)
	if p.as != "" {
		s += " as " + expr.QuoteField(p.as)
	}
	return s
}

func (p *bin) Reads(after Need) Need {
	if p.as != "" {
		after = after.Without(p.as)
	}
	return after.With(p.field)
}

func (p *bin) Order() Order { return KeepsOrder }

func (p *bin) Split() (lane, rest Pipe) { return p, nil }

func (p *bin) Run(ctx context.Context, env *Env, in row.Rows) row.Rows {
	span := p.span
	if span == (when.Span{}) {
		span = when.AutoSpan(env.From, env.To, defaultBins)
	}
	return each(ctx, in, func(b *row.Batch) (*row.Batch, error) {
		c := b.Col(p.field)
		var out row.Column
		switch {
		case c.Kind == row.Time || c.Kind == row.Const && c.One.Kind == row.Time:
			out = expr.Steps(c, b.Len, span, env.Zone)
		default:
			out = p.numbers(c, b.Len, env, span)
		}
		out.Name = p.field
		if p.as != "" {
			out.Name = p.as
		}
		return b.With(out), nil
	})
}

// numbers rounds numbers down; times among them too, others stay.
func (p *bin) numbers(c *row.Column, n int, env *Env, span when.Span) row.Column {
	step := p.step
	if step.IsMissing() {
		step = row.IntOf(10)
		if p.span != (when.Span{}) { // a length of time on a number: seconds
			step = row.DecimalOf(p.span.Nanos(), 9).Canonical()
		}
	}
	out := row.Column{Kind: row.Mixed, Values: make([]row.Value, n)}
	for i := range n {
		v := c.Value(i)
		num := v.Number()
		switch {
		case num.Kind == row.Time:
			out.Values[i] = row.TimeOf(span.Floor(num.Nums(), env.Zone))
		case num.IsMissing():
			out.Values[i] = v
		default:
			out.Values[i] = expr.Floor(num, step)
		}
	}
	return out
}
