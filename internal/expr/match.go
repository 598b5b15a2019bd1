package expr

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode/utf8"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/row"
)

// matchTest is true for texts in which a regular expression matches. Most
// texts are put aside by what every match must have.
type matchTest struct {
	re     *regexp.Regexp
	demand *termTest // nil when the expression demands nothing
	done   <-chan struct{}
	ahead  int  // bytes to match before a look at done
	ended  bool // nobody waits any more
	written
}

// lookEvery so many bytes done is looked at; the slowest expressions take some 100 ms
// for them.
const lookEvery = 4096

func (ev *Evaluator) matchTest(re *regexp.Regexp) *matchTest {
	t := newMatchTest(re)
	t.done = ev.env.Done
	return t
}

func newMatchTest(re *regexp.Regexp) *matchTest {
	t := &matchTest{re: re}
	if parsed, err := syntax.Parse(re.String(), syntax.Perl); err == nil {
		if parts := demanded(parsed.Simplify()); len(parts) > 0 {
			t.demand = newSequenceTest(parts)
		}
	}
	return t
}

func (t *matchTest) text(s string) bool {
	return (t.demand == nil || t.demand.text(s)) && !t.over(len(s)) && t.re.MatchString(s)
}

// over reports whether nobody waits any more, before so many bytes are matched.
func (t *matchTest) over(bytes int) bool {
	if t.ahead -= bytes + 1; t.ahead < 0 {
		t.ahead = lookEvery
		select {
		case <-t.done:
			t.ended = true
		default:
		}
	}
	return t.ended
}

func (t *matchTest) value(v row.Value) bool { return t.text(t.of(v)) }

func (t *matchTest) core() *needle {
	if t.demand == nil {
		return nil
	}
	return t.demand.core()
}

func (t *matchTest) shape(s *shape) verdict {
	if t.demand != nil && t.demand.shape(s) == never {
		return never
	}
	return open
}

func (t *matchTest) fragment() *needle {
	if t.demand == nil {
		return nil
	}
	return t.demand.fragment()
}

func (t *matchTest) places(s *shape) Places {
	if t.demand == nil {
		return nil
	}
	found := t.demand.places(s)
	for i := range found {
		found[i].Sure = false
	}
	return found
}

// demanded are texts that a match cannot do without, in their order.
func demanded(re *syntax.Regexp) []needle {
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
		var all []needle
		for _, sub := range re.Sub {
			all = append(all, demanded(sub)...)
		}
		return all
	}
	return nil
}

// ofLiteral is a literal as far as our folding and RE2's agree: RE2 lets k, s
// and letters outside ASCII match others that we keep apart, and U+FFFD bytes
// that are no UTF-8.
func ofLiteral(re *syntax.Regexp) []needle {
	folds := re.Flags&syntax.FoldCase != 0
	var all []needle
	run := ""
	for _, r := range append(re.Rune[:len(re.Rune):len(re.Rune)], utf8.RuneError) {
		if r != utf8.RuneError && !(folds && (r >= utf8.RuneSelf || strings.ContainsRune("kKsS", r))) {
			run += string(r)
			continue
		}
		if run != "" {
			all = append(all, newNeedle(run, !folds))
		}
		run = ""
	}
	return all
}

// maxRegexp bounds an expression's text: compiled it takes many times as much.
const maxRegexp = 4096

// CompileRegexp compiles an RE2 expression; its errors say what is wrong in
// people's words.
func CompileRegexp(text string) (*regexp.Regexp, error) {
	if len(text) > maxRegexp {
		return nil, fault.New(fault.Invalid, "the regular expression is longer than %d bytes", maxRegexp)
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return nil, fault.New(fault.Invalid, "the regular expression does not read: %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	return re, nil
}
