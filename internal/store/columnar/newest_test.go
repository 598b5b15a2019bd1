package columnar

import (
	"slices"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/disk"
	"github.com/plumbline/plumbline/internal/scan"
)

// The newest rows are the first of all rows, however few pages are looked through for
// them: whether the last page has them, some pages, or only all.
func TestNewestOfManyPages(t *testing.T) {
	s := mustOpen(t, disk.Memory(), small())
	defer func() { _ = s.Close() }()
	m := newMaker(23)
	m.spread = 15 * time.Minute // one partition
	for range 4 {               // that are merged into a group, or overlap
		if err := s.Append(t.Context(), batchOf(m.lines("app", 7000))); err != nil {
			t.Fatal(err)
		}
		if err := s.sealAll(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	ask := func(filter string, from time.Time, limit int) ([]string, *scan.Read) {
		will := everything()
		will.From, will.Order, will.Limit, will.Where = from.UnixNano(), scan.NewestFirst, limit, search(t, filter)
		will.All, will.Fields = false, []string{"mark", "_msg"}
		return shown(t, s, will)
	}
	oldest := testNow.Add(-time.Hour)
	for range 2 {
		for _, filter := range []string{"*", "level=error", "not level=error", "user_id=usr_3", "duration>4.9", "request", "*7a1*", "odd=seven or odd=3",
			"level=warn http_status=500", "request_id=*00*", "absent", "mark>27990", "mark=17"} {
			for _, from := range []time.Time{oldest, testNow.Add(-7 * time.Minute)} {
				all, _ := ask(filter, from, 0)
				for _, limit := range []int{1, 40, 500, 4000, 9000} {
					if got, _ := ask(filter, from, limit); !slices.Equal(got, all[:min(limit, len(all))]) {
						t.Errorf("%s from %s: the newest %d are not the first of all %d", filter, from, limit, len(all))
					}
				}
			}
		}
		if err := s.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if _, read := ask("level=error", oldest, 100); read.Rows.Load() > 14000 {
		t.Errorf("%d rows were looked at for the newest hundred", read.Rows.Load())
	}
}
