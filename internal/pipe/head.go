package pipe

import (
	"context"
	"fmt"
	"strconv"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/scan"
)

// head lets the first rows pass and then stops reading.
type head struct {
	n int
}

// defaultHead is how many rows head and tail give when no number is said.
const defaultHead = 10

var headKind = &Kind{
	Name:    "head",
	Aliases: []string{"limit"},
	Syntax:  "head [<n>]",
	Summary: "gives the first n rows, 10 when no number is said",
	Doc: `Lines come newest first, so head after a search gives the newest lines; nothing
more is read than it takes to find them.

	canonical-log-line http_status=500 | head 20
`,
	Parse: func(r *expr.Reader, name string) (Pipe, error) {
		n, err := parseCount(r, name, defaultHead)
		return &head{n}, err
	},
}

// Head is the pipe that lets the first n rows pass.
func Head(n int) Pipe { return &head{n} }

// parseCount reads a whole number of rows, when one stands there.
func parseCount(r *expr.Reader, pipe string, otherwise int) (int, error) {
	if r.Done() {
		return otherwise, nil
	}
	at := r.Offset()
	text, err := r.Value("a number of rows")
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, r.Fail(at, "expected a number of rows, found “"+text+"”", fmt.Sprintf("%s 20", pipe))
	}
	return n, nil
}

func (p *head) String() string { return "head " + strconv.Itoa(p.n) }

func (p *head) Reads(after Need) Need { return after }

func (p *head) Push(s *scan.Scan) bool {
	if p.n > 0 && (s.Limit == 0 || p.n < s.Limit) {
		s.Limit = p.n
	}
	return false // a store may give more than its limit
}

func (p *head) Run(ctx context.Context, _ *Env, in row.Rows) row.Rows {
	return func(yield func(*row.Batch, error) bool) {
		left := p.n
		if left == 0 {
			return
		}
		for b, err := range each(ctx, in, same) {
			if err != nil {
				yield(nil, err)
				return
			}
			if b.Len > left {
				b = b.Slice(0, left)
			}
			left -= b.Len
			if !yield(b, nil) || left == 0 {
				return
			}
		}
	}
}
