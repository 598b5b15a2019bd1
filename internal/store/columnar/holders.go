package columnar

import (
	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/store/columnar/colfile"
)

// Whoever walks from ids to ids asks for long lists of them in a few fields, by
// the letter, and again for each hop. That has a way of its own through a group:
// filters probed in place, and no value made out but those that are wanted.

// byLetter are the lists of a filter that is nothing but lists asked by the
// letter, in fields that are no aliases; nil when it is more.
func (v *view) byLetter(where expr.Expr) []*expr.In {
	clauses := []expr.Expr{where}
	if or, ok := where.(*expr.Or); ok {
		clauses = or.List
	}
	lists := make([]*expr.In, len(clauses))
	for i, c := range clauses {
		in, ok := c.(*expr.In)
		if !ok || !in.ByLetter || in.Sub != nil {
			return nil
		}
		f, ok := in.X.(*expr.Field)
		if !ok || v.Aliases[f.Name] != "" {
			return nil
		}
		lists[i] = in
	}
	return lists
}

// wantedOf is what groups are asked for a list; nil when it is no list of texts.
func (l *lane) wantedOf(in *expr.In) *colfile.Wanted {
	if w, known := l.wanted[in]; known {
		return w
	}
	if l.wanted == nil {
		l.wanted = map[*expr.In]*colfile.Wanted{}
	}
	texts := make([]string, 0, len(in.List))
	for _, p := range in.List {
		text, plain := p.Literal()
		if !plain {
			l.wanted[in] = nil
			return nil
		}
		texts = append(texts, text)
	}
	l.wanted[in] = colfile.NewWanted(texts)
	return l.wanted[in]
}

// findHolders is findInGroup for lists asked by the letter. ok is false when they
// cannot be asked so.
func (l *lane) findHolders(g *colfile.Group, lists []*expr.In) (rows row.Bitmap, ok bool, err error) {
	for _, in := range lists {
		want := l.wantedOf(in)
		if want == nil {
			return nil, false, nil
		}
		found, err := g.Holders(in.X.(*expr.Field).Name, want, &l.use)
		if err != nil {
			return nil, false, err
		}
		if rows == nil {
			rows = found
		} else {
			rows.Or(found)
		}
	}
	if !rows.Any() {
		return row.Bitmap{}, true, nil
	}
	l.read.Groups.Add(1)
	l.read.Rows.Add(int64(g.Rows))
	within, err := l.within(g)
	if within != nil {
		rows.And(within)
	}
	return rows, true, err
}
