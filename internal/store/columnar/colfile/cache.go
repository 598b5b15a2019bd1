package colfile

import (
	"container/list"
	"errors"
	"math/bits"
	"sync"

	"github.com/klauspost/compress/huff0"
	"github.com/klauspost/compress/zstd"
)

// Cache keeps what was read of parts – checked pages, dictionaries, headers –
// within a bound, and the decoders they need. What lies in it was checked once
// and is not checked again. One Cache serves all parts of a process.
//
// What comes is young until younger things push it out; then it takes the place
// of the old thing that was not used for longest, if it was asked for more often
// than that, or is dropped. So a question that reads more than the cache holds,
// asked again and again, finds what it found the last time: if everything that
// comes were kept, each page would push out the one that is needed next.
type Cache struct {
	maxBytes int64
	zstd     *zstd.Decoder
	zstdErr  error     // why there is no zstd; said where one is needed
	huff     sync.Pool // of *huff0.Scratch

	mu    sync.Mutex
	bytes int64
	items map[place]*list.Element
	young generation
	old   generation
	asked *frequency
	// loading is what lanes read just now.
	loading map[place]*loading
}

// generation is things in the order of their use.
type generation struct {
	bytes int64
	use   list.List // of *item, the one used last in front
}

const (
	// youngShare of the cache, one in so many, is for what came last: some parts'
	// dictionaries, and the pages that lanes read just now.
	youngShare = 8
	// fewestYoung things are young whatever they take, so that a dictionary is
	// there for all groups of its part.
	fewestYoung = 4
	// pageBytes is less than most pages take: there is a counter for each, and some
	// for what is not kept.
	pageBytes = 1 << 10
)

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
	whatStarts // of the digits of some rows of a page of shapes
	whatIndex
)

type item struct {
	at    place
	value any
	bytes int64
	in    *generation
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
		asked:    newFrequency(1 << bits.Len64(uint64(max(maxBytes, 0))/pageBytes)),
		loading:  map[place]*loading{},
	}
}

// Bytes is what the cache holds now.
func (c *Cache) Bytes() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bytes
}

// loading is something that is not kept and is being read; who else wants it
// waits for it.
type loading struct {
	done  chan struct{}
	value any
	err   error
}

// find gives what is kept. When that is nothing, ok is false: the caller is to
// load it and hand it in, or, where ours is false, somebody else does.
func (c *Cache) find(at place) (value any, ok bool, under *loading, ours bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked.add(at, len(c.items))
	if e, ok := c.items[at]; ok {
		it := e.Value.(*item)
		it.in.use.MoveToFront(e)
		return it.value, true, nil, false
	}
	if under = c.loading[at]; under != nil {
		return nil, false, under, false
	}
	under = &loading{done: make(chan struct{})}
	c.loading[at] = under
	return nil, false, under, true
}

// handIn ends what find began.
func (c *Cache) handIn(at place, l *loading, bytes int64) {
	if l.err == nil {
		c.keep(at, l.value, bytes)
	}
	c.mu.Lock()
	delete(c.loading, at)
	c.mu.Unlock()
	close(l.done)
}

// has reports whether something is kept.
func (c *Cache) has(at place) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, ok := c.items[at]
	return ok
}

// keep keeps a value, unless there is one.
func (c *Cache) keep(at place, value any, bytes int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.items[at] != nil {
		return
	}
	c.put(&item{at: at, value: value, bytes: bytes + itemBytes}, &c.young)
	c.fit()
}

// put makes an item the one of a generation that was used last.
func (c *Cache) put(it *item, in *generation) {
	it.in = in
	c.items[it.at] = in.use.PushFront(it)
	in.bytes += it.bytes
	c.bytes += it.bytes
}

func (c *Cache) drop(e *list.Element) *item {
	it := e.Value.(*item)
	it.in.use.Remove(e)
	it.in.bytes -= it.bytes
	c.bytes -= it.bytes
	delete(c.items, it.at)
	return it
}

// fit brings the cache within its bounds.
func (c *Cache) fit() {
	mostYoung := c.maxBytes / youngShare
	for {
		last, unused := c.young.use.Back(), c.old.use.Back()
		switch {
		case c.young.bytes > mostYoung && c.young.use.Len() > fewestYoung:
			it := last.Value.(*item)
			if c.old.bytes+it.bytes <= c.maxBytes-mostYoung {
				c.put(c.drop(last), &c.old)
			} else if unused != nil && c.asked.of(it.at) > c.asked.of(unused.Value.(*item).at) {
				c.drop(unused)
			} else {
				c.drop(last)
				if unused != nil {
					c.old.use.MoveToFront(unused) // the next that comes is held against another one
				}
			}
		case c.bytes <= c.maxBytes:
			return
		case unused != nil: // the fewest young take more than their share
			c.drop(unused)
		default:
			c.drop(last)
		}
	}
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
	v, ok, under, ours := p.cache.find(at)
	for !ok && !ours {
		<-under.done
		switch {
		case under.err == nil:
			return under.value.(T), nil
		case !errors.Is(under.err, errAbandoned):
			var none T
			return none, under.err
		}
		v, ok, under, ours = p.cache.find(at)
	}
	if ok {
		return v.(T), nil
	}
	var bytes int64
	under.err = errAbandoned
	defer func() { p.cache.handIn(at, under, bytes) }()
	value, size, err := load()
	under.value, under.err, bytes = value, err, size
	return value, err
}

// errAbandoned tells who waits for a load that it never ended, by a panic: it loads.
var errAbandoned = errors.New("what another question was reading was not read to its end")
