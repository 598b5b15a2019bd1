package columnar

import (
	"slices"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/store/columnar/colfile"
)

// sieve finds the rows of a row group for which a filter is true. It goes
// through the filter clause by clause, the cheapest first; each is asked only
// about the rows that those before have left, by codes where the group keeps
// the field so, and by values else.
type sieve struct {
	*lane
	view  *view
	group *colfile.Group
}

// fieldTerm says of which term in which field another term is made.
type fieldTerm struct {
	term  *expr.Term
	field string
}

// look is those of rows for which e is true; nil stands for all rows of the group. Who
// wants but some of them, the newest, mostly finds them in its last page: that is looked
// through first, then as many as should hold the rest, then all that are left.
func (s *sieve) look(e expr.Expr, rows row.Bitmap) (row.Bitmap, error) {
	from, to := s.firstLook(), s.group.Rows
	if from == 0 {
		s.read.Rows.Add(int64(to))
		return s.keep(e, rows)
	}
	found := row.NewBitmap(to)
	for have, looks := 0, 1; ; looks++ {
		s.read.Rows.Add(int64(to - from))
		some := s.all(slices.Clone(rows))
		clear(some[:from/64])
		clear(some[(to+63)/64:])
		some, err := s.keep(e, some)
		if err != nil {
			return nil, err
		}
		found.Or(some)
		if have += some.Count(); from == 0 || have >= s.newest {
			return found, nil
		}
		if to, from = from, 0; looks == 1 {
			from = s.nextLook(to, have)
		}
	}
}

// firstLook is where the rows begin that are looked through first: the last page that is
// full, and what follows it.
func (s *sieve) firstLook() int {
	from := s.group.Rows - s.group.Rows%colfile.PageRows - colfile.PageRows
	if s.newest == 0 || s.newest >= s.group.Rows-from {
		return 0
	}
	return max(0, from)
}

// nextLook is where those begin that should hold the rest, when those from a row on have
// so many.
func (s *sieve) nextLook(from, have int) int {
	if have == 0 {
		return 0
	}
	looked := s.group.Rows - from
	most := looked * s.newest / have * 5 / 4 // a quarter more than there must be, were all pages alike
	return max(0, min(from-1, s.group.Rows-most)) / colfile.PageRows * colfile.PageRows
}

// keep is those of rows for which e is true; nil stands for all rows of the
// group. It may write to rows.
func (s *sieve) keep(e expr.Expr, rows row.Bitmap) (row.Bitmap, error) {
	if err := s.ctx.Err(); err != nil { // of many clauses each takes its time
		return nil, err
	}
	if rows != nil && !rows.Any() {
		return rows, nil
	}
	switch x := e.(type) {
	case *expr.Every:
		return rows, nil
	case *expr.And:
		var err error
		for _, e := range cheapest(x.List) {
			if rows, err = s.keep(e, rows); err != nil {
				return nil, err
			}
		}
		return rows, nil
	case *expr.Or:
		return s.union(x.List, rows)
	case *expr.Not:
		yes, err := s.keep(x.X, slices.Clone(rows))
		if err != nil {
			return nil, err
		}
		rows = s.all(rows)
		rows.AndNot(s.all(yes))
		return rows, nil
	case *expr.Term:
		if x.Field == expr.AnyField {
			return s.anywhere(x, rows)
		}
	}
	return s.clause(e, rows)
}

// all is a set that can be written to; nil stands for all rows.
func (s *sieve) all(rows row.Bitmap) row.Bitmap {
	if rows == nil {
		return row.FullBitmap(s.group.Rows)
	}
	return rows
}

// union is those of rows for which one of the clauses is true.
func (s *sieve) union(list []expr.Expr, rows row.Bitmap) (row.Bitmap, error) {
	found, left := row.NewBitmap(s.group.Rows), s.all(rows)
	for _, e := range cheapest(list) {
		yes, err := s.keep(e, left.Clone())
		if err != nil {
			return nil, err
		}
		found.Or(yes)
		if left.AndNot(yes); !left.Any() {
			break
		}
	}
	return found, nil
}

// anywhere looks for a term in every field that a sender wrote. Fields that
// decide for all rows come first.
func (s *sieve) anywhere(x *expr.Term, rows row.Bitmap) (row.Bitmap, error) {
	var undecided []expr.Expr
	for _, name := range s.group.Fields() {
		switch name {
		case row.FieldTime, row.FieldSeq, row.FieldDataset:
			continue
		}
		term := s.term(x, name)
		switch s.group.Judge(term, s.ev, &s.use) {
		case expr.Yes:
			return rows, nil
		case expr.Maybe:
			undecided = append(undecided, term)
		}
	}
	return s.union(undecided, rows)
}

// term is a term that is looked for in one field; the same one each time, so
// that it is compiled once.
func (s *sieve) term(x *expr.Term, field string) *expr.Term {
	key := fieldTerm{x, field}
	t := s.inField[key]
	if t == nil {
		t = &expr.Term{Field: field, Pattern: x.Pattern, Case: x.Case}
		s.inField[key] = t
	}
	return t
}

// cheapest are clauses in the order in which they are best asked.
func cheapest(list []expr.Expr) []expr.Expr {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b expr.Expr) int { return cost(a) - cost(b) })
	return list
}

// cost says roughly what a clause costs a row.
func cost(e expr.Expr) int {
	switch x := e.(type) {
	case *expr.Exists:
		return 0
	case *expr.Compare, *expr.Within:
		return 1
	case *expr.In:
		return 2
	case *expr.Term:
		if x.Field == expr.AnyField {
			return 9
		}
		return 4
	case *expr.Terms:
		return 5
	case *expr.Match:
		return 6
	case *expr.Not:
		return cost(x.X)
	}
	return 5
}

// clause is those of rows for which a clause is true that is not made of
// others.
func (s *sieve) clause(e expr.Expr, rows row.Bitmap) (row.Bitmap, error) {
	names, all := expr.Fields(e)
	if all || len(names) != 1 || s.view.merges(s.group, e) {
		return s.ask(e, rows)
	}
	yes, open, ok, err := s.group.Select(names[0], e, s.asker, rows, &s.use)
	if !ok || err != nil {
		if err == nil {
			return s.ask(e, rows)
		}
		return nil, err
	}
	if open.Any() {
		if open, err = s.ask(e, open); err != nil {
			return nil, err
		}
		yes.Or(open)
	}
	return yes, nil
}

// dense is the share of rows from which on all of a field is read, because
// picking rows costs more.
const dense = 0.5

// ask reads the fields of a clause for rows, and asks about their values.
func (s *sieve) ask(e expr.Expr, rows row.Bitmap) (row.Bitmap, error) {
	names, all := expr.Fields(e)
	only := rows
	if rows != nil && float64(rows.Count()) > dense*float64(s.group.Rows) {
		only = nil
	}
	read := s.view.Resolve(names)
	if all {
		read = nil
	}
	if err := s.group.BatchInto(&s.asking, read, only, &s.use); err != nil {
		return nil, err
	}
	yes := s.ev.Filter(e, s.view.Alias(&s.asking, names))
	switch {
	case rows == nil:
		return yes, nil
	case only == nil:
		yes.And(rows)
		return yes, nil
	}
	out, k := row.NewBitmap(s.group.Rows), 0
	for i := range rows.Rows {
		if yes.Has(k) {
			out.Set(i)
		}
		k++
	}
	return out, nil
}
