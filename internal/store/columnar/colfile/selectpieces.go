package colfile

import (
	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
)

// A clause that wants some text of a field in pieces is asked of the pieces: the text
// stands in one of them, or it reaches across what stands between.
//
//	wanted                            shoes" 200
//	template          ◦ - [◦] "◦" ◦
//	across            one piece ends with shoes, the next begins with 200
//
// What stands between begins and ends with signs that are no letters, so a word that
// ends where its piece does ends there in the text too. Rows in which a text may reach
// across are left open: it is looked for in their texts.

// piecing asks a clause of a chunk of pieces.
type piecing struct {
	g         *Group
	use       *Usage
	asker     *Asker
	field     string
	want      expr.Wanted
	templates *templates
	signs     *signs
	left      row.Bitmap // rows that are not known yet; nil: all
	yes, open row.Bitmap
}

// mostWanted bounds the texts for each of which the pieces are gone through: of more,
// texts are better looked at as a whole.
const mostWanted = 16

// selectPieces is Select for a chunk of pieces.
func (g *Group) selectPieces(c *chunk, e expr.Expr, a *Asker, among row.Bitmap, use *Usage) (yes, open row.Bitmap, ok bool, err error) {
	list, not, ok := a.ev.Wanted(e)
	if !ok || len(list) > mostWanted || !g.crowds(among, thin) {
		return nil, nil, false, nil
	}
	p := &piecing{g: g, use: use, asker: a, field: g.nameOf(c), left: among}
	p.yes, p.open = row.NewBitmap(g.Rows), row.NewBitmap(g.Rows)
	if p.templates, err = g.templatesOf(c); err != nil {
		return nil, nil, false, err
	}
	p.signs = p.templates.signs()
	for _, p.want = range list {
		if err := p.within(); err != nil {
			return nil, nil, false, err
		}
		if err := p.across(); err != nil {
			return nil, nil, false, err
		}
	}
	if not {
		if p.yes, err = p.others(c, among); err != nil {
			return nil, nil, false, err
		}
	}
	return p.yes, p.open, true, nil
}

// others are the rows with a value, of among, that are not open: those with what a
// negated clause does not want.
func (p *piecing) others(c *chunk, among row.Bitmap) (row.Bitmap, error) {
	rows, err := p.rowsOf(c, among)
	if err == nil {
		rows.AndNot(p.open)
	}
	return rows, err
}

// within looks for the text in each piece.
func (p *piecing) within() error {
	for h := range p.templates.holes {
		clause := pieceClause{field: holeField(p.field, h), how: holding, text: p.want.Text, exact: p.want.Case}
		if p.want.Sure() {
			clause.how, clause.text = standing, p.want.Term.String()
		}
		yes, open, err := p.ask(clause, p.left)
		if err != nil {
			return err
		}
		if p.want.Sure() {
			p.yes.Or(yes)
		} else {
			open.Or(yes)
		}
		p.open.Or(open)
		if yes.Any() || open.Any() {
			p.rest()
		}
		if !p.g.crowds(p.left, thin) { // what is left is better read for itself
			p.open.Or(p.left)
			p.left = row.NewBitmap(p.g.Rows)
			return nil
		}
	}
	return nil
}

// rest takes rows that are known out of those left.
func (p *piecing) rest() {
	if p.left == nil {
		p.left = row.FullBitmap(p.g.Rows)
	} else {
		p.left = p.left.Clone()
	}
	p.left.AndNot(p.yes)
	p.left.AndNot(p.open)
}

// ask asks a clause about a field of pieces.
func (p *piecing) ask(c pieceClause, among row.Bitmap) (yes, open row.Bitmap, err error) {
	none := row.NewBitmap(p.g.Rows)
	if among != nil && !among.Any() {
		return none, none, nil
	}
	in, e := p.g.inner(c.field), p.asker.piece(c)
	if in == nil {
		return nil, nil, p.g.part.corrupt("group %d: no pieces %q", p.g.index, c.field)
	}
	yes, open, ok, err := p.g.selectIn(in, e, p.asker, among, p.use)
	if err != nil {
		return nil, nil, err
	}
	if ok {
		if open == nil {
			open = none
		}
		return yes, open, nil
	}
	d, err := p.g.decoder(in, among, pickedOf(among, p.g.Rows), p.use)
	if err != nil {
		return nil, nil, err
	}
	b := &row.Batch{Dataset: p.g.footer.dataset, Len: d.rows, Cols: []row.Column{{Name: c.field}}}
	if err := d.column(&b.Cols[0]); err != nil {
		return nil, nil, err
	}
	near := p.asker.ev.Filter(e, b)
	if among == nil {
		return near, none, nil
	}
	yes = row.NewBitmap(p.g.Rows)
	apartInto(yes, near, among)
	return yes, none, nil
}

// mostAcross bounds the ways in which a text may reach across the signs of one
// template: beyond, all its rows are looked at.
const mostAcross = 64

// across looks for rows in which the text may begin in one piece, or in front of it,
// and end behind.
func (p *piecing) across() error {
	for i := range p.templates.list {
		t := &p.templates.list[i]
		if p.left != nil && !p.left.Any() {
			return nil
		}
		ways := p.ways(t)
		if len(ways) > mostAcross {
			ways = []way{{}}
		}
		for _, w := range ways {
			rows, err := p.reached(t, w)
			if err != nil {
				return err
			}
			p.open.Or(rows)
		}
	}
	return nil
}

// way is one in which a text may reach across signs: what the piece before them ends
// with, and the one behind begins with. Either may be empty.
type way struct {
	before, behind int // holes
	ends, begins   string
}

// ways are all for the text and a template. The signs across which it reaches first
// say them: before these it lies in one piece, or begins within them.
func (p *piecing) ways(t *template) (found []way) {
	text, fold := p.want.Text, !p.want.Case
	for i, signs := range t.between {
		for at := 1 - len(signs); at < len(text) && signs != ""; at++ { // where in the text they begin
			if !overlap(text, signs, at, fold) {
				continue
			}
			w := way{before: t.first + i - 1, behind: t.first + i}
			if at > 0 {
				if w.ends = text[:at]; i == 0 || p.signs.part(t, i-1, w.ends) {
					continue
				}
			}
			if end := at + len(signs); end < len(text) {
				var ok bool
				if w.begins, ok = p.begins(text[end:], t, i, fold); !ok {
					continue
				}
			}
			if found = append(found, w); len(found) > mostAcross {
				return found
			}
		}
	}
	return found
}

// begins is what piece i of a template surely begins with for a text to go on there: all of
// the text, or what is before the signs that follow the piece. ok is false when it cannot.
func (p *piecing) begins(text string, t *template, i int, fold bool) (begins string, ok bool) {
	if i == t.pieces() {
		return "", false
	}
	for k := 1; k < len(text); k++ {
		if signs := t.between[i+1]; signs != "" && overlap(text, signs, k, fold) {
			return text[:k], true
		}
		if p.signs.part(t, i, text[:k]) {
			return "", false
		}
	}
	return text, !p.signs.part(t, i, text)
}

// signs are those at which texts were cut, as far as their templates show.
type signs [256]bool

// signs are those of the templates. The names of parameters, which hold any sign but
// theirs, stand only in templates that have these.
func (t *templates) signs() *signs {
	var seen, cut signs
	for i := range t.list {
		for k := range len(t.list[i].text) {
			seen[t.list[i].text[k]] = true
		}
	}
	params := seen['?'] || seen['&'] || seen['=']
	for c := range seen {
		if params {
			cut[c] = parting[atParams][c]
		} else {
			cut[c] = seen[c] && (parting[atQuotes][c] || parting[atSlashes][c])
		}
	}
	return &cut
}

// part reports whether a text cannot lie within piece i of a template, for it would have
// been cut. Between quotes and brackets there may be any sign.
func (s *signs) part(t *template, i int, text string) bool {
	if before := t.between[i]; before != "" && closing[before[len(before)-1]] != 0 {
		return false
	}
	for k := range len(text) {
		if s[text[k]] {
			return true
		}
	}
	return false
}

// overlap reports whether signs that begin in a text at some place, or before it, are
// those of the text as far as both reach. The text is folded where letter case does not
// matter.
func overlap(text, signs string, at int, fold bool) bool {
	for i := max(at, 0); i < min(at+len(signs), len(text)); i++ {
		c := signs[i-at]
		if fold && 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != text[i] {
			return false
		}
	}
	return true
}

// reached are rows of a template in which the text may reach across in one way.
func (p *piecing) reached(t *template, w way) (row.Bitmap, error) {
	if w.ends == "" && w.begins == "" || !p.want.Apart {
		return p.anyOf(t)
	}
	rows := p.left
	if w.ends != "" {
		var err error
		if rows, err = p.at(w.before, ending, w.ends, rows); err != nil {
			return nil, err
		}
	}
	if w.begins == "" || rows != nil && !rows.Any() {
		return rows, nil
	}
	return p.at(w.behind, beginning, w.begins, rows)
}

// at are those rows of among where what fills a hole may begin or end with a text.
func (p *piecing) at(hole int, how asking, text string, among row.Bitmap) (row.Bitmap, error) {
	clause := pieceClause{field: holeField(p.field, hole), how: how, text: text}
	if c := p.g.inner(clause.field); c != nil && c.form == formPieces {
		clause.how, clause.exact = holding, p.want.Case // which is asked of the pieces of the piece
	}
	yes, open, err := p.ask(clause, among)
	if err != nil {
		return nil, err
	}
	yes.Or(open)
	return yes, nil
}

// anyOf are the rows of a template, of those that are left.
func (p *piecing) anyOf(t *template) (row.Bitmap, error) {
	field := templatesOf(p.field) // which has all rows
	if t.pieces() > 0 {
		field = holeField(p.field, t.first)
	}
	c := p.g.inner(field)
	if c == nil {
		return nil, p.g.part.corrupt("group %d: no rows of a template of %q", p.g.index, p.field)
	}
	return p.rowsOf(c, p.left)
}

// rowsOf are the rows of among that have a value.
func (p *piecing) rowsOf(c *chunk, among row.Bitmap) (row.Bitmap, error) {
	set, err := p.g.maskOf(c, p.use)
	if err != nil {
		return nil, err
	}
	rows := row.FullBitmap(p.g.Rows)
	if set != nil {
		rows.And(set)
	}
	if among != nil {
		rows.And(among)
	}
	return rows, nil
}

// pieceClause is what is asked of a field of pieces.
type pieceClause struct {
	field string
	how   asking
	text  string // standing: a pattern
	exact bool   // letters as written
}

type asking uint8

const (
	standing  asking = iota // as a term asks
	holding                 // anywhere
	beginning               // in any letter case, as ending
	ending
)

// piece is the clause that asks it; the same one each time, so that it is compiled once.
func (a *Asker) piece(c pieceClause) expr.Expr {
	if e := a.pieces[c]; e != nil {
		return e
	}
	var e expr.Expr
	switch c.how {
	case standing:
		e = &expr.Term{Field: c.field, Pattern: expr.ParsePattern(c.text), Case: c.exact}
	case holding:
		e = &expr.Term{Field: c.field, Pattern: expr.Pattern{Parts: []string{"", c.text, ""}}, Case: c.exact}
	case beginning:
		e = &expr.Compare{Field: c.field, Pattern: expr.Pattern{Parts: []string{c.text, ""}}}
	case ending:
		e = &expr.Compare{Field: c.field, Pattern: expr.Pattern{Parts: []string{"", c.text}}}
	}
	a.pieces[c] = e
	return e
}
