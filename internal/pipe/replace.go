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

func (p *replace) Run(ctx context.Context, _ *Env, in row.Rows) row.Rows {
	return each(ctx, in, func(b *row.Batch) (*row.Batch, error) {
		for _, f := range p.fields {
			if c := b.Col(f); c.Kind != row.Missing {
				b = b.With(p.column(c, b.Len))
			}
		}
		return b, nil
	})
}

func (p *replace) column(c *row.Column, n int) row.Column {
	out := row.Column{Name: c.Name, Kind: row.Mixed, Values: make([]row.Value, n)}
	var text []byte
	for i := range n {
		if !c.Has(i) {
			continue
		}
		text = c.AppendText(text[:0], i)
		if changed := p.text(text); !bytes.Equal(changed, text) {
			out.Values[i] = row.TextOf(string(changed))
		} else {
			out.Values[i] = c.Value(i)
		}
	}
	return out
}

func (p *replace) text(text []byte) []byte {
	if p.re != nil {
		return p.re.ReplaceAll(text, []byte(p.new))
	}
	return bytes.ReplaceAll(text, []byte(p.old), []byte(p.new))
}
