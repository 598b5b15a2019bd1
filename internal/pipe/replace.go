package pipe

import (
	"bytes"
	"context"
	"regexp"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
)

// replace puts one text in place of another within fields.
type replace struct {
	old, new string
	re       *regexp.Regexp // nil: old is a plain text
	fields   []string
}

var replaceKind = &Kind{
	Name:    "replace",
	Cleanup: true,
	Syntax:  `replace [~]"<old>" with "<new>" [in <field> [, <field> …]]`,
	Summary: "puts one text in place of another, wherever it stands in a field",
	Doc: "In `_msg` when no field is named. With ~ the old text is a regular expression, and\n" + `$1 or ${name} in the new one stand for its groups.

	replace "10.0.0.5" with "db-primary" in peer, upstream
	replace ~"user=\S+" with "user=…"
`,
	Parse: parseReplace,
}

func parseReplace(r *expr.Reader, _ string) (Pipe, error) {
	p := &replace{fields: []string{row.FieldMsg}}
	isRegexp := r.Take("~")
	r.Space()
	at := r.Offset()
	var err error
	if p.old, err = r.Quoted("the text to replace"); err != nil {
		return nil, err
	}
	if isRegexp {
		if p.re, err = expr.CompileRegexp(p.old); err != nil {
			return nil, r.Fail(at, err.Error(), "")
		}
	} else if p.old == "" {
		return nil, r.Fail(at, "the text to replace is empty", "")
	}
	if !r.TakeWord("with") {
		return nil, r.Fail(r.Offset(), "expected “with” and the new text, found "+r.Found(), `replace "a" with "b"`)
	}
	if p.new, err = r.Quoted("the new text"); err != nil {
		return nil, err
	}
	if r.TakeWord("in") {
		p.fields, err = r.FieldNames("the name of a field")
	}
	return p, err
}

func (p *replace) String() string {
	s := "replace "
	if p.re != nil {
		s += "~"
	}
	s += expr.QuoteText(p.old) + " with " + expr.QuoteText(p.new)
	if len(p.fields) != 1 || p.fields[0] != row.FieldMsg {
		s += " in " + expr.QuoteFields(p.fields)
	}
	return s
}

func (p *replace) Reads(after Need) Need { return after.With(p.fields...) }

func (p *replace) Order() Order { return KeepsOrder }

func (p *replace) Split() (lane, rest Pipe) { return p, nil }

func (p *replace) Run(ctx context.Context, env *Env, in row.Rows) row.Rows {
	for _, field := range p.fields {
		in = grown(ctx, env, in, func(g *growth, b *row.Batch, from int) (*row.Batch, int, error) {
			return p.change(g, b, field, from)
		})
	}
	return in
}

// change changes a field of the rows from the given one on.
func (p *replace) change(g *growth, b *row.Batch, field string, from int) (out *row.Batch, next int, err error) {
	c := b.Col(field)
	if c.Kind == row.Missing {
		return b, b.Len, nil
	}
	values := make([]row.Value, 0, b.Len-from)
	var text, changed []byte
	for next = from; next < b.Len && !g.full(); next++ {
		if !c.Has(next) {
			values = append(values, row.Value{})
			continue
		}
		text = c.AppendText(text[:0], next)
		if changed = p.appendChanged(changed[:0], text); bytes.Equal(changed, text) {
			values = append(values, c.Value(next))
			continue
		}
		if err = g.text(len(changed)); err != nil {
			return nil, next, err
		}
		values = append(values, row.TextOf(string(changed)))
	}
	if err = g.take(len(values) * row.Value{}.MemBytes()); err != nil {
		return nil, next, err
	}
	if out, err = g.slice(b, from, next); err != nil {
		return nil, next, err
	}
	return out.With(row.Column{Name: field, Kind: row.Mixed, Values: values}), next, nil
}

// appendChanged appends the text with the new one in place of the old. It
// stops when the result grows too long.
func (p *replace) appendChanged(dst, text []byte) []byte {
	if p.re != nil {
		done := 0
		for _, at := range p.re.FindAllSubmatchIndex(text, -1) {
			if dst = append(dst, text[done:at[0]]...); len(dst) > maxText {
				return dst
			}
			dst = p.re.Expand(dst, []byte(p.new), text, at)
			done = at[1]
		}
		return append(dst, text[done:]...)
	}
	for len(dst) <= maxText {
		before, after, found := bytes.Cut(text, []byte(p.old))
		dst = append(dst, before...)
		if !found {
			break
		}
		dst, text = append(dst, p.new...), after
	}
	return dst
}
