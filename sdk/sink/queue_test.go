package sink

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// post is a delivery that answers as the test says and keeps what it took.
type post struct {
	mu     sync.Mutex
	answer func(attempt int, b Batch) (rejected int, err error)
	names  []string // one an attempt
	taken  bytes.Buffer
}

func (p *post) Deliver(_ context.Context, b Batch) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.names = append(p.names, b.Name)
	if n := bytes.Count(b.Bytes, []byte("\n")); n != b.Lines {
		return 0, fmt.Errorf("batch says %d lines and has %d", b.Lines, n)
	}
	var rejected int
	if p.answer != nil {
		var err error
		if rejected, err = p.answer(len(p.names), b); err != nil {
			return 0, err
		}
	}
	p.taken.Write(b.Bytes)
	return rejected, nil
}

// settled closes the queue and checks that every line is accounted for.
func settled(t *testing.T, q *Queue, want Counts) {
	t.Helper()
	if err := q.Close(context.Background()); err != nil {
		t.Error(err)
	}
	got := q.Counts()
	if got != want {
		t.Errorf("counts %+v, want %+v", got, want)
	}
	if got.Offered != got.Delivered+got.Rejected+got.Dropped {
		t.Errorf("lines unaccounted for: %+v", got)
	}
}

func TestLinesArriveOnceInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &post{}
		q := Open(p, Options{BatchBytes: 64})
		var want strings.Builder
		for i := range 1000 {
			fmt.Fprintf(&want, "line %d\n", i)
			q.Put(fmt.Appendf(nil, "line %d", i))
		}
		settled(t, q, Counts{Offered: 1000, Delivered: 1000})
		if p.taken.String() != want.String() {
			t.Error("lines lost, doubled or out of order")
		}
		seen := map[string]bool{}
		for _, name := range p.names {
			if seen[name] {
				t.Errorf("two batches share the name %s", name)
			}
			seen[name] = true
		}
	})
}

func TestLineWaitsForCompanyNoLongerThanToldTo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &post{}
		q := Open(p, Options{FlushEvery: time.Second})
		q.Put([]byte("one"))
		time.Sleep(900 * time.Millisecond)
		q.Put([]byte("two"))
		time.Sleep(200 * time.Millisecond)
		synctest.Wait()
		if p.taken.String() != "one\ntwo\n" || len(p.names) != 1 {
			t.Errorf("after the flush: %q in %d batches", p.taken.String(), len(p.names))
		}
		settled(t, q, Counts{Offered: 2, Delivered: 2})
	})
}

func TestFullBatchDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &post{}
		q := Open(p, Options{BatchBytes: 10, FlushEvery: time.Hour})
		q.Put([]byte("12345678"))
		q.Put([]byte("12345678"))
		synctest.Wait()
		if len(p.names) == 0 {
			t.Error("a full batch waits for the hour to pass")
		}
		settled(t, q, Counts{Offered: 2, Delivered: 2})
	})
}

func TestBusyReceiverGetsTheSameBatchAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		p := &post{answer: func(attempt int, _ Batch) (int, error) {
			if attempt <= 3 {
				return 0, &Busy{After: 2 * time.Second, Cause: errors.New("429")}
			}
			return 1, nil
		}}
		q := Open(p, Options{})
		q.Put([]byte("one"))
		q.Put([]byte("two"))
		settled(t, q, Counts{Offered: 2, Delivered: 1, Rejected: 1, Retries: 3})
		if len(p.names) != 4 || p.names[0] != p.names[3] {
			t.Errorf("attempts %v, want four of one name", p.names)
		}
		if waited := time.Since(start); waited < 6*time.Second {
			t.Errorf("waited %v, the receiver asked for three times two seconds", waited)
		}
	})
}

func TestRefusedBatchIsDroppedAndSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var said []error
		p := &post{answer: func(attempt int, _ Batch) (int, error) {
			if attempt == 2 {
				panic("a receiver of one's own making")
			}
			return 0, errors.New("401")
		}}
		q := Open(p, Options{Report: func(err error) { said = append(said, err) }})
		for range 3 {
			q.Put([]byte("line"))
			time.Sleep(time.Second)
		}
		settled(t, q, Counts{Offered: 3, Dropped: 3})
		if len(said) != 1 || !strings.Contains(said[0].Error(), "401") {
			t.Errorf("said %v, want one report in a minute", said)
		}
	})
}

func TestFullQueueDropsAndNeverBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		p := &post{answer: func(int, Batch) (int, error) { <-release; return 0, nil }}
		q := Open(p, Options{MaxBytes: 1000, BatchBytes: 100})
		line := []byte(strings.Repeat("x", 49))
		for range 100 {
			q.Put(line) // with the receiver hung from the first batch on
		}
		synctest.Wait()
		if got := q.Counts(); got.Dropped != 80 {
			t.Errorf("dropped %d of 100 lines, 20 have room", got.Dropped)
		}
		q.Put(bytes.Repeat([]byte("y"), 2000)) // larger than the whole queue
		close(release)
		settled(t, q, Counts{Offered: 101, Delivered: 20, Dropped: 81})
		if q.bytes != 0 {
			t.Errorf("%d bytes still counted as held", q.bytes)
		}
		q.Put(line)
		if got := q.Counts(); got.Dropped != 82 {
			t.Errorf("a closed queue takes lines: %+v", got)
		}
	})
}

func TestCloseGivesUpWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &post{answer: func(int, Batch) (int, error) { return 0, &Busy{Cause: errors.New("gone")} }}
		q := Open(p, Options{})
		q.Put([]byte("line"))
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := q.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Close: %v", err)
		}
		if got := q.Counts(); got.Dropped != 1 {
			t.Errorf("counts %+v, want the line dropped", got)
		}
	})
}

func TestCloseLeavesAHungWriterBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reader, writer := io.Pipe() // nobody reads
		q := Open(Writer{writer}, Options{})
		q.Put([]byte("line"))
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := q.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Close: %v", err)
		}
		reader.Close()
		synctest.Wait()
		if got := q.Counts(); got.Dropped != 1 {
			t.Errorf("counts %+v, want the line dropped", got)
		}
	})
}

type closable struct{ bytes.Buffer }

func (c *closable) Deliver(_ context.Context, b Batch) (int, error) { c.Write(b.Bytes); return 0, nil }
func (c *closable) Close() error                                    { c.WriteString("closed"); return nil }

func TestDelimitedLinesHaveTheirLengthBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to := &closable{}
		q := Open(to, Options{Delimited: true})
		q.Put([]byte("a\nb"))
		q.Put(bytes.Repeat([]byte("x"), 300))
		settled(t, q, Counts{Offered: 2, Delivered: 2})
		if want := "\x03a\nb\xac\x02" + strings.Repeat("x", 300) + "closed"; to.String() != want {
			t.Errorf("delivered %q", to.String())
		}
		if q.bytes != 0 {
			t.Errorf("%d bytes still counted as held", q.bytes)
		}
	})
}

func TestConcurrentPuts(t *testing.T) {
	p := &post{}
	q := Open(p, Options{BatchBytes: 256, FlushEvery: time.Millisecond})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 500 {
				q.Put(fmt.Appendf(nil, `{"writer":%d,"n":%d}`, i, j))
			}
		})
	}
	wg.Wait()
	settled(t, q, Counts{Offered: 4000, Delivered: 4000})
	lines := strings.Split(strings.TrimSuffix(p.taken.String(), "\n"), "\n")
	seen := map[string]bool{}
	for _, l := range lines {
		seen[l] = true
	}
	if len(lines) != 4000 || len(seen) != 4000 {
		t.Errorf("%d lines, %d different ones, want 4000", len(lines), len(seen))
	}
}

func BenchmarkPut(b *testing.B) {
	q := Open(Writer{io.Discard}, Options{})
	defer q.Close(context.Background())
	line := bytes.Repeat([]byte("x"), 500)
	b.ReportAllocs()
	for b.Loop() {
		q.Put(line)
	}
}
