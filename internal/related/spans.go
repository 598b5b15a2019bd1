package related

import "slices"

// span is a stretch of time: from ≤ t < to.
type span struct{ from, to int64 }

// spans are stretches of time that do not touch, in order.
type spans []span

// add puts a stretch in, joined with those it touches.
func (s spans) add(x span) spans {
	if x.from >= x.to {
		return s
	}
	i := 0
	for i < len(s) && s[i].to < x.from {
		i++
	}
	k := i
	for k < len(s) && s[k].from <= x.to {
		x.from, x.to = min(x.from, s[k].from), max(x.to, s[k].to)
		k++
	}
	return slices.Replace(s, i, k, x)
}

// has reports whether a time lies in one of them.
func (s spans) has(t int64) bool {
	for _, x := range s {
		if x.from <= t && t < x.to {
			return true
		}
	}
	return false
}

// holds reports whether a whole stretch lies in one of them.
func (s spans) holds(x span) bool {
	for _, y := range s {
		if y.from <= x.from && x.to <= y.to {
			return true
		}
	}
	return false
}
