package query

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/pipe"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/scan"
)

// waker is a source that says when rows came.
type waker interface {
	// Appended is closed when the next rows are appended.
	Appended() <-chan struct{}
}

// tailEvery is how often a source that cannot wake is asked, and how often one
// that can is asked at most: people read no faster.
const tailEvery = 250 * time.Millisecond

// Tail gives lines that a question finds, as they come, until ctx ends: it is
// the question asked again and again for rows with greater numbers. Its pipes
// may only be ones that look at each row alone. Those that came together are
// given oldest first.
func (e *Engine) Tail(ctx context.Context, req Request, each func(*row.Batch) error) error {
	q, err := followed(req.Text)
	if err != nil {
		return err
	}
	past := ""
	if req.Datasets == nil && e.passesBy(q.Search) {
		past = e.opts.Apart
	}
	seen := map[string]int64{}
	for _, x := range e.opts.Source.Extents(req.Datasets) {
		seen[x.Dataset] = x.Seq
	}
	for {
		wake := e.appended()
		if err := e.follow(ctx, req, past, seen, each); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-wake:
		}
		select { // lines that come together are shown together
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(tailEvery):
		}
	}
}

// CheckTail says why lines of a question cannot be followed.
func CheckTail(text string) error {
	_, err := followed(text)
	return err
}

// followed reads a question whose lines are to be followed.
func followed(text string) (*pipe.Question, error) {
	q, err := pipe.Parse(text)
	if err != nil {
		return nil, err
	}
	for _, p := range q.Pipes {
		s, ok := p.(pipe.Splitter)
		if ok {
			lane, rest := s.Split()
			ok = lane != nil && rest == nil
		}
		if !ok {
			return nil, fault.New(fault.Invalid, "lines can be followed through pipes that look at each line alone, not through “%s”", p)
		}
	}
	return q, nil
}

// appended is closed when it is worth asking again.
func (e *Engine) appended() <-chan struct{} {
	if w, ok := e.opts.Source.(waker); ok {
		return w.Appended()
	}
	now := make(chan struct{})
	close(now)
	return now
}

// follow asks for the rows of each dataset, but the one it looks past, that came
// since it was asked last.
func (e *Engine) follow(ctx context.Context, req Request, past string, seen map[string]int64, each func(*row.Batch) error) error {
	for _, x := range e.opts.Source.Extents(req.Datasets) {
		if x.Seq <= seen[x.Dataset] || x.Dataset == past {
			continue
		}
		if err := e.since(ctx, req, x, seen[x.Dataset], each); err != nil {
			return err
		}
		seen[x.Dataset] = x.Seq
	}
	return nil
}

func (e *Engine) since(ctx context.Context, req Request, x scan.Extent, after int64, each func(*row.Batch) error) error {
	req.Datasets = []string{x.Dataset}
	req.Only = &expr.And{List: []expr.Expr{
		&expr.Compare{Field: row.FieldSeq, Op: expr.Gt, Pattern: expr.LiteralPattern(strconv.FormatInt(after, 10))},
		&expr.Compare{Field: row.FieldSeq, Op: expr.Le, Pattern: expr.LiteralPattern(strconv.FormatInt(x.Seq, 10))},
	}}
	a, err := e.Ask(ctx, req)
	if err != nil {
		return err
	}
	defer a.Close()
	var found []*row.Batch // newest first
	for b, err := range a.Rows() {
		if err != nil {
			return err
		}
		found = append(found, b)
	}
	for _, b := range slices.Backward(found) {
		if err := each(backward(b)); err != nil {
			return err
		}
	}
	return nil
}

// backward is the batch with its last row first.
func backward(b *row.Batch) *row.Batch {
	rows := make([]uint32, b.Len)
	for i := range rows {
		rows[i] = uint32(b.Len - 1 - i)
	}
	return b.Pick(rows)
}
