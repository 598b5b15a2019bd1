package columnar

import (
	"context"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/disk"
)

// TestAppendedMeanwhile appends lines to the partition that is being sealed,
// merged or dropped, at each moment of that; they are there, also after a
// kill.
func TestAppendedMeanwhile(t *testing.T) {
	does := map[string]func(*Store, context.Context) error{
		"seal":  func(s *Store, ctx context.Context) error { return s.sealAll(ctx) },
		"flush": func(s *Store, ctx context.Context) error { return s.Flush(ctx) },
		"drop":  func(s *Store, ctx context.Context) error { return s.retain(ctx) },
	}
	for what, do := range does {
		for _, moment := range []string{"columnar.frozen", "columnar.part-written", "columnar.part-synced", "columnar.commit", "columnar.committed", "columnar.trim"} {
			t.Run(what+" "+moment, func(t *testing.T) { appendMeanwhile(t, what == "drop", moment, do) })
		}
	}
}

func appendMeanwhile(t *testing.T, drop bool, moment string, do func(*Store, context.Context) error) {
	now := testNow
	mem, opts := disk.Memory(), small()
	opts.Now = func() time.Time { return now }
	opts.Dataset = func(name string) dataset.Dataset {
		d := hourly(name)
		if drop {
			d.Retention.Age = time.Hour
		}
		return d
	}
	var s *Store
	m := newMaker(31)
	m.spread = 10 * time.Minute
	var lines []line
	add := func() {
		more := m.lines("app", 3)
		lines = append(lines, more...)
		mustAppend(t, s, more...)
	}
	armed := false
	s = mustOpen(t, disk.Failing(mem, func(op disk.Op, path string) error {
		if armed && op == disk.OpPoint && path == moment {
			armed = false
			add()
		}
		return nil
	}), opts)
	add()
	if err := s.sealAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	add()
	if drop {
		now, lines = now.Add(3*time.Hour), nil
	}
	armed = true
	if err := do(s, t.Context()); err != nil {
		t.Fatal(err)
	}
	other := m.at("app", now)
	lines = append(lines, other...)
	mustAppend(t, s, other...)
	hour := slotOf(other[0].at, time.Hour) // its seal writes down the other partition, too
	if err := s.seal(t.Context(), func(p *partition, _ bool) bool { return p.slot == hour }); err != nil {
		t.Fatal(err)
	}
	expectLines(t, s, lines, nil)
	_ = s.letGo()
	s = mustOpen(t, mem, opts)
	expectLines(t, s, lines, nil)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = mustOpen(t, mem, opts)
	expectLines(t, s, lines, nil)
	_ = s.letGo()
}
