package colfile

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
)

// agreeing are messages of which some digits are alike in all rows of a shape: the
// first, the last, of both halves of bytes, all of them, none, and of a few rows.
func agreeing(r *rand.Rand, rows int) row.Column {
	c := row.Column{Name: "msg", Kind: row.Text, Offs: []uint32{0}}
	for i := range rows {
		switch k := r.IntN(8); {
		case i%1000 == 0:
			c.Bytes = fmt.Appendf(c.Bytes, "seldom 2025-%02d seen", r.IntN(90)+10)
		case k == 0:
			c.Bytes = fmt.Appendf(c.Bytes, "GET /v1/charges/ch_%016x", r.Uint64())
		case k == 1:
			c.Bytes = fmt.Appendf(c.Bytes, "2025-03-%02dT%02d:00:00.%03dZ started", r.IntN(28)+1, r.IntN(24), r.IntN(1000))
		case k == 2:
			c.Bytes = fmt.Appendf(c.Bytes, "port %d is 8080", r.IntN(90000)+10000)
		case k == 3:
			c.Bytes = append(c.Bytes, "release 2025.11 of 123456789012345678901234567890 files"...)
		case k == 4:
			c.Bytes = fmt.Appendf(c.Bytes, "page 0x%08X%06X at ABCDEF12345%d", r.Uint32()|1<<31, 0xABC000+r.IntN(4096), r.IntN(10))
		case k == 5:
			c.Bytes = fmt.Appendf(c.Bytes, "%d99999%d to %024d", r.IntN(10), r.IntN(10), r.IntN(1e6))
		case k == 6:
			c.Bytes = append(c.Bytes, "nothing at all"...)
		default:
			c.Bytes = fmt.Appendf(c.Bytes, "disk %d of %d", r.IntN(900)+100, r.IntN(10))
		}
		c.Bytes = append(c.Bytes, ", which is what a message says besides"...) // much text is kept as shapes
		c.Offs = append(c.Offs, uint32(len(c.Bytes)))
	}
	return c
}

// TestSettledDigitsComeBack: whole, row by row, copied in a merge, with gaps, and
// where they are looked for, also when nothing stays in the cache.
func TestSettledDigitsComeBack(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 7))
	b := canonical(4*PageRows + 100) // so many that a merge copies
	b = b.With(agreeing(r, b.Len)).With(gappy(r, agreeing(r, b.Len), b.Len))
	data := partOf(t, b)
	for name, p := range map[string]*Part{"sealed": openPart(t, data), "merged": mergeAll(t, b, later(b.Slice(0, 10), 1e15)), "uncached": uncached(t, data)} {
		g := mustGroup(t, p, 0)
		for _, field := range []string{"msg", "gaps"} {
			if !g.chunk(field).settled {
				t.Fatalf("%s: no digit of %s is settled: %v", name, field, g.chunk(field).form)
			}
			for _, rows := range []row.Bitmap{nil, someRows(r, b.Len, 2), someRows(r, b.Len, 3000)} {
				got, err := g.Column(field, rows, nil)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				k := 0
				for i := range b.Len {
					if rows != nil && !rows.Has(i) {
						continue
					}
					if want, have := b.Col(field).Value(i), got.Value(k); want.Text() != have.Text() || want.IsMissing() != have.IsMissing() {
						t.Fatalf("%s: row %d of %s is %q, not %q", name, i, field, have.Text(), want.Text())
					}
					k++
				}
			}
			for _, text := range []string{"*2025*", "*025-0*", "*99999*", "*v1*", "*080*", "*00001*", "*abcdef1*", "*12345678901*", "*5.11*"} {
				e, err := expr.NewReader(field+"="+text, nil).Search()
				if err != nil {
					t.Fatal(err)
				}
				ev := expr.NewEvaluator(expr.Env{})
				yes, open, ok, err := g.Select(field, e, NewAsker(ev), nil, nil)
				if !ok || err != nil {
					t.Fatalf("%s: %s=%s: %t, %v", name, field, text, ok, err)
				}
				want := ev.Filter(e, b)
				open.And(want)
				if yes.Or(open); !slices.Equal(yes, want) {
					t.Errorf("%s: %s=%s finds %d rows of %d", name, field, text, yes.Count(), want.Count())
				}
			}
		}
		if err := Verify(p); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func uncached(t *testing.T, data []byte) *Part {
	p, err := Open(bytes.NewReader(data), int64(len(data)), "test.part", NewCache(0))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// FuzzSpread: rows of any shapes come back but for what is marked, and whatever
// bytes are spread stay within theirs.
func FuzzSpread(f *testing.F) {
	f.Add([]byte{3, 17, 6}, []byte{0b0100_1010, 1, 0xff}, []byte{0, 1, 2, 1}, []byte("some digits of rows"))
	f.Fuzz(func(t *testing.T, lens, marked, codes, digits []byte) {
		if len(lens) == 0 || len(lens) > 200 || len(codes) > 1000 {
			return
		}
		offs, sizes := []uint32{0}, []uint32{}
		for _, n := range lens {
			offs, sizes = append(offs, offs[len(offs)-1]+uint32(n)), append(sizes, (uint32(n)+1)/2)
		}
		marks := row.NewBitmap(int(offs[len(lens)]))
		for i := range int(offs[len(lens)]) {
			if i/8 < len(marked) && marked[i/8]>>(i%8)&1 != 0 {
				marks.Set(i)
			}
		}
		s := newSettled(marks, offs)
		var list []uint32
		var kept, want []byte
		for _, c := range codes {
			code := uint32(c) % uint32(len(lens))
			list = append(list, code)
			one := make([]byte, sizes[code])
			for at := range int(lens[code]) {
				if len(digits) > 0 && !marks.Has(int(offs[code])+at) {
					one[at/2] |= digits[at%len(digits)] & 15 << (at % 2 * 4)
				}
			}
			kept, want = s.appendKept(kept, one, code), append(want, one...)
		}
		got, err := s.spread(list, sizes, kept)
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%x became %x, and then %x: %v", want, kept, got, err)
		}
		if _, err := s.spread(list, sizes, append(kept, 1)); err == nil {
			t.Fatal("a byte too many is not found")
		}
		if len(digits) == len(kept) {
			_, _ = s.spread(list, sizes, digits)
		}
	})
}
