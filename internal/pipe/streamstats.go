package pipe

import (
	"context"
	"strconv"

	"github.com/plumbline/plumbline/internal/agg"
	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/row"
)

// streamstats puts beside every row the aggregates of the rows so far.
type streamstats struct {
	window  int // rows looked back on, this one included; 0: all
	current bool
	grouping
}

var streamstatsKind = &Kind{
	Name:    "streamstats",
	Syntax:  "streamstats [window=<n>] [current=true|false] <aggregate> [as <name>] … [by <field> …]",
	Summary: "puts beside every row the aggregates of the rows so far, or of the last n",
	Doc: `Rows are taken in the order they come: newest first after a search, so put sort
_time in front to go forward in time. The row itself counts unless current=false;
window= counts rows of the same group. A row that lacks a field named after by gets
no aggregates. A list of all values so far may have 1,000 of them; with window= it is
as long as the window.

	canonical-log-line | timechart span=1m count | streamstats window=5 avg(count) as smooth
	canonical-log-line | sort _time | streamstats count as nth by user_id
`,
	Parse: parseStreamstats,
}

// maxWindow bounds the rows held for each group.
const maxWindow = 10_000

// streamstatsOptions may stand in front of the aggregates and behind them.
var streamstatsOptions = []string{"window", "current"}

func parseStreamstats(r *expr.Reader, _ string) (Pipe, error) {
	p := &streamstats{current: true}
	err := p.parseOptions(r)
	if err != nil {
		return nil, err
	}
	if p.aggs, err = parseAggregates(r, streamstatsOptions); err != nil {
		return nil, err
	}
	if err := p.parseOptions(r); err != nil {
		return nil, err
	}
	if r.TakeWord("by") {
		p.by, err = parseKeys(r, p.aggs)
	}
	return p, err
}

func (p *streamstats) parseOptions(r *expr.Reader) error {
	for _, name := range streamstatsOptions {
		text, at, ok, err := r.Option(name)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if name == "window" {
			if p.window, err = positive("window", text); err != nil || p.window > maxWindow {
				return r.Fail(at, "window= is a number of rows from 1 to "+countText(maxWindow), "")
			}
		} else if p.current, err = strconv.ParseBool(text); err != nil {
			return r.Fail(at, "current= is true or false, not “"+text+"”", "")
		}
		return p.parseOptions(r)
	}
	return nil
}

func (p *streamstats) String() string {
	s := "streamstats "
	if p.window > 0 {
		s += "window=" + strconv.Itoa(p.window) + " "
	}
	if !p.current {
		s += "current=false "
	}
	return s + p.grouping.String()
}

func (p *streamstats) Reads(after Need) Need {
	for _, a := range p.aggs {
		after = after.Without(a.as)
	}
	return needs(after.With(p.by...), p.aggs)
}

// chunkRows is how many rows streamstats takes at once, at least: what is done
// once for all groups is then done seldom.
const chunkRows = 4096

func (p *streamstats) Run(ctx context.Context, env *Env, in row.Rows) row.Rows {
	list, places := p.args()
	s := &stream{p: p, env: env, places: places, groups: agg.NewGroups(len(p.by)), last: &row.Batch{}}
	ev := env.Evaluator()
	return each(ctx, chunks(in, chunkRows), func(b *row.Batch) (*row.Batch, error) {
		args := &row.Batch{Len: b.Len}
		for i, a := range list {
			c := a.column(ev, b)
			c.Name = strconv.Itoa(i)
			args.Cols = append(args.Cols, c)
		}
		of := s.groups.Assign(keyColumns(b, p.by), b.Len, nil)
		out, err := s.take(ctx, args, of)
		if err != nil {
			return nil, err
		}
		for k, values := range out {
			b = b.With(row.Column{Name: p.aggs[k].as, Kind: row.Mixed, Values: values})
		}
		return b, nil
	})
}

// stream is what streamstats holds between its batches.
type stream struct {
	p      *streamstats
	env    *Env
	places [][]int // of the arguments of each aggregate
	groups *agg.Groups
	bytes  int // taken from the budget for what is held
	given  int // and for the lists in the batch given last

	running [][]running // without a window: by group and aggregate

	last *row.Batch // with one: the arguments of the last rows of all groups
	rows [][]uint32 // by group: which of them are its own, oldest first
}

// take takes rows in and gives the values of each aggregate.
func (s *stream) take(ctx context.Context, args *row.Batch, of []uint32) ([][]row.Value, error) {
	if err := s.env.Budget.Take(-s.given); err != nil {
		return nil, err
	}
	s.given = 0
	out := make([][]row.Value, len(s.p.aggs))
	for k := range out {
		out[k] = make([]row.Value, args.Len)
	}
	var err error
	if s.p.window > 0 {
		err = s.windowed(ctx, args, of, out)
	} else {
		err = s.soFar(ctx, args, of, out)
	}
	if err != nil {
		return nil, err
	}
	by := s.memBytes() - s.bytes
	s.bytes += by
	return out, s.env.Budget.Take(by)
}

func (s *stream) memBytes() int {
	n := s.last.MemBytes() + s.groups.MemBytes()
	for _, rows := range s.rows {
		n += 4*cap(rows) + mapEntryBytes
	}
	for _, group := range s.running {
		for _, r := range group {
			n += r.memBytes()
		}
	}
	return n
}

// soFar takes the rows one by one.
func (s *stream) soFar(ctx context.Context, args *row.Batch, of []uint32, out [][]row.Value) error {
	for len(s.running) < s.groups.Len() {
		group := make([]running, len(s.p.aggs))
		for k, a := range s.p.aggs {
			group[k] = newRunning(a.call, s.env.Agg())
		}
		s.running = append(s.running, group)
	}
	own := make([]row.Column, 0, len(args.Cols))
	for i, g := range of {
		if g == row.None {
			continue
		}
		if i%256 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		for k, r := range s.running[g] {
			own = own[:0]
			for _, at := range s.places[k] {
				own = append(own, row.ConstColumn("", args.Cols[at].Value(i)))
			}
			if s.p.current {
				r.add(own)
			}
			out[k][i] = r.value()
			if err := s.give(k, out[k][i]); err != nil {
				return err
			}
			if !s.p.current {
				r.add(own)
			}
		}
	}
	return nil
}

// give takes from the budget what a list beside a row takes, for as long as its
// batch is the one given last.
func (s *stream) give(k int, v row.Value) error {
	list := v.List()
	if len(list) == 0 {
		return nil
	}
	if len(list) > maxRunningList {
		return &fault.Limit{Name: "length of " + s.p.aggs[k].as + " in streamstats", Bound: countText(maxRunningList) + " values (window= looks back on fewer rows)"}
	}
	n := v.MemBytes()
	s.given += n
	return s.env.Budget.Take(n)
}

// maxRunningList bounds the list that stands beside every row: a list of all
// values so far grows with the square of the rows.
const maxRunningList = 1000

// windowsRows bounds how many rows all windows together have that are
// aggregated at once.
const windowsRows = 1 << 16

// windowed aggregates the windows of many rows at once: each is a group, and a
// row is given to all the groups it is in the window of.
func (s *stream) windowed(ctx context.Context, args *row.Batch, of []uint32, out [][]row.Value) error {
	before := uint32(s.last.Len)
	all := row.Concat([]*row.Batch{s.last, args})
	for len(s.rows) < s.groups.Len() {
		s.rows = append(s.rows, nil)
	}
	w := &windows{}
	for i, g := range of {
		if g == row.None {
			continue
		}
		if !s.p.current {
			w.add(i, s.rows[g])
		}
		s.rows[g] = append(s.rows[g], before+uint32(i))
		if n := len(s.rows[g]); n > s.p.window {
			s.rows[g] = s.rows[g][n-s.p.window:]
		}
		if s.p.current {
			w.add(i, s.rows[g])
		}
		if len(w.rows) >= windowsRows {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := s.finish(all, w, out); err != nil {
				return err
			}
		}
	}
	if err := s.finish(all, w, out); err != nil {
		return err
	}
	s.keep(all)
	return nil
}

// windows are the windows of some rows.
type windows struct {
	of   []int    // the row each belongs to
	rows []uint32 // of all windows, one after the other
	in   []uint32 // the window each is in
}

func (w *windows) add(i int, rows []uint32) {
	for range rows {
		w.in = append(w.in, uint32(len(w.of)))
	}
	w.rows = append(w.rows, rows...)
	w.of = append(w.of, i)
}

// finish sets the values of the rows whose windows are collected.
func (s *stream) finish(all *row.Batch, w *windows, out [][]row.Value) error {
	if len(w.of) == 0 {
		return nil
	}
	picked := all.Pick(w.rows)
	for k, a := range s.p.aggs {
		state := a.call.New(s.env.Agg())
		state.Grow(len(w.of))
		if len(w.rows) > 0 {
			own := make([]row.Column, len(s.places[k]))
			for i, at := range s.places[k] {
				own[i] = *picked.Col(strconv.Itoa(at))
			}
			state.Add(own, len(w.rows), w.in)
		}
		c := state.Finish(len(w.of))[0]
		for i, at := range w.of {
			out[k][at] = c.Value(i)
			if err := s.give(k, out[k][at]); err != nil {
				return err
			}
		}
	}
	*w = windows{of: w.of[:0], rows: w.rows[:0], in: w.in[:0]}
	return nil
}

// keep drops the rows that are in no window any more.
func (s *stream) keep(all *row.Batch) {
	var kept []uint32
	for _, rows := range s.rows {
		for i, r := range rows {
			rows[i] = uint32(len(kept))
			kept = append(kept, r)
		}
	}
	s.last = all.Pick(kept)
}
