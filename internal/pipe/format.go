package pipe

import (
	"context"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
)

// format writes a text with the values of fields in it.
type format struct {
	template string
	first    string
	holes    []hole
	as       string
}

var formatKind = &Kind{
	Name:    "format",
	Cleanup: true,
	Syntax:  `format "<text with <field> in it>" [as <name>]`,
	Summary: "writes a text with the values of fields in it",
	Doc: "Into `_msg` when no name is said. A field that is missing leaves nothing; names with\nother signs than letters, digits, _ and dots cannot stand in the text: rename them first.\n" + `
	format "<http_method> <http_path> took <duration> s" as line
`,
	Parse: func(r *expr.Reader, _ string) (Pipe, error) {
		p := &format{as: row.FieldMsg}
		var err error
		if p.template, err = r.Quoted("a text with <field> in it"); err != nil {
			return nil, err
		}
		literal, rest, found := cutHole(p.template)
		p.first = literal
		for found {
			h := hole{name: rest[1:]}
			for i := range len(rest) {
				if rest[i] == '>' {
					h.name, rest = rest[1:i], rest[i+1:]
					break
				}
			}
			h.then, rest, found = cutHole(rest)
			p.holes = append(p.holes, h)
		}
		if r.TakeWord("as") {
			p.as, err = r.FieldName("a name for the text")
		}
		return p, err
	},
}

func (p *format) String() string {
	s := "format " + expr.QuoteText(p.template)
	if p.as != row.FieldMsg {
		s += " as " + expr.QuoteField(p.as)
	}
	return s
}

func (p *format) Reads(after Need) Need {
	after = after.Without(p.as)
	for _, h := range p.holes {
		after = after.With(h.name)
	}
	return after
}

func (p *format) Order() Order { return KeepsOrder }

func (p *format) Split() (lane, rest Pipe) { return p, nil }

func (p *format) Run(ctx context.Context, env *Env, in row.Rows) row.Rows {
	return grown(ctx, env, in, p.write)
}

// write writes the texts of the rows from the given one on.
func (p *format) write(g *growth, b *row.Batch, from int) (out *row.Batch, next int, err error) {
	cols := make([]*row.Column, len(p.holes))
	for k, h := range p.holes {
		cols[k] = b.Col(h.name)
	}
	texts := row.Column{Name: p.as, Kind: row.Text, Offs: make([]uint32, 1, b.Len-from+1)}
	for next = from; next < b.Len && !g.full(); next++ {
		begin := len(texts.Bytes)
		texts.Bytes = append(texts.Bytes, p.first...)
		for k, h := range p.holes {
			texts.Bytes = append(cols[k].AppendText(texts.Bytes, next), h.then...)
			if len(texts.Bytes)-begin > maxText {
				break
			}
		}
		if err := g.text(len(texts.Bytes) - begin); err != nil {
			return nil, next, err
		}
		texts.Offs = append(texts.Offs, uint32(len(texts.Bytes)))
	}
	if out, err = g.slice(b, from, next); err != nil {
		return nil, next, err
	}
	return out.With(texts), next, nil
}
