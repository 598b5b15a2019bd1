package expr

import (
	"time"

	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/when"
)

// Evaluator evaluates expressions on batches. It keeps scratch memory and what
// it worked out about nodes and dictionaries, so it serves one goroutine, for
// the length of one question.
type Evaluator struct {
	env   Env
	tests map[Expr]*question
	memo  memory
	shape shape
	text  []byte

	within  *allowance // of the expression that EvalWithin evaluates
	regexps map[string]*matchTest
	layouts map[string]*when.Layout
}

// Env is what an expression may ask of the question it stands in.
type Env struct {
	Now  int64          // nanoseconds since the Unix epoch: now()
	Zone *time.Location // for texts without a zone and for calendar steps; nil is UTC
	// Done is closed when nobody waits for answers any more: whoever asked looks at it
	// after each, and throws that one away. So regular expressions, of which a single
	// batch can take minutes, need not go on. Nil: they always do.
	Done <-chan struct{}

	momentary bool // Now mattered
}

// now is Now, which mattered.
func (e *Env) now() int64 {
	e.momentary = true
	return e.Now
}

// Momentary reports whether anything so far depended on the moment of the question.
func (ev *Evaluator) Momentary() bool { return ev.env.momentary }

// NewEvaluator returns an evaluator for one goroutine.
func NewEvaluator(env Env) *Evaluator {
	if env.Zone == nil {
		env.Zone = time.UTC
	}
	return &Evaluator{env: env, tests: map[Expr]*question{}}
}

// Filter is the set of rows of b for which e is true. The caller may write to
// it.
func (ev *Evaluator) Filter(e Expr, b *row.Batch) row.Bitmap {
	return ev.filter(e, b, row.FullBitmap(b.Len))
}

// filter is the set of those rows of among for which e is true.
func (ev *Evaluator) filter(e Expr, b *row.Batch, among row.Bitmap) row.Bitmap {
	if !among.Any() {
		return among.Clone()
	}
	select { // of many clauses each takes its time
	case <-ev.env.Done:
		return row.NewBitmap(b.Len)
	default:
	}
	switch x := e.(type) {
	case *Every:
		return among.Clone()
	case *None:
		return row.NewBitmap(b.Len)
	case *And:
		left := among
		for _, e := range cheapFirst(x.List, b) {
			left = ev.filter(e, b, left)
		}
		return left
	case *Or:
		return ev.anyOf(x.List, b, among)
	case *Not:
		return less(among, ev.filter(x.X, b, among))
	case *Exists:
		m := b.Col(x.Field).Present(b.Len)
		m.And(among)
		return m
	case *Term:
		if x.Field == AnyField {
			return ev.anywhere(x, b, among)
		}
	case *Binary:
		if _, ok := comparisonOps[x.Op]; ok {
			if yes, ok := ev.narrowed(e, b, among); ok {
				return yes
			}
			return ev.compare(x, b, among)
		}
	case *In:
		if x.Sub != nil { // its answer was never put in
			return row.NewBitmap(b.Len)
		}
	}
	q := ev.question(e)
	if q.field != "" {
		return ev.decide(q, b.Col(q.field), b.Len, among)
	}
	if _, plain := q.operand.(*Field); !plain {
		if yes, ok := ev.narrowed(e, b, among); ok {
			return yes
		}
	}
	c := ev.eval(q.operand, b)
	return ev.decide(q, &c, b.Len, among)
}

// decide is the set of those rows of among for which a question about a
// column is answered by yes. A negated one is, where there is a value and its
// test fails.
func (ev *Evaluator) decide(q *question, c *row.Column, n int, among row.Bitmap) row.Bitmap {
	yes := ev.ask(q, c, n, among)
	if !q.not {
		return yes
	}
	has := c.Present(n)
	has.And(among)
	return less(has, yes)
}

// less is a without what is in b; it writes to b.
func less(a, b row.Bitmap) row.Bitmap {
	for i, w := range a {
		b[i] = w &^ b[i]
	}
	return b
}

// anyOf asks each clause only about rows that none before was true for.
func (ev *Evaluator) anyOf(list []Expr, b *row.Batch, among row.Bitmap) row.Bitmap {
	found, left := row.NewBitmap(b.Len), among.Clone()
	for _, e := range cheapFirst(list, b) {
		yes := ev.filter(e, b, left)
		found.Or(yes)
		left.AndNot(yes)
	}
	return found
}

// anywhere looks for a term in every field that a sender wrote.
func (ev *Evaluator) anywhere(x *Term, b *row.Batch, among row.Bitmap) row.Bitmap {
	q := ev.question(x)
	found, left := row.NewBitmap(b.Len), among.Clone()
	for i := range b.Cols {
		c := &b.Cols[i]
		switch c.Name {
		case row.FieldTime, row.FieldSeq, row.FieldDataset:
			continue
		}
		if !left.Any() {
			break
		}
		yes := ev.ask(q, c, b.Len, left)
		found.Or(yes)
		left.AndNot(yes)
	}
	return found
}

// question is a node made ready to be asked: of a field, or of the value of an
// expression.
type question struct {
	test
	node     Expr
	field    string
	operand  Expr
	not      bool // true where there is a value and the test fails
	elements bool // a list passes when one of its elements does
}

// maxQuestions bounds how many compiled nodes are kept: a question has some
// dozens, but whoever asks in variations makes new nodes without end.
const maxQuestions = 1024

// question compiles a node once.
func (ev *Evaluator) question(e Expr) *question {
	q, ok := ev.tests[e]
	if !ok {
		q = ev.compile(e)
		ev.keep(e, q)
	}
	return q
}

func (ev *Evaluator) keep(e Expr, q *question) {
	if len(ev.tests) >= maxQuestions {
		clear(ev.tests)
	}
	q.node = e
	ev.tests[e] = q
}

func (ev *Evaluator) compile(e Expr) *question {
	switch x := e.(type) {
	case *Term:
		return &question{test: newTermTest(x.Pattern, x.Case), field: x.Field, elements: true}
	case *Terms:
		return &question{test: newTermsTest(x), field: x.Field, elements: true}
	case *Compare:
		return &question{test: ev.compareTest(x), field: x.Field, not: x.Op == Ne || x.Op == IsNot, elements: true}
	case *Within:
		return &question{test: &netTest{x.Net.Masked()}, field: x.Field, not: x.Not, elements: true}
	case *In:
		return &question{test: newSetTest(x.List, x.Exact, &ev.env), operand: x.X, elements: !x.Exact}
	case *Match:
		return &question{test: ev.matchTest(x.RE), operand: x.X, not: x.Not, elements: x.Search}
	}
	return &question{test: truthTest{}, operand: e}
}

func (ev *Evaluator) compareTest(x *Compare) test {
	text, plain := x.Pattern.Literal()
	switch x.Op {
	case Eq, Ne:
		return newEqualTest(x.Pattern, &ev.env)
	case Is, IsNot:
		return newExactTest(text, &ev.env)
	}
	if !plain {
		text = x.Pattern.String()
	}
	return newOrderTest(x.Op, text, &ev.env)
}
