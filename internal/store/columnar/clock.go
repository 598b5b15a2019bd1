package columnar

import (
	"sync"
	"time"
)

// clock guards what is deleted by age against a clock that is wrong: a
// machine that wakes up in the year 2106 must not drop everything. A time far
// beyond all that the store has seen is believed when it has stayed for an
// hour.
type clock struct {
	mu    sync.Mutex
	lived int64 // the latest time believed
	since int64 // when a leap was first seen; 0: there is none
}

const (
	// leap is how far time may go on while nobody looks without being doubted.
	leap = int64(24 * time.Hour)
	// doubt is how long a doubted time must stay.
	doubt = int64(time.Hour)
)

// believe takes a time that is known to have been.
func (c *clock) believe(t int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lived = max(c.lived, t)
}

// age is the time by which rows are old: now, or the latest time believed
// while now is in doubt. A clock set back makes nothing older.
func (c *clock) age(now int64) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.lived == 0 || now <= c.lived+leap:
		c.since = 0
	case c.since == 0 || now < c.since:
		c.since = now
		return c.lived
	case now < c.since+doubt:
		return c.lived
	default:
		c.since = 0
	}
	c.lived = max(c.lived, now)
	return now
}
