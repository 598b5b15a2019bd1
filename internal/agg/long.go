package agg

import (
	"slices"

	"github.com/plumbline/plumbline/internal/row"
)

// longNumbers are the numbers that the floats they are held as do not give back,
// by group and by the ordered bits of those: whole numbers above 2^53 beside
// fractions, or beside floats.
type longNumbers struct {
	of  map[longKey][]row.Value
	len int
}

type longKey struct {
	group uint32
	bits  int64
}

// longBytes is about what one of them takes.
const longBytes = 128

// floatsGiveBack is up to which mantissa a float gives all digits back.
const floatsGiveBack = 1e15

// add keeps mantissa · 10^-digits for a group when f, the float nearest to it, is
// another number.
func (l *longNumbers) add(mantissa int64, digits uint8, f float64, group uint32) {
	if mantissa > -floatsGiveBack && mantissa < floatsGiveBack {
		return
	}
	if v := decimalOf(mantissa, digits); row.Compare(v, row.FloatOf(f)) != 0 {
		l.keep(longKey{group, orderedBits(f)}, v)
	}
}

func (l *longNumbers) keep(k longKey, list ...row.Value) {
	if l.of == nil {
		l.of = map[longKey][]row.Value{}
	}
	l.of[k] = append(l.of[k], list...)
	l.len += len(list)
}

// merge takes in those of another; group g there is to[g] here.
func (l *longNumbers) merge(o *longNumbers, to []uint32) {
	for k, list := range o.of {
		l.keep(longKey{to[k.group], k.bits}, list...)
	}
}

// amongEqual is the number of a rank, from 0, that is held as the float of these bits,
// as are some long numbers.
func amongEqual[T integer](parts [][]T, bits int64, long []row.Value, rank int) row.Value {
	equal := 0
	for _, part := range parts {
		for _, v := range part {
			if int64(v) < bits {
				rank--
			} else if int64(v) == bits {
				equal++
			}
		}
	}
	all := slices.Clone(long)
	for len(all) < equal {
		all = append(all, row.FloatOf(fromOrderedBits(bits)))
	}
	slices.SortFunc(all, row.Compare)
	return all[rank]
}
