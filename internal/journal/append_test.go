package journal

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/plumbline/plumbline/internal/disk"
	"github.com/plumbline/plumbline/internal/fault"
)

func TestInvalid(t *testing.T) {
	j, err := Open(disk.Memory(), "j", Options{})
	check(t, err)
	if _, err := j.Append(t.Context()); !fault.Is(err, fault.Invalid) {
		t.Errorf("no payload: %v", err)
	}
	if _, err := j.Append(t.Context(), nil, make([]byte, maxPayload+1)); !fault.Is(err, fault.Invalid) {
		t.Errorf("giant: %v", err)
	}
	p, err := j.Append(t.Context(), nil, []byte{}, []byte("x"))
	if p != 1 || err != nil {
		t.Errorf("empty payloads: %d, %v", p, err)
	}
	var sizes []int
	check(t, j.Replay(0, func(_ Position, b []byte) error { sizes = append(sizes, len(b)); return nil }))
	if fmt.Sprint(sizes) != "[0 0 1]" {
		t.Errorf("came back: %v", sizes)
	}
}

func TestClosed(t *testing.T) {
	j, err := Open(disk.Memory(), "j", small)
	check(t, err)
	check(t, j.Close())
	_, appended := j.Append(t.Context(), []byte("x"))
	for verb, err := range map[string]error{
		"append": appended, "trim": j.TrimBefore(1), "close": j.Close(),
		"replay": j.Replay(0, func(Position, []byte) error { return nil }),
	} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("%s: %v", verb, err)
		}
	}
}

// TestGroups holds the first sync up until everybody else waits: they then share one.
func TestGroups(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate, syncs := make(chan struct{}), 0
		armed := false
		fs := disk.Failing(disk.Memory(), func(op disk.Op, path string) error {
			if op == disk.OpSync && armed && strings.HasSuffix(path, ".seg") {
				if syncs++; syncs == 1 {
					<-gate
				}
			}
			return nil
		})
		j, err := Open(fs, "j", Options{SegmentBytes: 64 << 10})
		check(t, err)
		_, err = j.Append(t.Context(), []byte("made the segment"))
		check(t, err)
		armed = true
		var all sync.WaitGroup
		for i := range 50 {
			all.Go(func() {
				if _, err := j.Append(t.Context(), payload(i, 100)); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		close(gate)
		all.Wait()
		if syncs != 2 {
			t.Errorf("%d syncs for 50 appends, want 2", syncs)
		}
		if _, next := j.Span(); next != 52 {
			t.Errorf("next is %d", next)
		}
	})
}

// TestContext: who gives up while waiting is not written; who is being written learns the outcome.
func TestContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate, armed := make(chan struct{}), false
		fs := disk.Failing(disk.Memory(), func(op disk.Op, _ string) error {
			if op == disk.OpSync && armed {
				<-gate
			}
			return nil
		})
		j, err := Open(fs, "j", small)
		check(t, err)
		check(t, newModel().append(j, 1))
		armed = true
		ctx, cancel := context.WithCancel(t.Context())
		outcome := make(chan error, 2)
		go func() { _, err := j.Append(ctx, []byte("under way")); outcome <- err }()
		synctest.Wait()
		go func() { _, err := j.Append(ctx, []byte("waiting")); outcome <- err }()
		synctest.Wait()
		cancel()
		if err := <-outcome; !errors.Is(err, context.Canceled) {
			t.Errorf("waiting: %v", err)
		}
		close(gate)
		if err := <-outcome; err != nil {
			t.Errorf("under way: %v", err)
		}
		if _, err := j.Append(ctx, []byte("late")); !errors.Is(err, context.Canceled) {
			t.Errorf("late: %v", err)
		}
		var got []string
		check(t, j.Replay(2, func(_ Position, b []byte) error { got = append(got, string(b)); return nil }))
		if fmt.Sprint(got) != "[under way]" {
			t.Errorf("came back: %v", got)
		}
	})
}

func TestManyWriters(t *testing.T) {
	j, err := Open(disk.Memory(), "j", Options{SegmentBytes: 64 << 10})
	check(t, err)
	var all sync.WaitGroup
	var mu sync.Mutex
	m := newModel()
	for w := range 8 {
		all.Go(func() {
			for i := range 50 {
				n := w*1000 + i
				p, err := j.Append(t.Context(), payload(n, 10*i))
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				m.acked[n] = p
				mu.Unlock()
				if i%20 == 7 {
					if err := j.Replay(0, func(_ Position, b []byte) error { number(t, b); return nil }); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	all.Wait()
	check(t, m.verify(t, j))
}

// TestFailedSync: the group goes to a new segment and is acknowledged; what the old one may still hold of it is void.
func TestFailedSync(t *testing.T) {
	failing := 0
	mem := disk.Memory() // it keeps what a failed sync should have lost: the void frames are there
	fs := disk.Failing(mem, func(op disk.Op, path string) error {
		if op == disk.OpSync && strings.HasSuffix(path, ".seg") && failing > 0 {
			failing--
			return errors.New("input/output error")
		}
		return nil
	})
	j, err := Open(fs, "j", Options{SegmentBytes: 64 << 10})
	check(t, err)
	m := newModel()
	check(t, m.append(j, 10, 20))
	failing = 1
	check(t, m.append(j, 30, 40))
	failing = 2
	if err := m.append(j, 50); err == nil || !strings.Contains(err.Error(), "input/output") {
		t.Fatalf("two failures: %v", err)
	}
	check(t, m.append(j, 60))
	check(t, m.verify(t, j))
	j, err = Open(fs, "j", Options{SegmentBytes: 64 << 10})
	check(t, err)
	check(t, m.verify(t, j))
	if n := len(files(t, mem)); n > 4 {
		t.Errorf("%d files for five appends", n)
	}
}

func TestFailedFileIsNotUsedAgain(t *testing.T) {
	failing := false
	mem, m := disk.Memory(), newModel()
	j, err := Open(disk.Failing(mem, func(op disk.Op, path string) error {
		if op == disk.OpSync && failing {
			failing = false
			return errors.New("input/output error")
		}
		return nil
	}), "j", small)
	check(t, err)
	check(t, m.append(j, 1))
	failing = true
	check(t, m.append(j, 2)) // in a second segment
	check(t, j.TrimBefore(2))
	if infos := files(t, mem); len(infos) != 1 || !strings.HasSuffix(infos[0].Name, ".seg") {
		t.Errorf("left: %v", infos)
	}
}

func TestFullDisk(t *testing.T) {
	mem := disk.Memory()
	j, err := Open(mem, "j", small)
	check(t, err)
	mem.Limit(3 * small.SegmentBytes)
	m := newModel()
	for err = nil; err == nil; {
		err = m.append(j, 2000)
	}
	if !fault.Is(err, fault.Busy) || len(m.acked) != 9 {
		t.Fatalf("after %d: %v", len(m.acked), err)
	}
	if err := m.append(j, 2000); !fault.Is(err, fault.Busy) {
		t.Fatal(err)
	}
	check(t, m.verify(t, j))
	m.trimmed = 4
	check(t, j.TrimBefore(4)) // the first file can be used again
	check(t, m.append(j, 2000))
	mem.Limit(8 * small.SegmentBytes)
	for range 9 {
		check(t, m.append(j, 2000))
	}
	check(t, m.verify(t, j))
	if s := j.Size(); s != 6*small.SegmentBytes {
		t.Errorf("size %d", s)
	}
}

// TestRecycling: trimmed files are written again, at most MaxSpare wait until they are shed, and reading goes on under a trim.
func TestRecycling(t *testing.T) {
	mem := disk.Memory()
	made := 0
	fs := disk.Failing(mem, func(op disk.Op, _ string) error {
		if op == disk.OpCreate {
			made++
		}
		return nil
	})
	j, err := Open(fs, "j", small)
	check(t, err)
	m := newModel()
	for range 60 {
		check(t, m.append(j, 3000))
		_, m.trimmed = j.Span()
		check(t, j.TrimBefore(m.trimmed))
	}
	if made != 2 || j.Size() != 2*small.SegmentBytes {
		t.Errorf("%d files made, %d bytes", made, j.Size())
	}
	for range 30 {
		check(t, m.append(j, 3000))
	}
	read := 0
	check(t, j.Replay(m.trimmed, func(p Position, b []byte) error {
		read++
		number(t, b)
		check(t, j.TrimBefore(p+1))
		return m.append(j, 3000)
	}))
	if read != 30 {
		t.Errorf("%d frames read while they were trimmed", read)
	}
	var total int64
	free := 0
	for _, info := range files(t, mem) {
		total += info.Size
		if strings.HasSuffix(info.Name, ".free") {
			free++
		}
	}
	if total != j.Size() || free != MaxSpare || j.Used() != total-MaxSpare*small.SegmentBytes {
		t.Errorf("%d bytes on disk, %d told, %d used, %d files free", total, j.Size(), j.Used(), free)
	}
	j, err = Open(fs, "j", small)
	check(t, err)
	if j.Size() != total {
		t.Errorf("%d bytes after opening, %d before", j.Size(), total)
	}
	check(t, j.Shed())
	total = 0
	for _, info := range files(t, mem) {
		total += info.Size
	}
	if total != j.Size() || total != j.Used() {
		t.Errorf("without free files there are %d bytes, %d told, %d used", total, j.Size(), j.Used())
	}
	check(t, m.append(j, 3000))
	m.trimmed, _ = j.Span()
	check(t, m.verify(t, j))
}

func TestNumbering(t *testing.T) {
	mem, m := filled(t, 4)
	j, err := Open(mem, "j", Options{SegmentBytes: small.SegmentBytes, Next: 5})
	check(t, err)
	if first, next := j.Span(); first != 1 || next != 9 {
		t.Errorf("span %d to %d", first, next)
	}
	check(t, m.verify(t, j))
	for range 2 { // the owner knows more than the folder: the numbers leap, and stay there
		j, err = Open(mem, "j", Options{SegmentBytes: small.SegmentBytes, Next: 100})
		check(t, err)
		m.trimmed = 100
		check(t, m.append(j, 1))
	}
	j, err = Open(mem, "j", small)
	check(t, err)
	check(t, m.verify(t, j))
	if m.acked[8] != 100 || m.acked[9] != 101 {
		t.Errorf("positions %d, %d", m.acked[8], m.acked[9])
	}
	check(t, j.TrimBefore(100))
	var corrupt *Corrupt
	if err := j.Replay(99, func(Position, []byte) error { return nil }); !errors.As(err, &corrupt) || corrupt.Lost() != 1 {
		t.Errorf("a frame that is not here any more: %v", err)
	}
}

// TestResume reads a long segment in many small replays: each finds its place without reading from the beginning.
func TestResume(t *testing.T) {
	mem := disk.Memory()
	reads := 0
	fs := disk.Failing(mem, func(op disk.Op, _ string) error {
		if op == disk.OpRead {
			reads++
		}
		return nil
	})
	j, err := Open(fs, "j", Options{SegmentBytes: 32 << 20})
	check(t, err)
	for i := range 100 {
		_, err := j.Append(t.Context(), payload(i, 200<<10))
		check(t, err)
	}
	enough := errors.New("enough")
	for i := range 100 {
		reads = 0
		err := j.Replay(Position(i+1), func(_ Position, b []byte) error {
			if number(t, b) != i {
				t.Fatalf("frame %d is not at its position", i)
			}
			return enough
		})
		if err != enough || reads > 3 {
			t.Fatalf("frame %d: %v after %d reads", i, err, reads)
		}
	}
}

func TestForeignFiles(t *testing.T) {
	mem, m := filled(t, 4)
	for _, name := range []string{"lock", "x.seg", "0000000000000001.seg", "zz-zz.seg", "readme.free", "0000000000000063.new", "0000000000000062.free"} {
		check(t, disk.WriteFileAtomic(mem, "j/"+name, []byte("x")))
	}
	j, err := Open(mem, "j", small)
	check(t, err)
	check(t, m.append(j, 1))
	check(t, m.verify(t, j))
	for name, want := range map[string]bool{"lock": true, "x.seg": true, "readme.free": true, "0000000000000063.new": false, "0000000000000062.free": false} {
		if _, err := mem.Stat("j/" + name); (err == nil) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	for _, size := range []int{4 << 10, 64 << 10, 290 << 10} {
		b.Run(fmt.Sprintf("%dKB", size>>10), func(b *testing.B) {
			j := benchmarked(b)
			bytes := payload(1, size)
			b.SetBytes(int64(size))
			for b.Loop() {
				appendAndTrim(b, j, bytes)
			}
		})
	}
}

func BenchmarkAppendEightWriters(b *testing.B) {
	const size, writers = 290 << 10, 8
	j := benchmarked(b)
	bytes := payload(1, size)
	b.SetBytes(size)
	b.SetParallelism(writers / 2)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			appendAndTrim(b, j, bytes)
		}
	})
}

// appendAndTrim trims as seldom as a store that has sealed a part.
func appendAndTrim(b *testing.B, j *Journal, bytes []byte) {
	p, err := j.Append(b.Context(), bytes)
	if err != nil {
		b.Error(err)
	}
	if p%64 == 0 {
		if err := j.TrimBefore(p); err != nil {
			b.Error(err)
		}
	}
}

func BenchmarkReplay(b *testing.B) {
	j := benchmarked(b)
	for range 200 {
		_, err := j.Append(b.Context(), payload(1, 290<<10))
		check(b, err)
	}
	b.SetBytes(200 * 290 << 10)
	for b.Loop() {
		check(b, j.Replay(0, func(Position, []byte) error { return nil }))
	}
}

func benchmarked(b *testing.B) *Journal {
	b.Helper()
	j, err := Open(disk.Real(), filepath.ToSlash(b.TempDir()), Options{})
	check(b, err)
	for range 4 * defaultSegmentBytes >> 20 { // so that the files exist and are recycled, as in a server that has run for a while
		p, err := j.Append(b.Context(), make([]byte, 1<<20))
		check(b, err)
		check(b, j.TrimBefore(p))
	}
	b.Cleanup(func() { check(b, j.Close()) })
	return j
}
