package pipe

import (
	"fmt"
	"strings"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/fault"
)

// Question is a question of the language, read: a search, and the pipes its
// rows go through.
type Question struct {
	Explain bool       // explain stood in front
	Search  expr.Expr  // *expr.Every when nothing was searched for
	Range   expr.Range // earliest and latest as written
	RangeAt int        // offset in the text of the one that was written last
	Pipes   []Pipe
}

// maxQuestion bounds the text of a question. The longest by hand are some
// kilobytes; lists of ids that programs write are longer.
const maxQuestion = 1 << 20

// Parse reads a question:
//
//	[explain] search | pipe | pipe …
//
// The search may be left out when the first thing is a pipe: | stats count.
// Errors are *fault.At: line, column, what was expected, the nearest name.
func Parse(text string) (*Question, error) { return parseAt(text, 0) }

// maxDepth bounds questions within questions: people write two.
const maxDepth = 8

// maxPipes bounds the pipes of a question: people write ten, programs that put
// questions together some dozens. Each takes a stage of its own for every row.
const maxPipes = 256

// parseAt reads a question that stands in so many others.
func parseAt(text string, depth int) (*Question, error) {
	if depth > maxDepth {
		return nil, fault.New(fault.Invalid, "subsearches are nested more than %d deep", maxDepth)
	}
	if len(text) > maxQuestion {
		return nil, fault.New(fault.Invalid, "the question is longer than %d bytes", maxQuestion)
	}
	r := expr.NewReader(text, IsAggregate)
	r.Sub = func(text string) error {
		_, err := parseAt(text, depth+1)
		return err
	}
	q := &Question{Search: &expr.Every{}}
	q.Explain = r.TakeLead("explain")
	if r.Peek() != '|' {
		takeSearch(r)
		var err error
		if q.Search, err = r.Search(); err != nil {
			return nil, err
		}
		q.Range, q.RangeAt = r.Range, r.RangeAt
	}
	if err := q.parsePipes(r); err != nil {
		return nil, err
	}
	return q, nil
}

// parsePipes reads the pipes behind the search.
func (q *Question) parsePipes(r *expr.Reader) error {
	for !r.End() {
		if !r.Take("|") {
			return r.Fail(r.Offset(), "expected | and a pipe, found "+r.Found(), "")
		}
		r.Space()
		at := r.Offset()
		if len(q.Pipes) == maxPipes {
			return r.Fail(at, fmt.Sprintf("the question has more than %d pipes", maxPipes), "")
		}
		p, err := parsePipe(r)
		if err != nil {
			return err
		}
		if a, ok := p.(follower); ok {
			if p, err = a.after(q.Pipes); err != nil {
				return r.Fail(at, err.Error(), "")
			}
		}
		q.Pipes = append(q.Pipes, p)
	}
	return nil
}

// follower is a pipe that must know what stands in front of it.
type follower interface {
	after(pipes []Pipe) (Pipe, error)
}

// takeSearch passes the word search, which people of other products write before
// the first clause. Alone it is something to search for.
func takeSearch(r *expr.Reader) {
	ahead := *r
	if ahead.TakeLead("search") && !ahead.Done() {
		*r = ahead
	}
}

func parsePipe(r *expr.Reader) (Pipe, error) {
	r.Space()
	at := r.Offset()
	name := r.Word()
	if name == "" {
		return nil, r.Fail(at, "expected the name of a pipe after |, found "+r.Found(), "")
	}
	kind := KindOf(strings.ToLower(name))
	if kind == nil {
		hint := ""
		if IsAggregate(strings.ToLower(name)) {
			hint = "did you mean stats " + strings.ToLower(name) + "?"
		} else if near := fault.Nearest(strings.ToLower(name), Names()); near != "" {
			hint = "did you mean " + near + "?"
		}
		return nil, r.Fail(at, "there is no pipe “"+name+"”", hint)
	}
	p, err := kind.Parse(r, strings.ToLower(name))
	if err != nil {
		return nil, err
	}
	if !r.Done() {
		return nil, r.Fail(r.Offset(), "expected | or the end after "+kind.Name+", found "+r.Found(), kind.Syntax)
	}
	return p, nil
}

// String prints the question so that it parses back to the same.
func (q *Question) String() string {
	var b strings.Builder
	if q.Explain {
		b.WriteString("explain ")
	}
	b.WriteString(q.Search.String())
	if q.Range.Earliest != "" {
		b.WriteString(" earliest=" + expr.QuoteValue(q.Range.Earliest))
	}
	if q.Range.Latest != "" {
		b.WriteString(" latest=" + expr.QuoteValue(q.Range.Latest))
	}
	for _, p := range q.Pipes {
		b.WriteString(" | " + p.String())
	}
	return b.String()
}
