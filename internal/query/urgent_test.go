package query_test

import (
	"context"
	"sync"
	"testing"

	"github.com/plumbline/plumbline/internal/pipe"
	"github.com/plumbline/plumbline/internal/query"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/scan"
)

// listening notes what a store is asked.
type listening struct {
	query.Source
	mu    sync.Mutex
	asked []scan.Scan
}

func (l *listening) Scan(ctx context.Context, will scan.Scan, read *scan.Read) ([]row.Rows, error) {
	l.mu.Lock()
	l.asked = append(l.asked, will)
	l.mu.Unlock()
	return l.Source.Scan(ctx, will, read)
}

// TestUrgent: all that a question asks of a store is as urgent, and as fresh, as the
// question is, its subsearches and what its pipes look up too.
func TestUrgent(t *testing.T) {
	t.Parallel()
	for _, urgent := range []bool{false, true} {
		for _, text := range []string{
			"* | stats count by http_status",
			"duration in [* | stats max(duration) as duration] | stats count",
			"* | join http_status [* | stats count by http_status]",
		} {
			src := &listening{Source: manyLines(t, 10)}
			e := query.New(query.Options{Source: src, Budget: pipe.NewBudget(0)})
			a, err := e.Ask(t.Context(), query.Request{Text: text, Urgent: urgent, Fresh: urgent, Unread: true})
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			for _, err := range a.Rows() {
				if err != nil {
					t.Fatalf("%s: %v", text, err)
				}
			}
			a.Close()
			if len(src.asked) == 0 {
				t.Errorf("%s: the store was asked nothing", text)
			}
			for _, s := range src.asked {
				if s.Urgent != urgent || s.Fresh != urgent {
					t.Errorf("%s: urgent %v, the store was asked urgent=%v fresh=%v: %s", text, urgent, s.Urgent, s.Fresh, &s)
				}
			}
		}
	}
}
