package expr

import (
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/plumbline/plumbline/internal/keyval"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/when"
)

// line is a row as a map: what the reference evaluator looks at.
type line map[string]row.Value

// reference evaluates row by row, in the plainest way, from the rules alone.
type reference struct{ env Env }

func (r reference) filter(e Expr, l line) bool {
	switch x := e.(type) {
	case *Every:
		return true
	case *None:
		return false
	case *And:
		for _, e := range x.List {
			if !r.filter(e, l) {
				return false
			}
		}
		return true
	case *Or:
		for _, e := range x.List {
			if r.filter(e, l) {
				return true
			}
		}
		return false
	case *Not:
		return !r.filter(x.X, l)
	case *Exists:
		return !l[x.Field].IsMissing()
	case *Term:
		if x.Field != AnyField {
			return anyElement(l[x.Field], func(v row.Value) bool { return hasTerm(v.Text(), x.Pattern.Parts, x.Case) })
		}
		for name, v := range l {
			if name != row.FieldTime && name != row.FieldSeq && name != row.FieldDataset &&
				anyElement(v, func(v row.Value) bool { return hasTerm(v.Text(), x.Pattern.Parts, x.Case) }) {
				return true
			}
		}
		return false
	case *Compare:
		return r.clause(x, l[x.Field])
	case *Within:
		in := anyElement(l[x.Field], func(v row.Value) bool {
			a, err := netip.ParseAddr(v.Text())
			return v.Kind == row.Text && err == nil && x.Net.Contains(a.Unmap().WithZone(""))
		})
		return !l[x.Field].IsMissing() && in != x.Not
	case *In:
		return r.in(x, r.value(x.X, l))
	case *Match:
		v := r.value(x.X, l)
		yes := func(v row.Value) bool { return x.RE.MatchString(v.Text()) }
		if x.Search {
			return !v.IsMissing() && anyElement(v, yes) != x.Not
		}
		return !v.IsMissing() && yes(v) != x.Not
	}
	return r.value(e, l).Bool()
}

func anyElement(v row.Value, yes func(row.Value) bool) bool {
	switch v.Kind {
	case row.Missing:
		return false
	case row.List:
		for _, e := range v.List() {
			if anyElement(e, yes) {
				return true
			}
		}
		return false
	}
	return yes(v)
}

func (r reference) clause(x *Compare, v row.Value) bool {
	if v.IsMissing() {
		return false
	}
	literal, plain := x.Pattern.Literal()
	yes := anyElement(v, func(v row.Value) bool {
		ns, err := when.Relative(literal, r.env.Now, r.env.Zone)
		if v.Kind == row.Time && plain && err == nil {
			return ordered(row.Compare(v, row.TimeOf(ns)), positive(x.Op))
		}
		switch x.Op {
		case Eq, Ne:
			want := jsonNumber(literal)
			if n := v.Number(); plain && !want.IsMissing() && !n.IsMissing() && v.Kind != row.Time {
				return row.Equal(n, want)
			}
			return likePattern([]rune(slowFold(v.Text())), x.Pattern.Parts)
		case Is, IsNot:
			return row.Equal(v, row.TextOf(literal)) || row.Equal(v.Number(), jsonNumber(literal)) && v.Kind != row.Time
		}
		if want, ok := ParseNumber(literal); ok {
			n := v.Number()
			return !n.IsMissing() && v.Kind != row.Time && ordered(row.Compare(n, want), x.Op)
		}
		return ordered(strings.Compare(slowFold(v.Text()), slowFold(literal)), x.Op)
	})
	return yes == (x.Op != Ne && x.Op != IsNot)
}

// jsonNumber is the number that a row gets of a text beside no quotes.
func jsonNumber(text string) row.Value {
	if f, whole, ok := keyval.ParseReal(text); ok && !whole && row.TextOf(text).Number().IsMissing() {
		return row.FloatOf(f)
	}
	return row.TextOf(text).Number()
}

func positive(op Op) Op {
	switch op {
	case Ne, IsNot, Is:
		return Eq
	}
	return op
}

func (r reference) in(x *In, v row.Value) bool {
	if x.Sub != nil || v.IsMissing() {
		return false
	}
	for _, p := range x.List {
		if x.Exact {
			text, _ := p.Literal()
			ns, err := when.Relative(text, r.env.Now, r.env.Zone)
			if row.Equal(v, row.TextOf(text)) || v.Kind == row.Float && v.Canonical().Kind == row.Float && v.Text() == text || v.Kind == row.Time && err == nil && v.Nums() == ns {
				return true
			}
		} else if r.clause(&Compare{Op: Eq, Pattern: p}, v) {
			return true
		}
	}
	return false
}

// slowFold folds rune by rune: ASCII among itself, all else by the least rune
// of its orbit outside ASCII.
func slowFold(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			b.WriteByte(s[i])
		} else {
			b.WriteRune(slowFoldRune(r))
		}
		i += size
	}
	return b.String()
}

func slowFoldRune(r rune) rune {
	if r < 0x80 {
		return unicode.ToLower(r)
	}
	least := r
	for c := unicode.SimpleFold(r); c != r; c = unicode.SimpleFold(c) {
		if c >= 0x80 {
			least = min(least, c)
		}
	}
	return least
}

// likePattern tries every way to spread the parts over the whole text.
func likePattern(s []rune, parts []string) bool {
	first := []rune(slowFold(parts[0]))
	if len(s) < len(first) || string(s[:len(first)]) != string(first) {
		return false
	}
	rest := s[len(first):]
	if len(parts) == 1 {
		return len(rest) == 0
	}
	for i := 0; i <= len(rest); i++ {
		if likePattern(rest[i:], parts[1:]) {
			return true
		}
	}
	return false
}

// hasTerm tries every place for the first part, and every later one for those
// that follow.
func hasTerm(s string, parts []string, exact bool) bool {
	if len(parts) > 1 && strings.Join(parts, "") == "" {
		return true
	}
	last := len(parts) - 1
	var from func(at, part int) bool
	from = func(at, part int) bool {
		if part > last {
			return true
		}
		p := parts[part]
		if p == "" {
			return from(at, part+1)
		}
		for i := at; i < len(s); i++ {
			end, ok := occursAt(s, i, p, exact)
			if !ok {
				continue
			}
			if part == 0 && wordRune(firstRune(p)) && !wordEnds(s, i) {
				continue
			}
			if part == last && wordRune(lastRune(p)) && !wordEnds(s, end) {
				continue
			}
			if from(end, part+1) {
				return true
			}
		}
		return false
	}
	return from(0, 0)
}

func occursAt(s string, i int, p string, exact bool) (end int, ok bool) {
	if exact {
		return i + len(p), strings.HasPrefix(s[i:], p)
	}
	if i > 0 && !utf8.RuneStart(s[i]) && utf8.ValidString(s) {
		return 0, false
	}
	for end = i + 1; end <= len(s); end++ {
		if slowFold(s[i:end]) == slowFold(p) {
			return end, true
		}
	}
	return 0, false
}

func firstRune(s string) rune { r, _ := utf8.DecodeRuneInString(s); return r }
func lastRune(s string) rune  { r, _ := utf8.DecodeLastRuneInString(s); return r }

func wordRune(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r))
}

// wordEnds says whether a word starts or ends at i, by the rules in words.
func wordEnds(s string, i int) bool {
	if i == 0 || i == len(s) {
		return true
	}
	a, b := lastRune(s[:i]), firstRune(s[i:])
	if !wordRune(a) || !wordRune(b) {
		return true
	}
	alone := []*unicode.RangeTable{unicode.Han, unicode.Hiragana, unicode.Katakana}
	if unicode.In(a, alone...) || unicode.In(b, alone...) || unicode.IsDigit(a) != unicode.IsDigit(b) {
		return true
	}
	if unicode.IsUpper(b) && unicode.IsLower(a) {
		return true
	}
	after := s[i+utf8.RuneLen(b):]
	return unicode.IsUpper(a) && unicode.IsUpper(b) && after != "" && unicode.IsLower(firstRune(after))
}

func (r reference) value(e Expr, l line) row.Value {
	switch x := e.(type) {
	case *Field:
		return l[x.Name]
	case *Literal:
		return x.Value
	case *Negate:
		return NewEvaluator(r.env).operate('-', row.IntOf(0), r.value(x.X, l))
	case *Binary:
		a, b := r.value(x.L, l), r.value(x.R, l)
		if op, ok := comparisonOps[x.Op]; ok {
			return row.BoolOf(r.compare(x, a, b, op))
		}
		return NewEvaluator(r.env).operate(x.Op[0], a, b)
	case *Call:
		return r.call(x, l)
	}
	return row.BoolOf(r.filter(e, l))
}

// compare is a comparison in an expression. A text in the question that stands
// beside a time is read as one.
func (r reference) compare(x *Binary, a, b row.Value, op Op) bool {
	if a.Kind == row.Time && fixed(x.R) {
		b = r.time(b)
	} else if b.Kind == row.Time && fixed(x.L) {
		a = r.time(a)
	}
	return compareValues(a, b, op)
}

func (r reference) time(v row.Value) row.Value {
	if v.Kind != row.Text || !v.Number().IsMissing() {
		return v
	}
	if ns, err := when.Relative(v.Str(), r.env.Now, r.env.Zone); err == nil {
		return row.TimeOf(ns)
	}
	return v
}

func (r reference) call(x *Call, l line) row.Value {
	args := make([]row.Value, len(x.Args))
	for i, a := range x.Args {
		args[i] = r.value(a, l)
	}
	switch x.Func.Name {
	case "if":
		switch {
		case args[0].Bool():
			return args[1]
		case len(args) == 3:
			return args[2]
		}
		return row.Value{}
	case "case":
		for ; len(args) >= 2; args = args[2:] {
			if args[0].Bool() {
				return args[1]
			}
		}
		if len(args) == 1 {
			return args[0]
		}
		return row.Value{}
	case "coalesce":
		for _, a := range args {
			if !a.IsMissing() {
				return a
			}
		}
		return row.Value{}
	case "isnull":
		return row.BoolOf(args[0].IsMissing())
	case "isnotnull":
		return row.BoolOf(!args[0].IsMissing())
	}
	for _, a := range args {
		if a.IsMissing() {
			return row.Value{}
		}
	}
	if x.Func.Name == "pattern" {
		return row.TextOf(string(row.AppendPattern(nil, []byte(args[0].Text()))))
	}
	return x.Func.value(NewEvaluator(r.env), args)
}
