package line

import (
	"context"
	"errors"
	"time"
)

// Outcome is how a unit of work ended.
type Outcome string

// The outcomes of a unit of work.
const (
	OK          Outcome = "ok"
	ClientError Outcome = "client_error" // an answer of 4xx
	ServerError Outcome = "server_error" // an answer of 5xx
	Failed      Outcome = "error"        // a job that returned an error
	Panic       Outcome = "panic"
	ClientAbort Outcome = "client_abort" // the client left before the answer was complete
	Timeout     Outcome = "timeout"      // the deadline of the work's context passed
	Hijacked    Outcome = "hijacked"     // the connection was taken over, by a WebSocket or a tunnel
	Interrupted Outcome = "interrupted"  // given up: the handler aborted, or the program ended
)

// Fails tells whether somebody here has to look into it: what the client did
// wrong is not ours.
func (o Outcome) Fails() bool {
	switch o {
	case ServerError, Failed, Panic, Timeout, Interrupted:
		return true
	}
	return false
}

// OutcomeOf is how work ended that returned err.
func OutcomeOf(err error) (o Outcome) {
	defer func() {
		if recover() != nil { // a method of err, most often on a nil pointer
			o = Failed
		}
	}()
	switch {
	case err == nil:
		return OK
	case errors.Is(err, context.DeadlineExceeded):
		return Timeout
	case errors.Is(err, context.Canceled):
		return Interrupted
	}
	return Failed
}

// Sampling leaves lines out once it is known how they ended. What went wrong in
// any way, was slow, or was told to Keep stays; of the rest one in OneIn stays.
// The trace decides, so that all services that sample alike keep the same
// requests. Each line that may have been left out says in sample_weight how many
// it stands for: sum(sample_weight) counts the work that was done.
type Sampling struct {
	OneIn  int64            // 0 and 1 keep everything
	Routes map[string]int64 // OneIn of single routes, such as that of a health check
}

func (s *Sampling) on() bool { return s.OneIn > 1 || len(s.Routes) > 0 }

// judge tells whether a sealed line is kept, and notes its weight.
func (s *Source) judge(l *Line, b *body, outcome Outcome, took time.Duration) (keep bool) {
	sampling := &s.options.Sampling
	if !sampling.on() {
		return true
	}
	b.weight = 1
	if outcome != OK || b.kept || took >= s.options.Slow {
		return true
	}
	n := sampling.OneIn
	if route := b.find(HTTPRoute.key); route != nil {
		if own, ok := sampling.Routes[route.text]; ok {
			n = own
		}
	}
	if n <= 1 {
		return true
	}
	b.weight = n
	return l.trace.chance()%uint64(n) == 0
}
