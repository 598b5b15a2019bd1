package columnar

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/plumbline/plumbline/internal/agg"
	"github.com/plumbline/plumbline/internal/scan"
)

// plan is all on which it depends what a question's aggregates come to in a part that
// lies in its range as a whole.
type plan struct {
	text string
	wide atomic.Bool // its tables are too large to be kept
}

// planOf is the plan of a question over a dataset; nil when nothing may be kept.
func planOf(will *scan.Scan, v *view) *plan {
	if will.Fresh || slices.ContainsFunc(will.Group.Aggs, func(a scan.Agg) bool { return a.Call.Func.Ranged }) {
		return nil
	}
	var b strings.Builder
	env := will.Group.Env
	fmt.Fprintf(&b, "%s\x00%s\x00%t %d %v", v.where, will.Group, env.Amounts, env.MaxBytes, will.Env.Zone)
	names, _ := groupFields(will.Group)
	for _, name := range slices.Concat(v.aliases, names) {
		if field := v.Aliases[name]; field != "" {
			fmt.Fprintf(&b, "\x00%s=%s", name, field)
		}
	}
	return &plan{text: b.String()}
}

// assembly is the table of one part on its way: each lane makes a piece of it.
type assembly struct {
	part *part
	plan *plan

	mu     sync.Mutex
	left   int // row groups that were not folded yet
	open   int // pieces that lanes still fill
	pieces []*agg.Table
	spoilt bool // it will not be the table of the whole part
}

// give takes a piece, which is the table of the whole part when the last of them
// comes; then it gives it back, all put together. So it does at once with what there
// is of a part that was spoilt. Else it gives nil.
func (a *assembly) give(piece *agg.Table) (sum *agg.Table, whole bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.open--
	a.pieces = append(a.pieces, piece)
	if !a.spoilt && (a.left > 0 || a.open > 0) {
		return nil, false
	}
	return a.take(), !a.spoilt
}

// take is all pieces that were given, put together; nil when there are none.
func (a *assembly) take() *agg.Table {
	if len(a.pieces) == 0 {
		return nil
	}
	sum := a.pieces[0]
	for _, p := range a.pieces[1:] {
		sum.Merge(p)
	}
	a.pieces = nil
	return sum
}

// spoil says that the part is not to be kept, and gives what was waiting.
func (a *assembly) spoil() *agg.Table {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.spoilt = true
	return a.take()
}

// doubt is spoil while a piece is open, whose lane sees to what was waiting.
func (a *assembly) doubt() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.spoilt = true
}

func (a *assembly) begin() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.open++
}

func (a *assembly) folded() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.left--
}

// addKept folds what is kept of a part; false when nothing is.
func (t *tabler) addKept(it *item) bool {
	p := it.view.plan
	if p == nil || !t.lies(it) {
		return false
	}
	kept := t.s.partials.find(it.part, p.text)
	if kept == nil {
		return false
	}
	t.own.Merge(kept)
	return true
}

// lies reports whether all rows of an item are in the range asked.
func (t *tabler) lies(it *item) bool { return it.minTime >= t.will.From && it.maxTime < t.will.To }

// assemble lets the row groups of a part be folded apart from others, to be kept.
func (t *tabler) assemble(it *item, groups []item) {
	p := it.view.plan
	if p == nil || p.wide.Load() || len(groups) == 0 || !t.lies(it) {
		return
	}
	a := &assembly{part: it.part, plan: p, left: len(groups)}
	for i := range groups {
		groups[i].assembly = a
	}
}

// turnTo begins a piece of the part that an item is of, and hands on the one before.
func (t *tabler) turnTo(a *assembly) {
	if t.assembly == a {
		return
	}
	t.handOn()
	switch {
	case a == nil:
	case a.plan.wide.Load():
		t.merge(a.spoil())
	default:
		a.begin()
		t.assembly, t.table = a, t.own.Empty()
	}
}

// folded notes that a row group is in. A piece that has grown too large goes into the
// lane's table, and so does all that comes.
func (t *tabler) folded(a *assembly) {
	if a == nil {
		return
	}
	if t.assembly != nil && t.table.MemBytes() > t.s.partials.most(a.part) {
		a.plan.wide.Store(true)
		t.merge(a.spoil())
		t.handOn()
	}
	a.folded()
}

// handOn gives the piece of this lane away. Who gives the last one of a part keeps its
// table.
func (t *tabler) handOn() {
	a, piece := t.assembly, t.table
	if a == nil {
		return
	}
	t.assembly, t.table = nil, t.own
	if t.ev.Momentary() {
		t.merge(a.spoil())
	}
	sum, whole := a.give(piece)
	if whole && sum.Share() {
		t.s.partials.keep(a.part, a.plan.text, sum)
	}
	t.merge(sum)
}

func (t *tabler) merge(o *agg.Table) {
	if o != nil {
		t.own.Merge(o)
	}
}
