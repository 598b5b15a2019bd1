package watch

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/rule"
)

// TestBeat: a sign of life is sent only after rules were evaluated and what came of
// it was saved: not by a process that lives and does nothing of it.
func TestBeat(t *testing.T) {
	t.Parallel()
	s := newScene(t, apiFails())
	beats, refuse := 0, false
	s.watch.opts.Beat = func(context.Context) error {
		if refuse {
			return errors.New("nobody there")
		}
		beats++
		return nil
	}
	told := int64(0)
	beat := func(what string, want int) {
		t.Helper()
		before := beats
		told = s.watch.beat(t.Context(), told)
		if beats-before != want {
			t.Errorf("%s: %d signs of life, want %d", what, beats-before, want)
		}
	}
	minute := func() {
		t.Helper()
		s.now = s.now.Add(time.Minute)
		if _, err := s.turn.round(t.Context()); err != nil {
			t.Log(err)
		}
	}
	beat("nothing was evaluated yet", 0)
	minute()
	beat("a round", 1)
	beat("nothing since", 0)
	s.now = s.now.Add(time.Second)
	s.round()
	beat("a round in which nothing was due", 0)
	well := s.ask
	s.ask = failing500{}
	minute()
	beat("the question failed", 0)
	s.ask = well
	minute()
	refuse = true
	beat("nobody takes it", 0)
	refuse = false
	beat("it is sent again", 1)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	s.now = s.now.Add(time.Minute)
	if _, err := s.turn.round(ended); err == nil {
		t.Fatal("a round under an ended context was saved")
	}
	beat("what came of it was not saved", 0)
	s.crash()
	if err := s.watch.Use([]rule.Rule{}); err != nil {
		t.Fatal(err)
	}
	s.round()
	minute()
	beat("there are no rules", 0)
}
