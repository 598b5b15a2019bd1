package query

import (
	"log/slog"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/row"
)

// guarded gives rows as they come. A panic of who makes them, which would end the
// process, is their last item, a fault.Crash: the question ends with it; the server, its
// intake and all other questions go on. A panic of who takes rows goes on.
func (e *Engine) guarded(question string, rows row.Rows) row.Rows {
	return func(yield func(*row.Batch, error) bool) {
		making, more := true, true
		defer func() {
			if !making {
				return
			}
			if c := fault.Crashed(recover()); c != nil {
				e.logCrash(question, c)
				if more {
					yield(nil, c)
				}
			}
		}()
		for b, err := range rows {
			making = false
			more = yield(b, err)
			making = true
			if !more {
				return
			}
		}
	}
}

func (e *Engine) logCrash(question string, c *fault.Crash) {
	e.opts.Log.Error("a question met a fault of Plumbline", slog.String("question", question), slog.Any("panic", c.Value), slog.String("stack", string(c.Stack)))
}
