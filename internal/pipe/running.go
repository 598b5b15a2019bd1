package pipe

import (
	"slices"
	"sort"

	"github.com/plumbline/plumbline/internal/agg"
	"github.com/plumbline/plumbline/internal/row"
)

// running is an aggregate of the rows so far, asked after each of them.
type running interface {
	// add takes one row: its arguments are columns of one row.
	add(args []row.Column)
	value() row.Value
	memBytes() int
}

// newRunning is what can be asked after every row without looking at all rows
// again.
func newRunning(call agg.Call, env agg.Env) running {
	switch call.Func.Family {
	case "quantile":
		return &runningRank{call: call}
	case "tally":
		if call.Func.Name == "mode" {
			return &runningMode{counts: map[string]int{}}
		}
	}
	state := call.New(env)
	state.Grow(1)
	return runningState{state}
}

// runningState is an aggregate whose answer is at hand.
type runningState struct{ agg.State }

func (s runningState) add(args []row.Column) { s.Add(args, 1, nil) }
func (s runningState) value() row.Value      { return s.Finish(1)[0].Value(0) }
func (s runningState) memBytes() int         { return s.MemBytes() }

// runningRank is a percentile: the numbers in order, in blocks short enough to
// put one more in, and few enough to count through.
type runningRank struct {
	call   agg.Call
	blocks [][]row.Value
	n      int
}

// rankBlock is how many numbers a block has at most: about the root of the
// rows that a question sorts in a second.
const rankBlock = 512

func (r *runningRank) add(args []row.Column) {
	v := args[0].Value(0).Number()
	if v.IsMissing() {
		return
	}
	r.n++
	if len(r.blocks) == 0 {
		r.blocks = [][]row.Value{{v}}
		return
	}
	k := sort.Search(len(r.blocks)-1, func(k int) bool { return row.Compare(v, r.blocks[k][len(r.blocks[k])-1]) <= 0 })
	at, _ := slices.BinarySearchFunc(r.blocks[k], v, row.Compare)
	r.blocks[k] = slices.Insert(r.blocks[k], at, v)
	if b := r.blocks[k]; len(b) > rankBlock {
		r.blocks[k] = slices.Clone(b[:rankBlock/2])
		r.blocks = slices.Insert(r.blocks, k+1, slices.Clone(b[rankBlock/2:]))
	}
}

// value is the number of the nearest rank.
func (r *runningRank) value() row.Value {
	if r.n == 0 {
		return row.Value{}
	}
	rank := r.call.Rank(r.n)
	for _, b := range r.blocks {
		if rank < len(b) {
			return b[rank]
		}
		rank -= len(b)
	}
	return row.Value{}
}

func (r *runningRank) memBytes() int { return 40 * r.n }

// runningMode is the most frequent value: of equally frequent ones the
// smallest.
type runningMode struct {
	counts map[string]int
	best   row.Value
	most   int
	bytes  int
	key    []byte
}

func (r *runningMode) add(args []row.Column) {
	v := args[0].Value(0)
	if v.IsMissing() {
		return
	}
	r.key = v.AppendKey(r.key[:0])
	n := r.counts[string(r.key)] + 1
	if n == 1 {
		r.bytes += len(r.key) + mapEntryBytes
	}
	r.counts[string(r.key)] = n
	if n > r.most || n == r.most && row.Compare(v, r.best) < 0 {
		r.best, r.most = v, n
	}
}

func (r *runningMode) value() row.Value { return r.best }

func (r *runningMode) memBytes() int { return r.bytes }
