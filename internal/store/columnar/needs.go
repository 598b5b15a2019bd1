package columnar

import (
	"slices"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/store/columnar/colfile"
)

// needs is what a grouping reads of a row group: of all rows as little as it
// can, and of some more once it knows which.
type needs struct {
	fields []string // of all rows found
	shapes []string // of these only the shape
	placed []string // by key: the field whose codes are taken as the group has them; "": it is made of others
	later  []int    // aggregates whose argument is read for few rows
}

// needs works out what to read for the rows found of an item. Messages as keys
// are wanted by their shape alone, and examples (earliest, latest) of the few
// rows with the best times.
func (t *tabler) needs(v *view, f *found) needs {
	n := needs{fields: v.fields}
	if f.group == nil || v.aliased { // a buffer has all at hand; what an alias stands for is put together
		return n
	}
	var all []expr.Expr
	for i, a := range t.group.Aggs {
		if a.Call.Func.Few && present(f.group, a.Args[0]) {
			n.later = append(n.later, i)
			all = append(all, a.Args[1:]...)
			continue
		}
		all = append(all, a.Args...)
	}
	n.placed = make([]string, len(t.group.Keys))
	for i, e := range t.group.Keys {
		if name, ok := expr.OnlyShape(e); ok && f.group.Facts(name).Kind == row.Shape {
			if !slices.Contains(n.shapes, name) {
				n.shapes = append(n.shapes, name)
			}
		} else if name, ok := placeable(f, e); ok && len(n.later) == 0 {
			n.placed[i] = name
		} else {
			all = append(all, e)
		}
	}
	n.fields = []string{}
	for _, e := range all {
		names, _ := expr.Fields(e)
		for _, name := range names {
			if !slices.Contains(n.fields, name) {
				n.fields = append(n.fields, name)
			}
		}
	}
	n.shapes = slices.DeleteFunc(n.shapes, func(name string) bool { return slices.Contains(n.fields, name) })
	for i, name := range n.placed {
		if slices.Contains(n.fields, name) {
			n.placed[i] = ""
		}
	}
	for len(t.shapes) < len(n.shapes) {
		t.shapes = append(t.shapes, row.Column{})
	}
	return n
}

// present reports whether an argument is a field that every row of the group
// has.
func present(g *colfile.Group, e expr.Expr) bool {
	f, ok := e.(*expr.Field)
	return ok && g.Facts(f.Name).Present == g.Rows
}

// placeable reports whether a key is a field of texts whose codes, for the rows found,
// are best taken as the group has them.
func placeable(f *found, e expr.Expr) (name string, ok bool) {
	key, ok := e.(*expr.Field)
	if !ok || float64(f.n) < dense*float64(f.group.Rows) {
		return "", false
	}
	return key.Name, f.group.Facts(key.Name).Kind == row.Dict
}

// argsOf are the arguments of an aggregate for some of the rows found. What
// cannot be read is missing there, and said.
func (t *tabler) argsOf(i int, it *item, f *found, rows []uint32) []row.Column {
	set := row.NewBitmap(f.group.Rows)
	if f.rows == nil {
		for _, r := range rows {
			set.Set(int(r))
		}
	} else {
		all := f.rows.Append(nil)
		for _, r := range rows {
			set.Set(int(all[r]))
		}
	}
	var names []string
	for _, e := range t.group.Aggs[i].Args {
		fields, _ := expr.Fields(e)
		names = append(names, fields...)
	}
	b, err := f.group.Batch(names, set, &t.use)
	if err != nil {
		t.damaged(it, err)
		b = &row.Batch{Len: len(rows)}
	}
	return t.args(i, b)
}
