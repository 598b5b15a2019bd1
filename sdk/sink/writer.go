package sink

import (
	"context"
	"fmt"
	"io"
)

// Writer delivers to a file, to standard output, or to anything else that
// writes: one JSON object a line.
type Writer struct {
	To io.Writer
}

// Deliver implements Delivery.
func (w Writer) Deliver(_ context.Context, b Batch) (rejected int, err error) {
	if _, err := w.To.Write(b.Bytes); err != nil {
		return 0, fmt.Errorf("writing %d lines: %w", b.Lines, err)
	}
	return 0, nil
}
