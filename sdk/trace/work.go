package trace

import (
	"strings"
	"time"
)

// Work is a unit of work that somebody else timed, and that is over: a request of
// which there is a canonical line.
type Work struct {
	Title   string
	ID      [16]byte // of the trace
	Span    [8]byte
	Start   time.Time // of time.Now
	Took    time.Duration
	Failed  bool
	Failure string // why, where it is known
	Text    []byte // all there is to say, for those who may see sensitive things; copied
}

// maxTitleBytes is more than a page shows of one.
const maxTitleBytes = 256

// Add files work that is over among the traces of this family. Its counts and
// durations are left out of Metrics, for who timed it has them.
func (f *Family) Add(w Work) {
	if f == nil {
		return
	}
	if len(w.Title) > maxTitleBytes {
		w.Title = strings.Clone(w.Title[:maxTitleBytes]) // the rest is not kept alive
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.timed = true
	r := f.blank()
	r.title, r.start, r.took = w.Title, w.Start.Sub(f.tracer.began), w.Took
	r.place = place{id: w.ID, span: w.Span}
	r.failed, r.failure = w.Failed, w.Failure
	if len(w.Text) > 0 {
		r.add(w.Took, flagSensitive, w.Text)
	}
	f.file(r)
}
