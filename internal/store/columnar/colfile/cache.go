package colfile

import (
	"container/list"
	"sync"

	"github.com/klauspost/compress/huff0"
	"github.com/klauspost/compress/zstd"
)

// Cache keeps what was read of parts – checked pages, dictionaries, headers –
// within a bound, and the decoders they need. What lies in it was checked once
// and is not checked again. One Cache serves all parts of a process.
type Cache struct {
	maxBytes int64
	zstd     *zstd.Decoder
	zstdErr  error     // why there is no zstd; said where one is needed
	huff     sync.Pool // of *huff0.Scratch

	mu    sync.Mutex
	bytes int64
	items map[place]*list.Element
	use   list.List // of *item, the one used last in front
}

// place is where in which part something was read.
type place struct {
	part *Part
	off  int64
	what what
}

// what tells apart the forms in which one place can be kept.
type what uint8

const (
	whatBytes  what = iota
	whatCodes       // the bytes of a page of codes, all of which are below their count
	whatDigits      // the bytes of a page of digits, with room for settled ones
	whatGroup
	whatFooter
	whatList
	whatMask
	whatDictionary
	whatTexts
	whatNumbers
	whatFills
	whatHoles
	whatIndex
)

type item struct {
	at    place
	value any
	bytes int64
}

// itemBytes is about what an item takes besides its value.
const itemBytes = 200

// NewCache returns a cache of at most maxBytes; 0 keeps nothing.
func NewCache(maxBytes int64) *Cache {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecodeAllCapLimit(true))
	return &Cache{
		maxBytes: maxBytes,
		zstd:     d,
		zstdErr:  err,
		huff:     sync.Pool{New: func() any { return new(huff0.Scratch) }},
		items:    map[place]*list.Element{},
	}
}

// Bytes is what the cache holds now.
func (c *Cache) Bytes() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bytes
}

func (c *Cache) find(at place) (any, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.items[at]
	if !ok {
		return nil, false
	}
	c.use.MoveToFront(e)
	return e.Value.(*item).value, true
}

// has reports whether something is kept.
func (c *Cache) has(at place) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, ok := c.items[at]
	return ok
}

// keep keeps a value and returns the one that is kept: another's, when two
// loaded the same at once.
func (c *Cache) keep(at place, value any, bytes int64) any {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.items[at]; ok {
		return e.Value.(*item).value
	}
	bytes += itemBytes
	c.items[at] = c.use.PushFront(&item{at, value, bytes})
	for c.bytes += bytes; c.bytes > c.maxBytes; {
		c.drop(c.use.Back())
	}
	return value
}

func (c *Cache) drop(e *list.Element) {
	it := c.use.Remove(e).(*item)
	delete(c.items, it.at)
	c.bytes -= it.bytes
}

// Forget drops all that was read of a part; called when the part is closed.
func (c *Cache) Forget(p *Part) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for at, e := range c.items {
		if at.part == p {
			c.drop(e)
		}
	}
}

// cached gives what lies at a place of a part, loading it when it is not kept.
// load also says about how many bytes its result takes.
func cached[T any](p *Part, off int64, w what, load func() (T, int64, error)) (T, error) {
	at := place{p, off, w}
	if v, ok := p.cache.find(at); ok {
		return v.(T), nil
	}
	v, bytes, err := load()
	if err != nil {
		return v, err
	}
	return p.cache.keep(at, v, bytes).(T), nil
}
