package journal

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/plumbline/plumbline/internal/disk"
	"github.com/plumbline/plumbline/internal/fault"
)

var small = Options{SegmentBytes: minSegmentBytes + 2*pageBytes} // three groups

// filled returns a closed journal of several segments and what it holds.
func filled(t testing.TB, groups int) (*disk.Mem, *model) {
	t.Helper()
	mem, m := disk.Memory(), newModel()
	j, err := Open(mem, "j", small)
	check(t, err)
	for i := range groups {
		check(t, m.append(j, 10*i, 200))
	}
	check(t, j.Close())
	return mem, m
}

// edit changes bytes of a file.
func edit(t testing.TB, fs disk.FS, name string, at int64, change func([]byte)) {
	t.Helper()
	f, err := fs.Edit("j/" + name)
	check(t, err)
	b := make([]byte, 8)
	n, _ := f.ReadAt(b, at)
	change(b[:n])
	_, err = f.WriteAt(b[:n], at)
	check(t, err)
	check(t, f.Close())
}

func files(t testing.TB, fs disk.FS) []disk.Info {
	t.Helper()
	infos, err := fs.List("j")
	check(t, err)
	return infos
}

func copied(t testing.TB, from disk.FS) *disk.Mem {
	t.Helper()
	to := disk.Memory()
	check(t, to.MkdirAll("j"))
	for _, info := range files(t, from) {
		data, err := disk.ReadFile(from, "j/"+info.Name, 1<<30)
		check(t, err)
		check(t, disk.WriteFileAtomic(to, "j/"+info.Name, data))
	}
	return to
}

// lenient replays a damaged journal: whatever is handed over was appended, in order, and what is missing is told.
func lenient(t testing.TB, m *model, j *Journal) (missing int, corrupt *Corrupt) {
	t.Helper()
	seen, last := 0, Position(0)
	err := j.Replay(0, func(p Position, b []byte) error {
		if at, acked := m.acked[number(t, b)]; !acked || at != p || p <= last {
			t.Fatalf("position %d after %d, acknowledged at %d", p, last, at)
		}
		seen, last = seen+1, p
		return nil
	})
	if err != nil && !errors.As(err, &corrupt) {
		t.Fatal(err)
	}
	return len(m.acked) - seen, corrupt
}

// TestEveryByteFlipped damages each byte of a closed journal in turn: either all frames come back, or the loss is told, and exactly.
func TestEveryByteFlipped(t *testing.T) {
	mem, m := filled(t, 4)
	rng := rand.New(rand.NewPCG(1, 2))
	told := 0
	for _, info := range files(t, mem) {
		data, err := disk.ReadFile(mem, "j/"+info.Name, 1<<30)
		check(t, err)
		for at := range info.Size {
			if at%16 > 0 && len(bytes.Trim(data[max(0, at-32):min(info.Size, at+32)], "\x00")) == 0 {
				continue // amid zeros every sixteenth will do
			}
			var old byte
			mask := byte(1) << rng.IntN(8)
			edit(t, mem, info.Name, at, func(b []byte) { old = b[0]; b[0] ^= mask })
			j, err := Open(mem, "j", small)
			check(t, err)
			missing, corrupt := lenient(t, m, j)
			if missing > 0 && (corrupt == nil || corrupt.Lost() != uint64(missing) || !fault.Is(corrupt, fault.Corrupt)) {
				t.Fatalf("%s byte %d: %d frames missing, told: %v", info.Name, at, missing, corrupt)
			}
			if missing == 0 && corrupt != nil {
				t.Fatalf("%s byte %d: all there, told: %v", info.Name, at, corrupt)
			}
			told += missing
			edit(t, mem, info.Name, at, func(b []byte) { b[0] = old })
		}
	}
	if told == 0 {
		t.Error("no flip hit a frame")
	}
}

func TestDamage(t *testing.T) {
	wipe := func(b []byte) { clear(b) }
	cases := map[string]struct {
		harm func(t *testing.T, fs disk.FS, names []string)
		lost uint64 // of 18 frames in 3 segments; at most, when vague
		cut  bool   // at most
	}{
		"both headers of the first": {func(t *testing.T, fs disk.FS, names []string) {
			edit(t, fs, names[0], 0, wipe)
			edit(t, fs, names[0], pageBytes, wipe)
		}, 6, false},
		"both headers of the last": {func(t *testing.T, fs disk.FS, names []string) {
			edit(t, fs, names[2], 0, wipe)
			edit(t, fs, names[2], pageBytes, wipe)
		}, 6, true},
		"one header": {func(t *testing.T, fs disk.FS, names []string) { edit(t, fs, names[1], 0, wipe) }, 0, false},
		"a segment is gone": {func(t *testing.T, fs disk.FS, names []string) {
			check(t, fs.Remove("j/"+names[1]))
		}, 6, false},
		"a segment is empty": {func(t *testing.T, fs disk.FS, names []string) {
			f, err := fs.Create("j/" + names[1])
			check(t, err)
			check(t, f.Close())
		}, 6, false},
		"a segment is cut": {func(t *testing.T, fs disk.FS, names []string) {
			f, err := fs.Edit("j/" + names[1])
			check(t, err)
			check(t, f.Truncate(framesAt+pageBytes))
			check(t, f.Close())
		}, 4, false},
		"a segment in the place of another": {func(t *testing.T, fs disk.FS, names []string) {
			data, err := disk.ReadFile(fs, "j/"+names[0], 1<<30)
			check(t, err)
			check(t, disk.WriteFileAtomic(fs, "j/"+names[1], data))
		}, 6, false},
		"a frame copied over another": {func(t *testing.T, fs disk.FS, names []string) {
			data, err := disk.ReadFile(fs, "j/"+names[1], 1<<30)
			check(t, err)
			copy(data[framesAt+pageBytes:framesAt+2*pageBytes], data[framesAt:])
			check(t, disk.WriteFileAtomic(fs, "j/"+names[1], data))
		}, 2, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			mem, m := filled(t, 9)
			var names []string
			for _, info := range files(t, mem) {
				names = append(names, info.Name)
			}
			c.harm(t, mem, names)
			var next Position
			for range 3 { // no crash loop, and the answer does not change
				j, err := Open(mem, "j", small)
				check(t, err)
				missing, corrupt := lenient(t, m, j)
				if c.lost == 0 && corrupt != nil || c.lost > 0 && corrupt == nil || missing != int(c.lost) {
					t.Fatalf("%d missing, told: %v", missing, corrupt)
				}
				if corrupt != nil && (corrupt.Lost() < c.lost || !c.cut && corrupt.Lost() != c.lost) {
					t.Fatalf("told %d lost, %d are", corrupt.Lost(), c.lost)
				}
				if next != 0 {
					if _, now := j.Span(); now != next {
						t.Fatalf("numbering went from %d to %d", next, now)
					}
				}
				check(t, m.append(j, 5))
				for _, p := range m.acked {
					next = max(next, p+1)
				}
				if len(m.acked) > 0 && m.acked[m.count-1] != next-1 {
					t.Fatalf("a position was given twice: %d", m.acked[m.count-1])
				}
				check(t, j.Close())
			}
			j, err := Open(mem, "j", small)
			check(t, err)
			check(t, j.TrimBefore(next)) // with the damaged segment the complaint goes
			for range 4 {
				check(t, m.append(j, 3000, 3000))
			}
			_, end := j.Span()
			check(t, j.TrimBefore(end))
			if _, corrupt := lenient(t, m, j); corrupt != nil {
				t.Fatal(corrupt)
			}
		})
	}
}

// TestTornGroup cuts the last group anywhere: its beginning counts, the rest does not, and nothing of it comes back later.
func TestTornGroup(t *testing.T) {
	mem, m := disk.Memory(), newModel()
	j, err := Open(mem, "j", Options{SegmentBytes: 64 << 10})
	check(t, err)
	check(t, m.append(j, 100))
	check(t, m.append(j, 5000, 5000, 5000)) // the process ends without Close
	name := files(t, mem)[0].Name
	group := int64(framesAt + pageBytes)
	frame := frameBytes(5012)
	for harmed := range 3 {
		harmedDisk, after := copied(t, mem), m.clone()
		edit(t, harmedDisk, name, group+int64(harmed)*frame+40, func(b []byte) { b[0] ^= 1 })
		for i := harmed; i < 3; i++ {
			delete(after.acked, 1+i)
		}
		j, err := Open(harmedDisk, "j", Options{SegmentBytes: 64 << 10})
		check(t, err)
		if want := int64(3-harmed) * frame; j.Torn() != want {
			t.Errorf("frame %d torn: %d bytes told, want %d", harmed, j.Torn(), want)
		}
		for range 3 {
			if err := after.verify(t, j); err != nil {
				t.Fatalf("frame %d torn: %v", harmed, err)
			}
			check(t, after.append(j, 100)) // so short that the frames behind the torn one stay as they are
			j, err = Open(harmedDisk, "j", Options{SegmentBytes: 64 << 10})
			check(t, err)
		}
	}
}

// TestUnreadablePages fails every read of one page: the rest is handed over, the loss is told, numbers are not given twice, and once the page can
// be read again so are its frames.
func TestUnreadablePages(t *testing.T) {
	mem, m := filled(t, 9)
	broken, readable := "", 0 // a file, and how many reads of it still succeed
	fs := disk.Failing(mem, func(op disk.Op, path string) error {
		if op == disk.OpRead && broken != "" && strings.HasSuffix(path, broken) {
			if readable--; readable >= 0 {
				return nil
			}
			return errors.New("input/output error")
		}
		return nil
	})
	for i, info := range files(t, mem) {
		j, err := Open(fs, "j", small)
		check(t, err)
		broken = info.Name
		missing, corrupt := lenient(t, m, j)
		if missing != 6 || corrupt == nil || corrupt.Lost() != 6 || !strings.Contains(corrupt.Error(), "input/output") {
			t.Fatalf("segment %d: %d missing, %v", i, missing, corrupt)
		}
		broken = ""
		check(t, m.verify(t, j))
	}
	for _, header := range []int{0, 1} { // the last segment without its header, then with it
		names := files(t, mem)
		broken, readable = names[len(names)-1].Name, header
		j, err := Open(fs, "j", small)
		check(t, err)
		check(t, m.append(j, 1))
		broken = ""
		j, err = Open(fs, "j", small)
		check(t, err)
		if missing, _ := lenient(t, m, j); missing != 0 {
			t.Fatalf("%d missing", missing)
		}
		check(t, j.Close())
	}
}

// FuzzOpen opens segments of any bytes: no panic, no frame that was not appended, and the journal works afterwards.
func FuzzOpen(f *testing.F) {
	mem, _ := filled(f, 2)
	info := files(f, mem)[0]
	data, err := disk.ReadFile(mem, "j/"+info.Name, 1<<20)
	check(f, err)
	f.Add(uint32(0), []byte{}, true)
	f.Add(uint32(framesAt), []byte("\x00\x01\x02\x03"), true)
	f.Add(uint32(framesAt+12), []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, true)
	f.Add(uint32(0), []byte(magic), false)
	f.Fuzz(func(t *testing.T, at uint32, change []byte, overlay bool) {
		segment := change
		if overlay {
			segment = bytes.Clone(data)
			copy(segment[int(at)%len(segment):], change)
		}
		fs := disk.Memory()
		check(t, fs.MkdirAll("j"))
		for _, name := range []string{info.Name, segmentName(9, Position(at))} {
			check(t, disk.WriteFileAtomic(fs, "j/"+name, segment))
		}
		j, err := Open(fs, "j", small)
		check(t, err)
		var corrupt *Corrupt
		each := func(_ Position, b []byte) error { number(t, b); return nil }
		if err := j.Replay(0, each); err != nil && !errors.As(err, &corrupt) {
			t.Fatal(err)
		}
		p, err := j.Append(t.Context(), payload(1, 1))
		check(t, err)
		found := false
		check(t, j.Replay(p, func(at Position, _ []byte) error {
			found = at == p
			return nil
		}))
		if !found {
			t.Fatal(fmt.Errorf("position %d does not come back", p))
		}
	})
}
