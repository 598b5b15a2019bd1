package columnar

import (
	"slices"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/scan"
	"github.com/plumbline/plumbline/internal/store/columnar/colfile"
)

// A part says how many rows it has, of fields with few different values how many
// rows have each, and of messages how many have which shape. Where a question
// wants all of the part's time and counts by no more than that, no row group is
// opened.

// addWhole folds a part that was not opened; false when its rows must be read.
func (t *tabler) addWhole(it *item) bool {
	if !t.lies(it) || !onlyCounts(t.group) {
		return false
	}
	if len(t.group.Keys) == 0 {
		if _, every := it.view.where.(*expr.Every); every {
			t.own.AddCounted(nil, []uint64{uint64(it.part.rows)})
			return true
		}
	}
	open, err := t.s.reader(it.part)
	if err != nil {
		return false // opening its groups says so
	}
	if t.addShapes(it, open) {
		return true
	}
	field, ok := t.onlyField(it.view)
	if !ok {
		return false
	}
	values, rows, ok, err := countsIn(open, it, field)
	if !ok || err != nil {
		return false
	}
	t.addCounts(it.view, field, values, rows)
	return true
}

// countsIn are the values of a field and how many rows of a part have each. The name of
// its dataset is no field of a part.
func countsIn(open *colfile.Part, it *item, field string) (values []row.Value, rows []uint64, ok bool, err error) {
	if field == row.FieldDataset {
		return []row.Value{row.TextOf(it.view.Name)}, []uint64{uint64(it.part.rows)}, true, nil
	}
	return open.Counts(field)
}

// addShapes folds the rows of a part by the shapes of their messages: into one
// group, or into those that a function of the shape makes.
func (t *tabler) addShapes(it *item, open *colfile.Part) bool {
	fields, all := expr.Fields(it.view.where)
	for _, e := range t.group.Keys {
		if name, ok := expr.OnlyShape(e); ok && len(fields) == 0 {
			fields = []string{name}
		} else if !ok || fields[0] != name {
			return false
		}
	}
	if all || len(fields) != 1 || !slices.Equal(it.view.Resolve(fields), fields) {
		return false
	}
	if len(t.group.Keys) == 0 { // rows without a message count too
		if f, _, err := open.Field(fields[0]); err != nil || f.Rows != it.part.rows {
			return false
		}
	}
	shapes, rows, ok, err := open.ShapeCounts(fields[0], it.view.where, t.ev)
	if !ok || err != nil {
		return false
	}
	c := row.Column{Name: fields[0], Kind: row.Shape, Dict: shapes}
	var times []uint64
	for code, n := range rows {
		if n > 0 {
			c.Codes, times = append(c.Codes, uint32(code)), append(times, n)
		}
	}
	b := &row.Batch{Dataset: it.view.Name, Len: len(times), Cols: []row.Column{c}}
	keys := make([]row.Column, len(t.group.Keys))
	for i, e := range t.group.Keys {
		keys[i] = t.ev.Eval(e, b)
	}
	t.own.AddCounted(keys, times)
	return true
}

// onlyCounts reports whether nothing but numbers of rows is asked.
func onlyCounts(g *scan.Group) bool {
	return !slices.ContainsFunc(g.Aggs, func(a scan.Agg) bool { return a.Call.Func.Name != "count" || len(a.Args) > 0 })
}

// onlyField is the one field that rows are grouped by, if no other is asked for
// and it is no other name of one.
func (t *tabler) onlyField(v *view) (name string, ok bool) {
	if len(t.group.Keys) != 1 {
		return "", false
	}
	key, ok := t.group.Keys[0].(*expr.Field)
	if !ok {
		return "", false
	}
	fields, all := expr.Fields(v.where)
	other := func(name string) bool { return name != key.Name }
	return key.Name, !all && !slices.ContainsFunc(fields, other) && !slices.ContainsFunc(v.Resolve([]string{key.Name}), other)
}

// addCounts folds the values of a field and how many rows have each, as far as
// they pass the filter.
func (t *tabler) addCounts(v *view, field string, values []row.Value, rows []uint64) {
	b := &row.Batch{Dataset: v.Name, Len: len(values), Cols: []row.Column{{Name: field, Kind: row.Mixed, Values: values}}}
	yes := t.ev.Filter(v.where, b)
	kept := yes.Append(nil)
	times := make([]uint64, len(kept))
	for i, k := range kept {
		times[i] = rows[k]
	}
	t.own.AddCounted([]row.Column{b.Cols[0].Pick(kept)}, times)
}
