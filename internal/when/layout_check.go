package when

import "fmt"

// Two moments that differ in every part of a time, day of the week and half of
// the day included.
const (
	oneMoment     = 1_551_946_150_123_456_789 // 2019-03-07T08:09:10.123456789Z, a Thursday
	anotherMoment = 1_795_906_072_987_654_321 // 2026-11-28T22:47:52.987654321Z, a Saturday
)

// CanRead errs for a form that no text has, and for one that says nothing of a
// time: it must read what it prints, and tell moments apart.
func (l Layout) CanRead() error {
	one, ok1 := l.Parse(l.Format(oneMoment, nil), nil, oneMoment)
	another, ok2 := l.Parse(l.Format(anotherMoment, nil), nil, oneMoment)
	switch {
	case !ok1 || !ok2:
		return fmt.Errorf("time format %q can be printed but not read", l.text)
	case one == another:
		return fmt.Errorf("time format %q tells no time", l.text)
	}
	return nil
}
