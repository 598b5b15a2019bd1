package pipe

import (
	"context"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
)

// extract makes fields out of the text of a field: what rex, parse, json,
// logfmt and kv have in common. scan writes the fields of one text to out,
// whose row is begun.
//
// A builder is a good deal larger than the text it is made of, so it is weighed while
// it grows.
func extract(ctx context.Context, env *Env, in row.Rows, field string, scan func(out *row.Builder, text []byte)) row.Rows {
	var text []byte
	return grown(ctx, env, in, func(g *growth, b *row.Batch, from int) (out *row.Batch, next int, err error) {
		c := b.Col(field)
		if c.Kind == row.Missing {
			return b, b.Len, nil
		}
		made, read := row.NewBuilder(""), 0
		for next = from; next < b.Len && !g.full(); next++ {
			if next%64 == 63 && ctx.Err() != nil { // a regular expression may take its time
				return nil, next, ctx.Err()
			}
			made.BeginBare()
			if c.Has(next) {
				text = c.AppendText(text[:0], next)
				scan(made, text)
				read += len(text)
			}
			if next == b.Len-1 || next%1024 == 1023 || read > weighEvery {
				if err = g.take(made.MemBytes() - g.made); err != nil {
					return nil, next, err
				}
				read = 0
			}
		}
		if out, err = g.slice(b, from, next); err != nil {
			return nil, next, err
		}
		return overlay(out, made.Batch()), next, nil
	})
}

// weighEvery is after how many bytes of text a builder is weighed, which looks at all
// its lists. It is also after some rows: each takes a place in every field.
const weighEvery = 256 << 10

// overlay puts the fields of made beside those of b, row by row. Where made
// has no value, the row keeps its own.
func overlay(b, made *row.Batch) *row.Batch {
	for i := range made.Cols {
		c := made.Cols[i]
		switch c.Name {
		case row.FieldTime, row.FieldSeq, row.FieldDataset:
			continue // what the store knows of a line is not for a sender's text to say
		}
		if own := b.Find(c.Name); own != nil {
			if gaps := missing(&c, b.Len); gaps.Any() {
				c = keepOwn(own, &c, gaps, b.Len)
			}
		}
		b = b.With(c)
	}
	return b
}

// fromField reads field=name, or from name, in front of what a pipe extracts;
// _msg when neither stands there.
func fromField(r *expr.Reader) (string, error) {
	for _, word := range []string{"field", "from"} {
		ahead := *r
		if !ahead.TakeWord(word) {
			continue
		}
		ahead.Take("=")
		*r = ahead
		return r.FieldName("the name of a field")
	}
	return row.FieldMsg, nil
}

func printFrom(field string) string {
	if field == row.FieldMsg {
		return ""
	}
	return "field=" + expr.QuoteField(field) + " "
}

// extractor is the part of the pipes that make fields out of a text which they
// all do alike: they look at each row alone, and what fields they make nobody
// knows beforehand.
type extractor struct{ field string }

func (p *extractor) Reads(after Need) Need { return after.With(p.field) }

func (p *extractor) Order() Order { return KeepsOrder }
