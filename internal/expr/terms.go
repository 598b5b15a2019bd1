package expr

import (
	"slices"

	"github.com/plumbline/plumbline/internal/row"
)

// manyTerms joined by or are looked for together. Fewer are faster one by one,
// because most of them are decided by the shapes of messages.
const manyTerms = 16

// listedTerms is the clauses with the terms of one field joined, where one of them
// stands first; nil when there are too few. not says that they are negated ones,
// which are joined by and.
func listedTerms(list []Expr, not bool) []Expr {
	if len(list) < manyTerms {
		return nil
	}
	type key struct {
		field string
		exact bool
	}
	termOf := func(e Expr) (*Term, key) {
		if not {
			n, ok := e.(*Not)
			if !ok {
				return nil, key{}
			}
			e = n.X
		}
		t, ok := e.(*Term)
		if !ok || t.Field == AnyField || !plainTerm(t) {
			return nil, key{}
		}
		return t, key{t.Field, t.Case}
	}
	lists := map[key]*Terms{}
	for _, e := range list {
		if t, k := termOf(e); t != nil {
			if lists[k] == nil {
				lists[k] = &Terms{Field: k.field, Case: k.exact}
			}
			lists[k].List = append(lists[k].List, t.Pattern)
		}
	}
	done, out := map[key]bool{}, make([]Expr, 0, len(list))
	for _, e := range list {
		t, k := termOf(e)
		switch {
		case t == nil || len(lists[k].List) < manyTerms:
			out = append(out, e)
		case !done[k] && not:
			out = append(out, &Not{lists[k]})
		case !done[k]:
			out = append(out, lists[k])
		}
		done[k] = done[k] || t != nil && len(lists[k].List) >= manyTerms
	}
	if len(out) == len(list) {
		return nil
	}
	return out
}

// plainTerm holds for terms of one literal stretch, of ASCII, which are compared
// byte by byte.
func plainTerm(t *Term) bool {
	stretch := ""
	for _, part := range t.Pattern.Parts {
		if part != "" && stretch != "" {
			return false
		}
		stretch += part
	}
	return stretch != "" && isASCII(stretch)
}

// termsTest looks for many terms in one pass over a text: at each byte, a set of
// bits tells whether any term begins like that; only then, the texts of each length
// that terms have are looked up.
type termsTest struct {
	terms   []*termTest
	exact   bool
	lengths []int            // ascending, each once
	borders map[string]uint8 // by text, folded unless exact: which borders must be there
	head    int              // how many first bytes are hashed, and the bits of that many
	mask    uint32
	begins  [1 << headBits / 64]uint64
	fill    string // for the holes of shapes, see fillers
	folded  []byte
	written
}

const (
	// headBits: ten thousand words fill a sixth of the bits.
	headBits = 16
	// mostHead bytes tell words apart; four would leave out those of three.
	mostHead = 3
	// mostShaped terms are asked about a shape one by one; more of them take longer
	// than to look at the messages.
	mostShaped = 256
)

// What a text with these borders is found by: a set of them, for one text may be
// written as a word and as a fragment.
const (
	anywhere = 1 << iota
	atStart
	atStop
	atBoth
)

func newTermsTest(x *Terms) *termsTest {
	t := &termsTest{exact: x.Case, borders: map[string]uint8{}, head: mostHead}
	var needles []needle
	for _, p := range x.List {
		one := newTermTest(p, x.Case)
		n := one.parts[0]
		t.terms, needles = append(t.terms, one), append(needles, n)
		t.borders[n.text] |= borderOf(one.start, one.stop)
		t.lengths = append(t.lengths, len(n.text))
		t.head = min(t.head, len(n.text))
	}
	t.mask = 1<<(8*t.head) - 1
	slices.Sort(t.lengths)
	t.lengths = slices.Compact(t.lengths)
	for _, n := range needles {
		last := uint32(0)
		for i := range t.head {
			last = last<<8 | uint32(n.text[i])
		}
		h := hashOf(last)
		t.begins[h/64] |= 1 << (h % 64)
	}
	t.fill = fillFor(needles)
	return t
}

func borderOf(start, stop bool) uint8 {
	switch {
	case start && stop:
		return atBoth
	case start:
		return atStart
	case stop:
		return atStop
	}
	return anywhere
}

// hashOf spreads the last bytes seen, as mask keeps them, over the bits.
func hashOf(last uint32) uint32 { return last * 2654435761 >> (32 - headBits) }

func (t *termsTest) text(s string) bool {
	last, isFolded := uint32(0), false
	for i := range len(s) {
		c := s[i]
		if !t.exact {
			c = lowered[c]
		}
		last = (last<<8 | uint32(c)) & t.mask
		h := hashOf(last)
		if t.begins[h/64]&(1<<(h%64)) == 0 || i+1 < t.head {
			continue
		}
		if !isFolded {
			t.fold(s)
			isFolded = true
		}
		if t.at(s, i+1-t.head) {
			return true
		}
	}
	return false
}

// fold keeps s as the terms are kept. They are of ASCII, so other bytes may stay.
func (t *termsTest) fold(s string) {
	t.folded = append(t.folded[:0], s...)
	if t.exact {
		return
	}
	for i, c := range t.folded {
		t.folded[i] = lowered[c]
	}
}

// at reports whether a term stands at a place of s, which is folded already.
func (t *termsTest) at(s string, at int) bool {
	for _, n := range t.lengths {
		if at+n > len(s) {
			return false
		}
		ways := t.borders[string(t.folded[at:at+n])]
		if ways == 0 {
			continue
		}
		start, stop := border(s, at), border(s, at+n)
		if ways&anywhere != 0 || ways&atStart != 0 && start || ways&atStop != 0 && stop || ways&atBoth != 0 && start && stop {
			return true
		}
	}
	return false
}

func (t *termsTest) value(v row.Value) bool { return t.text(t.of(v)) }

func (t *termsTest) core() *needle { return nil }

// shape decides for all messages of a shape, where its literal text is enough.
func (t *termsTest) shape(s *shape) verdict {
	if t.fill != "" && t.text(s.filled(t.fill)) {
		return always
	}
	if len(t.terms) > mostShaped {
		return open
	}
	found := never
	for _, one := range t.terms {
		switch one.shape(s) {
		case always:
			return always
		case open:
			found = open
		}
	}
	return found
}
