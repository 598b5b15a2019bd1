package columnar

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/disk"
	"github.com/plumbline/plumbline/internal/scan"
)

// at is a line of a dataset at a time.
func (m *maker) at(dataset string, t time.Time) []line {
	l := m.line(dataset)
	l.at = t.UnixNano()
	return []line{l}
}

func mustAppend(t testing.TB, s *Store, lines ...line) {
	t.Helper()
	byName := map[string][]line{}
	for _, l := range lines {
		byName[l.dataset] = append(byName[l.dataset], l)
	}
	for _, list := range byName {
		if err := s.Append(t.Context(), batchOf(list)); err != nil {
			t.Fatal(err)
		}
	}
}

func folders(t testing.TB, fs disk.FS, dir string) (names []string) {
	t.Helper()
	infos, err := fs.List(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, info := range infos {
		if info.Dir {
			names = append(names, info.Name)
		}
	}
	return names
}

// TestJumpingClock keeps app for 3 days in hours and comm for 30 in days, and
// lets the clock jump.
func TestJumpingClock(t *testing.T) {
	now := testNow
	fs, opts := disk.Memory(), small()
	opts.Now = func() time.Time { return now }
	opts.Dataset = func(name string) dataset.Dataset {
		d := dataset.New(name)
		if d.Retention.Age = 30 * 24 * time.Hour; name == "app" {
			d.Period, d.Retention.Age = time.Hour, 3*24*time.Hour
		}
		return d
	}
	s := mustOpen(t, fs, opts)
	defer func() { _ = s.Close() }()
	m := newMaker(3)
	var app, comm []line
	// jump goes on in time as a server does, and then looks.
	jump := func(by time.Duration) {
		t.Helper()
		now = now.Add(by)
		for range 2 { // a leap of more than a day is believed after an hour
			s.tend(t.Context())
			now = now.Add(time.Hour)
		}
		s.tend(t.Context())
	}
	check := func(what string) {
		t.Helper()
		oldest := now.Add(-3 * 24 * time.Hour)
		app = slices.DeleteFunc(app, func(l line) bool {
			end := time.Unix(0, l.at).UTC().Truncate(time.Hour).Add(time.Hour)
			return !end.After(oldest)
		})
		if problem := checkLines(t, s, slices.Concat(app, comm), nil); problem != "" {
			t.Fatalf("%s: %s", what, problem)
		}
		this, next := now.Truncate(time.Hour), now.Truncate(time.Hour).Add(time.Hour)
		got := folders(t, fs, "data/app")
		for _, want := range []time.Time{this, next} {
			if !slices.Contains(got, want.UTC().Format(slotLayout)) {
				t.Fatalf("%s: at %s there is no partition of %s: %s", what, now, want, got)
			}
		}
	}
	both := func(ts time.Time) {
		t.Helper()
		a, c := m.at("app", ts), m.at("comm", ts)
		app, comm = append(app, a...), append(comm, c...)
		mustAppend(t, s, append(a, c...)...)
	}
	for range 5 {
		for range 20 {
			both(now.Add(-time.Duration(m.IntN(int(2 * time.Hour)))))
		}
		if err := s.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		jump(time.Duration(m.IntN(int(10 * time.Hour))))
		check("hours went by")
	}
	both(now.Add(-50 * time.Hour)) // late
	both(now.Add(20 * time.Hour))  // early
	check("late and early lines")
	jump(40 * time.Hour)
	check("40 hours")
	jump(-30 * time.Hour) // back
	both(now)
	check("back in time")
	jump(60 * time.Hour)
	both(now)
	check("60 hours")
	_ = s.letGo()
	s = mustOpen(t, fs, opts)
	check("killed")
	jump(4 * 24 * time.Hour)
	check("4 days")
	if len(app) != 0 || len(comm) < 100 {
		t.Fatalf("%d lines of app are left, %d of comm", len(app), len(comm))
	}
	for _, name := range folders(t, fs, "data/app") {
		if start, _ := time.Parse(slotLayout, name); start.Before(now.Add(-4 * 24 * time.Hour)) {
			t.Errorf("folder %s is still there", name)
		}
	}
}

// TestWrongClock: a machine that wakes up far in the future drops nothing at
// once, and nothing at all when its clock is set right within the hour.
func TestWrongClock(t *testing.T) {
	now := testNow
	fs, opts := disk.Memory(), small()
	opts.Now = func() time.Time { return now }
	opts.Dataset = func(name string) dataset.Dataset {
		d := hourly(name)
		d.Retention.Age = 24 * time.Hour
		return d
	}
	s := mustOpen(t, fs, opts)
	m := newMaker(4)
	lines := m.at("app", now)
	mustAppend(t, s, lines...)
	s.tend(t.Context())
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	now = now.Add(80 * 365 * 24 * time.Hour)
	s = mustOpen(t, fs, opts)
	for range 5 {
		s.tend(t.Context())
		now = now.Add(10 * time.Minute)
	}
	expectLines(t, s, lines, nil)
	now = testNow.Add(time.Hour)
	s.tend(t.Context())
	expectLines(t, s, lines, nil)
	now = now.Add(26 * time.Hour)
	s.tend(t.Context())
	now = now.Add(time.Hour)
	s.tend(t.Context())
	expectLines(t, s, nil, nil)
}

func TestPlanDrops(t *testing.T) {
	hour := func(n int) slot { return slot{int64(n) * int64(time.Hour), int64(time.Hour)} }
	all := []stock{
		{"a", hour(1), 10, false}, {"a", hour(2), 10, false}, {"a", hour(3), 10, true},
		{"b", hour(0), 10, false}, {"b", hour(2), 50, false}, {"b", hour(4), 100, true},
	}
	now := int64(5 * time.Hour)
	for _, c := range []struct {
		name string
		keep map[string]dataset.Retention
		most int64
		want string
	}{
		{"nothing is too much", nil, 0, ""},
		{"age", map[string]dataset.Retention{"a": {Age: 2 * time.Hour}}, 0, "a1 a2"},
		{"age takes the last one too", map[string]dataset.Retention{"a": {Age: time.Hour}}, 0, "a1 a2 a3"},
		{"bytes", map[string]dataset.Retention{"b": {Bytes: 155}}, 0, "b0"},
		{"bytes, the last one stays", map[string]dataset.Retention{"b": {Bytes: 20}}, 0, "b0 b2"},
		{"share of the disk, oldest first of all", nil, 165, "b0 a1 a2"},
		{"share after age", map[string]dataset.Retention{"a": {Age: 2 * time.Hour}}, 165, "a1 a2 b0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := ""
			for _, x := range planDrops(slices.Clone(all), func(name string) dataset.Retention { return c.keep[name] }, now, c.most) {
				got += fmt.Sprintf(" %s%d", x.dataset, x.start/int64(time.Hour))
			}
			if got = strings.TrimSpace(got); got != c.want {
				t.Errorf("drops %q, want %q", got, c.want)
			}
		})
	}
}

// TestDroppedWhileRead: a question that reads a partition reads it to its end.
func TestDroppedWhileRead(t *testing.T) {
	now := testNow
	fs, opts := disk.Memory(), small()
	opts.Now = func() time.Time { return now }
	opts.Dataset = func(name string) dataset.Dataset {
		d := hourly(name)
		d.Retention.Age = time.Hour
		return d
	}
	s := mustOpen(t, fs, opts)
	defer func() { _ = s.Close() }()
	m := newMaker(8)
	m.spread = 10 * time.Minute
	var lines []line
	for range 3 {
		more := m.lines("app", 5)
		lines = append(lines, more...)
		mustAppend(t, s, more...)
		if err := s.sealAll(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	will := everything()
	will.Lanes = 1
	streams, err := s.Scan(t.Context(), will, &scan.Read{})
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for b, err := range streams[0] {
		if err != nil {
			t.Fatal(err)
		}
		if seen += b.Len; seen == 5 {
			now = now.Add(5 * time.Hour)
			s.tend(t.Context())
			expectLines(t, s, nil, nil)
			if got := partFiles(t, fs, "data/app"); len(got) != 3 {
				t.Fatalf("files that are read are gone: %s", got)
			}
		}
	}
	if seen != len(lines) {
		t.Fatalf("%d rows of %d", seen, len(lines))
	}
	if got := partFiles(t, fs, "data/app"); len(got) != 0 {
		t.Fatalf("files are left: %s", got)
	}
	s.tend(t.Context())
	if slices.Contains(folders(t, fs, "data/app"), testNow.Truncate(time.Hour).Format(slotLayout)) {
		t.Fatal("the folder is left")
	}
}

func partFiles(t testing.TB, fs disk.FS, dir string) (names []string) {
	t.Helper()
	for _, folder := range folders(t, fs, dir) {
		infos, err := fs.List(path.Join(dir, folder))
		if err != nil {
			t.Fatal(err)
		}
		for _, info := range infos {
			names = append(names, path.Join(folder, info.Name))
		}
	}
	return names
}

// TestChangedPeriod: rows go on in new partitions, and none is lost, doubled
// or replayed into another.
func TestChangedPeriod(t *testing.T) {
	fs, opts := disk.Memory(), small()
	period := 24 * time.Hour
	opts.Dataset = func(name string) dataset.Dataset {
		d := dataset.New(name)
		d.Period = period
		return d
	}
	m := newMaker(9)
	m.spread = 14 * time.Hour
	var lines []line
	for i, p := range []time.Duration{24 * time.Hour, time.Hour, 30 * time.Minute, 24 * time.Hour, 12 * time.Hour} {
		period = p
		s := mustOpen(t, fs, opts)
		more := m.lines("app", 40)
		lines = append(lines, more...)
		mustAppend(t, s, more...)
		if i%2 == 0 {
			if err := s.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		more = m.lines("app", 40)
		lines = append(lines, more...)
		mustAppend(t, s, more...)
		expectLines(t, s, lines, nil)
		_ = s.letGo()
	}
	s := mustOpen(t, fs, opts)
	expectLines(t, s, lines, nil)
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	expectLines(t, s, lines, nil)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestSlots(t *testing.T) {
	for _, c := range []struct {
		t      int64
		period time.Duration
		folder string
	}{
		{testNow.UnixNano(), time.Hour, "20261121T1000"},
		{testNow.UnixNano(), 24 * time.Hour, "20261121T0000"},
		{testNow.UnixNano(), 30 * time.Minute, "20261121T1000"},
		{testNow.Truncate(time.Hour).UnixNano() - 1, time.Hour, "20261121T0900"},
		{-1, time.Hour, "19691231T2300"},
		{0, time.Hour, "19700101T0000"},
	} {
		s := slotOf(c.t, c.period)
		if s.folder() != c.folder || !s.has(c.t) || s.has(s.start-1) || s.has(s.end()) {
			t.Errorf("slot of %d by %s: %+v %s, want %s", c.t, c.period, s, s.folder(), c.folder)
		}
	}
	for _, end := range []int64{-1 << 63, 1<<63 - 1} {
		if s := slotOf(end, 24*time.Hour); !s.has(end) {
			t.Errorf("slot of %d: %+v", end, s)
		}
	}
}

// TestBytesKept keeps a dataset, and then the whole store, within its bytes by
// dropping the oldest partitions.
func TestBytesKept(t *testing.T) {
	fs, opts := disk.Memory(), small()
	bound := int64(0)
	opts.Dataset = func(name string) dataset.Dataset {
		d := hourly(name)
		if name == "comm" {
			d.Retention.Bytes = bound
		}
		return d
	}
	s := mustOpen(t, fs, opts)
	defer func() { _ = s.Close() }()
	m := newMaker(14)
	m.spread = 20 * time.Hour
	lines := append(m.lines("app", 100), m.lines("comm", 100)...)
	mustAppend(t, s, lines...)
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	kept := func(name string) (scan.Extent, int) {
		s.tend(t.Context())
		return s.Extents([]string{name})[0], len(partFiles(t, fs, "data/"+name))
	}
	before, parts := kept("comm")
	bound = before.Bytes / 2
	after, left := kept("comm")
	if after.Bytes > bound || after.Bytes < bound/2 || after.To != before.To || left >= parts || left == 0 {
		t.Errorf("of %d bytes in %d parts %d are left in %d, %d were allowed", before.Bytes, parts, after.Bytes, left, bound)
	}
	app, _ := kept("app")
	if app.Rows != 100 {
		t.Errorf("of the other dataset %d rows are left", app.Rows)
	}
	s.opts.DiskShare = 0.5
	fs.Limit(2 * (s.wal.Size() + app.Bytes/2))
	less, _ := kept("app")
	other, _ := kept("comm")
	if total := less.Bytes + other.Bytes; total > app.Bytes/2 || total < app.Bytes/4 || less.From < app.From {
		t.Errorf("%d bytes are left, %d were allowed", total, app.Bytes/2)
	}
}

// TestLogOnASmallVolume: where nobody says otherwise the log takes a 16th of a
// small volume, and its free files as much again.
func TestLogOnASmallVolume(t *testing.T) {
	const total = 16 << 20
	fs, opts := disk.Memory(), small()
	fs.Limit(total)
	opts.LogSegmentBytes = 0
	s := mustOpen(t, fs, opts)
	defer func() { _ = s.Close() }()
	m, logged := newMaker(15), int64(0)
	for logged < total {
		mustAppend(t, s, m.lines("app", 500)...)
		before := s.wal.Used()
		if err := s.sealDue(t.Context()); err != nil {
			t.Fatal(err)
		}
		logged += before - s.wal.Used()
		if used, all := s.wal.Used(), s.wal.Size(); used > total/16 || all > total/8 {
			t.Fatalf("the log takes %d bytes, and %d with its free files, of %d", used, all, total)
		}
	}
	if s.wal.Size() == s.wal.Used() {
		t.Error("no file of the log was kept")
	}
}

// TestLogGoesBeforeLines: a store that takes more than its share first gives up
// what it can do without.
func TestLogGoesBeforeLines(t *testing.T) {
	fs, opts := disk.Memory(), small()
	opts.LogBytes = 4 * opts.LogSegmentBytes
	s := mustOpen(t, fs, opts)
	defer func() { _ = s.Close() }()
	m := newMaker(16)
	m.spread = 20 * time.Hour
	rows := int64(0)
	add := func() (parts int64) {
		for range 20 { // each in a file of the usual size
			mustAppend(t, s, m.lines("app", 50)...)
			rows += 50
		}
		return s.Extents([]string{"app"})[0].Bytes
	}
	all := func(when string) {
		t.Helper()
		s.tend(t.Context())
		if x := s.Extents([]string{"app"})[0]; x.Rows != rows {
			t.Errorf("%s, %d of %d lines are left", when, x.Rows, rows)
		}
		if s.wal.Size() > s.wal.Used() || s.wal.Used() > opts.LogBytes {
			t.Errorf("%s, the log takes %d bytes, %d of them in use", when, s.wal.Size(), s.wal.Used())
		}
	}
	add()
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s.wal.Size() == s.wal.Used() {
		t.Fatal("the log has no free files")
	}
	s.opts.DiskShare = 0.5
	fs.Limit(2 * (s.Extents([]string{"app"})[0].Bytes + s.wal.Used()))
	all("with room for the log without its free files")
	fs.Limit(1 << 30)
	parts := add()
	if s.wal.Used() < 4*opts.LogBytes {
		t.Fatalf("the log takes %d bytes only", s.wal.Used())
	}
	fs.Limit(2 * (parts + s.wal.Used() - opts.LogSegmentBytes))
	all("with room for a part of the log")
}
