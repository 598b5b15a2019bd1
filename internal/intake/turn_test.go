package intake

import (
	"io"
	"runtime"
	"strings"
	"testing"
	"time"
)

// stalling is a sender that stops before its last text.
type stalling struct {
	texts []string
	stops chan<- struct{}
	goOn  <-chan struct{}
}

func (s *stalling) Read(p []byte) (int, error) {
	if len(s.texts) == 1 {
		s.stops <- struct{}{}
		<-s.goOn
	}
	if len(s.texts) == 0 {
		return 0, io.EOF
	}
	n := copy(p, s.texts[0])
	s.texts = s.texts[1:]
	return n, nil
}

// Senders that stop in the middle of a line, in the middle of a chunk, keep
// nobody from making rows.
func TestStalledSendersHoldNoTurn(t *testing.T) {
	s := new(shelf)
	in := intakeOn(s, func(o *Options) { o.ChunkBytes = 16 })
	stops, goOn, ended := make(chan struct{}), make(chan struct{}), make(chan error)
	senders := runtime.GOMAXPROCS(0) + 1
	for range senders {
		body := &stalling{[]string{`{"a":1}` + "\n" + `{"a":2}` + "\n" + `{"a":`, "3}\n"}, stops, goOn}
		go func() {
			_, err := in.Ingest(t.Context(), Request{Format: "jsonl", Body: body})
			ended <- err
		}()
	}
	late := time.After(time.Minute)
	for i := range senders {
		select {
		case <-stops:
		case <-late:
			t.Fatalf("%d senders are read, of %d", i, senders)
		}
	}
	if _, err := in.Ingest(t.Context(), Request{Format: "jsonl", Dataset: "other", Body: strings.NewReader(`{"b":1}`)}); err != nil {
		t.Fatal(err)
	}
	close(goOn)
	for range senders {
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
	}
	if a, b := s.count("app", "a"), s.count("other", "b"); a != 3*senders || b != 1 {
		t.Fatalf("%d rows and %d, want %d and 1", a, b, 3*senders)
	}
}

// Making rows is a good share of the processors' work after it took one, not
// before, and no longer when it is over.
func TestBusy(t *testing.T) {
	turns := newTurns()
	now := time.Unix(1000, 0)
	busy := func(held time.Duration) bool {
		turns.held.Add(int64(held) * int64(cap(turns.free)))
		now = now.Add(busyEvery)
		return turns.isBusy(now)
	}
	busy(0)
	for _, c := range []struct {
		held time.Duration
		want bool
	}{{0, false}, {busyEvery / 4, true}, {busyEvery / 16, false}, {busyEvery, true}, {0, false}} {
		if got := busy(c.held); got != c.want {
			t.Errorf("after %s of %s it is %t, want %t", c.held, busyEvery, got, c.want)
		}
	}
}
