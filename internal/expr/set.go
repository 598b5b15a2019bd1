package expr

import (
	"slices"

	"github.com/plumbline/plumbline/internal/row"
)

// setTest is true for values that are in a list: x in (…). A hash set answers
// for everything without a wildcard.
type setTest struct {
	exact bool
	keys  map[string]struct{} // values by row.Value.AppendKey, folded texts unless exact
	times map[int64]struct{}
	globs []*equalTest
	begin prefixes // of those that are a beginning and a star
	texts []string // of everything without a wildcard
	ids   idSet
	buf   []byte
	fold  []byte
	done  <-chan struct{} // closed when nobody waits for an answer any more
	written
}

// idSet is the list as the bytes of one form of ids, see askHex.
type idSet struct {
	kind   row.Kind
	prefix string
	width  int
	bytes  map[string]struct{}
}

func newSetTest(list []Pattern, exact bool, env *Env) *setTest {
	t := &setTest{exact: exact, keys: map[string]struct{}{}, times: map[int64]struct{}{}, done: env.Done}
	for _, p := range list {
		text, plain := p.Literal()
		if !exact && t.begin.take(p) {
			continue
		}
		if !plain {
			t.globs = append(t.globs, newEqualTest(p, env))
			continue
		}
		if at := timeOf(text, env); !at.IsMissing() {
			t.times[at.Nums()] = struct{}{}
		}
		if !exact {
			text = fold(text)
		}
		t.add(row.TextOf(text))
		t.texts = append(t.texts, idText(text))
		if shown := sizeOf(row.TextOf(text), Eq); !shown.IsMissing() {
			t.add(shown)
		}
		if n := realOf(text); !exact && !n.IsMissing() {
			t.add(n)
			t.texts = append(t.texts, n.Text())
		}
	}
	return t
}

func (t *setTest) add(v row.Value) { t.keys[string(v.AppendKey(nil))] = struct{}{} }

// idsOf is the list in the form of a column's ids, false when it has
// wildcards.
func (t *setTest) idsOf(c *row.Column) (map[string]struct{}, bool) {
	if len(t.globs)+len(t.begin) > 0 {
		return nil, false
	}
	s := &t.ids
	if s.bytes == nil || s.kind != c.Kind || s.prefix != c.Prefix || s.width != c.Width {
		*s = idSet{c.Kind, c.Prefix, c.Width, map[string]struct{}{}}
		for _, text := range t.texts {
			if id, ok := hexBytes(c, text, t.exact); ok {
				s.bytes[string(id)] = struct{}{}
			}
		}
	}
	return s.bytes, true
}

func (t *setTest) text(s string) bool {
	if !t.exact {
		t.fold = appendFold(t.fold[:0], s)
		if t.has(row.TextOf(view(t.fold))) || t.begin.has(view(t.fold)) {
			return true
		}
	} else if t.has(row.TextOf(s)) {
		return true
	}
	return t.fits(func(g *equalTest) bool { return g.text(s) })
}

// fits reports whether a value fits one of the wildcards. They may be many: of each
// value they are looked through only while the question is alive.
func (t *setTest) fits(one func(g *equalTest) bool) bool {
	if len(t.globs) == 0 {
		return false
	}
	select {
	case <-t.done:
		return false
	default:
		return slices.ContainsFunc(t.globs, one)
	}
}

func (t *setTest) has(v row.Value) bool {
	t.buf = v.AppendKey(t.buf[:0])
	_, ok := t.keys[string(t.buf)]
	return ok
}

func (t *setTest) value(v row.Value) bool {
	switch {
	case v.Kind == row.Time:
		if _, ok := t.times[v.Nums()]; ok {
			return true
		}
	case isNumber(v.Kind):
		if t.has(v) || !t.exact && !plain(v) && t.text(t.of(v)) {
			return true
		}
	default:
		return t.text(t.of(v))
	}
	if len(t.begin) > 0 {
		t.fold = appendFold(t.fold[:0], t.of(v))
		if t.begin.has(view(t.fold)) {
			return true
		}
	}
	return t.fits(func(g *equalTest) bool { return g.value(v) })
}

// prefixes are beginnings of texts, folded, by their length: one look for each
// length there is tells whether a text begins so.
type prefixes map[int]map[string]struct{}

// take adds a pattern that is a beginning and a star.
func (p *prefixes) take(x Pattern) bool {
	if len(x.Parts) != 2 || x.Parts[0] == "" || x.Parts[1] != "" {
		return false
	}
	text := fold(x.Parts[0])
	if *p == nil {
		*p = prefixes{}
	}
	if (*p)[len(text)] == nil {
		(*p)[len(text)] = map[string]struct{}{}
	}
	(*p)[len(text)][text] = struct{}{}
	return true
}

// has reports whether a folded text begins with one of them.
func (p prefixes) has(folded string) bool {
	for n, texts := range p {
		if n <= len(folded) {
			if _, ok := texts[folded[:n]]; ok {
				return true
			}
		}
	}
	return false
}

// plain reports whether a number surely prints as a plain decimal; 1e-09 does
// not, so that it is found as a text.
func plain(v row.Value) bool { return v.Kind != row.Float && v.Digits <= maxScale }
