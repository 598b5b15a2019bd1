package columnar

import (
	"context"
	"maps"
	"math"
	"slices"

	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/scan"
)

// FieldNames are the names of the fields that rows of these datasets (nil: all)
// have, in order. A part that cannot be read is passed over; questions say so.
func (s *Store) FieldNames(ctx context.Context, datasets []string) ([]string, error) {
	will := &scan.Scan{Datasets: datasets, From: math.MinInt64, To: math.MaxInt64}
	snap, err := s.look(ctx, will, new(scan.Read))
	if err != nil {
		return nil, err
	}
	snap.running = 1
	defer snap.ended()
	names := map[string]bool{}
	for i := range snap.items {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		it := &snap.items[i]
		if it.chunk != nil {
			for _, c := range it.chunk.batch.Cols {
				names[c.Name] = c.Kind != row.Missing || names[c.Name]
			}
			continue
		}
		open, err := s.reader(it.part)
		if err != nil {
			continue
		}
		list, err := open.FieldNames()
		if err != nil {
			continue
		}
		for _, name := range list {
			names[name] = true
		}
	}
	maps.DeleteFunc(names, func(_ string, has bool) bool { return !has })
	return slices.Sorted(maps.Keys(names)), nil
}
