package pipe

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/related"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/scan"
)

// relatedSearch is what a walk is asked over: the lines of the store. It holds
// the rows that may belong to the answer.
type relatedSearch struct {
	p        *relate
	env      *Env
	held     *pile
	at       []heldRow                    // by Ref
	kinds    map[string]map[string]string // dataset, field → kind of its ids
	datasets []dataset.Dataset
	tooLong  map[string]bool // fields with texts that are no ids for their length
}

// heldRow is where a row lies in the pile.
type heldRow struct{ batch, row int }

// start takes in the rows the walk begins with. cut says that there were more
// than the pipe gives.
func (s *relatedSearch) start(ctx context.Context, in row.Rows) (rows []related.Row, cut bool, err error) {
	s.datasets, s.tooLong = s.env.Datasets(), map[string]bool{}
	s.kinds = map[string]map[string]string{}
	for b, err := range each(ctx, in, same) {
		if err != nil {
			return nil, false, err
		}
		if left := s.p.caps.Rows - len(rows); b.Len > left {
			b, cut = b.Slice(0, left), true
		}
		rows = append(rows, s.read(b)...)
		for i := range b.Len {
			s.at = append(s.at, heldRow{len(s.held.list), i})
		}
		if err := s.held.add(b); err != nil || cut {
			return rows, cut, err
		}
	}
	return rows, false, nil
}

// Find looks for the rows of a hop, in all datasets at once.
func (s *relatedSearch) Find(ctx context.Context, hop *related.Hop) error {
	want := scan.Scan{From: hop.From, To: hop.To, All: true, Fields: s.p.after.Fields, Where: s.where(hop.IDs)}
	rows, err := s.env.Scan(ctx, want)
	if err != nil {
		return err
	}
	for b, err := range each(ctx, rows, same) {
		if err != nil {
			return err
		}
		var keep []uint32
		for i, r := range s.read(b) {
			r.Ref = len(s.at)
			if hop.Offer(r) {
				s.at = append(s.at, heldRow{len(s.held.list), len(keep)})
				keep = append(keep, uint32(i))
			}
		}
		if err := s.held.add(b.Pick(keep)); err != nil {
			return err
		}
		if hop.Enough() {
			return nil
		}
	}
	return s.findLinks(ctx, hop)
}

// findLinks looks for rows of other servers. Of them no more is known than their
// time, their place and their ids. A failure leaves them out, and says so.
func (s *relatedSearch) findLinks(ctx context.Context, hop *related.Hop) error {
	if s.env.Links == nil {
		return nil
	}
	built := row.NewBuilder("")
	hop.Number = func(r related.Row) int {
		built.Begin(r.Time)
		built.Text([]byte(row.FieldDataset), []byte(r.Dataset))
		built.Value([]byte(row.FieldSeq), row.IntOf(r.Seq))
		for _, d := range r.IDs {
			built.Text([]byte(d.Kind), []byte(d.Text))
		}
		s.at = append(s.at, heldRow{len(s.held.list), built.Len() - 1})
		return len(s.at) - 1
	}
	timed, cancel := context.WithTimeout(ctx, s.p.runFor) // a server that hangs holds up no answer
	err := s.env.Links.Find(timed, hop)
	cancel()
	hop.Number = nil
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		s.env.Note(Note{Partial, "lines of other servers are left out: " + err.Error()})
	}
	return s.held.add(built.Batch())
}

// where finds the rows that hold one of some ids, and few more.
func (s *relatedSearch) where(ids []related.ID) expr.Expr {
	byKind := map[string][]expr.Pattern{}
	for _, d := range ids {
		byKind[d.Kind] = append(byKind[d.Kind], expr.LiteralPattern(d.Text))
	}
	byField := map[string][]expr.Pattern{}
	for kind, list := range byKind {
		names := []string{kind}
		for _, d := range s.datasets {
			names = append(names, d.Names(kind)...)
		}
		slices.Sort(names)
		for _, name := range slices.Compact(names) {
			byField[name] = append(byField[name], list...)
		}
	}
	var clauses []expr.Expr
	for _, name := range slices.Sorted(maps.Keys(byField)) {
		clauses = append(clauses, &expr.In{X: &expr.Field{Name: name}, List: byField[name], ByLetter: true})
	}
	if len(clauses) == 1 {
		return clauses[0]
	}
	return &expr.Or{List: clauses}
}

// read is the rows of a batch as a walk sees them.
func (s *relatedSearch) read(b *row.Batch) []related.Row {
	times, seqs, names := b.Col(row.FieldTime), b.Col(row.FieldSeq), b.Col(row.FieldDataset)
	out := make([]related.Row, b.Len)
	for i := range out {
		r := &out[i]
		r.Dataset = names.Value(i).Text()
		if v := seqs.Value(i); v.Kind == row.Int && v.Nums() > 0 && r.Dataset != "" {
			r.Seq = v.Nums()
		}
		r.Time, r.Last = s.env.From, s.env.To
		if v := times.Value(i); v.Kind == row.Time {
			r.Time, r.Last = v.Nums(), 0
		}
		r.Ref = len(s.at) + i
	}
	for k := range b.Cols {
		c := &b.Cols[k]
		for i := range out {
			if kind := s.kind(out[i].Dataset, c.Name); kind != "" {
				var long bool
				out[i].IDs, long = related.AppendIDs(out[i].IDs, kind, c.Value(i))
				s.tooLong[c.Name] = s.tooLong[c.Name] || long
			}
		}
	}
	return out
}

// kind is the kind of the ids of a field.
func (s *relatedSearch) kind(name, field string) string {
	fields := s.kinds[name]
	if fields == nil {
		fields = map[string]string{}
		s.kinds[name] = fields
	}
	kind, known := fields[field]
	if !known {
		d := dataset.New(name)
		if i := slices.IndexFunc(s.datasets, func(d dataset.Dataset) bool { return d.Name == name }); i >= 0 {
			d = s.datasets[i]
		}
		kind = d.Kind(field)
		fields[field] = kind
	}
	return kind
}

// say notes what was left out.
func (s *relatedSearch) say(a *related.Answer) {
	for _, c := range a.Cuts {
		s.env.Note(Note{Truncated, c.Say(s.p.caps)})
	}
	maps.DeleteFunc(s.tooLong, func(_ string, long bool) bool { return !long })
	for _, name := range slices.Sorted(maps.Keys(s.tooLong)) {
		s.env.Note(Note{Truncated, fmt.Sprintf("not followed, as an id is at most %d bytes: %s holds longer texts", related.MaxIDBytes, name)})
	}
}

// rows are the rows of an answer, newest first.
func (s *relatedSearch) rows(a *related.Answer) (*row.Batch, error) {
	if len(a.Steps) == 0 {
		return &row.Batch{}, nil
	}
	first, n := make([]int, len(s.held.list)), 0
	for i, b := range s.held.list {
		first[i] = n
		n += b.Len
	}
	all, err := s.held.one()
	if err != nil {
		return nil, err
	}
	picked := make([]uint32, len(a.Steps))
	marks := row.NewBuilder("")
	for i, step := range a.Steps {
		at := s.at[step.Ref]
		picked[i] = uint32(first[at.batch] + at.row)
		marks.BeginBare()
		marks.Value([]byte(FieldDistance), row.IntOf(int64(step.Distance)))
		if step.Distance > 0 {
			marks.Text([]byte(FieldVia), []byte(step.Via.String()))
		}
	}
	b := all.Pick(picked)
	for _, c := range marks.Batch().Cols {
		b = b.With(c)
	}
	return b.Pick(sortRows(b, newestFirst())), nil
}
