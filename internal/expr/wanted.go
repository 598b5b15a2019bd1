package expr

import "unicode/utf8"

// Wanted is a text of which a value must hold one for a clause to be true of it.
type Wanted struct {
	Text string // folded unless Case
	Case bool   // letters as written
	// Apart: a value that holds the text holds its stretches, too, when these are looked
	// for one by one and in any letter case. Letters outside ASCII may fold in other ways
	// then, and what is no UTF-8 is no letter.
	Apart bool
	// Term is the only thing that is asked, as a term asks it: the clause is true of
	// every value in which it is found. Without parts: more is asked.
	Term Pattern
}

// Sure reports whether the clause asks for nothing but the term.
func (w *Wanted) Sure() bool { return len(w.Term.Parts) > 0 }

// Wanted is what a clause about one field wants of its texts: one of these. not is for
// clauses that are true where there is a value for which all this does not hold. ok is
// false when it is no text that is known, or when the clause asks for more than one
// field.
func (ev *Evaluator) Wanted(e Expr) (list []Wanted, not, ok bool) {
	q, ok := ev.aboutField(e)
	if !ok {
		return nil, false, false
	}
	switch x := e.(type) {
	case *Term:
		if w, ok := wantedOf(x.Pattern, x.Case); ok {
			return []Wanted{w}, false, true
		}
	case *Terms:
		for _, p := range x.List {
			w, ok := wantedOf(p, x.Case)
			if !ok {
				return nil, false, false
			}
			list = append(list, w)
		}
		return list, false, true
	}
	t, ok := q.test.(fragmented)
	if !ok {
		return nil, false, false
	}
	n := t.fragment()
	if n == nil {
		return nil, false, false
	}
	return []Wanted{{Text: n.text, Case: n.exact, Apart: n.apart()}}, q.not, true
}

// wantedOf is what a term wants that has one literal stretch.
func wantedOf(p Pattern, exact bool) (w Wanted, ok bool) {
	text := ""
	for _, part := range p.Parts {
		switch {
		case part == "":
		case text != "":
			return w, false
		default:
			text = part
		}
	}
	n := newNeedle(text, exact)
	return Wanted{Text: n.text, Case: exact, Apart: n.apart(), Term: p}, n.text != ""
}

func (n *needle) apart() bool { return n.ascii || n.exact && utf8.ValidString(n.text) }
