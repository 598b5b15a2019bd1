package query_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/pipe"
	"github.com/plumbline/plumbline/internal/query"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/scan"
)

// broken is a store of which one lane, the last, panics behind its first batch.
type broken struct {
	query.Source
	lanes int
}

func (s *broken) Scan(context.Context, scan.Scan, *scan.Read) ([]row.Rows, error) {
	lanes := make([]row.Rows, s.lanes)
	for i := range lanes {
		lanes[i] = func(yield func(*row.Batch, error) bool) {
			b := &row.Batch{Dataset: "app", Len: 1, Cols: []row.Column{row.ConstColumn("n", row.IntOf(int64(i)))}}
			if !yield(b, nil) || i < s.lanes-1 {
				return
			}
			var none []int
			_ = none[i]
		}
	}
	return lanes, nil
}

// TestPanicIsTheQuestions: a fault of the engine ends the question that met it, on
// whatever goroutine it was met, and is in the log with its stack.
func TestPanicIsTheQuestions(t *testing.T) {
	for _, lanes := range []int{1, 3} {
		for _, text := range []string{"*", "* | stats count by n", "* | sort n", "n=0 | append [* | stats sum(n)]"} {
			var log bytes.Buffer
			src := &broken{planStore(t, func(*awkward) {}), lanes}
			e := query.New(query.Options{Source: src, Lanes: lanes, Log: slog.New(slog.NewTextHandler(&log, nil))})
			err := failure(t, e, text)
			var crash *fault.Crash
			if !errors.As(err, &crash) || fault.KindOf(err) != fault.Internal || !strings.Contains(err.Error(), "index out of range") {
				t.Errorf("%s in %d lanes: %v", text, lanes, err)
				continue
			}
			if !strings.Contains(string(crash.Stack), "guard_test.go") || strings.Count(log.String(), "stack=") != 1 {
				t.Errorf("%s in %d lanes: stack %s, log %s", text, lanes, crash.Stack, log.String())
			}
		}
	}
}

// late is a store whose lanes panic when nobody takes their rows any more.
type late struct{ broken }

func (s *late) Scan(context.Context, scan.Scan, *scan.Read) ([]row.Rows, error) {
	lanes := make([]row.Rows, s.lanes)
	for i := range lanes {
		lanes[i] = func(yield func(*row.Batch, error) bool) {
			for yield(&row.Batch{Dataset: "app", Len: 1, Cols: []row.Column{row.ConstColumn("n", row.IntOf(1))}}, nil) {
			}
			panic("too late to tell")
		}
	}
	return lanes, nil
}

// TestPanicBehindTheAnswer: a fault that is met when all rows were given is in the log.
func TestPanicBehindTheAnswer(t *testing.T) {
	for _, lanes := range []int{1, 3} {
		var log bytes.Buffer
		src := &late{broken{planStore(t, func(*awkward) {}), lanes}}
		e := query.New(query.Options{Source: src, Lanes: lanes, Log: slog.New(slog.NewTextHandler(&log, nil))})
		if err := failure(t, e, "* | head 1"); err != nil {
			t.Errorf("in %d lanes: %v", lanes, err)
		}
		if !strings.Contains(log.String(), "too late to tell") || strings.Contains(log.String(), "range function continued") {
			t.Errorf("in %d lanes: log %s", lanes, log.String())
		}
	}
}

// unfit is a store that panics while a question is planned, unless it looks for b.
type unfit struct{ query.Source }

func (s unfit) Fit(want scan.Scan) scan.Scan {
	if !strings.Contains(want.Where.String(), "b") {
		panic("no plan")
	}
	return s.Source.Fit(want)
}

// TestPanicOfThePlan: it is an error of Ask, and what subsearches held is given back.
func TestPanicOfThePlan(t *testing.T) {
	budget := pipe.NewBudget(1 << 20)
	e := query.New(query.Options{Source: unfit{planStore(t, func(*awkward) {})}, Budget: budget, Log: slog.New(slog.DiscardHandler)})
	_, err := e.Ask(t.Context(), query.Request{Text: "a in [b=* | table a] | stats count"})
	var crash *fault.Crash
	if !errors.As(err, &crash) || crash.Value != "no plan" {
		t.Errorf("error %v", err)
	}
	if used := budget.Used(); used != 0 {
		t.Errorf("%d bytes are not given back", used)
	}
}

// failure is how an answer ends.
func failure(t *testing.T, e *query.Engine, text string) (last error) {
	t.Helper()
	a, err := e.Ask(t.Context(), query.Request{Text: text})
	if err != nil {
		return err
	}
	defer a.Close()
	for _, err := range a.Rows() {
		last = err
	}
	return last
}

// TestPanicOfTheReader: what whoever reads an answer panics with is not the engine's.
func TestPanicOfTheReader(t *testing.T) {
	for _, lanes := range []int{0, 3} {
		e := specEngine(planStore(t, func(*awkward) {}), lanes)
		a, err := e.Ask(t.Context(), query.Request{Text: "*"})
		if err != nil {
			t.Fatal(err)
		}
		func() {
			defer a.Close()
			defer func() {
				if v := recover(); v != "mine" {
					t.Errorf("recovered %v", v)
				}
			}()
			for range a.Rows() {
				panic("mine")
			}
		}()
	}
}
