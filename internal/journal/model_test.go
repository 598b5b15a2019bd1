package journal

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"

	"github.com/plumbline/plumbline/internal/disk"
	"github.com/plumbline/plumbline/internal/fault"
)

var errFull error = syscall.ENOSPC

const smallSegment = 24 << 10 // three groups fill it, so that every history rolls, trims and recycles

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// payload is recognisable: its number and its length follow from its bytes.
func payload(number, size int) []byte {
	b := make([]byte, 12+size)
	binary.LittleEndian.PutUint64(b, uint64(number))
	binary.LittleEndian.PutUint32(b[8:], uint32(size))
	copy(b[12:], pattern(number, size))
	return b
}

// pattern gives size bytes that differ from number to number, without a loop over bytes, which the race detector makes slow.
func pattern(number, size int) []byte {
	seed := fmt.Appendf(nil, "%d, and so on; ", number)
	return bytes.Repeat(seed, size/len(seed)+1)[:size]
}

func number(t testing.TB, b []byte) int {
	t.Helper()
	if len(b) < 12 || int(binary.LittleEndian.Uint32(b[8:])) != len(b)-12 {
		t.Fatalf("a payload of %d bytes that nobody appended", len(b))
	}
	n := int(binary.LittleEndian.Uint64(b))
	if !bytes.Equal(b[12:], pattern(n, len(b)-12)) {
		t.Fatalf("payload %d has other bytes", n)
	}
	return n
}

// model is what a journal must hold: what was acknowledged, where, and what may or may not be there.
type model struct {
	acked   map[int]Position
	unsure  map[int]bool // appended with an error, or under way
	trimmed Position
	count   int // of payloads made so far
}

func newModel() *model { return &model{acked: map[int]Position{}, unsure: map[int]bool{}} }

// append appends some payloads to the journal and notes the outcome.
func (m *model) append(j *Journal, sizes ...int) error {
	first := m.count
	var payloads [][]byte
	for _, size := range sizes {
		payloads = append(payloads, payload(m.count, size))
		m.unsure[m.count] = true
		m.count++
	}
	p, err := j.Append(context.Background(), payloads...)
	if err != nil {
		return err
	}
	for i := range sizes {
		delete(m.unsure, first+i)
		m.acked[first+i] = p + Position(i)
	}
	return nil
}

// verify replays a journal and holds it against the model.
func (m *model) verify(t testing.TB, j *Journal) error {
	t.Helper()
	seen, last := map[int]bool{}, Position(0)
	if err := j.Replay(m.trimmed, func(p Position, b []byte) error {
		n := number(t, b)
		at, acked := m.acked[n]
		switch {
		case p <= last:
			return fmt.Errorf("position %d after %d", p, last)
		case seen[n]:
			return fmt.Errorf("payload %d twice", n)
		case acked && at != p:
			return fmt.Errorf("payload %d acknowledged at %d, found at %d", n, at, p)
		case !acked && !m.unsure[n]:
			return fmt.Errorf("payload %d at %d was never appended", n, p)
		}
		seen[n], last = true, p
		return nil
	}); err != nil {
		return err
	}
	for n, p := range m.acked {
		if p >= m.trimmed && !seen[n] {
			return fmt.Errorf("payload %d, acknowledged at %d, is lost", n, p)
		}
	}
	return nil
}

// settle takes over what a recovered journal holds: what was unsure is there now, or not for ever.
func (m *model) settle(t testing.TB, j *Journal) {
	t.Helper()
	check(t, j.Replay(m.trimmed, func(p Position, b []byte) error {
		m.acked[number(t, b)] = p
		return nil
	}))
	m.unsure = map[int]bool{}
}

func (m *model) clone() *model {
	c := *m
	c.acked, c.unsure = map[int]Position{}, map[int]bool{}
	for n, p := range m.acked {
		c.acked[n] = p
	}
	for n := range m.unsure {
		c.unsure[n] = true
	}
	return &c
}

// step does one random thing to the journal. It returns the journal, another one after a restart.
func (m *model) step(t testing.TB, rng *rand.Rand, fs disk.FS, j *Journal) *Journal {
	t.Helper()
	switch way := rng.IntN(20); {
	case way < 14:
		sizes := make([]int, 1+rng.IntN(4))
		for i := range sizes {
			sizes[i] = rng.IntN(1 << rng.IntN(13))
		}
		check(t, m.append(j, sizes...))
	case way < 17:
		first, next := j.Span()
		p := first + Position(rng.Uint64N(uint64(next-first)+1))
		m.trimmed = max(m.trimmed, p)
		check(t, j.TrimBefore(p))
	case way < 18:
		check(t, m.append(j, smallSegment)) // more than a segment holds
	default:
		if way == 18 {
			check(t, j.Close())
		}
		var err error
		j, err = Open(fs, "j", Options{SegmentBytes: smallSegment})
		check(t, err)
	}
	return j
}

// TestPowerCuts cuts the power before every operation of random histories, several times each. Whatever the cut leaves opens, holds all that was
// acknowledged, nothing twice and nothing strange, and goes on working: the copy appends, has its power cut too, and is checked again.
func TestPowerCuts(t *testing.T) { t.Logf("%d power cuts", cutPower(t, 1)) }

func cutPower(t *testing.T, histories int) (cuts int) {
	t.Helper()
	for seed := range uint64(histories) {
		rng := rand.New(rand.NewPCG(seed, 7))
		m, crash := newModel(), disk.Crashable()
		fs := disk.Failing(crash, func(op disk.Op, _ string) error {
			for range 2 {
				cuts++
				if err := survive(t, rng, m.clone(), crash.Clone(rng)); err != nil {
					t.Fatalf("seed %d, before %s: %v", seed, op, err)
				}
			}
			return nil
		})
		j, err := Open(fs, "j", Options{SegmentBytes: smallSegment})
		check(t, err)
		for range 60 {
			j = m.step(t, rng, fs, j)
		}
		if err := m.verify(t, j); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
	return cuts
}

func survive(t testing.TB, rng *rand.Rand, m *model, fs *disk.Crash) error {
	for range 2 {
		j, err := Open(fs, "j", Options{SegmentBytes: smallSegment})
		if err != nil {
			return err
		}
		if err := m.verify(t, j); err != nil {
			return err
		}
		if err := j.Replay(0, func(Position, []byte) error { return nil }); err != nil {
			return fmt.Errorf("with what was trimmed: %w", err)
		}
		m.settle(t, j)
		for range rng.IntN(3) {
			if err := m.append(j, rng.IntN(100), rng.IntN(3000)); err != nil {
				return err
			}
		}
		if err := m.verify(t, j); err != nil {
			return fmt.Errorf("after appending: %w", err)
		}
		fs = fs.Clone(rng)
	}
	return nil
}

// TestKills ends the process before each operation in turn, as kill -9 does: the next start sees what was written, synced or not. What it finds
// counts from then on, also after a power cut.
func TestKills(t *testing.T) {
	killed := errors.New("killed")
	for n := int64(1); ; n++ {
		rng := rand.New(rand.NewPCG(uint64(n), 5))
		m, crash, ops := newModel(), disk.Crashable(), int64(0)
		fs := disk.Failing(crash, func(op disk.Op, _ string) error {
			if ops++; ops >= n {
				panic(killed)
			}
			if op == disk.OpSync && rng.IntN(4) == 0 {
				return errors.New("input/output error")
			}
			return nil
		})
		live(t, rng, m, fs)
		for range 4 {
			if err := survive(t, rng, m.clone(), crash.Clone(rng)); err != nil {
				t.Fatalf("power cut and kill before operation %d: %v", n, err)
			}
		}
		j, err := Open(crash, "j", Options{SegmentBytes: smallSegment})
		check(t, err)
		if err := m.verify(t, j); err != nil {
			t.Fatalf("killed before operation %d: %v", n, err)
		}
		m.settle(t, j)
		check(t, m.append(j, 1))
		for range 8 {
			if err := survive(t, rng, m.clone(), crash.Clone(rng)); err != nil {
				t.Fatalf("killed before operation %d, then a power cut: %v", n, err)
			}
		}
		if ops < n {
			return
		}
	}
}

// live does some work, until the end or until it is killed.
func live(t *testing.T, rng *rand.Rand, m *model, fs disk.FS) {
	defer func() { _ = recover() }()
	j, err := Open(fs, "j", Options{SegmentBytes: smallSegment})
	if err != nil {
		return
	}
	for i := range 12 {
		_ = m.append(j, 3000, rng.IntN(2000))
		if i%5 == 4 {
			_, next := j.Span()
			m.trimmed = next - 3
			_ = j.TrimBefore(m.trimmed)
		}
	}
}

// TestEveryOperationFails fails the first operation of a scenario, then the second, until it runs clean; each with every sort of failure, once
// and from then on for a while. The journal lives, nothing acknowledged is lost or doubled, then and after a power cut.
func TestEveryOperationFails(t *testing.T) {
	eio := errors.New("input/output error")
	for name, c := range map[string]struct {
		failure error
		times   int64
	}{
		"broken": {eio, 1}, "full for long": {errFull, 5}, "all written, then broken": {&disk.Short{Keep: 1 << 30, Err: eio}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			for n := int64(1); ; n++ {
				if failFrom(t, n, c.times, c.failure) < n {
					t.Logf("%d operations", n-1)
					break
				}
			}
		})
	}
}

func failFrom(t *testing.T, n, times int64, failure error) (ops int64) {
	rng := rand.New(rand.NewPCG(uint64(n), 3))
	m, crash := newModel(), disk.Crashable()
	fs := disk.Failing(crash, nil)
	*fs = *disk.Failing(crash, func(disk.Op, string) error {
		if ops++; ops >= n && ops < n+times {
			return failure
		}
		return nil
	})
	fail := func(err error) { t.Helper(); t.Fatalf("operation %d: %v", n, err) }
	open := func() (j *Journal) {
		for range times + 1 { // each failure is used up by one attempt at least
			var err error
			if j, err = Open(fs, "j", Options{SegmentBytes: smallSegment}); err == nil {
				return j
			}
		}
		fail(errors.New("does not open"))
		return nil
	}
	for round := range 2 {
		j := open()
		for i := range 6 {
			err := m.append(j, 3000, 100*i)
			if (failure == errFull) && err != nil && !fault.Is(err, fault.Busy) {
				fail(fmt.Errorf("a full disk is not Busy: %w", err))
			}
			if i == 4 {
				_, next := j.Span()
				m.trimmed = next - 3
				_ = j.TrimBefore(m.trimmed)
			}
		}
		for range times { // it works again by itself once the disk does
			_ = m.append(j, 1)
		}
		for _, attempt := range []func() error{
			func() error { return m.append(j, 1) },
			func() error { return m.verify(t, j) },
		} {
			for healthy := false; !healthy; {
				before := ops
				err := attempt()
				healthy = ops < n || before >= n+times
				if err != nil && healthy {
					fail(err)
				}
			}
		}
		if round > 0 {
			if err := survive(t, rng, m, crash.Clone(rng)); err != nil {
				fail(fmt.Errorf("after a power cut: %w", err))
			}
		}
		_ = j.Close()
	}
	return ops
}
