package demo

import "time"

// fault is what goes wrong with the card network, and when:
//
//	0 ──── after ──── 2 × after ────►
//	 well    slow for     failing for
//	         everyone     one customer
type fault struct {
	after    time.Duration
	customer string // whose charges fail in the end
	start    time.Time
}

func (f *fault) slow(now time.Time) bool {
	age := now.Sub(f.start)
	return age >= f.after && age < 2*f.after
}

func (f *fault) failing(now time.Time, customer string) bool {
	return now.Sub(f.start) >= 2*f.after && customer == f.customer
}
