package columnar

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"time"
)

// TestPace: while lines take the processors the work of all lanes together keeps to
// its share; without them, and for a question that ends, nobody waits.
func TestPace(t *testing.T) {
	t.Parallel()
	busy := true
	p := &pace{busy: func() bool { return busy }}
	began := time.Now()
	var lanes sync.WaitGroup
	for range 4 {
		lanes.Go(func() {
			for range 20 {
				p.rest(t.Context(), false, 2*time.Millisecond)
			}
		})
	}
	lanes.Wait()
	least := time.Duration(float64(4*20*2*time.Millisecond)/(paceShare*float64(runtime.GOMAXPROCS(0)))) - paceSlice
	if took := time.Since(began); took < least {
		t.Errorf("160 ms of work took %s, at least %s are wanted", took, least)
	}

	ended, end := context.WithCancel(t.Context())
	end()
	p.rest(ended, false, time.Hour) // which would not come to an end
	busy = false
	p.rest(t.Context(), false, time.Hour)
	busy = true
	p.rest(t.Context(), false, 0) // nor is what was done meanwhile owed
}

// TestPaceUrgent: urgent questions keep to the share among themselves, do not wait for
// what others owe, and others wait for them.
func TestPaceUrgent(t *testing.T) {
	t.Parallel()
	p := &pace{busy: func() bool { return true }}
	wait := func(urgent bool, worked time.Duration) time.Duration {
		return time.Until(p.spend(urgent, worked))
	}
	alone := time.Duration(float64(time.Minute) / (paceShare * float64(runtime.GOMAXPROCS(0))))
	near := func(what string, got, want time.Duration) {
		if got < want-time.Second || got > want+time.Second {
			t.Errorf("%s waits %s, want %s", what, got, want)
		}
	}
	near("a dashboard", wait(false, 10*time.Minute), 10*alone)
	near("a rule beside it", wait(true, time.Minute), alone)
	near("a rule beside that", wait(true, time.Minute), 2*alone)
	near("a dashboard beside all of them", wait(false, time.Minute), 13*alone)
}
