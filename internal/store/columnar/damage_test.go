package columnar

import (
	"bytes"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/disk"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/store/columnar/colfile"
)

// allFiles lists the files under a folder.
func allFiles(t testing.TB, fs disk.FS, dir string) (names []string) {
	t.Helper()
	infos, err := fs.List(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, info := range infos {
		name := path.Join(dir, info.Name)
		if info.Dir {
			names = append(names, allFiles(t, fs, name)...)
		} else {
			names = append(names, name)
		}
	}
	return names
}

// damageDisk is a store of some parts, and of rows in the log, that was
// killed.
func damageDisk(t testing.TB) (*disk.Crash, Options, []line) {
	t.Helper()
	fs, opts := disk.Crashable(), small()
	s := mustOpen(t, fs, opts)
	m := newMaker(11)
	var lines []line
	for i, name := range []string{"app", "comm", "app", "app", "comm"} {
		more := m.lines(name, 12)
		lines = append(lines, more...)
		if _, err := s.AppendOnce(t.Context(), []string{"", "name"}[i%2]+string(rune('0'+i)), nil, batchOf(more)); err != nil {
			t.Fatal(err)
		}
		if i < 3 {
			if err := s.sealAll(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = s.letGo()
	return fs, opts, lines
}

// lookAtDamage opens a damaged disk: every row that is shown was appended, and
// when one is missing the answer is marked partial. The store goes on, and can
// be flushed.
func lookAtDamage(t *testing.T, fs disk.FS, opts Options, lines []line, what string, flush bool) (missing int) {
	t.Helper()
	s, err := Open(fs, "data", opts)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	defer func() { _ = s.letGo() }()
	known := map[string]bool{}
	for i := range lines {
		known[lines[i].text()] = true
	}
	got, read := shown(t, s, everything(), row.FieldSeq)
	for _, x := range got {
		if !known[x] {
			t.Fatalf("%s: a row that nobody appended, or twice: %s", what, x)
		}
		delete(known, x)
	}
	if len(known) > 0 && read.Damaged.Len() == 0 {
		t.Fatalf("%s: %d rows are missing, and nothing is said", what, len(known))
	}
	more := newMaker(99).lines("app", 3)
	if err := s.Append(t.Context(), batchOf(more)); err != nil {
		t.Fatalf("%s: append: %v", what, err)
	}
	if flush {
		if err := s.Flush(t.Context()); err != nil {
			t.Fatalf("%s: flush: %v", what, err)
		}
	}
	return len(known)
}

// damage changes a byte of a file.
func damage(t testing.TB, fs disk.FS, name string, at int64, change func(byte) byte) {
	t.Helper()
	f, err := fs.Edit(name)
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 1)
	if _, err := f.ReadAt(b, at); err != nil {
		t.Fatal(err)
	}
	b[0] = change(b[0])
	if _, err := f.WriteAt(b, at); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func flipBytes(t *testing.T, step int64) (cases int) {
	t.Helper()
	fs, opts, lines := damageDisk(t)
	rng := rand.New(rand.NewPCG(1, 2))
	for _, name := range allFiles(t, fs, "data") {
		if strings.HasSuffix(name, ".free") || strings.HasSuffix(name, ballastName) {
			continue
		}
		info, err := fs.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		size, most := info.Size, 0
		if strings.HasSuffix(name, ".seg") {
			size = min(size, 16<<10) // zeros follow
		}
		for at := rng.Int64N(step); at < size; at += 1 + rng.Int64N(2*step) {
			image := fs.Clone(rng)
			bit := byte(1) << rng.IntN(8)
			damage(t, image, name, at, func(b byte) byte { return b ^ bit })
			most = max(most, lookAtDamage(t, image, opts, lines, name, cases%8 == 0))
			cases++
		}
		t.Logf("%s: at most %d rows missing", name, most)
	}
	return cases
}

func TestFlippedBytes(t *testing.T) { flipBytes(t, 400) }

func TestFilesCutOrGone(t *testing.T) {
	fs, opts, lines := damageDisk(t)
	rng := rand.New(rand.NewPCG(3, 4))
	for _, name := range allFiles(t, fs, "data") {
		info, err := fs.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, ballastName) {
			continue // it is never synced
		}
		for _, size := range []int64{-1, 0, 1, info.Size / 2, info.Size - 1} {
			image := fs.Clone(rng)
			if size == info.Size/2 && strings.HasSuffix(name, ".seg") {
				continue // a log that ends early looks like one that was not written further
			}
			if size < 0 {
				if strings.HasSuffix(name, "MANIFEST") || strings.HasSuffix(name, ".seg") {
					continue // as if nothing had ever been there
				}
				err = image.Remove(name)
			} else {
				var f disk.File
				if f, err = image.Edit(name); err == nil {
					err = f.Truncate(size)
				}
			}
			if err != nil {
				t.Fatal(err)
			}
			lookAtDamage(t, image, opts, lines, fmt.Sprintf("%s cut to %d", name, size), size > 1)
		}
	}
}

// TestManifestHalfGone damages one copy of each manifest: nothing is missing.
func TestManifestHalfGone(t *testing.T) {
	for _, second := range []int64{0, 1} {
		fs, opts, lines := damageDisk(t)
		for _, name := range []string{"data/app/MANIFEST", "data/comm/MANIFEST"} {
			info, err := fs.Stat(name)
			if err != nil {
				t.Fatal(err)
			}
			damage(t, fs, name, 20+second*info.Size/2, func(b byte) byte { return b + 1 })
		}
		s := mustOpen(t, fs, opts)
		expectLines(t, s, lines, nil)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestManifestGone damages both copies of a manifest: its parts are found
// again, none of their rows is doubled by the log, and answers are marked
// until the next start.
func TestManifestGone(t *testing.T) {
	fs, opts, lines := damageDisk(t)
	for _, how := range []string{"damaged", "cut"} {
		image := fs.Clone(rand.New(rand.NewPCG(1, 1)))
		for _, name := range []string{"data/app/MANIFEST", "data/comm/MANIFEST"} {
			info, err := image.Stat(name)
			if err != nil {
				t.Fatal(err)
			}
			damage(t, image, name, 20, func(b byte) byte { return b + 1 })
			damage(t, image, name, info.Size-20, func(b byte) byte { return b + 1 })
			if f, err := image.Edit(name); err != nil || how == "cut" && f.Truncate(3) != nil {
				t.Fatal("cannot cut", err)
			}
		}
		s := mustOpen(t, image, opts)
		got, read := shown(t, s, everything(), row.FieldSeq)
		if len(got) != len(lines) || read.Damaged.Len() == 0 {
			t.Fatalf("%s: %d of %d rows, %d damaged", how, len(got), len(lines), read.Damaged.Len())
		}
		more := newMaker(77).lines("app", 5)
		mustAppend(t, s, more...)
		if problem := checkNumbers(t, s); problem != "" {
			t.Fatal(problem)
		}
		_ = s.letGo()
		s = mustOpen(t, image, opts)
		expectLines(t, s, slices.Concat(lines, more), nil)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestLogGone takes the folder of the log away: the numbering of a new one must
// not begin where the parts say that all is in them.
func TestLogGone(t *testing.T) {
	fs, opts := disk.Memory(), small()
	s := mustOpen(t, fs, opts)
	m := newMaker(21)
	m.spread = 10 * time.Minute
	var lines []line
	for range 10 {
		more := m.lines("app", 5)
		lines = append(lines, more...)
		mustAppend(t, s, more...)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := fs.RemoveAll("data/wal"); err != nil {
		t.Fatal(err)
	}
	s = mustOpen(t, fs, opts)
	for range 3 {
		more := m.lines("app", 5)
		lines = append(lines, more...)
		mustAppend(t, s, more...)
	}
	_ = s.letGo()
	expectLines(t, mustOpen(t, fs, opts), lines, nil)
}

// TestDamageCountedOnce asks again and again about a part that cannot be read:
// each of its row groups counts once in an answer, however many scans the
// question takes, and once in the readings.
func TestDamageCountedOnce(t *testing.T) {
	fs, opts, _ := damageDisk(t)
	i := slices.IndexFunc(allFiles(t, fs, "data/app"), func(name string) bool { return strings.HasSuffix(name, partSuffix) })
	name := allFiles(t, fs, "data/app")[i]
	info, err := fs.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	for at := info.Size / 4; at < info.Size; at += info.Size / 4 {
		damage(t, fs, name, at, func(b byte) byte { return ^b })
	}
	s := mustOpen(t, fs, opts)
	_, first := shown(t, s, everything())
	for range 4 {
		_, again := shown(t, s, everything())
		again.Add(first)
		if again.Damaged.Len() != first.Damaged.Len() || first.Damaged.Len() == 0 {
			t.Fatalf("%d places are damaged, %d at first", again.Damaged.Len(), first.Damaged.Len())
		}
	}
	if n := s.counts.damaged.Load(); n != int64(first.Damaged.Len()) {
		t.Fatalf("%d damaged row groups are counted, %d were said", n, first.Damaged.Len())
	}
}

// TestNewerPart: a part of a newer format is left out, and every row group of it said;
// the other parts answer, and it is not merged with them.
func TestNewerPart(t *testing.T) {
	fs, opts, lines := damageDisk(t)
	var said bytes.Buffer
	opts.Log = slog.New(slog.NewTextHandler(&said, nil))
	i := slices.IndexFunc(allFiles(t, fs, "data/app"), func(name string) bool { return strings.HasSuffix(name, partSuffix) })
	name := allFiles(t, fs, "data/app")[i]
	info, err := fs.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	damage(t, fs, name, info.Size-trailerVersion, func(b byte) byte { return b + 1 })
	s := mustOpen(t, fs, opts)
	rows, read := shown(t, s, everything())
	if len(rows) == 0 || len(rows) >= len(lines) || read.Damaged.Len() == 0 {
		t.Errorf("%d of %d rows are shown, %d row groups are said to be missing", len(rows), len(lines), read.Damaged.Len())
	}
	if err := s.Flush(t.Context()); err != nil {
		t.Error(err)
	}
	if again, _ := shown(t, s, everything()); len(again) != len(rows) {
		t.Errorf("%d rows are shown after merges, %d before", len(again), len(rows))
	}
	if want := fmt.Sprintf("format version %d, known is %d", colfile.FormatVersion+1, colfile.FormatVersion); !strings.Contains(said.String(), want) {
		t.Errorf("the log lacks %q:\n%s", want, &said)
	}
	if _, err := fs.Stat(name); err != nil {
		t.Errorf("the part is gone: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// trailerVersion is how far before its end a part says its version.
const trailerVersion = 20

// TestManifestFlipped flips every byte of a manifest: the other copy of it is read, to
// the letter, and the damage is said.
func TestManifestFlipped(t *testing.T) {
	m := &manifest{dataset: "app", lastSeq: 900, nextPart: 8, log: 70, graves: []grave{{slot{7200e9, 3600e9}, 3}}}
	for i := range int64(3) {
		m.slots = append(m.slots, slotEntry{slot: slot{i * 3600e9, 3600e9}, folder: "f", mark: 5, parts: []facts{{number: uint64(i), rows: 40, groups: 1, bytes: 900, maxTime: 9, minSeq: 1, maxSeq: 300}}})
	}
	data := m.encode()
	want := fmt.Sprint(*m)
	for i := range data {
		bad := slices.Clone(data)
		bad[i] ^= 1 << (i % 8)
		got, damaged, err := decodeManifest(bad)
		if i >= len(data)/2 { // the first copy is whole, the second is not looked at
			damaged = err
			if err == nil && fmt.Sprint(*got) == want {
				continue
			}
		}
		if err != nil || damaged == nil || fmt.Sprint(*got) != want {
			t.Fatalf("byte %d of %d is flipped: %+v, damage %v, %v", i, len(data), got, damaged, err)
		}
	}
}
