// Package memory is the simplest store: batches in a list, every question a
// loop over all of them. The specification of the language runs on it beside
// the embedded engine, so it is the measure of what an answer must be.
package memory

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/scan"
)

// Store keeps rows in memory. Its methods may be called at once from many
// goroutines.
type Store struct {
	env      expr.Env
	datasets map[string]dataset.Dataset

	mu      sync.RWMutex
	batches []*row.Batch
	seq     map[string]int64
}

// Open returns an empty store. Datasets that are not declared have defaults.
func Open(env expr.Env, declared ...dataset.Dataset) *Store {
	s := &Store{env: env, datasets: map[string]dataset.Dataset{}, seq: map[string]int64{}}
	for _, d := range declared {
		s.datasets[d.Name] = d
	}
	return s
}

// Append keeps a batch, whose rows get numbers.
func (s *Store) Append(_ context.Context, b *row.Batch) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	nums := make([]int64, b.Len)
	for i := range nums {
		s.seq[b.Dataset]++
		nums[i] = s.seq[b.Dataset]
	}
	s.batches = append(s.batches, b.With(row.Column{Name: row.FieldSeq, Kind: row.Int, Nums: nums}))
	return nil
}

func (s *Store) declared(name string) dataset.Dataset {
	if d, ok := s.datasets[name]; ok {
		return d
	}
	return dataset.New(name)
}

// Fit accepts filters, order, fields and limits, and aggregates nothing.
func (s *Store) Fit(want scan.Scan) scan.Scan {
	want.Group = nil
	return want
}

// Extents says where the rows of each dataset lie.
func (s *Store) Extents(names []string) []scan.Extent {
	s.mu.RLock()
	defer s.mu.RUnlock()
	byName := map[string]*scan.Extent{}
	for _, b := range s.batches {
		if names != nil && !slices.Contains(names, b.Dataset) {
			continue
		}
		e := byName[b.Dataset]
		for _, t := range b.Col(row.FieldTime).Nums {
			if e == nil {
				e = &scan.Extent{Dataset: b.Dataset, From: t, To: t}
				byName[b.Dataset] = e
			}
			e.Rows++
			e.Seq = s.seq[b.Dataset]
			e.From, e.To = min(e.From, t), max(e.To, t)
		}
	}
	var out []scan.Extent
	for _, e := range byName {
		out = append(out, *e)
	}
	slices.SortFunc(out, func(a, b scan.Extent) int {
		if a.Dataset < b.Dataset {
			return -1
		}
		return 1
	})
	return out
}

// Scan gives the rows in one stream.
func (s *Store) Scan(ctx context.Context, will scan.Scan, read *scan.Read) ([]row.Rows, error) {
	s.mu.RLock()
	batches := slices.Clone(s.batches)
	s.mu.RUnlock()
	ev := expr.NewEvaluator(s.env)
	var found []*row.Batch
	for _, b := range batches {
		if will.Datasets != nil && !slices.Contains(will.Datasets, b.Dataset) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		read.GroupsTotal.Add(1)
		read.Groups.Add(1)
		read.Rows.Add(int64(b.Len))
		if b = s.find(ev, b, &will); b.Len > 0 {
			found = append(found, b)
		}
	}
	if will.Order == scan.NewestFirst {
		found = newestFirst(found, will.Limit)
	}
	return []row.Rows{func(yield func(*row.Batch, error) bool) {
		for _, b := range found {
			if !yield(b, nil) {
				return
			}
		}
	}}, nil
}

// find is the rows of one batch that the scan asks for, with their fields.
func (s *Store) find(ev *expr.Evaluator, b *row.Batch, will *scan.Scan) *row.Batch {
	d := s.declared(b.Dataset)
	names := slices.Clone(will.Fields)
	if will.Where != nil {
		fields, _ := expr.Fields(will.Where)
		names = append(names, fields...)
	}
	asked := d.Alias(b, names)
	keep := row.NewBitmap(b.Len)
	for i, t := range b.Col(row.FieldTime).Nums {
		if t >= will.From && t < will.To {
			keep.Set(i)
		}
	}
	if will.Where != nil {
		keep.And(ev.Filter(will.Where, asked))
	}
	out := &row.Batch{Dataset: b.Dataset, Len: b.Len}
	for _, c := range asked.Cols {
		own := b.Find(c.Name)
		switch {
		case slices.Contains(will.Fields, c.Name):
			out.Cols = append(out.Cols, c)
		case own != nil && (will.All || c.Name == row.FieldTime || c.Name == row.FieldSeq):
			out.Cols = append(out.Cols, *own) // an alias that only the filter asked for fills no gaps
		}
	}
	return out.Keep(keep)
}

// newestFirst puts rows in the order in which lines are shown: one batch a
// row run of the same origin.
func newestFirst(batches []*row.Batch, limit int) []*row.Batch {
	type place struct {
		time, seq int64
		batch     int
		row       uint32
	}
	var places []place
	for k, b := range batches {
		times, seqs := b.Col(row.FieldTime).Nums, b.Col(row.FieldSeq).Nums
		for i := range b.Len {
			places = append(places, place{times[i], seqs[i], k, uint32(i)})
		}
	}
	slices.SortStableFunc(places, func(a, b place) int {
		switch {
		case a.time != b.time:
			return cmpBool(a.time < b.time)
		case batches[a.batch].Dataset != batches[b.batch].Dataset:
			return cmpBool(batches[a.batch].Dataset > batches[b.batch].Dataset)
		}
		return cmpBool(a.seq < b.seq)
	})
	if limit > 0 && len(places) > limit {
		places = places[:limit]
	}
	var out []*row.Batch
	for from := 0; from < len(places); {
		to := from
		var rows []uint32
		for to < len(places) && places[to].batch == places[from].batch {
			rows = append(rows, places[to].row)
			to++
		}
		out = append(out, batches[places[from].batch].Pick(rows))
		from = to
	}
	return out
}

func cmpBool(after bool) int {
	if after {
		return 1
	}
	return -1
}

// FieldNames are the names of the fields that rows of these datasets (nil: all)
// have, in order.
func (s *Store) FieldNames(_ context.Context, datasets []string) ([]string, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	names := map[string]bool{}
	for _, b := range s.batches {
		if datasets != nil && !slices.Contains(datasets, b.Dataset) {
			continue
		}
		for i := range b.Cols {
			if b.Cols[i].Kind != row.Missing {
				names[b.Cols[i].Name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(names)), nil
}
