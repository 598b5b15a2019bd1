package columnar

import (
	"container/list"
	"sync"

	"github.com/plumbline/plumbline/internal/agg"
)

// A part never changes, so what aggregates come to in it is kept: a dashboard that
// asks its questions every few seconds reads what is new since, and of the parts
// before merges one small table each. A merge of parts carries over what was kept of
// all of them.

const (
	// partialShare of the cache's memory is for tables.
	partialShare = 4
	// largestPartial is the share of that which one table may take.
	largestPartial = 8
	// A table of more than partialRowBytes a row, beside partialBytes, is merged hardly
	// faster than it is made again.
	partialRowBytes, partialBytes = 4, 64 << 10
	// heldBytes is about what a table takes besides its groups.
	heldBytes = 1 << 10
)

// partials are the tables that are kept, those used last longest.
type partials struct {
	maxBytes int64

	mu    sync.Mutex
	bytes int64
	of    map[*part]map[string]*list.Element // by part and plan
	use   list.List                          // of *partial, the one used last in front
}

// partial is what a plan came to in a part.
type partial struct {
	part  *part
	plan  string
	table *agg.Table // shared
	bytes int64
}

func newPartials(maxBytes int64) *partials {
	return &partials{maxBytes: maxBytes, of: map[*part]map[string]*list.Element{}}
}

// find is the table of a part; nil when none is kept.
func (p *partials) find(x *part, plan string) *agg.Table {
	p.mu.Lock()
	defer p.mu.Unlock()
	e, ok := p.of[x][plan]
	if !ok {
		return nil
	}
	p.use.MoveToFront(e)
	return e.Value.(*partial).table
}

// most is how many bytes the table of a part may take to be kept.
func (p *partials) most(x *part) int {
	return int(min(partialBytes+partialRowBytes*x.rows, p.maxBytes/largestPartial))
}

// keep keeps the table of a part, which is shared. One that is too large is not kept.
func (p *partials) keep(x *part, plan string, t *agg.Table) {
	size := t.MemBytes()
	if size > p.most(x) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.of[x][plan] != nil { // two were making it
		return
	}
	if p.of[x] == nil {
		p.of[x] = map[string]*list.Element{}
	}
	it := &partial{x, plan, t, int64(size + heldBytes + len(plan))}
	p.of[x][plan] = p.use.PushFront(it)
	for p.bytes += it.bytes; p.bytes > p.maxBytes; {
		p.drop(p.use.Back())
	}
}

func (p *partials) drop(e *list.Element) {
	it := p.use.Remove(e).(*partial)
	delete(p.of[it.part], it.plan)
	if len(p.of[it.part]) == 0 {
		delete(p.of, it.part)
	}
	p.bytes -= it.bytes
}

// forget drops what is kept of a part that nobody reads any more.
func (p *partials) forget(x *part) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range p.of[x] {
		p.drop(e)
	}
}

// carry keeps of a part that was merged from others what is kept of all of them.
func (p *partials) carry(from []*part, to *part) {
	for plan, tables := range p.ofAll(from) {
		sum := tables[0].Empty()
		for _, t := range tables {
			sum.Merge(t)
		}
		if sum.Share() {
			p.keep(to, plan, sum)
		}
	}
}

// ofAll are the tables of some parts, by the plans of which every one has a table.
func (p *partials) ofAll(parts []*part) map[string][]*agg.Table {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := map[string][]*agg.Table{}
	for plan := range p.of[parts[0]] {
		tables := make([]*agg.Table, 0, len(parts))
		for _, x := range parts {
			if e := p.of[x][plan]; e != nil {
				tables = append(tables, e.Value.(*partial).table)
			}
		}
		if len(tables) == len(parts) {
			out[plan] = tables
		}
	}
	return out
}

// size is how much memory the tables take.
func (p *partials) size() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.bytes
}
