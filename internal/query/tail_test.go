package query_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/plumbline/plumbline/internal/query"
	"github.com/plumbline/plumbline/internal/row"
)

// TestTail: lines are given once, oldest first, when they come; those that were
// there before are not.
func TestTail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		old := specCase{lines: []string{`{"n":1,"level":"error"}`, `{"n":2,"level":"info","_dataset":"comm"}`}}
		src := memoryStage().open(t, old.batches(t, old.random()))
		ctx, stop := context.WithCancel(t.Context())
		var got []string
		ended := make(chan error, 1)
		go func() {
			ended <- specEngine(src, 1).Tail(ctx, query.Request{Text: "level=error | eval n = n * 10 | table n"}, func(b *row.Batch) error {
				for i := range b.Len {
					got = append(got, string(b.AppendJSON(nil, i)))
				}
				return nil
			})
		}()
		for round := range 3 {
			time.Sleep(time.Second)
			var lines []string
			for i := range 5 {
				lines = append(lines, fmt.Sprintf(`{"n":%d,"level":"error"}`, 10*round+i), fmt.Sprintf(`{"n":%d,"level":"info"}`, 10*round+i))
			}
			c := specCase{lines: append(lines, fmt.Sprintf(`{"n":%d,"level":"error","_dataset":"comm"}`, 10*round+9))}
			appendAll(t, src, c.batches(t, c.random()))
			time.Sleep(time.Second)
		}
		stop()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("ended with %v", err)
		}
		var want []string
		for round := range 3 {
			for _, i := range []int{0, 1, 2, 3, 4, 9} {
				want = append(want, fmt.Sprintf(`{"n":%d}`, 100*round+10*i))
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

// TestTailOf: lines cannot be followed through pipes that wait for their end.
func TestTailOf(t *testing.T) {
	src := planStore(t, func(*awkward) {})
	for text, want := range map[string]string{
		"* | stats count":           "not through “stats count”",
		"* | sort n":                "not through “sort n”",
		"* | eval x=1 | head 3":     "not through “head 3”",
		"* | staats":                "there is no pipe “staats”",
		"* | where a = 1 | dedup a": "not through “dedup a”",
	} {
		err := specEngine(src, 1).Tail(t.Context(), query.Request{Text: text}, func(*row.Batch) error { return nil })
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}
