package expr

import (
	"sort"

	"github.com/plumbline/plumbline/internal/row"
)

// Entries puts into out what a clause about one field says of these entries of
// a dictionary: of texts, or of the messages of shapes (kind row.Shape), Maybe
// where their digits decide. ok is false when the clause asks for more than the
// value of one field.
func (ev *Evaluator) Entries(e Expr, kind row.Kind, dict *row.Dictionary, codes []uint32, out []Verdict) (ok bool) {
	q, ok := ev.aboutField(e)
	if !ok {
		return false
	}
	known := ev.verdicts(q, kind, dict)
	var at []Places
	if kind == row.Shape {
		at = ev.placesOf(q, dict)
	}
	for i, code := range codes {
		v := known[code]
		if v == unseen {
			if kind == row.Shape {
				v = ev.askShape(q, dict.At(code), code, at)
			} else {
				v = verdictOf(q.text(dict.At(code)))
			}
			known[code] = v
		}
		switch {
		case v == open:
			out[i] = Maybe
		case (v == always) != q.not:
			out[i] = Yes
		default:
			out[i] = No
		}
	}
	return true
}

// aboutField is the question that a clause asks of one field's values; ok is
// false when it is more than that.
func (ev *Evaluator) aboutField(e Expr) (q *question, ok bool) {
	switch x := e.(type) {
	case *Term:
		if x.Field == AnyField {
			return nil, false
		}
	case *In:
		if x.Sub != nil {
			return nil, false
		}
	case *Terms, *Compare, *Within, *Match:
	default:
		return nil, false
	}
	q = ev.question(e)
	if q.field == "" {
		_, ok := q.operand.(*Field)
		return q, ok
	}
	return q, true
}

// Sole is for clauses that single out one text: the entries of a sorted
// dictionary that are it, in any letter case where that does not matter,
// ascending. The clause is true for all others, and not for them, when it is
// negated. ok is false for other clauses.
func (ev *Evaluator) Sole(e Expr, dict *row.Dictionary) (entries []uint32, negated, ok bool) {
	q, ok := ev.aboutField(e)
	if !ok {
		return nil, false, false
	}
	key := entryOf{q.node, dict}
	found, known := ev.memo.soles[key]
	if !known {
		if found, ok = lookUp(q.test, dict); !ok {
			return nil, false, false
		}
		if q.node != nil {
			ev.memo.take(overhead)
			ev.memo.soles[key] = found
		}
	}
	return found, q.not, true
}

// lookUp finds the only entries of a sorted dictionary that a test can be true
// for, ascending; ok is false when it is not one for a single text.
func lookUp(t test, dict *row.Dictionary) (entries []uint32, ok bool) {
	s, ok := t.(sole)
	if !ok || !dict.Sorted() {
		return nil, false
	}
	text, exact, ok := s.sole()
	if !ok {
		return nil, false
	}
	if exact {
		if i, found := dict.Search(text); found {
			entries = append(entries, uint32(i))
		}
		return entries, true
	}
	eachSpelling(dict, fold(text), 0, 0, dict.Len(), func(i int) { entries = append(entries, uint32(i)) })
	return entries, true
}

// eachSpelling calls yield with the sorted texts from lo to hi, which are all
// alike before the byte at, that are the folded text in upper or lower case.
func eachSpelling(dict *row.Dictionary, text string, at, lo, hi int, yield func(i int)) {
	if lo == hi {
		return
	}
	if at == len(text) {
		if len(dict.At(uint32(lo))) == at { // the shortest comes first
			yield(lo)
		}
		return
	}
	narrow := func(c byte) {
		from := lo + sort.Search(hi-lo, func(i int) bool { s := dict.At(uint32(lo + i)); return len(s) > at && s[at] >= c })
		to := from + sort.Search(hi-from, func(i int) bool { s := dict.At(uint32(from + i)); return len(s) > at && s[at] > c })
		eachSpelling(dict, text, at+1, from, to, yield)
	}
	c := text[at]
	if c >= 'a' && c <= 'z' {
		narrow(c - 'a' + 'A')
	}
	narrow(c)
}
