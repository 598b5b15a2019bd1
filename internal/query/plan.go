package query

import (
	"slices"
	"strings"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/pipe"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/scan"
)

// Plan is what will be done for a question. It is data: it prints, and tests
// compare it as text.
type Plan struct {
	Scan scan.Scan   // what the store does
	Lane []pipe.Pipe // what each lane does with its stream
	Rest []pipe.Pipe // what is done with the lanes' results together

	asked []string // fields on which it hangs whether there is an answer
}

// grouper is a pipe whose lane half a store may do in place of a lane.
type grouper interface {
	Group(env *pipe.Env) *scan.Group
}

// plan divides a question between the store, the lanes and the rest. want has
// datasets and range; the search and the pipes are q's.
func plan(q *pipe.Question, want scan.Scan, src Source, env *pipe.Env) Plan {
	pipes := listed(q.Pipes)
	where := []expr.Expr{expr.Rewrite(q.Search, expr.Listed)}
	for len(pipes) > 0 {
		p, ok := pipes[0].(pipe.Pusher)
		if !ok || !p.Push(&want) {
			break
		}
		where, want.Where = append(where, want.Where), nil
		pipes = pipes[1:]
	}
	if want.Where = expr.Conjunction(where...); isEvery(want.Where) {
		want.Where = nil
	}
	pushed := q.Pipes[:len(q.Pipes)-len(pipes)]
	pipes = fuse(pipes)
	want.Order = order(pipes)
	need := pipe.Everything()
	for i := len(pipes) - 1; i >= 0; i-- {
		if w, ok := pipes[i].(pipe.Wanter); ok {
			pipes[i] = w.Wants(need)
		}
		need = pipes[i].Reads(need)
	}
	if need.All {
		// What a pipe names is a field of its rows, also when it is another name of
		// one, and whoever does the pipe.
		for _, p := range pushed {
			need = p.Reads(need)
		}
	}
	want.All, want.Fields = need.All, need.Fields
	lane, rest := split(pipes)
	if want.Order == scan.NewestFirst {
		lane, rest = nil, pipes
	}
	if len(lane) == 1 {
		if g, ok := lane[0].(grouper); ok {
			want.Group = g.Group(env)
		}
	}
	out := fit(want, lane, rest, src)
	out.asked = askedFields(want.Where, pipes, env)
	return out
}

// listed is the pipes with the chains of comparisons in them made lists.
func listed(pipes []pipe.Pipe) []pipe.Pipe {
	out := slices.Clone(pipes)
	for i, p := range out {
		if r, ok := p.(rewriter); ok {
			out[i] = r.Rewrite(expr.Listed)
		}
	}
	return out
}

// fit asks the store how much of want it does, and leaves the rest to pipes.
func fit(want scan.Scan, lane, rest []pipe.Pipe, src Source) Plan {
	will := src.Fit(want)
	if will.Order != want.Order {
		rest = append([]pipe.Pipe{pipe.NewestFirst()}, rest...)
		need := pipe.Need{All: will.All, Fields: will.Fields}.With(row.FieldTime, row.FieldSeq)
		will.Fields, will.Limit = need.Fields, 0
		want.Order = scan.Any
	}
	if will.Where == nil && want.Where != nil {
		filter := pipe.Filter(want.Where)
		if want.Order == scan.NewestFirst {
			rest = append([]pipe.Pipe{filter}, rest...)
		} else {
			lane = append([]pipe.Pipe{filter}, lane...)
		}
		need := pipe.Need{All: will.All, Fields: will.Fields}.WithExpr(want.Where)
		will.All, will.Fields, will.Limit, will.Group = need.All, need.Fields, 0, nil
	}
	if will.Group != nil {
		lane = nil
	}
	return Plan{Scan: will, Lane: lane, Rest: rest}
}

func isEvery(e expr.Expr) bool { _, ok := e.(*expr.Every); return ok }

// fuser is a pipe that can do the one behind it along with its own work.
type fuser interface {
	Fuse(next pipe.Pipe) (pipe.Pipe, bool)
}

// orderer is a pipe that takes over the order which the one in front of it
// would else make.
type orderer interface {
	Behind(front pipe.Pipe) (before, self pipe.Pipe, ok bool)
}

// fuse joins pipes that do their work better as one: a sort that knows of the
// head behind it holds only the rows that head lets pass, and one that knows of
// the order in front sorts but once.
func fuse(pipes []pipe.Pipe) []pipe.Pipe {
	var out []pipe.Pipe
	for _, p := range pipes {
		if n := len(out); n > 0 {
			if o, ok := p.(orderer); ok {
				if before, self, ok := o.Behind(out[n-1]); ok {
					out[n-1], p = before, self
				}
			}
			if f, ok := out[n-1].(fuser); ok {
				if joined, ok := f.Fuse(p); ok {
					out[n-1] = joined
					continue
				}
			}
		}
		out = append(out, p)
	}
	return out
}

// order is the order in which the first pipe that minds it wants its rows. A
// question that ends before one shows its rows newest first.
func order(pipes []pipe.Pipe) scan.Order {
	for _, p := range pipes {
		o, ok := p.(pipe.Orderer)
		switch {
		case !ok || o.Order() == pipe.NeedsOrder:
			return scan.NewestFirst
		case o.Order() == pipe.IgnoresOrder:
			return scan.Any
		}
	}
	return scan.NewestFirst
}

// split takes from the front what can run in lanes.
func split(pipes []pipe.Pipe) (lane, rest []pipe.Pipe) {
	for i, p := range pipes {
		s, ok := p.(pipe.Splitter)
		if !ok {
			return lane, pipes[i:]
		}
		l, r := s.Split()
		if l == nil {
			return lane, pipes[i:]
		}
		lane = append(lane, l)
		if r != nil {
			return lane, append([]pipe.Pipe{r}, pipes[i+1:]...)
		}
	}
	return lane, nil
}

// Shape is how the answer wants to be shown: as the last pipe that says so.
func shape(pipes []pipe.Pipe) pipe.Shape {
	s := pipe.Lines
	for _, p := range pipes {
		if x, ok := p.(pipe.Shaper); ok {
			s = x.Shape()
		}
	}
	return s
}

// String prints the plan, a step a line. What the lanes or the store begin is
// merged before the pipes behind it go on.
func (p Plan) String() string {
	var b strings.Builder
	b.WriteString(p.Scan.String())
	last := ""
	for _, l := range p.Lane {
		last = l.String()
		b.WriteString("\nlane: " + last)
	}
	for i, r := range p.Rest {
		b.WriteByte('\n')
		if i == 0 && (p.Scan.Group != nil || r.String() == last) {
			b.WriteString("merge: ")
		}
		b.WriteString(r.String())
	}
	return b.String()
}
