package expr

import (
	"net/netip"
	"strings"

	"github.com/plumbline/plumbline/internal/when"
)

// Clauses of a search that compare a field with values.

// field is the word as the name of a field.
func (s *searcher) field(w word) (string, error) {
	switch {
	case w.text == "":
		return "", s.Fail(w.start, "expected the name of a field, found an empty one", "")
	case !w.quoted && strings.Contains(w.text, "*"):
		return "", s.Fail(w.start, "the name of a field cannot have a wildcard here", "any=… looks in all fields; a name with a star stands in quotes")
	}
	return w.text, nil
}

func (s *searcher) compare(w word, op Op) (Expr, error) {
	field, err := s.field(w)
	if err != nil {
		return nil, err
	}
	at := s.pos
	value, err := s.searchValue(field + op.String())
	if err != nil {
		return nil, err
	}
	switch {
	case (w.is("earliest") || w.is("latest")) && op == Eq:
		return nil, s.timeRange(w.start, at, strings.ToLower(field), value)
	case w.is(AnyField) && (op == Eq || op == Ne):
		var e Expr = &Term{Field: AnyField, Pattern: ParsePattern(value)}
		if op == Ne {
			e = &Not{e}
		}
		return e, nil
	}
	return clause(field, op, value), nil
}

// clause is the node for a field against a value.
func clause(field string, op Op, value string) Expr {
	pattern := ParsePattern(value)
	switch op {
	case Eq, Ne:
		if pattern.All() {
			if op == Ne {
				return &Not{&Exists{field}}
			}
			return &Exists{field}
		}
		if net, err := netip.ParsePrefix(value); err == nil {
			return &Within{Field: field, Net: net, Not: op == Ne}
		}
	default:
		pattern = ParseLiteral(value)
	}
	return &Compare{Field: field, Op: op, Pattern: pattern}
}

// searchValue reads the value after a field and its operator.
func (s *searcher) searchValue(after string) (string, error) {
	s.Space()
	if s.atQuote() {
		return s.quoted()
	}
	start := s.pos
	if msg, hint := s.mistaken(after); msg != "" {
		return "", s.Fail(start, msg, hint)
	}
	if s.bare(""); s.pos == start {
		return "", s.Fail(s.pos, "expected a value after "+after+", found "+s.found(), "“*” is any value")
	}
	return s.text[start:s.pos], nil
}

// mistaken says what is wrong with a value that begins like something else: a
// list in brackets, or an operator written the other way round.
func (s *searcher) mistaken(after string) (msg, hint string) {
	rest := s.text[s.pos:]
	field, equal := strings.CutSuffix(after, "=")
	switch {
	case strings.HasPrefix(rest, "("):
		return "expected a value after " + after + ", found “(”", field + " in (a, b) finds one of several values"
	case !equal || strings.HasSuffix(field, "="):
	case strings.HasPrefix(rest, "~"):
		return "expected a value after " + after + ", found “~”", field + `~"…" matches a regular expression; a value that begins with ~ stands in quotes`
	case strings.HasPrefix(rest, ">"), strings.HasPrefix(rest, "<") && len(rest) > 1 && (rest[1] >= '0' && rest[1] <= '9' || rest[1] == '-'):
		return "expected a value after " + after + ", found “" + rest[:1] + "”", "the sign stands in front: " + field + rest[:1] + "=…"
	}
	return "", ""
}

func (s *searcher) timeRange(start, at int, which, value string) error {
	if s.nested > 0 {
		return s.Fail(start, which+"= holds for the whole question and cannot stand under not or or", "compare _time instead")
	}
	place := &s.Range.Earliest
	if which == "latest" {
		place = &s.Range.Latest
	}
	if *place != "" {
		return s.Fail(at, which+"= is given twice", "")
	}
	if err := when.CheckRelative(value); err != nil {
		return s.Fail(at, err.Error(), "")
	}
	*place, s.RangeAt = value, at
	return nil
}

func (s *searcher) match(w word, not bool) (Expr, error) {
	field, err := s.field(w)
	if err != nil {
		return nil, err
	}
	if field == AnyField && !w.quoted {
		return nil, s.Fail(w.start, "a regular expression is matched against one field", "any=… looks in all fields for words")
	}
	at := s.pos
	value, err := s.searchValue(field + "~")
	if err != nil {
		return nil, err
	}
	re, err := CompileRegexp(value)
	if err != nil {
		return nil, s.Fail(at, err.Error(), "")
	}
	return &Match{X: &Field{field}, RE: re, Not: not, Search: true}, nil
}

// in reads [not] in (a, b, …) and [not] in [subsearch]; nil when none stands
// there. A bare word "in" that no bracket follows is a word to look for.
func (s *searcher) in(w word) (Expr, error) {
	at := s.pos
	not := s.TakeWord("not")
	if !s.TakeWord("in") || s.Peek() != '(' && s.Peek() != '[' {
		s.pos = at
		return nil, nil
	}
	field, err := s.field(w)
	if err != nil {
		return nil, err
	}
	in := &In{X: &Field{field}}
	if s.Peek() == '[' {
		in.Sub, err = s.Subsearch()
	} else {
		in.List, err = s.list()
	}
	if err != nil {
		return nil, err
	}
	if not {
		// As f!=x: the field must be there.
		return &And{[]Expr{&Exists{field}, &Not{in}}}, nil
	}
	return in, nil
}

func (s *searcher) list() ([]Pattern, error) {
	open := s.pos
	s.Take("(")
	var list []Pattern
	for {
		if s.Peek() == 0 {
			return nil, s.Fail(open, "the ( that opens here is never closed", "")
		}
		v, err := s.Value("a value")
		if err != nil {
			return nil, err
		}
		list = append(list, ParsePattern(v))
		if s.Take(")") {
			return list, nil
		}
		s.Take(",")
	}
}
