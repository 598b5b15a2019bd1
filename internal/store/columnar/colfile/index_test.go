package colfile

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/zeebo/xxh3"

	"github.com/plumbline/plumbline/internal/fault"
)

// TestCellsComeBack: of lists of keys of every size, spread or alike, each key is
// found in its groups, and the lists come back as they were.
func TestCellsComeBack(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	for _, n := range []int{1, 2, 64, 65, 255, 256, 257, 513, 5000, 100_000} {
		for _, spread := range []uint32{1, 1000, 1 << keyBits} {
			for _, groups := range []int{1, 2, 64, 1000} {
				list := make([]indexed, n)
				for i := range list {
					list[i] = indexedOf(r.Uint32N(spread)+(1<<keyBits-spread)/2, r.IntN(groups))
				}
				x := indexer{list: slices.Clone(list)}
				x.sort()
				slices.Sort(list)
				if !slices.Equal(list, x.list) {
					t.Fatalf("%d keys are not sorted", n)
				}
				list = slices.Compact(list)
				s := shapeOf(len(list), groups, keyBits)
				var again []indexed
				for rest, c := list, 0; c < int(s.cells); c++ {
					k := 0
					for k < len(rest) && s.cellOf(rest[k].key()) == c {
						k++
					}
					data := x.pack(s, c, rest[:k])
					got, ok := s.readCell(data, c)
					if !ok {
						t.Fatalf("cell %d of %d keys does not check", c, n)
					}
					for _, want := range rest[:min(k, 50)] {
						found := false
						got.find(want.key(), func(group int) { found = found || group == want.group() })
						if !found {
							t.Fatalf("cell %d of %d keys: %x is not in group %d", c, n, want.key(), want.group())
						}
					}
					again = got.appendAll(again, make([]uint32, got.count), make([]uint32, got.count))
					rest = rest[k:]
				}
				if !slices.Equal(list, again) {
					t.Fatalf("%d keys of %d do not come back", n, spread)
				}
			}
		}
	}
}

// FuzzReadCell: whatever a cell says, it is read within its bounds.
func FuzzReadCell(f *testing.F) {
	var x indexer
	s := shapeOf(300, 5, keyBits)
	valid := x.pack(s, 0, []indexed{indexedOf(1, 2), indexedOf(900, 4)})
	f.Add(valid[:len(valid)-8], uint32(900), uint16(300))
	f.Fuzz(func(t *testing.T, data []byte, key uint32, keys uint16) {
		s := shapeOf(int(keys), 5, keyBits)
		key %= 1 << keyBits
		if c, ok := s.cell(data, s.cellOf(key)); ok {
			c.find(key, func(int) {})
			c.appendAll(nil, make([]uint32, c.count), make([]uint32, c.count))
		}
	})
}

// TestIndexOfMergedParts: what is copied and what is written anew is found in its
// group, and an index that is damaged says so.
func TestIndexOfMergedParts(t *testing.T) {
	b, data := small(t)
	p := openPart(t, data)
	if err := Verify(p); err != nil {
		t.Fatal(err)
	}
	f, err := p.footer()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range f.fields {
		if e.index.count == 0 {
			continue
		}
		bad := slices.Clone(data)
		bad[e.index.off] ^= 1
		_, err := openPart(t, bad).Locate(e.name, NewWanted([]string{b.Col(e.name).Value(7).Text(), "x"}), nil)
		if !fault.Is(err, fault.Corrupt) {
			t.Errorf("the index of %q is damaged: %v", e.name, err)
		}
		return
	}
	t.Fatal("no field has an index")
}

// Indices stay as they were written, so that what a text hashes to never changes: numbers
// of 19 digits were texts once.
func TestTextsHashAsEver(t *testing.T) {
	hash := func(text string) uint64 { h, _ := idHash([]byte(text), nil); return h }
	for _, text := range []string{
		"1767225600000000070", "9223372036854775807", "-9223372036854775808", "1000000000000000000", "1.000000000000000001",
		"-0.123456789012345678", "18446744073709551615", "0123", "5f0c", "",
	} {
		if hash(text) != xxh3.HashString(text) {
			t.Errorf("%s does not hash as a text", text)
		}
	}
	for text, key := range map[string]uint64{"999999999999999999": 0x2fe71d34d1513433, "0.123456789012345678": 0x49dfab1857192bfe, "-1.5": 0x75f45b276e024f06} {
		if hash(text) != key {
			t.Errorf("%s hashes to %#x", text, hash(text))
		}
	}
	for _, same := range [][]string{
		{"922337203685477580", "922337203685477580.0"}, {"5", "5.0", "5.000000000000000000"}, {"-0.1", "-0.10", "-0.100000000000000000"}, {"ABC", "abc"},
	} {
		for _, text := range same {
			if hash(text) != hash(same[0]) {
				t.Errorf("%s hashes to something else than %s", text, same[0])
			}
		}
	}
}
