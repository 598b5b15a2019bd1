package demo

import "time"

// fault is what goes wrong with the card network, and when:
//
//	0 ──── after ──── 2 × after ────►
//	 well    a release,   failing for
//	         slow for     one customer
//	         everyone,
//	         failing for
//	         one customer
type fault struct {
	after    time.Duration
	customer string // whose charges fail from then on
	start    time.Time
}

func (f *fault) began(now time.Time) bool { return now.Sub(f.start) >= f.after }

func (f *fault) slow(now time.Time) bool {
	return f.began(now) && now.Sub(f.start) < 2*f.after
}

func (f *fault) failing(now time.Time, customer string) bool {
	return f.began(now) && customer == f.customer
}
