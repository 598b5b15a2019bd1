package pipe

import "github.com/plumbline/plumbline/internal/expr"

// Measured is a question as a rule sees it: what measures, and the condition at
// its end.
type Measured struct {
	Measure   *Question // the question without the condition
	Condition expr.Expr // nil: the question does not end in where or search
	By        []string  // fields that tell its rows apart; nil: not known
}

// Measured parts a question at its last condition.
func (q *Question) Measured() Measured {
	m := Measured{Measure: q}
	if n := len(q.Pipes); n > 0 {
		if f, ok := q.Pipes[n-1].(*filter); ok {
			without := *q
			without.Pipes = q.Pipes[:n-1]
			m.Measure, m.Condition = &without, f.expr
		}
	}
	for i := len(m.Measure.Pipes) - 1; i >= 0 && m.By == nil; i-- {
		if s, ok := m.Measure.Pipes[i].(*stats); ok {
			m.By = append([]string{}, s.by...)
		}
	}
	return m
}

// Windowed is a measuring question that answers for many windows of time at
// once: window are pipes that set the field name to the start of a row's window,
// and its stats groups by that too. ok is false when the question is not made of
// one stats, pipes that look at each row alone before it, and where, eval and
// fillnull behind.
func (q *Question) Windowed(window []Pipe, name string) (_ *Question, ok bool) {
	out := *q
	out.Pipes = nil
	seen := false
	for _, p := range q.Pipes {
		switch x := p.(type) {
		case *stats:
			if seen {
				return nil, false
			}
			seen = true
			by := *x
			by.by = append([]string{name}, x.by...)
			out.Pipes = append(append(out.Pipes, window...), &by)
		case *filter, *eval, *fillnull:
			out.Pipes = append(out.Pipes, p)
		case Splitter:
			if lane, rest := x.Split(); seen || lane == nil || rest != nil {
				return nil, false
			}
			out.Pipes = append(out.Pipes, p)
		default:
			return nil, false
		}
	}
	return &out, seen
}
