package frame

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/plumbline/plumbline/internal/row"
)

func TestPackEveryWidth(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for width := range 65 {
		for _, n := range []int{0, 1, 7, 8, 9, 15, 16, 17, 31, 64, 100} {
			values := make([]uint64, n)
			for i := range values {
				values[i] = r.Uint64() >> (64 - width)
			}
			packed := Pack([]byte{0xaa}, values, width)[1:]
			if len(packed) != PackedLen(n, width) {
				t.Fatalf("%d values of %d bits: %d bytes", n, width, len(packed))
			}
			got := make([]uint64, n)
			Unpack(got, packed, width)
			if !slices.Equal(got, values) {
				t.Fatalf("%d values of %d bits:\n%x became\n%x", n, width, values, got)
			}
			Unpack(got, append(packed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), width)
			if !slices.Equal(got, values) {
				t.Fatalf("%d values of %d bits are read differently before other bytes", n, width)
			}
			for i, v := range values {
				if At(packed, i, width) != v {
					t.Fatalf("value %d of %d, %d bits: %x, want %x", i, n, width, At(packed, i, width), v)
				}
			}
		}
	}
}

func TestNibbles(t *testing.T) {
	digits := []byte("0123456789abcdef00ff99aa5")
	for n := range len(digits) + 1 {
		packed := AppendNibbles(nil, digits[:n])
		if len(packed) != (n+1)/2 {
			t.Fatalf("%d digits in %d bytes", n, len(packed))
		}
		got := make([]byte, n)
		UnpackNibbles(got, packed)
		if !bytes.Equal(got, digits[:n]) {
			t.Fatalf("%s became %s", digits[:n], got)
		}
		if upper := AppendNibbles(nil, bytes.ToUpper(digits[:n])); !bytes.Equal(upper, packed) {
			t.Fatalf("%s in capitals is not the same", digits[:n])
		}
	}
}

func BenchmarkPack(b *testing.B) {
	for _, width := range []int{1, 3, 8, 14, 20, 33} {
		values := make([]uint32, 8192)
		for i := range values {
			values[i] = uint32(i*2654435761) & (1<<min(width, 32) - 1)
		}
		var packed []byte
		b.Run("pack-"+string(rune('0'+width/10))+string(rune('0'+width%10)), func(b *testing.B) {
			for b.Loop() {
				packed = Pack(packed[:0], values, width)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(values)), "ns/value")
		})
		b.Run("unpack-"+string(rune('0'+width/10))+string(rune('0'+width%10)), func(b *testing.B) {
			for b.Loop() {
				Unpack(values, packed, width)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(values)), "ns/value")
		})
	}
}

func TestDigitsLessTheUsualComeBack(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	for range 500 {
		msg := []byte("took 123456789012 ms at 7, id 9f3ab2c1d4 and AB12CD34EF9")
		for i, c := range msg {
			if c-'0' <= 9 && i > 5 && msg[i-1]-'0' <= 9 {
				msg[i] = byte('0' + r.IntN(10))
			}
		}
		shape, fill := row.SplitShape(nil, nil, msg)
		f, ok := FillOf(string(shape))
		if !ok || !f.Fits(fill) {
			t.Fatalf("%q does not fit its own shape", msg)
		}
		usual := make([]byte, f.Len)
		for i := range usual {
			usual[i] = byte(r.IntN(10))
		}
		less := make([]byte, f.Len)
		f.Less(less, fill, usual)
		packed := PackValues(nil, less)
		more := make([]byte, f.Len)
		UnpackValues(more, packed)
		if !f.More(more, usual) || !bytes.Equal(more, fill) {
			t.Fatalf("%q became %q", fill, more)
		}
	}
}
