package pipe

import (
	"bytes"
	"context"
	"strings"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
)

// parse makes fields out of a text by a pattern with holes.
type parse struct {
	extractor
	pattern string
	first   string // literal in front of the first hole
	holes   []hole
}

// hole is a place in a pattern, and the literal behind it.
type hole struct {
	name string // "_": not kept
	then string
}

var parseKind = &Kind{
	Name:    "parse",
	Cleanup: true,
	Syntax:  `parse [field=<field>] "<pattern>"`,
	Summary: "makes fields out of a text by a pattern: <name> takes what stands there, <_> passes it",
	Doc: "The text between the holes must stand as written; a hole takes as little as it can,\nthe last one, when nothing is behind it, all that is left. In `_msg` when no field is\n" + `named. Rows that do not match stay as they are.

	parse "<client> - <_> [<_>] \"<method> <path> <_>\" <status> <bytes>"
`,
	Parse: func(r *expr.Reader, _ string) (Pipe, error) {
		p := &parse{}
		var err error
		if p.field, err = fromField(r); err != nil {
			return nil, err
		}
		r.Space()
		at := r.Offset()
		if !r.AtQuote() {
			return nil, r.Fail(at, "expected a pattern in quotes, found "+r.Found(), `parse field=<field> "<client> - <_>"`)
		}
		if p.pattern, err = r.Quoted("a pattern like \"<client> - <_>\""); err != nil {
			return nil, err
		}
		if msg := p.read(); msg != "" {
			return nil, r.Fail(at, msg, `for example parse "took <ms> ms"`)
		}
		return p, nil
	},
}

// read takes the pattern apart; it gives what is wrong with it.
func (p *parse) read() string {
	rest := p.pattern
	literal, rest, found := cutHole(rest)
	p.first = literal
	if !found {
		return "the pattern has no hole"
	}
	for found {
		name, after, _ := strings.Cut(rest[1:], ">")
		var then string
		then, rest, found = cutHole(after)
		if then == "" && found {
			return "between two holes there must be some text"
		}
		p.holes = append(p.holes, hole{name, then})
	}
	for _, h := range p.holes {
		if h.name != "_" {
			return ""
		}
	}
	return "no hole of the pattern has a name"
}

// cutHole cuts s before its first hole: <name>, where the name is made of
// letters, digits, _ and dots.
func cutHole(s string) (literal, rest string, found bool) {
	for i := 0; i < len(s); i++ {
		if s[i] != '<' {
			continue
		}
		end := i + 1
		for end < len(s) && (s[end] == '_' || s[end] == '.' || s[end] >= '0' && s[end] <= '9' || s[end]|0x20 >= 'a' && s[end]|0x20 <= 'z') {
			end++
		}
		if end > i+1 && end < len(s) && s[end] == '>' {
			return s[:i], s[i:], true
		}
	}
	return s, "", false
}

func (p *parse) String() string { return "parse " + printFrom(p.field) + expr.QuoteText(p.pattern) }

func (p *parse) Split() (lane, rest Pipe) { return p, nil }

func (p *parse) Run(ctx context.Context, env *Env, in row.Rows) row.Rows {
	taken := make([][]byte, len(p.holes))
	return extract(ctx, env, in, p.field, func(out *row.Builder, text []byte) {
		if !p.match(text, taken) {
			return
		}
		for i, h := range p.holes {
			if h.name != "_" {
				out.Auto([]byte(h.name), taken[i])
			}
		}
	})
}

// match finds what the holes take.
func (p *parse) match(text []byte, taken [][]byte) bool {
	at := bytes.Index(text, []byte(p.first))
	if at < 0 {
		return false
	}
	text = text[at+len(p.first):]
	for i, h := range p.holes {
		end := len(text)
		if h.then != "" {
			if end = bytes.Index(text, []byte(h.then)); end < 0 {
				return false
			}
		}
		taken[i] = text[:end]
		text = text[min(end+len(h.then), len(text)):]
	}
	return true
}
