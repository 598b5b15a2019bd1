package query

import (
	"fmt"
	"log/slog"
	"runtime/debug"

	"github.com/plumbline/plumbline/internal/row"
)

// Crash is a panic of the engine, which a question brought about. The question ends
// with it; the server, its intake and all other questions go on. It is of kind
// Internal.
type Crash struct {
	Value any    // what was recovered
	Stack []byte // as debug.Stack gives it
}

// Error names the fault; the stack is in the server's log.
func (c *Crash) Error() string {
	return fmt.Sprintf("a fault of Plumbline, not of the question; the server's log has its stack: %v", c.Value)
}

// guarded gives rows as they come. A panic of who makes them, which would end the
// process, is their last item; one of who takes them goes on.
func (e *Engine) guarded(question string, rows row.Rows) row.Rows {
	return func(yield func(*row.Batch, error) bool) {
		making := true
		defer func() {
			if !making {
				return
			}
			if v := recover(); v != nil {
				c := &Crash{v, debug.Stack()}
				e.opts.Log.Error("a question met a fault of Plumbline", slog.String("question", question), slog.Any("panic", v), slog.String("stack", string(c.Stack)))
				yield(nil, c)
			}
		}()
		for b, err := range rows {
			making = false
			more := yield(b, err)
			making = true
			if !more {
				return
			}
		}
	}
}
