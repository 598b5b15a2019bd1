package agg

import "slices"

// byScale holds a T for every group, apart for each scale that numbers came
// in: nothing is rounded or scaled before all is known.
type byScale[T any] struct {
	groups int
	list   []oneScale[T]
}

type oneScale[T any] struct {
	scale uint8 // digits after the point, or timeScale
	of    []T   // by group
}

func (s *byScale[T]) grow(n int) {
	s.groups = max(s.groups, n)
	for i := range s.list {
		s.list[i].of = grown(s.list[i].of, s.groups)
	}
}

// at is what is held of numbers of a scale, by group.
func (s *byScale[T]) at(scale uint8) []T {
	for i := range s.list {
		if s.list[i].scale == scale {
			return s.list[i].of
		}
	}
	of := make([]T, s.groups)
	s.list = append(s.list, oneScale[T]{scale, of})
	return of
}

// slots is how many T are held.
func (s *byScale[T]) slots() int {
	n := 0
	for i := range s.list {
		n += cap(s.list[i].of)
	}
	return n
}

// grown is s with room for n groups, the new ones zero.
func grown[T any](s []T, n int) []T {
	if n <= len(s) {
		return s
	}
	if n > cap(s) {
		s = slices.Grow(s, max(n, 2*cap(s))-len(s)) // groups come in every batch, and more than one in four at that
	}
	at := len(s)
	s = s[:n]
	clear(s[at:])
	return s
}

// groupOf is the group of row i, as State.Add has them.
func groupOf(groups []uint32, i int) uint32 {
	if g, ok := oneGroup(groups); ok {
		return g
	}
	return groups[i]
}

// oneGroup is the group of all rows, if they have one.
func oneGroup(groups []uint32) (g uint32, ok bool) {
	switch len(groups) {
	case 0:
		return 0, true
	case 1:
		return groups[0], true
	}
	return 0, false
}
