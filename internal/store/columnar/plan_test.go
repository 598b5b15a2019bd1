package columnar

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// partsOf makes facts of parts of so many rows, one after the other in time.
func partsOf(rows ...int64) []facts {
	list := make([]facts, len(rows))
	for i, n := range rows {
		list[i] = facts{number: uint64(i + 1), rows: n, groups: 1, minTime: int64(i), maxTime: int64(i)}
	}
	return list
}

func repeated(n int, rows int64) []int64 { return slices.Repeat([]int64{rows}, n) }

func TestPlanMerges(t *testing.T) {
	const group = 1 << 16
	for _, c := range []struct {
		name string
		rows []int64
		rest bool
		want string
	}{
		{"nothing", nil, true, ""},
		{"one part", []int64{5}, true, ""},
		{"too few to be worth it yet", repeated(7, group), false, ""},
		{"eight alike", repeated(8, group), false, "0-7"},
		{"seventeen alike", repeated(17, group), false, "0-7 8-15"},
		{"many tiny ones at once", repeated(40, 3), false, "0-39"},
		{"tiny and large apart", append(repeated(8, 100), repeated(3, group)...), false, "0-7"},
		{"full ones stay", repeated(20, fullRows), true, ""},
		{"at rest, all that are alike", repeated(7, group), true, "0-6"},
		{"at rest, a little beside much stays", []int64{group, 10}, true, ""},
		{"at rest, two tiny ones", []int64{1, 900}, true, "0-1"},
		{"at rest, what gathers to double the next", []int64{8 * group, 8 * group, group, group}, true, "0-3"},
		{"at rest, no further than a full one", repeated(3, fullRows/2), true, "0-1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, set := range planMerges(partsOf(c.rows...), c.rest) {
				slices.Sort(set)
				got = append(got, fmt.Sprintf("%d-%d", set[0], set[len(set)-1]))
			}
			if text := strings.Join(got, " "); text != c.want {
				t.Errorf("got %q, want %q", text, c.want)
			}
		})
	}
}

// TestPlansEnd carries plans out on sizes alone: no part is in two merges, and
// the plans come to an end with few parts, having written no row too often.
func TestPlansEnd(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 50 {
		var list []facts
		total, written := int64(0), int64(0)
		for i := range 200 {
			n := int64(1) << r.IntN(17)
			total += n
			list = append(list, facts{number: uint64(i + 1), rows: n, minTime: int64(i)})
			for plan := planMerges(list, false); len(plan) > 0; plan = planMerges(list, false) {
				list = carryOut(t, list, plan, &written)
			}
		}
		if len(list) > 60 || written > 6*total {
			t.Fatalf("%d parts are left, %d rows were written for %d", len(list), written, total)
		}
		for plan := planMerges(list, true); len(plan) > 0; plan = planMerges(list, true) {
			list = carryOut(t, list, plan, &written)
		}
		if len(list) > 12 {
			t.Fatalf("%d parts are left at rest", len(list))
		}
	}
}

func carryOut(t *testing.T, list []facts, plan [][]int, written *int64) []facts {
	t.Helper()
	used := map[int]bool{}
	var made []facts
	for _, set := range plan {
		sum := facts{number: list[set[0]].number, minTime: list[set[0]].minTime}
		for _, i := range set {
			if used[i] {
				t.Fatalf("part %d is in two merges", i)
			}
			used[i] = true
			sum.rows += list[i].rows
		}
		if len(set) < 2 {
			t.Fatal("a merge of one part")
		}
		*written += sum.rows
		made = append(made, sum)
	}
	for i, f := range list {
		if !used[i] {
			made = append(made, f)
		}
	}
	return made
}
