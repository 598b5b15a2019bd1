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
}

// TestPlacesComeBack: a place holds day, dataset and number, in the order of
// days until their count begins anew.
func TestPlacesComeBack(t *testing.T) {
	for _, day := range []int64{0, 1, 127, 128, 255, 20_467} {
		for _, s := range []spot{{0, 0}, {1, 1}, {1<<datasetBits - 1, 1<<seqBits - 1}} {
			place, err := placeOf(day, s)
			if err != nil || spotOf(place) != s || place < firstPlace(day) || place > firstPlace(day)|(1<<dayBits-1) {
				t.Errorf("day %d, %v: place %x, %v", day, s, place, err)
			}
		}
	}
	for _, s := range []spot{{1 << datasetBits, 1}, {1, 1 << seqBits}, {-1, 1}, {1, -1}} {
		if _, err := placeOf(1, s); !fault.Is(err, fault.Invalid) {
			t.Errorf("%v has a place: %v", s, err)
		}
	}
}

func TestLinesComeBack(t *testing.T) {
	a, b := appendID(nil, 1, "a"), appendID(nil, 300, strings.Repeat("é", 500))
	for _, ids := range [][][]byte{{a}, {b}, {a, b}, {b, a}} {
		at, got, err := readLine(appendLine(nil, -7, ids...), len(ids))
		if err != nil || at != -7 {
			t.Fatalf("%d, %v", at, err)
		}
		for i, id := range ids {
			if string(got[i]) != string(id) {
				t.Errorf("id %d comes back as %q", i, got[i])
			}
		}
	}
	for _, data := range []string{"", "1234567", "12345678", "12345678\x05abc", "12345678\xff"} {
		if _, _, err := readLine([]byte(data), 2); !fault.Is(err, fault.Corrupt) {
			t.Errorf("%q is a line of two ids: %v", data, err)
		}
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
