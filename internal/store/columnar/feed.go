package columnar

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/scan"
)

// feed hands the items of a question to the lanes that ask for one. Parts are
// opened when their turn comes, so a question that ends early opens few.
type feed struct {
	s    *Store
	will *scan.Scan
	left atomic.Int64 // rows still wanted, when there is a limit

	mu      sync.Mutex
	items   []item
	groups  []item    // of parts that were opened
	opening int       // parts that lanes are opening
	opened  sync.Cond // one of them was; on mu
}

func newFeed(s *Store, snap *snapshot, will *scan.Scan) *feed {
	f := &feed{s: s, will: will, items: snap.items}
	f.opened.L = &f.mu
	f.left.Store(int64(will.Limit))
	return f
}

// next is the next item that can be read; nil when there is none.
func (f *feed) next(l *lane) *item {
	for {
		it := f.pop()
		if it == nil || it.part == nil || it.group != wholePart {
			return it
		}
		f.open(l, it)
	}
}

// open hands the row groups of a part to all lanes; whatever comes of it, none of them
// waits for it any longer.
func (f *feed) open(l *lane, it *item) {
	var groups []item
	defer func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.groups = append(f.groups, groups...)
		f.opening--
		f.opened.Broadcast()
	}()
	if l.whole != nil && l.whole(it) {
		return
	}
	if groups = l.groupsOf(it); l.opened != nil {
		l.opened(it, groups)
	}
}

// pop takes what is to be read next. While other lanes open parts it waits for
// their groups, so that one large part is read by all lanes.
func (f *feed) pop() *item {
	f.mu.Lock()
	defer f.mu.Unlock()
	for {
		if n := len(f.groups); n > 0 {
			it := f.groups[n-1]
			f.groups = f.groups[:n-1]
			return &it
		}
		if n := len(f.items); n > 0 {
			it := f.items[n-1] // the youngest first: they are asked for most and lie in caches
			f.items = f.items[:n-1]
			if it.part != nil && it.group == wholePart {
				f.opening++
			}
			return &it
		}
		if f.opening == 0 {
			return nil
		}
		f.opened.Wait()
	}
}

// wanted cuts n rows to what the limit leaves, and reports whether more are
// wanted after them.
func (f *feed) wanted(n int) (take int, more bool) {
	if f.will.Limit <= 0 {
		return n, true
	}
	left := f.left.Add(-int64(n))
	return max(0, n+int(min(0, left))), left > 0
}

// anyOrder is one lane of a question that does not mind the order.
func (s *Store) anyOrder(ctx context.Context, snap *snapshot, feed *feed, will *scan.Scan, read *scan.Read) row.Rows {
	return func(yield func(*row.Batch, error) bool) {
		defer snap.ended()
		l := newLane(ctx, s, will, read)
		for {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			it := feed.next(l)
			if it == nil {
				return
			}
			b := l.batchOf(it)
			if b == nil {
				continue
			}
			take, more := feed.wanted(b.Len)
			if take > 0 && !yield(b.Slice(0, take), nil) || !more {
				return
			}
		}
	}
}
