package related

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// rows are all rows there are; the simplest Need.
type rows []Row

func (list rows) Find(ctx context.Context, hop *Hop) error {
	for _, r := range list {
		if hop.Enough() {
			return nil
		}
		if r.Time >= hop.From && r.Time < hop.To {
			hop.Offer(r)
		}
	}
	return ctx.Err()
}

// table makes rows of texts like "message_id=a bulk_id=b", a second apart.
func table(lines ...string) rows {
	var list rows
	for i, line := range lines {
		r := Row{Time: int64(i) * 1e9, Dataset: "app", Seq: int64(i + 1), Ref: i}
		for f := range strings.FieldsSeq(line) {
			kind, text, _ := strings.Cut(f, "=")
			r.IDs = append(r.IDs, ID{kind, text})
		}
		list = append(list, r)
	}
	return list
}

// wide caps bind nothing.
func wide() Caps {
	return Caps{Depth: 1000, IDs: 1e6, Rows: 1e6, Degree: 1e6, Within: 1e15}
}

func walked(t *testing.T, list rows, caps Caps, start ...int) *Answer {
	t.Helper()
	var seeds []Row
	for _, i := range start {
		seeds = append(seeds, list[i])
	}
	a, err := Walk(t.Context(), seeds, caps, list)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// shown is an answer as "ref/distance/via …".
func (a *Answer) shown() string {
	var parts []string
	for _, s := range a.Steps {
		p := fmt.Sprintf("%d/%d", s.Ref, s.Distance)
		if s.Via != (ID{}) {
			p += "/" + s.Via.String()
		}
		parts = append(parts, p)
	}
	for _, c := range a.Cuts {
		parts = append(parts, "cut:"+string(c.Cap))
	}
	return strings.Join(parts, " ")
}

func TestLinksRefusesWhatIsNoID(t *testing.T) {
	for _, text := range []string{"", "-", "null", "None", "n/a", "0", "000000", "00000000-0000-0000-0000-000000000000", strings.Repeat("x", 1<<20)} {
		if Links(text) {
			t.Errorf("%.20q links", text)
		}
	}
	for _, text := range []string{"7", "abc", `a"b'c`, "a\x00b", "10", "ä", strings.Repeat("x", MaxIDBytes)} {
		if !Links(text) {
			t.Errorf("%.20q does not link", text)
		}
	}
}

func TestWalks(t *testing.T) {
	tight := func(change func(*Caps)) Caps { c := wide(); change(&c); return c }
	chain := table("m=1", "m=1 r=2", "r=2 d=3", "d=3 e=4", "e=4")
	for _, c := range []struct {
		name  string
		list  rows
		caps  Caps
		start []int
		want  string
	}{
		{"chain", chain, wide(), []int{0}, "0/0 1/1/m=1 2/2/r=2 3/3/d=3 4/4/e=4"},
		{"from the end", chain, wide(), []int{4}, "4/0 3/1/e=4 2/2/d=3 1/3/r=2 0/4/m=1"},
		{"cycle", table("a=1 b=1", "b=1 c=1", "c=1 a=1"), wide(), []int{0}, "0/0 1/1/b=1 2/1/a=1"},
		{"an id twice in a row", table("a=1 a=1", "a=1"), wide(), []int{0}, "0/0 1/1/a=1"},
		{"same text, other kind", table("a=1", "b=1"), wide(), []int{0}, "0/0"},
		{"no ids", table("", "a=1"), wide(), []int{0}, "0/0"},
		{"depth is said", chain, tight(func(c *Caps) { c.Depth = 2 }), []int{0}, "0/0 1/1/m=1 2/2/r=2 cut:depth"},
		{"depth that suffices is not", chain, tight(func(c *Caps) { c.Depth = 4 }), []int{0}, "0/0 1/1/m=1 2/2/r=2 3/3/d=3 4/4/e=4"},
		{"rows", chain, tight(func(c *Caps) { c.Rows = 3 }), []int{0}, "0/0 1/1/m=1 2/2/r=2 cut:rows"},
		{"ids", chain, tight(func(c *Caps) { c.IDs = 2 }), []int{0}, "0/0 1/1/m=1 2/2/r=2 cut:max"},
		{"a hub is not followed", table("m=1 h=1", "h=1", "h=1", "m=1"), tight(func(c *Caps) { c.Degree = 2 }), []int{0}, "0/0 3/1/m=1 cut:degree"},
		{"a hub in the middle", table("m=1", "m=1 h=1", "h=1 z=1", "h=1", "h=1", "m=1 z=1"), tight(func(c *Caps) { c.Degree = 3 }), []int{1}, "1/0 0/1/m=1 5/1/m=1 2/2/z=1 cut:degree"},
		{"time apart", table("m=1", "m=1", "m=1"), tight(func(c *Caps) { c.Within = 1e9 }), []int{0}, "0/0 1/1/m=1 2/2/m=1"},
		{"too far apart", table("m=1", "", "m=1"), tight(func(c *Caps) { c.Within = 1e9 }), []int{0}, "0/0"},
		{"late", chain, tight(func(c *Caps) { c.Late = func() bool { return true } }), []int{0}, "0/0 cut:time"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := walked(t, c.list, c.caps, c.start...).shown(); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// A million rows share one id: the walk ends, holds little, and says why.
func TestAMillionNeighbours(t *testing.T) {
	list := make(rows, 1_000_001)
	for i := range list {
		list[i] = Row{Time: int64(i), Seq: int64(i + 1), IDs: []ID{{"bulk_id", "b"}}, Ref: i}
	}
	list[0].IDs = append(list[0].IDs, ID{"message_id", "m"})
	list[len(list)-1].IDs = []ID{{"message_id", "m"}}
	caps := wide()
	caps.Degree = 1000
	a := walked(t, list, caps, 0)
	if got, want := a.shown(), "0/0 1000000/1/message_id=m cut:degree"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := a.Cuts[0].Say(caps); got != "not followed, as more than 1000 rows hold it: bulk_id=b; degree= sets how many may" {
		t.Error(got)
	}
}

func TestTheEndsOfTime(t *testing.T) {
	list := rows{{Time: math.MinInt64, Seq: 1, IDs: []ID{{"a", "1"}}}, {Time: math.MaxInt64 - 1, Seq: 2, IDs: []ID{{"a", "1"}}, Ref: 1}}
	caps := wide()
	if got := walked(t, list, caps, 0).shown(); got != "0/0" {
		t.Error(got)
	}
	caps.Within = math.MaxInt64
	if got := walked(t, list, caps, 1).shown(); got != "1/0" {
		t.Error(got)
	}
}

// randomRows are rows of few ids of some kinds, so that they hang together in
// parts.
func randomRows(rng *rand.Rand) rows {
	list := make(rows, 1+rng.IntN(40))
	values := 1 + rng.IntN(2*len(list))
	for i := range list {
		list[i] = Row{Time: rng.Int64N(100), Dataset: []string{"app", "comm"}[rng.IntN(2)], Seq: int64(i + 1), Ref: i}
		for range rng.IntN(4) {
			list[i].IDs = append(list[i].IDs, ID{[]string{"m", "b"}[rng.IntN(2)], fmt.Sprint(rng.IntN(values))})
		}
	}
	return list
}

// components is the model: union-find over rows that share an id and lie near
// each other.
func components(list rows, within int64) func(i int) int {
	boss := make([]int, len(list))
	for i := range boss {
		boss[i] = i
	}
	find := func(i int) int {
		for boss[i] != i {
			i = boss[i]
		}
		return i
	}
	for i := range list {
		for k := range i {
			if near(list[i], list[k], within) {
				boss[find(i)] = find(k)
			}
		}
	}
	return find
}

func near(a, b Row, within int64) bool {
	d := a.Time - b.Time
	return d <= within && -d <= within && slices.ContainsFunc(a.IDs, func(x ID) bool { return slices.Contains(b.IDs, x) })
}

// distances are the hops from a row, by the slowest way there is.
func distances(list rows, start int, within int64) map[int]int {
	at := map[int]int{start: 0}
	for d := 0; ; d++ {
		grown := false
		for i := range list {
			for k, dk := range at {
				if _, known := at[i]; !known && dk == d && near(list[i], list[k], within) {
					at[i] = d + 1
					grown = true
				}
			}
		}
		if !grown {
			return at
		}
	}
}

// TestRandomGraphs holds the walk against union-find, and its distances against
// a plain search in breadth, on many small graphs.
func TestRandomGraphs(t *testing.T) {
	for n := range uint64(10_000) {
		rng := rand.New(rand.NewPCG(n, 4))
		list := randomRows(rng)
		caps := wide()
		if rng.IntN(2) == 0 {
			caps.Within = rng.Int64N(60)
		}
		start := rng.IntN(len(list))
		a := walked(t, list, caps, start)
		find, far := components(list, caps.Within), distances(list, start, caps.Within)
		want := 0
		for i := range list {
			if find(i) == find(start) {
				want++
			}
		}
		if len(a.Steps) != want || len(a.Cuts) > 0 {
			t.Fatalf("graph %d: %d rows, union-find has %d; %v", n, len(a.Steps), want, a.Cuts)
		}
		for _, s := range a.Steps {
			if find(s.Ref) != find(start) || far[s.Ref] != s.Distance {
				t.Fatalf("graph %d: row %d at %d, want %d", n, s.Ref, s.Distance, far[s.Ref])
			}
			if s.Distance > 0 && !slices.Contains(list[s.Ref].IDs, s.Via) {
				t.Fatalf("graph %d: row %d reached by %s, which it does not hold", n, s.Ref, s.Via)
			}
		}
	}
}

// TestOrderDoesNotMatter: the same rows in another order give the same answer,
// also where caps bind.
func TestOrderDoesNotMatter(t *testing.T) {
	for n := range uint64(2_000) {
		rng := rand.New(rand.NewPCG(n, 9))
		list := randomRows(rng)
		caps := Caps{Depth: 1 + rng.IntN(4), IDs: 1 + rng.IntN(20), Rows: 1 + rng.IntN(20), Degree: 1 + rng.IntN(5), Within: rng.Int64N(100)}
		start := []Row{list[0]}
		one, err := Walk(t.Context(), start, caps, list)
		if err != nil {
			t.Fatal(err)
		}
		mixed := slices.Clone(list)
		rng.Shuffle(len(mixed), func(i, k int) { mixed[i], mixed[k] = mixed[k], mixed[i] })
		two, err := Walk(t.Context(), start, caps, mixed)
		if err != nil {
			t.Fatal(err)
		}
		if one.shown() != two.shown() || !slices.Equal(one.IDs, two.IDs) {
			t.Fatalf("graph %d:\n%s\n%s", n, one.shown(), two.shown())
		}
	}
}

func TestFoundIDsSayWhenAndHowOften(t *testing.T) {
	a := walked(t, table("m=1", "m=1 b=2", "b=2"), wide(), 0)
	want := []Found{
		{ID: ID{"m", "1"}, Distance: 0, Rows: 2, First: 0, Last: 1e9},
		{ID: ID{"b", "2"}, Distance: 1, Rows: 2, First: 1e9, Last: 2e9},
	}
	if !slices.Equal(a.IDs, want) {
		t.Errorf("got %+v", a.IDs)
	}
}

func TestAFailingNeedFails(t *testing.T) {
	_, err := Walk(t.Context(), table("a=1"), wide(), broken{})
	if err == nil || err.Error() != "the disk is gone" {
		t.Error(err)
	}
}

type broken struct{}

func (broken) Find(context.Context, *Hop) error { return fmt.Errorf("the disk is gone") }
