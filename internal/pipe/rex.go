package pipe

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
)

// rex makes fields out of the named groups of a regular expression.
type rex struct {
	extractor
	re       *regexp.Regexp
	maxMatch int // matches taken; with more than one, fields are lists
}

var rexKind = &Kind{
	Name:    "rex",
	Cleanup: true,
	Aliases: []string{"extract"},
	Syntax:  `rex [field=<field>] [max_match=<n>] "<regular expression>"`,
	Summary: "makes fields out of the named groups of a regular expression",
	Doc: "RE2 syntax, in `_msg` when no field is named; groups are written `(?<name>…)`. Rows that\n" + `do not match stay as they are. With max_match= above 1 all matches up to that
number are taken, and the fields are lists.

	canonical-log-line | rex field=language_version "(?<v>\d+\.\d+)" | stats count by v
`,
	Parse: parseRex,
}

// maxMatches bounds the lists that one row can grow.
const maxMatches = 1000

func parseRex(r *expr.Reader, _ string) (Pipe, error) {
	p := &rex{maxMatch: 1}
	var err error
	if p.field, err = fromField(r); err != nil {
		return nil, err
	}
	text, at, ok, err := r.Option("max_match")
	if err != nil {
		return nil, err
	}
	if ok {
		if p.maxMatch, err = positive("max_match", text); err != nil || p.maxMatch > maxMatches {
			return nil, r.Fail(at, fmt.Sprintf("max_match= is a number from 1 to %d", maxMatches), "")
		}
	}
	if p.field == row.FieldMsg {
		if p.field, err = fromField(r); err != nil {
			return nil, err
		}
	}
	r.Space()
	at = r.Offset()
	if !r.AtQuote() {
		return nil, r.Fail(at, "expected a regular expression in quotes, found "+r.Found(), `rex field=<field> "(?<name>…)"`)
	}
	source, err := r.Quoted("a regular expression")
	if err != nil {
		return nil, err
	}
	if p.re, err = expr.CompileRegexp(source); err != nil {
		return nil, r.Fail(at, err.Error(), "")
	}
	if strings.Join(p.re.SubexpNames(), "") == "" {
		return nil, r.Fail(at, "the regular expression has no named group", "(?<name>…) makes a field")
	}
	return p, nil
}

func (p *rex) String() string {
	s := "rex " + printFrom(p.field)
	if p.maxMatch > 1 {
		s += "max_match=" + strconv.Itoa(p.maxMatch) + " "
	}
	return s + expr.QuoteText(p.re.String())
}

func (p *rex) Split() (lane, rest Pipe) { return p, nil }

func (p *rex) Run(ctx context.Context, env *Env, in row.Rows) row.Rows {
	names := p.re.SubexpNames()
	if p.maxMatch > 1 {
		return extract(ctx, env, in, p.field, func(out *row.Builder, text []byte) { p.all(out, text, names) })
	}
	return extract(ctx, env, in, p.field, func(out *row.Builder, text []byte) {
		m := p.re.FindSubmatchIndex(text)
		for g, name := range names {
			if m != nil && name != "" && m[2*g] >= 0 {
				out.Auto([]byte(name), text[m[2*g]:m[2*g+1]])
			}
		}
	})
}

func (p *rex) all(out *row.Builder, text []byte, names []string) {
	lists := make([][]row.Value, len(names))
	for _, m := range p.re.FindAllSubmatchIndex(text, p.maxMatch) {
		for g := range names {
			if m[2*g] >= 0 {
				lists[g] = append(lists[g], row.TextOf(string(text[m[2*g]:m[2*g+1]])))
			}
		}
	}
	for g, name := range names {
		if name != "" && len(lists[g]) > 0 {
			out.Value([]byte(name), row.ListOf(lists[g]))
		}
	}
}
