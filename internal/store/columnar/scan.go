package columnar

import (
	"context"
	"math"
	"slices"
	"strconv"
	"sync"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/scan"
)

// Fit says how much of want the store answers exactly: all of it, but for
// aggregates that mind the order of rows or look into every field.
func (s *Store) Fit(want scan.Scan) scan.Scan {
	if want.Group == nil {
		return want
	}
	if _, ok := groupFields(want.Group); !ok || want.Order != scan.Any || want.Limit > 0 {
		want.Group = nil
	}
	return want
}

// Scan gives the rows that will asks for: in any order in up to Lanes streams,
// or newest first in one. What a question sees is what was there when Scan was
// called; files it needs stay until its streams or ctx end.
func (s *Store) Scan(ctx context.Context, will scan.Scan, read *scan.Read) ([]row.Rows, error) {
	snap, err := s.look(ctx, &will, read)
	if err != nil {
		return nil, err
	}
	if will.Order == scan.NewestFirst {
		snap.running = 1
		return []row.Rows{s.newest(ctx, snap, &will, read)}, nil
	}
	n := will.Lanes
	if n <= 0 {
		n = lanes()
	}
	n = max(1, min(n, snap.groups()))
	snap.running = n
	feed := newFeed(s, snap, &will)
	stream := s.anyOrder
	if will.Group != nil {
		stream = s.grouped
	}
	streams := make([]row.Rows, n)
	for i := range streams {
		streams[i] = stream(ctx, snap, feed, &will, read)
	}
	return streams, nil
}

// view is a dataset as a question sees it.
type view struct {
	dataset.Dataset
	where   expr.Expr // what is left of the filter, knowing the dataset
	aliases []string  // the names in where that are aliases
	numbers numberRange
	fields  []string // to be read, unless all are
	aliased bool     // a name that is grouped or aggregated is an alias
	plan    *plan    // by which tables of parts are kept; nil: they are not
}

// item is rows that are looked at together: a chunk of a buffer, a row group,
// or a part that was not opened yet.
type item struct {
	view             *view
	chunk            *chunk
	part             *part
	group            int       // of part; wholePart before it is opened
	at               located   // where the part has what is asked by the letter; nil: something else is asked
	assembly         *assembly // of the part's table; nil: it is not to be kept
	minTime, maxTime int64
}

const wholePart = -1

// snapshot is what was there when a question was asked.
type snapshot struct {
	items []item
	parts []*part

	letGo   sync.Once
	mu      sync.Mutex
	running int // streams that have not ended
	release func()
	forget  func() bool // ctx need not let go any more
}

// groups is how many things there are that one lane reads: row groups of parts,
// chunks of buffers.
func (n *snapshot) groups() int {
	total := 0
	for i := range n.items {
		if p := n.items[i].part; p != nil {
			total += p.groups
		} else {
			total++
		}
	}
	return total
}

// ended lets go of the parts when the last stream has ended.
func (n *snapshot) ended() {
	n.mu.Lock()
	n.running--
	last := n.running <= 0
	n.mu.Unlock()
	if last {
		n.forget()
		n.letGo.Do(n.release)
	}
}

// look takes a snapshot of what may hold rows for a question.
func (s *Store) look(ctx context.Context, will *scan.Scan, read *scan.Read) (*snapshot, error) {
	views := s.views(will)
	snap := &snapshot{}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return nil, ErrClosed
	}
	for i := range s.state.logHoles.Load() {
		read.Damaged.Add("log#" + strconv.FormatInt(i, 10))
	}
	for _, v := range views {
		f := s.shelves[v.Name]
		for i := range f.damaged {
			read.Damaged.Add(f.dir + "#" + strconv.FormatInt(i, 10))
		}
		for _, p := range f.partitions {
			if p.start < will.To && (p.end() > will.From || p.end() == math.MaxInt64) {
				p.see(snap, v, will, read)
			}
		}
	}
	snap.release = func() {
		for _, p := range snap.parts {
			s.leave(p)
		}
	}
	snap.forget = context.AfterFunc(ctx, func() { snap.letGo.Do(snap.release) })
	return snap, nil
}

// see adds what the partition holds in the range of a question.
func (p *partition) see(snap *snapshot, v *view, will *scan.Scan, read *scan.Read) {
	for _, x := range p.parts {
		if x.minTime >= will.To || x.maxTime < will.From {
			continue
		}
		read.GroupsTotal.Add(int64(x.groups))
		if v.numbers.meets(x.minSeq, x.maxSeq) {
			x.enter()
			snap.parts = append(snap.parts, x)
			snap.items = append(snap.items, item{view: v, part: x, group: wholePart, minTime: x.minTime, maxTime: x.maxTime})
		}
	}
	see := func(b *buffer) {
		for _, c := range b.chunks {
			if c.minTime >= will.To || c.maxTime < will.From {
				continue
			}
			read.GroupsTotal.Add(1)
			if v.numbers.meets(c.minSeq, c.maxSeq) {
				snap.items = append(snap.items, item{view: v, chunk: c, minTime: c.minTime, maxTime: c.maxTime})
			}
		}
	}
	for _, b := range p.frozen {
		see(b)
	}
	see(&p.open)
}

// views are the datasets a question is about; those of which its filter knows
// by the name alone that no row matches are left out.
func (s *Store) views(will *scan.Scan) []*view {
	s.mu.RLock()
	var names []string
	for name := range s.shelves {
		if will.Datasets == nil || slices.Contains(will.Datasets, name) {
			names = append(names, name)
		}
	}
	s.mu.RUnlock()
	slices.Sort(names)
	ev := expr.NewEvaluator(will.Env)
	var views []*view
	for _, name := range names {
		v := &view{Dataset: s.declared(name)}
		v.Name = name
		v.where = expr.Simplify(will.Where, func(e expr.Expr) expr.Verdict {
			return judgeName(ev, e, name)
		})
		if _, none := v.where.(*expr.None); none {
			continue
		}
		v.numbers = numbersOf(v.where)
		v.resolve(will)
		views = append(views, v)
	}
	return views
}

// judgeName decides clauses about nothing but the name of the dataset.
func judgeName(ev *expr.Evaluator, e expr.Expr, name string) expr.Verdict {
	fields, all := expr.Fields(e)
	if all || len(fields) != 1 || fields[0] != row.FieldDataset {
		return expr.Maybe
	}
	if ev.Filter(e, &row.Batch{Dataset: name, Len: 1}).Any() {
		return expr.Yes
	}
	return expr.No
}

// resolve works out which fields are to be read for those asked.
func (v *view) resolve(will *scan.Scan) {
	asked, _ := expr.Fields(v.where)
	for _, name := range asked {
		if v.Aliases[name] != "" {
			v.aliases = append(v.aliases, name)
		}
	}
	if will.Group != nil {
		names, _ := groupFields(will.Group)
		v.fields = append([]string{}, v.Resolve(names)...) // none is not all
		v.aliased = slices.ContainsFunc(names, func(name string) bool { return v.Aliases[name] != "" })
		v.plan = planOf(will, v)
		return
	}
	v.fields = v.Resolve(will.Fields)
	for _, name := range [...]string{row.FieldTime, row.FieldSeq} {
		if !slices.Contains(v.fields, name) {
			v.fields = append(v.fields, name)
		}
	}
}

// Extents says where the rows of these datasets lie; nil: of all.
func (s *Store) Extents(names []string) []scan.Extent {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []scan.Extent
	for name, f := range s.shelves {
		if names == nil || slices.Contains(names, name) {
			if e := f.extent(); e.Seq > 0 {
				out = append(out, e)
			}
		}
	}
	slices.SortFunc(out, func(a, b scan.Extent) int { return compareText(a.Dataset, b.Dataset) })
	return out
}

func (f *shelf) extent() scan.Extent {
	e := scan.Extent{Dataset: f.name, Seq: f.shownSeq}
	widen := func(rows, bytes, from, to int64) {
		if e.Rows == 0 {
			e.From, e.To = from, to
		}
		e.Rows, e.Bytes = e.Rows+rows, e.Bytes+bytes
		e.From, e.To = min(e.From, from), max(e.To, to)
	}
	for _, p := range f.partitions {
		for _, x := range p.parts {
			widen(x.rows, x.bytes, x.minTime, x.maxTime)
		}
		for _, b := range append(slices.Clip(p.frozen), &p.open) {
			for _, c := range b.chunks {
				widen(int64(c.batch.Len), 0, c.minTime, c.maxTime)
			}
		}
	}
	return e
}
