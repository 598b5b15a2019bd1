package columnar

import (
	"cmp"
	"slices"
)

const (
	// mergeFan parts of like size become one. A row is written anew once for
	// every eightfold growth of its part: twice from a seal to a full part.
	mergeFan = 8
	// fullRows is the size from which a part is not merged any more: the gain
	// is gone, and a merge should not take minutes.
	fullRows = 4 << 20
	// leastTier is the size under which all parts are alike.
	leastTier = 4096
)

// planMerges says which parts of a partition are to become one, by their
// places in list; each set is one merge. Parts next to each other in time are
// preferred, because groups that hardly overlap are copied as they lie.
//
// A partition at rest gets no more rows soon: what is left over is put
// together too, though it is fewer than a merge would usually wait for.
func planMerges(list []facts, rest bool) [][]int {
	byTier := map[int][]int{}
	for i, f := range list {
		if f.rows < fullRows {
			t := tier(f.rows)
			byTier[t] = append(byTier[t], i)
		}
	}
	var out [][]int
	var left []int
	for t := 0; t <= tier(fullRows); t++ {
		places := byTier[t]
		slices.SortFunc(places, func(a, b int) int {
			return cmp.Or(cmp.Compare(list[a].minTime, list[b].minTime), cmp.Compare(list[a].number, list[b].number))
		})
		for len(places) >= mergeFan {
			n := mergeFan
			if t == 0 { // however many: they are small
				n = min(len(places), mostMerged)
			}
			out = append(out, places[:n:n])
			places = places[n:]
		}
		left = append(left, places...)
	}
	if rest && len(out) == 0 {
		out = leftovers(list, left)
	}
	return out
}

// mostMerged bounds the parts of one merge, each of which is an open file.
const mostMerged = 64

// tier is the size of a part in powers of mergeFan.
func tier(rows int64) int {
	t := 0
	for ; rows >= leastTier; rows /= mergeFan {
		t++
	}
	return t
}

// leftovers puts parts together, the smallest first, as long as the result is
// not beyond a full part and gains enough for what it costs: the largest of
// them at least doubles.
func leftovers(list []facts, places []int) [][]int {
	slices.SortFunc(places, func(a, b int) int {
		return cmp.Or(cmp.Compare(list[a].rows, list[b].rows), cmp.Compare(list[a].number, list[b].number))
	})
	take, rows := 0, int64(0)
	for i, p := range places[:min(len(places), mostMerged)] {
		if rows += list[p].rows; rows > fullRows {
			break
		}
		if i > 0 && rows >= 2*list[p].rows || i == 1 && list[p].rows < leastTier {
			take = i + 1
		}
	}
	if take < 2 {
		return nil
	}
	return [][]int{places[:take]}
}
