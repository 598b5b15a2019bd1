package query_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/query"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/store/memory"
)

// The dataset that stands apart is looked into by questions that name it, in
// whatever way, and by no other; a subsearch is a question of its own.
func TestDatasetApart(t *testing.T) {
	s := memory.Open(expr.Env{Now: specNow.UnixNano(), Zone: time.UTC}, dataset.New("app"), dataset.New("own"))
	for _, name := range []string{"app", "own"} {
		b := row.NewBuilder(name)
		b.Begin(specNow.UnixNano())
		b.Text([]byte("_msg"), []byte("hello"))
		b.Text([]byte("in"), []byte(name))
		b.Text([]byte("message_id"), []byte("m"))
		if err := s.Append(t.Context(), b.Batch()); err != nil {
			t.Fatal(err)
		}
	}
	for text, want := range map[string][]string{
		"*": {"app"}, "hello": {"app"}, "_dataset!=other": {"app"}, "in=own": {"own"},
		"_dataset=own": {"own"}, "_dataset=own or _dataset=app": {"app", "own"}, "_dataset in (app, own)": {"app", "own"},
		"_dataset=app": {"app"}, "* | union [ _dataset=own ]": {"app", "own"},
		"in=app | related": {"app"}, "_dataset=own | related": {"app", "own"},
	} {
		e := query.New(query.Options{Source: s, Apart: "own", Now: func() time.Time { return specNow }})
		var got []string
		a, err := e.Ask(t.Context(), query.Request{Text: text})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		for b, err := range a.Rows() {
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			for i := range b.Len {
				got = append(got, b.Col("in").Value(i).Text())
			}
		}
		a.Close()
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s finds %v, want %v", text, got, want)
		}
	}
}

func TestFollowingPassesByTheDatasetApart(t *testing.T) {
	s := memory.Open(expr.Env{Now: specNow.UnixNano(), Zone: time.UTC})
	e := query.New(query.Options{Source: s, Apart: "own"})
	for text, want := range map[string]string{"*": "app", "_dataset=own": "own"} {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		got := ""
		began := make(chan struct{})
		go func() {
			<-began
			for ctx.Err() == nil { // until it has been seen
				for _, name := range []string{"own", "app"} {
					b := row.NewBuilder(name)
					b.Begin(time.Now().UnixNano())
					b.Text([]byte("in"), []byte(name))
					_ = s.Append(ctx, b.Batch())
				}
				time.Sleep(20 * time.Millisecond)
			}
		}()
		close(began)
		_ = e.Tail(ctx, query.Request{Text: text}, func(b *row.Batch) error {
			got = b.Col("in").Value(0).Text()
			cancel()
			return ctx.Err()
		})
		if got != want {
			t.Errorf("following %s gives %q, want %q", text, got, want)
		}
		cancel()
	}
}
