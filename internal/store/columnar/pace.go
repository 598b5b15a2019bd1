package columnar

import (
	"context"
	"runtime"
	"sync"
	"time"
)

// pace holds questions that aggregate to a share of the processors while lines take a
// good part of them: whoever looks at a dashboard waits longer then, and no line is refused
// for it. Urgent questions go first within the share: people wait for what those have
// worked, and they only for one another.
type pace struct {
	busy func() bool // lines take a good part of the processors; nil: never

	mu     sync.Mutex
	all    account
	urgent account // what of it urgent questions have worked
}

// account is the time at which the share has paid for what was worked.
type account struct{ paid time.Time }

const (
	// paceShare of the processors is for questions. What they work is measured by the
	// clock, so waiting for a processor counts too, and lines keep most of them:
	// twenty dashboards must not cost a tenth of the lines.
	paceShare = 0.5
	// paceSlice is the least that is waited: what a scheduler can measure out.
	paceSlice = 5 * time.Millisecond
)

// rest waits until the work that was done lies within the share, or lines leave room,
// or ctx ends.
func (p *pace) rest(ctx context.Context, urgent bool, worked time.Duration) {
	if p.busy == nil {
		return
	}
	for until := p.spend(urgent, worked); p.busy(); {
		left := time.Until(until)
		if left < paceSlice {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(min(left, 2*paceSlice)):
		}
	}
}

// spend notes that work was done, and gives the time until which whoever did it waits.
func (p *pace) spend(urgent bool, worked time.Duration) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	now, busy := time.Now(), p.busy()
	until := p.all.spend(now, busy, worked)
	if urgent {
		until = p.urgent.spend(now, busy, worked)
	}
	return until
}

// spend adds work that was done, and gives the time at which the share has paid for it.
// Time in which nobody worked is not saved up, and what is done while lines leave room
// is not owed.
func (a *account) spend(now time.Time, busy bool, worked time.Duration) time.Time {
	if a.paid.Before(now) || !busy {
		a.paid = now
	}
	if busy {
		a.paid = a.paid.Add(time.Duration(float64(worked) / (paceShare * float64(runtime.GOMAXPROCS(0)))))
	}
	return a.paid
}
