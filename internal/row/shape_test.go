package row

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

var shapeSeeds = []string{
	"", "took 1532 ms, id 9f3ab2c1", "Wi-Fi SD500 v1.2.3", "0", "a1b2c3", "A1B2C3", "a1B2c3", "abcdef", "deadbeef0", "x9f3ab2c1",
	"\x01\x02\x03\x04\x05", "1\x012\x043", "naïve 12é34", "blk_-7017553867379051457", strings.Repeat("7", 600), "id " + strings.Repeat("0a", 400),
	"\xff12\xfe", "12" + "\x01" + "34", strings.Repeat("9", 250), strings.Repeat("9", 251), strings.Repeat("9", 250) + "\x01" + strings.Repeat("8", 250),
	"00000a 0000a", "f00dfeed12 F00DFEED12 f00dFEED12",
	"session 0b8a2f6e-6b2c-4d1e-9f3a-2c1d5e7f8a90 ended", "0B8A2F6E-6B2C-4D1E-9F3A-2C1D5E7F8A90", "abcdefab-abcd-abcd-abcd-abcdefabcde1",
	"abcdefab-abcd-abcd-abcd-abcdefabcdef", "12345678-1234-1234-1234-123456789012", "0b8a2f6e-6b2c-4d1e-9f3a-2c1d5e7f8a90-6b2c", "-0b8a2f6e-6b2c-4d1e-9f3a-2c1d5e7f8a90",
	"0b8a2f6e-6b2c-4D1E-9f3a-2c1d5e7f8a90", "x0b8a2f6e-6b2c-4d1e-9f3a-2c1d5e7f8a90", "0b8a2f6e-6b2c-4d1e-9f3a-2c1d5e7f8a901", "abcdefab-abcd-1bcd-abcd-abcdefabcdef", "{abcdefab-abcd-abcd-abc1-abcdefabcdef}12",
}

func FuzzShapeGivesTheMessageBack(f *testing.F) {
	for _, s := range shapeSeeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, msg string) {
		shape, fill := SplitShape(nil, nil, []byte(msg))
		if got := string(AppendShape(nil, string(shape), fill)); got != msg {
			t.Fatalf("%q came back as %q", msg, got)
		}
		want := string(AppendPattern(nil, []byte(msg)))
		if got := string(AppendShapePattern(nil, string(shape))); got != want {
			t.Fatalf("pattern of %q is %q, of its shape %q", msg, want, got)
		}
		zeroed := AppendZeroed([]byte("x"), []byte(msg))
		if want := "x" + strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return '0'
			}
			return r
		}, strings.ToValidUTF8(msg, "?")); utf8.ValidString(msg) && string(zeroed) != want {
			t.Fatalf("%q without digits is %q", msg, zeroed)
		}
		var rebuilt []byte
		left := string(fill)
		ShapeLiterals(string(shape), func(lit string, hole byte, width int) bool {
			rebuilt = append(append(rebuilt, lit...), left[:width]...)
			left = left[width:]
			return true
		})
		if string(rebuilt) != msg || left != "" {
			t.Fatalf("the literals of %q give %q", msg, rebuilt)
		}
	})
}

// A shape that is damaged must not read past its fill or its end.
func FuzzAppendShapeTakesAnything(f *testing.F) {
	f.Add("a\x01\x09b", "12345")
	f.Add("\x01\xfe\x02\xfe", "1")
	f.Add("a\x04", "")
	f.Add("\x02", "1")
	f.Fuzz(func(t *testing.T, shape, fill string) {
		_ = AppendShape(nil, shape, []byte(fill))
		_ = AppendShapePattern(nil, shape)
		ShapeLiterals(shape, func(string, byte, int) bool { return true })
	})
}

func TestPattern(t *testing.T) {
	for _, c := range []struct{ msg, want string }{
		{"took 1532 ms, id 9f3ab2c1", "took <n> ms, id <hex>"},
		{"SD500", "SD<n>"},
		{"10.0.0.1:80", "<n>.<n>.<n>.<n>:<n>"},
		{"bad face1 feed12", "bad face<n> <hex>"},
		{"FEED12 Feed12", "<hex> Feed<n>"},
		{"req_9f3ab2c1", "req_<hex>"},
		{"deadbeef", "deadbeef"},
		{"1234567", "<n>"},
		{"session 0b8a2f6e-6b2c-4d1e-9f3a-2c1d5e7f8a90 ended", "session <uuid> ended"},
		{"{0B8A2F6E-6B2C-4D1E-9F3A-2C1D5E7F8A90}", "{<uuid>}"},
		{"abcdefab-abcd-abcd-abcd-abcdefabcde1/12", "<uuid>/<n>"},
		{"12345678-1234-1234-1234-123456789012", "<n>-<n>-<n>-<n>-<n>"},
		{"0b8a2f6e-6b2c-4d1e-9f3a", "<hex>-<n>b<n>c-<n>d<n>e-<n>f<n>a"},
		{"é123456a", "é<n>a"},
		{strings.Repeat("1", 1000), "<n>"},
	} {
		if got := string(AppendPattern(nil, []byte(c.msg))); got != c.want {
			t.Errorf("pattern of %q is %q, want %q", c.msg, got, c.want)
		}
	}
}

// splitByLoop is SplitShape as it is defined, byte by byte.
func splitByLoop(msg []byte) (shape, fill []byte) {
	for i := 0; i < len(msg); {
		if c := msg[i]; classes[c] == classOther {
			if c >= holeDigits && c <= holeEscape {
				shape = append(shape, holeEscape)
			}
			shape = append(shape, c)
			i++
			continue
		}
		if kind := uuidAt(msg, i); kind != 0 {
			for g, n := range uuidGroups {
				if g > 0 {
					shape = append(shape, '-')
					i++
				}
				shape, fill = appendHole(shape, fill, kind, msg[i:i+n])
				i += n
			}
			continue
		}
		end, seen := token(msg, i)
		if kind := hexHole(seen, end-i); kind != 0 {
			shape, fill = appendHole(shape, fill, kind, msg[i:end])
			i = end
			continue
		}
		for i < end {
			run := i
			for run < end && classes[msg[run]] == classDigit {
				run++
			}
			if run > i {
				shape, fill = appendHole(shape, fill, holeDigits, msg[i:run])
				i = run
				continue
			}
			shape = append(shape, msg[i])
			i++
		}
	}
	return shape, fill
}

func FuzzSplitShape(f *testing.F) {
	for _, msg := range []string{
		"took 1532 ms, id 9f3ab2c1", "1", "a1b2", "\x01\x02 7\x03\x04", "abc123", "ABC123 DEF456 abc12", "9f3ab2c1-9F3AB2C1", "é12é", "\x0012",
		"blk_-1608999687919862906 10.250.19.102:54106", "xxxxxxx7", "xxxxxxxx7", "\xb11\x812",
	} {
		f.Add([]byte(msg))
	}
	for _, msg := range shapeSeeds {
		f.Add([]byte(msg))
	}
	f.Fuzz(func(t *testing.T, msg []byte) {
		shape, fill := SplitShape(nil, nil, msg)
		want, digits := splitByLoop(msg)
		if string(shape) != string(want) || string(fill) != string(digits) {
			t.Fatalf("%q is split into %q and %q, want %q and %q", msg, shape, fill, want, digits)
		}
		if back := AppendShape(nil, string(shape), fill); string(back) != string(msg) {
			t.Fatalf("%q comes back as %q", msg, back)
		}
	})
}

// TestSplitNearUUIDs splits texts put together from what UUIDs are made of, most of
// which are none by a hair.
func TestSplitNearUUIDs(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	pick := func(list ...string) string { return list[rng.IntN(len(list))] }
	whole := 0
	for range 50_000 {
		var b strings.Builder
		for range 1 + rng.IntN(3) {
			b.WriteString(pick("", "", "", "-", "x", "1", "{", "abcdefab-", "12345678-abcd-"))
			for g, n := range uuidGroups {
				if g > 0 {
					b.WriteString(pick("-", "-", "-", "-", "-", "-", "-", "-", "-", "-", "-", "_", ""))
				}
				group := strings.Repeat(pick("a", "b", "f", "1", "1f", "f1", "0e"), n)[:n]
				switch rng.IntN(40) {
				case 0:
					group = strings.ToUpper(group)
				case 1:
					group = group[1:]
				case 2:
					group += "0"
				case 3:
					group = "g" + group[1:]
				}
				b.WriteString(group)
			}
			b.WriteString(pick("", "", "", "-", "x", "}", "-abcd", " and "))
		}
		msg := []byte(b.String())
		shape, fill := SplitShape(nil, nil, msg)
		want, digits := splitByLoop(msg)
		if string(shape) != string(want) || string(fill) != string(digits) {
			t.Fatalf("%q is split into %q and %q, want %q and %q", msg, shape, fill, want, digits)
		}
		pattern := AppendPattern(nil, msg)
		if of := AppendShapePattern(nil, string(shape)); string(of) != string(pattern) {
			t.Fatalf("the pattern of %q is %q, of its shape %q", msg, pattern, of)
		}
		whole += strings.Count(string(pattern), "<uuid>")
	}
	if whole < 1000 {
		t.Errorf("of all texts only %d had a UUID", whole)
	}
}
