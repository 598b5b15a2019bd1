package links

import (
	"strings"
	"testing"

	"github.com/plumbline/plumbline/internal/fault"
)

func TestIDsComeBack(t *testing.T) {
	for _, text := range []string{"", "a", "0123456789abcdef", "abc", "ABCDEF", "4bf92f35-77b3-4da6-a3ce-929d0e0e4736", "4BF92F35-77B3-4DA6-A3CE-929D0E0E4736",
		"x\x00y", "'\"\\", "\xff\xfe", strings.Repeat("f", 1024), strings.Repeat("é", 500)} {
		for _, kind := range []int32{1, 127, 128, 1 << 30} {
			k, got, err := readID(appendID(nil, kind, text))
			if err != nil || k != kind || got != text {
				t.Errorf("%q of kind %d comes back as %q of kind %d: %v", text, kind, got, k, err)
			}
		}
	}
	if !isLine(appendLine(nil, 7, 9)) || isLine(appendID(nil, 1, "123456789012")) || isLine(nil) {
		t.Error("the key of a line is not told from an id")
	}
}

// FuzzReadID: bytes that are no id are Corrupt, and ids come back.
func FuzzReadID(f *testing.F) {
	f.Add(appendID(nil, 5, "abc"))
	f.Add([]byte{1})
	f.Add([]byte{0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		kind, text, err := readID(data)
		if err != nil {
			if !fault.Is(err, fault.Corrupt) {
				t.Fatal(err)
			}
			return
		}
		if k, again, err := readID(appendID(nil, kind, text)); err != nil || k != kind || again != text {
			t.Fatalf("%q of %d comes back as %q of %d: %v", text, kind, again, k, err)
		}
	})
}
