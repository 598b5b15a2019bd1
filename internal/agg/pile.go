package agg

// pile is a heap of numbers in parts that double in size: it grows without
// copying, and merges by handing over its parts.
type pile struct {
	full [][]int64
	last []int64
}

const (
	// firstPart wastes little on groups of few numbers.
	firstPart = 4
	// largestPart (32 KB) is as long as one loop over it needs to be.
	largestPart = 4 << 10
)

func (p *pile) add(v int64) {
	if len(p.last) == cap(p.last) {
		p.more()
	}
	p.last = append(p.last, v)
}

// more begins a new part.
func (p *pile) more() {
	size := firstPart
	if p.last != nil {
		size = min(max(2*cap(p.last), firstPart), largestPart)
		p.full = append(p.full, p.last)
	}
	p.last = make([]int64, 0, size)
}

// addAll copies vals.
func (p *pile) addAll(vals []int64) {
	for len(vals) > 0 {
		if len(p.last) == cap(p.last) {
			p.more()
		}
		n := min(len(vals), cap(p.last)-len(p.last))
		p.last = append(p.last, vals[:n]...)
		vals = vals[n:]
	}
}

// take adds the numbers of o, sharing its parts.
func (p *pile) take(o *pile) {
	if len(o.full) == 0 { // fewer than a part: copying leaves no gaps
		p.addAll(o.last)
		return
	}
	p.full = append(p.full, o.full...)
	if len(o.last) > 0 {
		p.full = append(p.full, o.last)
	}
}

// parts calls yield with one stretch of numbers after the other.
func (p *pile) parts(yield func([]int64) bool) {
	for _, part := range p.full {
		if !yield(part) {
			return
		}
	}
	if len(p.last) > 0 {
		yield(p.last)
	}
}

func (p *pile) len() int {
	n := len(p.last)
	for _, part := range p.full {
		n += len(part)
	}
	return n
}
