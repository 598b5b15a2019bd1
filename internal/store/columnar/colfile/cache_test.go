package colfile

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/plumbline/plumbline/internal/row"
)

func TestManyReadersShareASmallCache(t *testing.T) {
	r := rand.New(rand.NewPCG(71, 72))
	b := randomBatch(r, 500)
	data := partOf(t, b.Slice(0, 200), b.Slice(200, 500))
	for _, size := range []int64{0, 20_000, 64 << 20} {
		cache := NewCache(size)
		p, err := Open(bytes.NewReader(data), int64(len(data)), "shared", cache)
		if err != nil {
			t.Fatal(err)
		}
		var wait sync.WaitGroup
		for range 4 {
			wait.Go(func() {
				g, err := p.Group(1)
				if err != nil {
					t.Error(err)
					return
				}
				got, err := g.Batch(nil, nil, nil)
				if err != nil {
					t.Error(err)
					return
				}
				sameBatch(t, b.Slice(200, 500), got)
			})
		}
		wait.Wait()
		if n := cache.Bytes(); n > size {
			t.Errorf("a cache of %d bytes holds %d", size, n)
		}
		cache.Forget(p)
		if n := cache.Bytes(); n != 0 {
			t.Errorf("%d bytes of a forgotten part", n)
		}
	}
}

func TestThousandsOfSmallPartsStaySmall(t *testing.T) {
	var out bytes.Buffer
	w := NewWriter(&out, "test")
	if err := w.AddGroup(&row.Batch{Len: 1, Cols: []row.Column{{Name: row.FieldTime, Kind: row.Time, Nums: []int64{1}}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Finish(); err != nil {
		t.Fatal(err)
	}
	if out.Len() > 250 {
		t.Errorf("a row takes %d bytes", out.Len())
	}
	cache := NewCache(1 << 20)
	for range 5000 {
		if _, err := Open(bytes.NewReader(out.Bytes()), int64(out.Len()), "small", cache); err != nil {
			t.Fatal(err)
		}
	}
	if n := cache.Bytes(); n > 1<<20 {
		t.Errorf("the cache holds %d bytes", n)
	}
}

// passes asks a cache for things of one size, each once a pass, and gives the
// share that was there in the last one.
func passes(t *testing.T, c *Cache, p *Part, from, to, bytes int64, times int) float64 {
	found := 0
	for range times {
		found = 0
		for off := from; off < to; off++ {
			was := true
			got, err := cached(p, off, whatBytes, func() (int64, int64, error) { was = false; return off, bytes, nil })
			if err != nil || got != off {
				t.Fatalf("%d is %d: %v", off, got, err)
			}
			if was {
				found++
			}
			if n := c.Bytes(); n > c.maxBytes {
				t.Fatalf("a cache of %d bytes holds %d", c.maxBytes, n)
			}
		}
	}
	return float64(found) / float64(to-from)
}

// Passes over twice as much as the cache holds find much of it; and what nobody
// asks any more leaves room for what is asked now.
func TestPassesBeyondTheCache(t *testing.T) {
	const bytes, held = 10_000, 3000
	c := NewCache(held * (bytes + itemBytes))
	p := &Part{cache: c}
	if share := passes(t, c, p, 0, held, bytes, 2); share < 0.85 {
		t.Errorf("of as much as the cache holds %.2f is there", share)
	}
	if share := passes(t, c, p, 0, 2*held, bytes, 8); share < 0.35 {
		t.Errorf("of twice as much as the cache holds %.2f is there", share)
	}
	if share := passes(t, c, p, 10*held, 11*held, bytes, 12); share < 0.8 {
		t.Errorf("of what is asked now %.2f is there", share)
	}
	if share := passes(t, c, p, 20*held, 20*held+held/10, bytes, 2); share < 0.99 {
		t.Errorf("of little that is asked twice %.2f is there", share)
	}
}

// readByFour lets four ask at once for what has to be read, and tells how often it was
// read and how many got an answer: load gives what the n-th read finds, the first when
// all four wait.
func readByFour(t *testing.T, load func(n int) (string, error), check func(got string, err error)) (loads, answers int64) {
	var read, answered atomic.Int64
	synctest.Test(t, func(t *testing.T) {
		p := &Part{cache: NewCache(1 << 20)}
		goOn := make(chan struct{})
		for range 4 {
			go func() {
				defer func() { _ = recover() }()
				got, err := cached(p, 7, whatBytes, func() (string, int64, error) {
					n := read.Add(1)
					<-goOn
					text, err := load(int(n))
					return text, 4, err
				})
				answered.Add(1)
				check(got, err)
			}()
		}
		synctest.Wait()
		close(goOn)
		synctest.Wait()
		if len(p.cache.loading) > 0 {
			t.Errorf("%d still read", len(p.cache.loading))
		}
	})
	return read.Load(), answered.Load()
}

// Who asks for what is being read waits for it, and fails with who reads it.
func TestOneReads(t *testing.T) {
	for _, fails := range []error{nil, errors.New("a bad disk")} {
		loads, answers := readByFour(t, func(int) (string, error) { return "page", fails }, func(got string, err error) {
			if fails == nil && got != "page" || !errors.Is(err, fails) {
				t.Errorf("read %q: %v", got, err)
			}
		})
		if loads != 1 || answers != 4 {
			t.Errorf("%d times read, %d answers", loads, answers)
		}
	}
}

// A read that ends in a panic is tried again by who waits for it: what it would have
// found may be sound.
func TestPanickedReadIsReadAgain(t *testing.T) {
	loads, answers := readByFour(t, func(n int) (string, error) {
		if n == 1 {
			panic("mine")
		}
		return "page", nil
	}, func(got string, err error) {
		if got != "page" || err != nil {
			t.Errorf("read %q: %v", got, err)
		}
	})
	if loads != 2 || answers != 3 {
		t.Errorf("%d times read, %d answers", loads, answers)
	}
}
