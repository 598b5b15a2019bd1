package demo

import (
	"sync"
	"time"
)

// window is the time in which a user may spend its quota.
const window = 10 * time.Second

// limiter counts the requests of each user in fixed windows, and refuses those
// beyond the quota.
type limiter struct {
	mu    sync.Mutex
	start time.Time
	spent map[string]int
}

func newLimiter() *limiter { return &limiter{spent: map[string]int{}} }

// allow takes one request off the quota. Refused requests cost nothing.
func (l *limiter) allow(u *user, now time.Time) (allowed bool, remaining int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.start) >= window {
		l.start = now
		clear(l.spent)
	}
	if l.spent[u.id] >= u.quota {
		return false, 0
	}
	l.spent[u.id]++
	return true, u.quota - l.spent[u.id]
}

// again is the number of whole seconds until the next window.
func (l *limiter) again(now time.Time) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return int((window-now.Sub(l.start))/time.Second) + 1
}
