package columnar

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/plumbline/plumbline/internal/disk"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/scan"
	"github.com/plumbline/plumbline/internal/store/columnar/colfile"
)

// One part is read by as many lanes as it has row groups: none ends because
// another is opening the part.
func TestLanesShareAPart(t *testing.T) {
	s := mustOpen(t, disk.Memory(), Options{})
	const rows = 2*colfile.GroupRows + 100
	for left := rows; left > 0; left -= 10_000 {
		if err := s.Append(t.Context(), newCanonical().batch(min(left, 10_000))); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		will := everything()
		will.Lanes = 2
		streams, err := s.Scan(t.Context(), will, &scan.Read{})
		if err != nil || len(streams) != 2 {
			t.Fatalf("%d streams: %v", len(streams), err)
		}
		var read atomic.Int64
		var begun, ended sync.WaitGroup
		begun.Add(len(streams))
		for _, stream := range streams {
			ended.Go(func() { count(t, stream, &read, &begun) })
		}
		ended.Wait()
		if read.Load() != rows {
			t.Fatalf("%d rows read of %d", read.Load(), rows)
		}
	}
}

// count reads a stream to its end; it goes on when all streams have given
// something.
func count(t *testing.T, stream row.Rows, read *atomic.Int64, begun *sync.WaitGroup) {
	first := true
	for b, err := range stream {
		if err != nil {
			t.Error(err)
			return
		}
		read.Add(int64(b.Len))
		if first {
			first = false
			begun.Done()
			begun.Wait()
		}
	}
}

// TestFeedAfterPanic: a lane that falls over the part it opens leaves the others what
// there is, and none of them waits for it.
func TestFeedAfterPanic(t *testing.T) {
	f := newFeed(nil, &snapshot{items: []item{{group: 3}, {part: &part{}, group: wholePart}}}, &scan.Scan{})
	func() {
		defer func() { _ = recover() }()
		f.next(&lane{whole: func(*item) bool { panic("beyond belief") }})
		t.Error("no panic")
	}()
	rest := make(chan *item, 2)
	go func() { rest <- f.next(&lane{}); rest <- f.next(&lane{}) }()
	if it := <-rest; it == nil || it.group != 3 {
		t.Errorf("next is %v", it)
	}
	if it := <-rest; it != nil {
		t.Errorf("behind all is %v", it)
	}
}
