package intake

import (
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/plumbline/plumbline/internal/fault"
)

// guard stands where bytes from outside meet code of ours. A panic there ends what those
// bytes are – a record, which is rejected, a datagram, a connection, a body – and not the
// process.
type guard struct {
	log  *slog.Logger
	said atomic.Int64 // when a stack was logged last, Unix nanoseconds
}

// saidEvery is how often a stack is logged: who finds a line that makes us panic can send
// it without end.
const saidEvery = time.Second

// call calls f, which reads what came from outside; a panic is its error, a fault.Crash.
func (g *guard) call(f func() error) (failed error) {
	defer func() {
		if c := fault.Crashed(recover()); c != nil {
			g.say(c)
			failed = c
		}
	}()
	return f()
}

func (g *guard) say(c *fault.Crash) {
	now, last := time.Now().UnixNano(), g.said.Load()
	if now-last >= int64(saidEvery) && g.said.CompareAndSwap(last, now) {
		g.log.Error("what came in met a fault of Plumbline", slog.Any("panic", c.Value), slog.String("stack", string(c.Stack)))
	}
}

// Guard calls f, which looks at bytes on their way to Ingest, as Ingest reads them: a panic
// is its error, with its stack in the log.
func (in *Intake) Guard(f func() error) error { return in.guard.call(f) }
