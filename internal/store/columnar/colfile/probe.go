package colfile

import (
	"cmp"
	"slices"

	"github.com/plumbline/plumbline/internal/expr"
)

// MayHold reports whether some row of the group may have this text in a field,
// as field=text finds it: letter case apart, numbers by size. Only the index of
// the field can say no; false is always true.
func (g *Group) MayHold(field, text string, use *Usage) (bool, error) {
	chunks := g.chunks(field)
	for i := range chunks {
		if may, err := g.mayHold(&chunks[i], text, use); may || err != nil {
			return true, err
		}
	}
	return false, nil
}

func (g *Group) mayHold(c *chunk, text string, use *Usage) (bool, error) {
	if !c.indexed {
		return true, nil
	}
	at, err := g.part.Locate(g.nameOf(c), NewWanted([]string{text}), use)
	return err != nil || at.in(g.index) != nil, err
}

// Wanted is a set of texts that many parts are asked for. What an index knows
// each by is worked out once; one that field=text finds as a number too, 1e3, by two things.
type Wanted struct {
	texts []string
	ids   []wantedID // by their hash, as keys are
}

type wantedID struct {
	hash uint64
	text int
}

// NewWanted makes a set of different texts.
func NewWanted(texts []string) *Wanted {
	w := &Wanted{texts: texts, ids: make([]wantedID, 0, len(texts))}
	var scratch []byte
	for i, t := range texts {
		var hash uint64
		hash, scratch = idHash([]byte(t), scratch)
		w.ids = append(w.ids, wantedID{hash, i})
		if plain, ok := expr.PlainNumber(t); ok {
			hash, scratch = idHash([]byte(plain), scratch)
			w.ids = append(w.ids, wantedID{hash, i})
		}
	}
	slices.SortFunc(w.ids, func(a, b wantedID) int { return cmp.Compare(a.hash, b.hash) })
	return w
}

// Located says in which groups of a part which texts of a set may be in a field.
type Located struct {
	want   *Wanted
	groups map[int][]string // by the index
	others bool             // some groups have values that are in no index
}

// in are the texts that a group may hold, by the index.
func (l *Located) in(group int) []string { return l.groups[group] }

// May reports whether a group may hold one of the texts.
func (l *Located) May(group int) bool { return l.others || l.groups[group] != nil }

// None reports whether no group may.
func (l *Located) None() bool { return !l.others && len(l.groups) == 0 }

// Locate asks the index of a field. A part without one may have them in every
// group that has the field.
func (p *Part) Locate(field string, want *Wanted, use *Usage) (*Located, error) {
	l := &Located{want: want}
	f, err := p.footer()
	if err != nil {
		return l, err
	}
	id, ok := f.byName[field]
	if !ok {
		return l, nil
	}
	l.others = f.fields[id].index.others > 0
	x, err := p.indexOf(f, field)
	if x == nil || err != nil {
		return l, err
	}
	if use != nil {
		use.Probes += int64(len(want.ids))
	}
	at, much := -1, len(want.ids) > len(x.ends)/4
	var c cell
	for _, id := range want.ids {
		key := keyOf(id.hash, x.shape.key)
		if to := x.shape.cellOf(key); to != at {
			if c, err = x.cell(to, much); err != nil {
				return l, err
			}
			at = to
		}
		c.find(key, func(group int) { l.add(group, want.texts[id.text]) })
	}
	return l, nil
}

func (l *Located) add(group int, text string) {
	if l.groups == nil { // most parts have nothing
		l.groups = map[int][]string{}
	}
	l.groups[group] = append(l.groups[group], text)
}
