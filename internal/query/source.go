// Package query takes a question from its text to its answer: it reads it,
// plans what the store does and what the pipes do, runs the plan in lanes, and
// says what was read.
package query

import (
	"context"

	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/scan"
)

// Source is a store as a question sees it.
type Source interface {
	// Fit says how much of want the store answers exactly. It is pure: it
	// reads nothing. What it drops (Where, Group, Limit, Order) is done by
	// pipes.
	Fit(want scan.Scan) (will scan.Scan)
	// Scan answers will, in one stream for each lane; one stream when the
	// order matters. It counts into read while the streams are read.
	Scan(ctx context.Context, will scan.Scan, read *scan.Read) ([]row.Rows, error)
	// Extents says where the rows of these datasets lie; nil: of all.
	Extents(datasets []string) []scan.Extent
}
