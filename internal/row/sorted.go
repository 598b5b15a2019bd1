package row

import (
	"cmp"
	"slices"
)

// SortKey is a column to sort rows by.
type SortKey struct {
	Col     *Column
	Falling bool
}

// Sorted are the first of n rows in the order of these keys (Compare), the first
// key being most important. What is missing comes last, rising or falling; rows
// that are equal stay in their order.
//
// Rows are sorted by one key, then each run of equal ones by the next: a key is
// looked at only where those in front leave a tie, and only in runs from which
// some of the rows asked for come.
func Sorted(keys []SortKey, n, first int) []uint32 {
	s := sorter{keys: make([]sortColumn, len(keys)), first: min(first, n), rows: make([]sortRow, n)}
	for k, key := range keys {
		s.keys[k].SortKey = key
	}
	for i := range s.rows {
		s.rows[i].row = uint32(i)
	}
	s.sort(s.rows, 0, 0)
	out := make([]uint32, s.first)
	for i := range out {
		out[i] = s.rows[i].row
	}
	return out
}

type sorter struct {
	keys  []sortColumn
	first int       // rows asked for
	rows  []sortRow // in the order so far
	spare []sortRow // where rows are moved to and back
}

// sortRow is a row, and a number that stands for what it is being sorted by.
type sortRow struct {
	key uint64
	row uint32
}

// sort puts rows in order that are equal by all keys before k; at is how many
// rows come before them.
func (s *sorter) sort(rows []sortRow, at, k int) {
	if len(rows) < 2 || at >= s.first || k == len(s.keys) {
		return
	}
	c := &s.keys[k]
	if !c.ready {
		c.prepare(len(s.rows))
	}
	if c.missing != nil {
		there := s.divide(rows, func(r uint32) bool { return !c.missing.Has(int(r)) })
		s.sort(rows[there:], at+there, k+1)
		rows = rows[:there]
	}
	switch {
	case c.Col.Kind == Missing || c.Col.Kind == Const:
		s.sort(rows, at, k+1)
	case c.nums != nil:
		for i := range rows {
			rows[i].key = c.key(uint64(c.nums[rows[i].row]) ^ 1<<63)
		}
		s.byKey(rows, at, func(run []sortRow, at int) { s.sort(run, at, k+1) })
	default:
		ahead := s.divide(rows, func(r uint32) bool { return c.isNumber(r) != c.Falling })
		numbers, texts := rows[:ahead], rows[ahead:]
		numbersAt, textsAt := at, at+ahead
		if c.Falling {
			numbers, texts = texts, numbers
			numbersAt, textsAt = textsAt, numbersAt
		}
		s.byValue(numbers, numbersAt, k)
		s.byText(texts, textsAt, k, 0)
	}
}

// divide puts the rows that are in front of the others, and says how many they
// are. Both stay in their order.
func (s *sorter) divide(rows []sortRow, in func(uint32) bool) int {
	n, others := 0, s.room(len(rows))[:0]
	for _, r := range rows {
		if in(r.row) {
			rows[n] = r
			n++
		} else {
			others = append(others, r)
		}
	}
	copy(rows[n:], others)
	return n
}

func (s *sorter) room(n int) []sortRow {
	if len(s.spare) < n {
		s.spare = make([]sortRow, n)
	}
	return s.spare[:n]
}

// byKey sorts rows by their numbers and calls then with each run of equal ones.
func (s *sorter) byKey(rows []sortRow, at int, then func(run []sortRow, at int)) {
	if at >= s.first {
		return
	}
	rows = s.least(rows, s.first-at)
	s.byNumber(rows)
	for i := 0; i < len(rows) && at+i < s.first; {
		end := i + 1
		for end < len(rows) && rows[end].key == rows[i].key {
			end++
		}
		if end > i+1 {
			then(rows[i:end], at+i)
		}
		i = end
	}
}

// leastOf is the share of rows up to which choosing the first ones costs less
// than sorting all.
const leastOf = 8

// least puts the rows of the n least numbers in front, and all others that might
// be among them. It looks at one byte after the other, the highest first, until
// those are few.
func (s *sorter) least(rows []sortRow, n int) []sortRow {
	prefix, below := uint64(0), 0 // rows below the prefix are in for certain
	for shift := 56; shift >= 0 && n < len(rows)/leastOf; shift -= 8 {
		var count [256]int
		for _, r := range rows {
			if shift == 56 || r.key>>(shift+8) == prefix {
				count[byte(r.key>>shift)]++
			}
		}
		b := 0
		for ; below+count[b] < n; b++ {
			below += count[b]
		}
		prefix = prefix<<8 | uint64(b)
		if in := below + count[b]; in < len(rows) {
			kept := s.room(in)[:0]
			for _, r := range rows {
				if r.key>>shift <= prefix {
					kept = append(kept, r)
				}
			}
			rows = rows[:copy(rows, kept)]
		}
	}
	return rows
}

// radixFrom is from how many rows on counting bytes is faster than comparing.
const radixFrom = 256

// byNumber sorts rows by their numbers: byte by byte from the lowest, leaving out
// those in which all are alike.
func (s *sorter) byNumber(rows []sortRow) {
	if len(rows) < radixFrom {
		slices.SortFunc(rows, func(a, b sortRow) int {
			return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.row, b.row))
		})
		return
	}
	varying := uint64(0)
	for _, r := range rows {
		varying |= r.key ^ rows[0].key
	}
	from, to := rows, s.room(len(rows))
	for shift := 0; shift < 64; shift += 8 {
		if byte(varying>>shift) == 0 {
			continue
		}
		var place [256]int
		for _, r := range from {
			place[byte(r.key>>shift)]++
		}
		sum := 0
		for b, n := range place {
			place[b], sum = sum, sum+n
		}
		for _, r := range from {
			b := byte(r.key >> shift)
			to[place[b]] = r
			place[b]++
		}
		from, to = to, from
	}
	if &from[0] != &rows[0] {
		copy(rows, from)
	}
}

// byValue sorts rows that have numbers of several forms.
func (s *sorter) byValue(rows []sortRow, at, k int) {
	c := &s.keys[k]
	compare := func(a, b sortRow) int {
		if c.Falling {
			return Compare(c.value(b.row), c.value(a.row))
		}
		return Compare(c.value(a.row), c.value(b.row))
	}
	slices.SortFunc(rows, func(a, b sortRow) int { return cmp.Or(compare(a, b), cmp.Compare(a.row, b.row)) })
	for i := 0; i < len(rows); {
		end := i + 1
		for end < len(rows) && compare(rows[i], rows[end]) == 0 {
			end++
		}
		s.sort(rows[i:end], at+i, k+1)
		i = end
	}
}

// keyBytes is how many bytes of a text are looked at together: with the number of
// bytes that are left they fill a number.
const keyBytes = 7

// byText sorts rows by texts that have their first from bytes in common.
func (s *sorter) byText(rows []sortRow, at, k, from int) {
	if len(rows) < 2 || at >= s.first {
		return
	}
	c := &s.keys[k]
	from += c.common(rows, from)
	for i := range rows {
		rows[i].key = c.key(beginning(c.text(rows[i].row)[from:]))
	}
	s.byKey(rows, at, func(run []sortRow, at int) {
		if len(c.text(run[0].row)) > from+keyBytes {
			s.byText(run, at, k, from+keyBytes)
		} else {
			s.sort(run, at, k+1)
		}
	})
}

// beginning is the beginning of a text as a number in the same order. A text that
// ends with it has a number of its own.
func beginning(text string) uint64 {
	key := uint64(0)
	for i := range min(len(text), keyBytes) {
		key |= uint64(text[i]) << (56 - 8*i)
	}
	return key | uint64(min(len(text), keyBytes+1))
}
