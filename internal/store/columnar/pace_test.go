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
				p.rest(t.Context(), 2*time.Millisecond)
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
	p.rest(ended, time.Hour) // which would not come to an end
	busy = false
	p.rest(t.Context(), time.Hour)
	busy = true
	p.rest(t.Context(), 0) // nor is what was done meanwhile owed
}
