package query_test

import (
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the zones, also where the machine has none

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/pipe"
	"github.com/plumbline/plumbline/internal/query"
	"github.com/plumbline/plumbline/internal/store/memory"
)

// TestZone: days, weeks and months are those of the zone in which a question is
// asked, also where its clocks change; times are given in UTC all the same.
func TestZone(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 30, 12, 0, 0, 0, berlin) // the clocks went forward the day before
	src := memory.Open(expr.Env{Now: now.UnixNano(), Zone: berlin}, dataset.New("app"))
	c := specCase{lines: []string{
		`{"n":1,"_time":"2026-03-28T22:59:59Z"}`, // 23:59:59 on Saturday
		`{"n":2,"_time":"2026-03-28T23:00:00Z"}`, // midnight: Sunday has begun
		`{"n":3,"_time":"2026-03-29T21:59:59Z"}`, // a second before its end, an hour early
		`{"n":4,"_time":"2026-03-29T22:00:00Z"}`, // Monday
	}}
	appendAll(t, src, c.batches(t, c.random()))
	e := query.New(query.Options{Source: src, Budget: pipe.NewBudget(0), Zone: berlin, Now: func() time.Time { return now }})
	for text, want := range map[string][]string{
		"* | timechart span=1d count": {
			`{"_time":"2026-03-27T23:00:00Z","count":1}`, `{"_time":"2026-03-28T23:00:00Z","count":2}`, `{"_time":"2026-03-29T22:00:00Z","count":1,"_partial":true}`,
		},
		"* | bin span=1w _time | stats count by _time":                                   {`{"_time":"2026-03-22T23:00:00Z","count":3}`, `{"_time":"2026-03-29T22:00:00Z","count":1}`},
		"earliest=@d | table n":                                                          {`{"n":4}`},
		"earliest=-1d@d latest=@d | table n":                                             {`{"n":3}`, `{"n":2}`},
		"earliest=2026-03-29 latest=2026-03-30 | table n":                                {`{"n":3}`, `{"n":2}`},
		`n=2 | eval d = strftime(_time, "%Y-%m-%d %H:%M") | table d`:                     {`{"d":"2026-03-29 00:00"}`},
		`n=2 | eval d = strptime("2026-03-29 12:00", "%Y-%m-%d %H:%M") | table d`:        {`{"d":"2026-03-29T10:00:00Z"}`},
		"earliest=@d | timechart span=1d count | compare 1d | table count, count_before": {`{"count":1,"count_before":1}`},
	} {
		got, _, err := answer(t.Context(), e, text)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s\n  %s\nwant\n  %s\n%v", text, strings.Join(got, "\n  "), strings.Join(want, "\n  "), err)
		}
	}
}
