package columnar

import (
	"slices"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/store/columnar/colfile"
)

// Whoever walks from ids to ids asks for long lists of them in a few fields, by
// the letter, and again for each hop. That has a way of its own through a part:
// its indices say which groups may hold which, and no value is made out but those
// that are wanted.

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

// located is where a part may have the texts of each list.
type located []fieldAt

type fieldAt struct {
	field string
	at    *colfile.Located
}

func (at located) may(group int) bool {
	return slices.ContainsFunc(at, func(f fieldAt) bool { return f.at.May(group) })
}

// locate asks a part where it has what is asked by the letter. ok is false when
// something else is asked.
func (l *lane) locate(v *view, p *colfile.Part) (at located, ok bool, err error) {
	for _, in := range v.byLetter(v.where) {
		want := l.wantedOf(in)
		if want == nil {
			return nil, false, nil
		}
		field := in.X.(*expr.Field).Name
		found, err := p.Locate(field, want, &l.use)
		if err != nil {
			return nil, false, err
		}
		at = append(at, fieldAt{field, found})
	}
	return at, at != nil, nil
}

// equal is a field of which every row of an answer must have one of some texts.
type equal struct {
	field string
	want  *colfile.Wanted
}

// equalsOf are such fields of a view, worked out once for all parts.
func (l *lane) equalsOf(v *view) []equal {
	if list, known := l.equals[v]; known {
		return list
	}
	if l.equals == nil {
		l.equals = map[*view][]equal{}
	}
	clauses := []expr.Expr{v.where}
	if and, ok := v.where.(*expr.And); ok {
		clauses = and.List
	}
	var list []equal
	for _, e := range clauses {
		names, all := expr.Fields(e)
		if all || len(names) != 1 || v.Aliases[names[0]] != "" || l.ev.Filter(e, &row.Batch{Len: 1}).Any() {
			continue
		}
		if texts, ok := colfile.Equals(e); ok {
			list = append(list, equal{names[0], colfile.NewWanted(texts)})
		}
	}
	l.equals[v] = list
	return list
}

// locateEqual asks a part where it has the ids that every row of an answer must
// have, so that no directory of another group is read. ok is false when it has none of
// one of them.
func (l *lane) locateEqual(v *view, p *colfile.Part) (at located, ok bool, err error) {
	for _, e := range l.equalsOf(v) {
		found, err := p.Locate(e.field, e.want, &l.use)
		if err != nil || found.None() {
			return nil, false, err
		}
		at = append(at, fieldAt{e.field, found})
	}
	return at, true, nil
}

// must reports whether a group may hold what is asked in each field.
func (at located) must(group int) bool {
	return !slices.ContainsFunc(at, func(f fieldAt) bool { return !f.at.May(group) })
}

// findHolders is findInGroup for what is asked by the letter.
func (l *lane) findHolders(g *colfile.Group, at located) (rows row.Bitmap, err error) {
	for _, f := range at {
		found, err := g.Holders(f.field, f.at, &l.use)
		if err != nil {
			return nil, err
		}
		if rows == nil {
			rows = found
		} else {
			rows.Or(found)
		}
	}
	if !rows.Any() {
		return row.Bitmap{}, nil
	}
	l.read.Groups.Add(1)
	l.read.Rows.Add(int64(g.Rows))
	within, err := l.within(g)
	if within != nil {
		rows.And(within)
	}
	return rows, err
}
