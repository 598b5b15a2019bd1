package demo

import "time"

// fault is what goes wrong with the card network, and when:
//
//	0 ──── after ──── 2 × after ────►
//	 well    a release,   failing for
//	         slow for     one customer
//	         everyone
type fault struct {
	after    time.Duration
	customer string // whose charges fail in the end
	start    time.Time
}

func (f *fault) began(now time.Time) bool { return now.Sub(f.start) >= f.after }

func (f *fault) slow(now time.Time) bool {
	return f.began(now) && now.Sub(f.start) < 2*f.after
}

func (f *fault) failing(now time.Time, customer string) bool {
	return now.Sub(f.start) >= 2*f.after && customer == f.customer
}
