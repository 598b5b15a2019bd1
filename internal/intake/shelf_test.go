package intake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/row"
)

// shelf is a store that keeps everything in memory.
type shelf struct {
	mu       sync.Mutex
	batches  []*row.Batch
	receipts map[string][]byte
	appends  int
	failAt   int // the n-th append fails; 0: none
	broken   error
}

var errFull = errors.New("no room")

func (s *shelf) Append(_ context.Context, b ...*row.Batch) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.append(b)
}

func (s *shelf) append(b []*row.Batch) error {
	s.appends++
	if s.broken != nil {
		return s.broken
	}
	if s.appends == s.failAt {
		return errFull
	}
	s.batches = append(s.batches, b...)
	return nil
}

func (s *shelf) AppendOnce(_ context.Context, name string, receipt []byte, b ...*row.Batch) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if earlier, ok := s.receipts[name]; ok {
		return earlier, nil
	}
	if err := s.append(b); err != nil {
		return nil, err
	}
	if s.receipts == nil {
		s.receipts = map[string][]byte{}
	}
	s.receipts[name] = receipt
	return nil, nil
}

// rows are the rows of a dataset as JSON, in the order they were stored.
func (s *shelf) rows(name string) (out []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.batches {
		if b.Dataset != name {
			continue
		}
		for i := range b.Len {
			out = append(out, string(b.AppendJSON(nil, i)))
		}
	}
	return out
}

// count is how many rows of a dataset have a field.
func (s *shelf) count(name, field string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.batches {
		if b.Dataset == name {
			n += b.Col(field).Present(b.Len).Count()
		}
	}
	return n
}

// theNow is the receive time of all tests.
var theNow = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// taken runs one request over a new intake and gives what was stored.
func taken(t *testing.T, r Request, change ...func(*Options)) (*shelf, Receipt) {
	t.Helper()
	s := new(shelf)
	receipt, err := intakeOn(s, change...).Ingest(t.Context(), r)
	if err != nil {
		t.Fatalf("Ingest: %v", err)
	}
	return s, receipt
}

func intakeOn(s *shelf, change ...func(*Options)) *Intake {
	o := Options{Store: s, Now: func() time.Time { return theNow }}
	for _, c := range change {
		c(&o)
	}
	return New(o)
}

// declare gives every dataset these settings.
func declare(change func(*dataset.Dataset)) func(*Options) {
	return func(o *Options) {
		o.Datasets = func(name string) (dataset.Dataset, error) {
			d := dataset.New(name)
			change(&d)
			return d, nil
		}
	}
}

func body(lines ...string) *bytes.Buffer {
	return bytes.NewBufferString(strings.Join(lines, "\n"))
}

// fields reads a stored row; a list of rows is wanted as rows(...).
func fields(t *testing.T, text string) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		t.Fatalf("row %s: %v", text, err)
	}
	return m
}

// same compares a stored row with the one wanted, field by field; both are JSON.
func same(t *testing.T, got, want string) {
	t.Helper()
	g, w := fmt.Sprint(fields(t, got)), fmt.Sprint(fields(t, want))
	if g != w {
		t.Errorf("row\n got %s\nwant %s", got, want)
	}
}
