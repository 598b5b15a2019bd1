package agg

import "github.com/plumbline/plumbline/internal/row"

var sparklineFunc = Func{
	Name: "sparkline", Params: "[x | condition]", Max: 1, Family: "sparkline", Time: true, Ranged: true,
	Summary: "The counts over 20 equal parts of the range asked, drawn as ▁▂▃▄▅▆▇█; ▁ is none.",
	New:     newSparklines,
}

// sparkParts is as many as fit a cell of a table.
const sparkParts = 20

// sparklines counts rows by part of the range asked. When none was asked, the
// times are kept until the range is known.
type sparklines struct {
	calls int
	span  timeRange
	of    [][sparkParts]uint32
	times [][]int64 // open range only
	held  int
}

func newSparklines(calls []Call, env Env) State {
	return &sparklines{calls: len(calls), span: newTimeRange(env)}
}

func (s *sparklines) Grow(n int) {
	if s.span.open {
		s.times = grown(s.times, n)
	} else {
		s.of = grown(s.of, n)
	}
}

func (s *sparklines) Add(args []row.Column, n int, groups []uint32) {
	times := &args[len(args)-1]
	set := times.Present(n)
	if len(args) > 1 {
		set.And(counted(&args[0], n))
	}
	s.span.add(times, n)
	from, length := s.span.bounds()
	for i := range set.Rows {
		t, ok := timeAt(times, i)
		if !ok {
			continue
		}
		g := groupOf(groups, i)
		if s.span.open {
			s.times[g] = append(s.times[g], t)
			s.held++
		} else if p, ok := partOf(t, from, length); ok {
			s.of[g][p]++
		}
	}
}

// partOf is the part of the range a time falls into.
func partOf(t, from int64, length uint64) (int, bool) {
	at := uint64(t) - uint64(from)
	if at > length {
		return 0, false
	}
	return min(int(float64(at)/float64(max(length, 1))*sparkParts), sparkParts-1), true
}

func (s *sparklines) Merge(other State, to []uint32) {
	o := other.(*sparklines)
	s.span.merge(&o.span)
	for g, parts := range o.of {
		for p, n := range parts {
			s.of[to[g]][p] += n
		}
	}
	for g, times := range o.times {
		s.times[to[g]] = append(s.times[to[g]], times...)
	}
	s.held += o.held
}

func (s *sparklines) Finish(n int) []row.Column {
	vals := make([]row.Value, n)
	from, length := s.span.bounds()
	for g := range vals {
		if !s.span.open {
			vals[g] = row.TextOf(draw(&s.of[g]))
			continue
		}
		var parts [sparkParts]uint32
		for _, t := range s.times[g] {
			if p, ok := partOf(t, from, length); ok {
				parts[p]++
			}
		}
		vals[g] = row.TextOf(draw(&parts))
	}
	return repeat(columnOf("", vals), s.calls)
}

// draw shows the largest count at full height and the smallest above none.
func draw(parts *[sparkParts]uint32) string {
	blocks := [...]rune{'▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'}
	most := uint64(1)
	for _, n := range parts {
		most = max(most, uint64(n))
	}
	out := make([]rune, len(parts))
	for p, n := range parts {
		top := uint64(len(blocks) - 1)
		out[p] = blocks[(uint64(n)*top+most-1)/most]
	}
	return string(out)
}

func (s *sparklines) MemBytes() int {
	return 4*sparkParts*cap(s.of) + 24*cap(s.times) + 10*s.held
}

func (s *sparklines) Approximate() bool { return false }
