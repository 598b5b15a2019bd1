package columnar

import (
	"context"
	"runtime"
	"sync"
	"time"
)

// pace holds questions that aggregate to a share of the processors while lines take a
// good part of them: whoever looks at a dashboard waits longer then, and no line is refused
// for it.
type pace struct {
	busy func() bool // lines take a good part of the processors; nil: never

	mu   sync.Mutex
	free time.Time // until then the share is used up
}

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
func (p *pace) rest(ctx context.Context, worked time.Duration) {
	if p.busy == nil {
		return
	}
	for until := p.spend(worked); p.busy(); {
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

// spend notes that work was done, and gives the time at which the share has paid for
// it. Time in which nobody worked is not saved up, and what is done while lines leave
// room is not owed.
func (p *pace) spend(worked time.Duration) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	now, busy := time.Now(), p.busy()
	if p.free.Before(now) || !busy {
		p.free = now
	}
	if !busy {
		return now
	}
	p.free = p.free.Add(time.Duration(float64(worked) / (paceShare * float64(runtime.GOMAXPROCS(0)))))
	return p.free
}
