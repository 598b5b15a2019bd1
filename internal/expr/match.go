package expr

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode/utf8"

	"github.com/plumbline/plumbline/internal/row"
)

// matchTest is true for texts in which a regular expression matches. Most
// texts are put aside by a literal that every match must have.
type matchTest struct {
	re      *regexp.Regexp
	literal *termTest // nil when the expression demands none
	written
}

func newMatchTest(re *regexp.Regexp) *matchTest {
	t := &matchTest{re: re}
	if parsed, err := syntax.Parse(re.String(), syntax.Perl); err == nil {
		if lit := demanded(parsed.Simplify()); lit.text != "" {
			t.literal = newFragmentTest(lit.text, !lit.fold)
		}
	}
	return t
}

func (t *matchTest) text(s string) bool {
	return (t.literal == nil || t.literal.text(s)) && t.re.MatchString(s)
}

func (t *matchTest) value(v row.Value) bool { return t.text(t.of(v)) }

func (t *matchTest) shape(s *shape) verdict {
	if t.literal != nil && t.literal.shape(s) == never {
		return never
	}
	return open
}

// demand is a text that every match has, with letter case apart if fold.
type demand struct {
	text string
	fold bool
}

func longer(a, b demand) demand {
	if len(b.text) > len(a.text) {
		return b
	}
	return a
}

// demanded is the longest text that a match cannot do without.
func demanded(re *syntax.Regexp) demand {
	switch re.Op {
	case syntax.OpLiteral:
		return ofLiteral(re)
	case syntax.OpCapture, syntax.OpPlus:
		return demanded(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return demanded(re.Sub[0])
		}
	case syntax.OpConcat:
		var best demand
		for _, sub := range re.Sub {
			best = longer(best, demanded(sub))
		}
		return best
	}
	return demand{}
}

// ofLiteral is a literal as far as our folding and RE2's agree: RE2 lets k, s
// and letters outside ASCII match others that we keep apart, and U+FFFD bytes
// that are no UTF-8.
func ofLiteral(re *syntax.Regexp) demand {
	folds := re.Flags&syntax.FoldCase != 0
	var best, run demand
	for _, r := range re.Rune {
		if r == utf8.RuneError || folds && (r >= utf8.RuneSelf || strings.ContainsRune("kKsS", r)) {
			best, run = longer(best, run), demand{fold: folds}
			continue
		}
		run.text, run.fold = run.text+string(r), folds
	}
	return longer(best, run)
}
