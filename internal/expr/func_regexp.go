package expr

import (
	"regexp"
	"strings"

	"github.com/plumbline/plumbline/internal/row"
)

func checkRegexp(text string) error {
	_, err := CompileRegexp(text)
	return err
}

// maxCompiled is how many regular expressions and time formats are kept ready;
// they are literals nearly always, a field full of them is not worth more.
const maxCompiled = 64

// regexp is an expression ready to use, nil when it does not read.
func (ev *Evaluator) regexp(text string) *matchTest {
	t, known := ev.regexps[text]
	if !known {
		if re, err := CompileRegexp(text); err == nil {
			t = ev.matchTest(re)
		}
		if ev.regexps == nil || len(ev.regexps) >= maxCompiled {
			ev.regexps = map[string]*matchTest{}
		}
		ev.regexps[strings.Clone(text)] = t
	}
	return t
}

func matches(ev *Evaluator, a []row.Value) row.Value {
	t := ev.regexp(a[1].Text())
	if t == nil {
		return row.Value{}
	}
	return row.BoolOf(t.text(a[0].Text()))
}

func replace(ev *Evaluator, a []row.Value) row.Value {
	t := ev.regexp(a[1].Text())
	if t == nil {
		return row.Value{}
	}
	text := a[0].Text()
	if !t.text(text) {
		return row.TextOf(text)
	}
	places := t.re.FindAllStringSubmatchIndex(text, maxMatches+1)
	if len(places) > maxMatches {
		return row.Value{}
	}
	template := groupStyle.ReplaceAllString(a[2].Text(), "${$1}")
	var out []byte
	done := 0
	for _, at := range places {
		out = append(out, text[done:at[0]]...)
		out = t.re.ExpandString(out, template, text, at)
		if done = at[1]; len(out) > maxText {
			return row.Value{}
		}
	}
	return row.TextOf(string(append(out, text[done:]...)))
}

// groupStyle is a group as other languages write it: \1.
var groupStyle = regexp.MustCompile(`\\([0-9])`)

// maxMatches bounds what is replaced in one text, whose places are all held at
// once; a text with more is given up.
const maxMatches = 100_000
