package demo

import (
	"context"
	"encoding/hex"
	"math/rand/v2"
	"sync"
	"time"
)

// dice are the choices of the demo: the same seed makes the same ones, as far as
// the order of requests allows.
type dice struct {
	mu   sync.Mutex
	rand *rand.Rand
}

func newDice(seed uint64) *dice {
	if seed == 0 {
		seed = rand.Uint64()
	}
	return &dice{rand: rand.New(rand.NewPCG(seed, 0))}
}

// upTo is a number in [0, n).
func (d *dice) upTo(n int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.rand.IntN(n)
}

// luck comes true with probability p.
func (d *dice) luck(p float64) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.rand.Float64() < p
}

// around is a duration with that mean, as waiting times are: most are shorter, a
// few much longer, none beyond eight times the mean.
func (d *dice) around(mean time.Duration) time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	return min(time.Duration(d.rand.ExpFloat64()*float64(mean)), 8*mean)
}

// between is a duration in [from, to).
func (d *dice) between(from, to time.Duration) time.Duration {
	return from + time.Duration(d.upTo(int(to-from)))
}

// sleep waits, unless ctx ends before.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// newID is an id like ch_9f2c1d70a4b8e631. It is not of the dice: two runs into
// the same server must not share ids.
func newID(prefix string) string {
	var raw [8]byte
	n := rand.Uint64()
	for i := range raw {
		raw[i] = byte(n >> (8 * i))
	}
	return prefix + hex.EncodeToString(raw[:])
}
