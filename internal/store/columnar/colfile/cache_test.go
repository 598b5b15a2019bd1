package colfile

import (
	"bytes"
	"math/rand/v2"
	"sync"
	"testing"

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
