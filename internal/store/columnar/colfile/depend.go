package colfile

import (
	"cmp"
	"slices"

	"github.com/plumbline/plumbline/internal/row"
)

// A field often follows from another: the data centre from the host, the level
// from the status, the route from the template of the path. Such a field is
// kept as a map from the other's codes, which costs next to nothing.

// findDependents gives every coded vector the smallest other one that decides
// it. It goes from many values to few, so that what decides is never decided
// itself.
func (s *sheet) findDependents() {
	var byCount []*vector
	for _, v := range s.vectors {
		if v.form == formCodes || v.form == formShape {
			byCount = append(byCount, v)
		}
	}
	slices.SortStableFunc(byCount, func(a, b *vector) int { return cmp.Compare(b.count, a.count) })
	var deciding []*vector // directly coded, many values first
	for _, v := range byCount {
		if v.form == formShape || !s.depends(v, deciding) {
			if s.direct(v) {
				deciding = append(deciding, v)
			}
		}
	}
}

// direct reports whether a map of this vector's values would be shorter than
// the codes it saves.
func (s *sheet) direct(v *vector) bool { return 2*v.count <= s.rows }

// depends looks for the one with fewest values that decides v.
func (s *sheet) depends(v *vector, deciding []*vector) bool {
	for i := len(deciding) - 1; i >= 0; i-- {
		by := deciding[i]
		if table, ok := s.mapping(by, v); ok {
			v.form, v.mapped, v.by = formMapped, table, by
			return true
		}
	}
	return false
}

// mapping is the map from the codes of by to those of v, if there is one.
func (s *sheet) mapping(by, v *vector) ([]uint32, bool) {
	table := slices.Grow(s.table[:0], by.count+1)[:by.count+1] // own code + 1; 0: not seen yet
	s.table = table
	clear(table)
	if !agree(table, by.codes, v.codes, uint32(v.count), max(s.rows/trialRows, 1)) ||
		!agree(table, by.codes, v.codes, uint32(v.count), 1) {
		return nil, false
	}
	for i, c := range table {
		table[i] = max(c, 1) - 1
	}
	return s.room.codes.copied(table), true
}

// agree fills the table from every step-th row and reports whether no row
// contradicts it; rows of the code none do not matter.
func agree(table, by, codes []uint32, none uint32, step int) bool {
	for i := 0; i < len(codes); i += step {
		c := codes[i]
		if c == none {
			continue
		}
		if at := &table[by[i]]; *at != c+1 {
			if *at != 0 {
				return false
			}
			*at = c + 1
		}
	}
	return true
}

// findMasks gives vectors with the same rows one mask, and looks for a coded
// vector that decides a mask: the type of an event decides what fields it has.
func (s *sheet) findMasks() {
	var sets []row.Bitmap
	for _, v := range s.vectors {
		if v.set == nil {
			continue
		}
		at := slices.IndexFunc(sets, func(o row.Bitmap) bool { return slices.Equal(o, v.set) })
		if at < 0 {
			at = len(sets)
			sets = append(sets, v.set)
			s.masks = append(s.masks, s.maskOf(v.set, v.present))
		}
		v.mask = at + 1
	}
	s.sets = sets
}

// mostDeciding is the most values of a vector that is tried for masks.
const mostDeciding = 4096

func (s *sheet) maskOf(set row.Bitmap, rows int) maskPlan {
	for _, by := range s.vectors {
		if (by.form == formCodes || by.form == formShape) && by.set == nil && by.count <= mostDeciding && s.direct(by) {
			if table, ok := s.maskTable(by, set); ok {
				return maskPlan{rows: rows, by: by, table: table}
			}
		}
	}
	return maskPlan{rows: rows}
}

// maskPlan is how a mask is to be kept: as pages, or by the codes of a vector.
type maskPlan struct {
	rows  int
	by    *vector
	table row.Bitmap
}

// maskTable is the codes whose rows are in a set, if every code has all of its
// rows in it or none.
func (s *sheet) maskTable(by *vector, set row.Bitmap) (row.Bitmap, bool) {
	table := slices.Grow(s.table[:0], by.count+1)[:by.count+1] // 1: rows out of the set, 2: rows in it
	s.table = table
	clear(table)
	if !divide(table, by.codes, set, max(s.rows/trialRows, 1)) || !divide(table, by.codes, set, 1) {
		return nil, false
	}
	in := row.NewBitmap(by.count + 1)
	for code, seen := range table {
		if seen == 2 {
			in.Set(code)
		}
	}
	return in, true
}

// divide notes for the code of every step-th row on which side of a set the row
// is, and reports whether no code has rows on both.
func divide(table, codes []uint32, set row.Bitmap, step int) bool {
	for i := 0; i < len(codes); i += step {
		at := &table[codes[i]]
		if *at |= 1 + uint32(set[i>>6]>>(i&63)&1); *at == 3 {
			return false
		}
	}
	return true
}
