package frame

import (
	"math/rand/v2"
	"testing"
)

// Decimals marks just the digits that fill decimal holes.
func TestDecimalsAreMarked(t *testing.T) {
	r := rand.New(rand.NewPCG(81, 82))
	for range 200 {
		shape := "x"
		for range 1 + r.IntN(12) {
			shape += string([]byte{holeDigits + byte(r.IntN(3)), holeEscape + 1 + byte(r.IntN(30)), 'x'}[:2+r.IntN(2)])
		}
		f, ok := FillOf(shape)
		if !ok {
			t.Fatalf("%q is no shape", shape)
		}
		for at := range f.Len {
			marks := f.Decimals(at)
			for i := range min(16, f.Len-at) {
				if got, want := marks>>(4*i)&15 == 15, f.kindAt(at+i) == holeDigits; got != want {
					t.Fatalf("%q: digit %d is decimal: %t, want %t", shape, at+i, got, want)
				}
			}
		}
	}
}
