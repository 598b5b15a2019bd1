package keyval

import "testing"

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
		if string(a) != string(b) && x == y && x.Whole() {
			t.Fatalf("%q and %q look alike", a, b)
		}
	})
}
