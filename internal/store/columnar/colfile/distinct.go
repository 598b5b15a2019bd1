package colfile

import (
	"cmp"
	"slices"
)

// distinctTexts finds the different texts, unless they are too many.
func (s *sheet) distinctTexts(offs []uint32, all []byte) (values []string, codes []uint32, ok bool) {
	n := len(offs) - 1
	t := &s.trial
	t.restart(trialRows)
	codes = s.room.codes.some(n)
	for i := range n {
		codes = append(codes, t.id(all[offs[i]:offs[i+1]]))
		if i == trialRows && len(t.texts) > trialRows*9/10 && !s.worthTerms(offs, all) {
			return nil, nil, false
		}
	}
	ok = len(t.texts) <= smallDictionary || float64(len(t.texts)) <= mostDistinct*float64(n)
	return t.keep(), codes, ok
}

// trialRows is how many rows decide whether a full pass is worth it.
const trialRows = 512

// distinctNumbers gives the different numbers in their order, a code for each
// number, appended to codes, and the place of each code in the order; unless they
// are more than a dictionary is worth.
func distinctNumbers(into []uint32, nums []int64) (list []int64, place, codes []uint32, ok bool) {
	const slots = 1024
	var keys [slots]int64
	var ids [slots]uint32 // id+1
	codes = into
	for _, n := range nums {
		p := uint64(n) * 0x9e3779b97f4a7c15 >> 54
		for ids[p] != 0 && keys[p] != n {
			p = (p + 1) % slots
		}
		if ids[p] == 0 {
			if len(list) == mostNumbers {
				return nil, nil, nil, false
			}
			list = append(list, n)
			keys[p], ids[p] = n, uint32(len(list))
		}
		codes = append(codes, ids[p]-1)
	}
	order := counting(len(list))
	slices.SortFunc(order, func(a, b uint32) int { return cmp.Compare(list[a], list[b]) })
	out := make([]int64, len(list))
	for rank, id := range order {
		out[rank] = list[id]
	}
	return out, inverse(order), codes, true
}

// mostNumbers is how many different numbers still are codes: status codes,
// counts, quotas. Their codes then fit a byte.
const mostNumbers = 256
