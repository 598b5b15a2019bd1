package status

import (
	"sync/atomic"
	"unsafe"
)

// Counter counts what only ever grows. The zero value is ready; a counter must
// not be copied. Counting by a nil counter does nothing.
//
// It is one word until two processors are seen to want it at once; from then on
// each adds to a word of its own, and reading adds them up.
type Counter struct {
	n      atomic.Uint64
	shards atomic.Pointer[[shardCount]shard]
}

const (
	// Eight processors that all count the same are rarely exceeded, and a counter
	// in contention costs one kilobyte.
	shardCount = 8
	// Two cache lines: processors fetch the neighbour too.
	shardBytes = 128
)

type shard struct {
	n atomic.Uint64
	_ [shardBytes - 8]byte
}

// Inc counts one.
func (c *Counter) Inc() { c.Add(1) }

// Add counts n more.
func (c *Counter) Add(n uint64) {
	if c != nil && c.n.Load()%lookEvery != 0 {
		c.n.Add(n)
	} else {
		c.look(n)
	}
}

// lookEvery is how seldom a counter looks whether several want it: two that contend
// for it are found out within microseconds. Where there are words for each, the one
// word rests at a multiple of this.
const lookEvery = 64

// look counts n in the one word unless somebody comes between, who is the reason for
// a word each from then on.
func (c *Counter) look(n uint64) {
	if c == nil {
		return
	}
	s := c.shards.Load()
	if s == nil {
		if old := c.n.Load(); c.n.CompareAndSwap(old, old+n) {
			return
		}
		s = c.spread()
	}
	s[mine()].n.Add(n)
}

// spread gives each its word.
func (c *Counter) spread() *[shardCount]shard {
	c.shards.CompareAndSwap(nil, new([shardCount]shard))
	return c.shards.Load()
}

// Value is the count so far.
func (c *Counter) Value() uint64 {
	if c == nil {
		return 0
	}
	n := c.n.Load()
	if s := c.shards.Load(); s != nil {
		for i := range s {
			n += s[i].n.Load()
		}
	}
	return n
}

// mine is the shard of this goroutine, told by where its stack lies: goroutines
// that run at once have stacks apart, and a collision costs time only.
func mine() uintptr {
	const (
		smallestStack = 11                 // bits of 2 KiB
		spread        = 0x9e3779b97f4a7c15 // the golden ratio, as hashes multiply by it
	)
	var here byte
	at := uint64(uintptr(unsafe.Pointer(&here))) >> smallestStack
	return uintptr(at * spread >> 61) // the top three bits: 0 to 7
}
