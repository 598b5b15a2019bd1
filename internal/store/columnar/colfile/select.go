package colfile

import (
	"slices"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
)

// What a clause says of rows with one code. The bits stand for the two sets
// that a selection gives.
const (
	codeNo   byte = 0
	codeYes  byte = 1
	codeOpen byte = 2 // the shape does not decide: the digits in it do
)

// Asker asks clauses of group after group. What it worked out for the shapes of
// a part it keeps until it comes to another part.
type Asker struct {
	ev     *expr.Evaluator
	sought map[expr.Expr]*sought
	seeker seeker // the one used last; its memory is used again
	offs   []uint32
	short  *byShort                  // made for the first codes that are so wide
	pieces map[pieceClause]expr.Expr // what is asked of fields of pieces
}

// NewAsker returns one that evaluates as ev does.
func NewAsker(ev *expr.Evaluator) *Asker {
	return &Asker{ev: ev, sought: map[expr.Expr]*sought{}, pieces: map[pieceClause]expr.Expr{}}
}

// Select asks a clause about one field of each different value of the group,
// and finds the rows by their codes: no value of a row is made. Of fields that
// are no codes it asks about most rows where their bytes lie. Of the rows among
// (nil: all) yes are those for which the clause is true, open those whose shape
// leaves that to their digits, or which have to be put together of pieces. The
// caller may write to both. ok is false when the group keeps the field in another
// way, or few rows are better read for themselves.
func (g *Group) Select(field string, e expr.Expr, a *Asker, among row.Bitmap, use *Usage) (yes, open row.Bitmap, ok bool, err error) {
	return g.selectIn(g.chunk(field), e, a, among, use)
}

// selectIn is Select for a chunk; nil: for none, or several.
func (g *Group) selectIn(c *chunk, e expr.Expr, a *Asker, among row.Bitmap, use *Usage) (yes, open row.Bitmap, ok bool, err error) {
	switch {
	case c != nil && c.form == formPieces:
		return g.selectPieces(c, e, a, among, use)
	case c != nil && c.form.coded():
	case c != nil && c.form.plain() && g.crowds(among, mostly):
		yes, err = g.ask(c, e, a, among, use)
		return yes, nil, err == nil, err
	default:
		return nil, nil, false, nil
	}
	table, err := g.verdicts(c, e, a.ev)
	if err != nil {
		return nil, nil, false, err
	}
	if !slices.ContainsFunc(table, func(v byte) bool { return v != codeNo }) {
		return row.NewBitmap(g.Rows), row.NewBitmap(g.Rows), true, nil
	}
	d, err := g.decoder(c, nil, nil, use)
	if err != nil {
		return nil, nil, false, err
	}
	s := &sifting{d: d, table: table, asker: a}
	if g.crowds(among, thin) {
		if s.seek, err = a.seek(g, c, e, table); err != nil {
			return nil, nil, false, err
		}
	}
	if yes, open, err = s.sift(among); err != nil {
		return nil, nil, false, err
	}
	if among != nil {
		yes.And(among)
		open.And(among)
	}
	return yes, open, true, nil
}

// crowds reports whether a set (nil: all rows) holds one row of so many, of the pages in
// which it has any.
func (g *Group) crowds(set row.Bitmap, of int) bool {
	if set == nil {
		return true
	}
	rows, among := 0, 0
	for lo := 0; lo < g.Rows; lo += PageRows {
		hi := min(lo+PageRows, g.Rows)
		if n := set[lo/64 : (hi+63)/64].Count(); n > 0 {
			rows, among = rows+n, among+hi-lo
		}
	}
	return of*rows >= among
}

// verdicts are what a clause says of rows by the code of the group, the last of
// those without a value.
func (g *Group) verdicts(c *chunk, e expr.Expr, ev *expr.Evaluator) ([]byte, error) {
	table := make([]byte, c.count+1)
	if c.kind == row.Dict || c.form == formShape {
		if ok, err := g.entryVerdicts(c, e, ev, table); ok || err != nil {
			return table, err
		}
	}
	if c.form == formShape { // what is asked of them is not known by shape
		for code := range table {
			table[code] = codeOpen
		}
		return table, nil
	}
	col, err := g.distinct(c)
	if err != nil {
		return nil, err
	}
	b := &row.Batch{Len: c.count, Cols: []row.Column{col}}
	if c.mask != 0 {
		b.Len++
	}
	for code := range ev.Filter(e, b).Rows {
		table[code] = codeYes
	}
	return table, nil
}

// entryVerdicts asks about entries of a dictionary of the part; ok is false for
// expressions that ask for more than one value.
func (g *Group) entryVerdicts(c *chunk, e expr.Expr, ev *expr.Evaluator, table []byte) (ok bool, err error) {
	entry := g.entryOf(c)
	at := &entry.texts
	if c.form == formShape {
		at = &entry.shapes
	}
	dict, err := g.part.dictionary(at, entry.name)
	if err != nil {
		return false, err
	}
	list, err := g.list(c)
	if err != nil {
		return false, err
	}
	if !soleVerdicts(c, e, ev, dict, list, table) {
		if list == nil {
			list = counting(c.count)
		}
		verdicts := make([]expr.Verdict, c.count)
		if !ev.Entries(e, c.kind, dict, list, verdicts) {
			return false, nil
		}
		for code, v := range verdicts {
			table[code] = [...]byte{expr.No: codeNo, expr.Maybe: codeOpen, expr.Yes: codeYes}[v]
		}
	}
	if none := (&row.Batch{Len: 1}); c.mask != 0 && ev.Filter(e, none).Any() {
		table[c.count] = codeYes
	}
	return true, nil
}

// soleVerdicts answers for clauses that single out one text: it is looked for
// in the list of the group, nil when that is the whole dictionary. ok is false
// for other clauses.
func soleVerdicts(c *chunk, e expr.Expr, ev *expr.Evaluator, dict *row.Dictionary, list []uint32, table []byte) (ok bool) {
	if c.kind != row.Dict {
		return false
	}
	entries, negated, ok := ev.Sole(e, dict)
	if !ok {
		return false
	}
	there := codeYes
	if negated {
		there = codeNo
		for code := range table[:c.count] {
			table[code] = codeYes
		}
	}
	for _, entry := range entries {
		code, found := int(entry), true
		if list != nil {
			code, found = slices.BinarySearch(list, entry)
		}
		if found {
			table[code] = there
		}
	}
	return true
}
