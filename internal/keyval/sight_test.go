package keyval

import (
	"bytes"
	"testing"
)

func FuzzSight(f *testing.F) {
	f.Add([]byte("usr_1"), []byte("usr_2"))
	f.Add([]byte("ab"), []byte("aab"))
	f.Add([]byte("0123456789abcdef"), []byte("0123456789abcdeg"))
	f.Add([]byte("\x00"), []byte(""))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		x, y := SightOf(a), SightOf(b)
		if again := SightOf(append([]byte(nil), a...)); again != x || again.Hash() != x.Hash() {
			t.Fatalf("%q looks different the second time", a)
		}
		if at := SightAt(append(append([]byte("x"), a...), bytes.Repeat([]byte{0xff}, SightSlack)...), 1, uint32(len(a))); at != x {
			t.Fatalf("%q looks different with something behind it", a)
		}
		if string(a) != string(b) && x == y && x.Whole() {
			t.Fatalf("%q and %q look alike", a, b)
		}
	})
}
