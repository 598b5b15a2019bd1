package line

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// Finish ends the line with its outcome and hands it on. A second call does
// nothing. It never panics, whatever becomes of the line.
func (l *Line) Finish(outcome Outcome, known ...Field) {
	s := l.source
	b := l.seal(outcome, known)
	if b == nil {
		return
	}
	s.leave(b)
	took := b.end.Sub(b.start)
	whole := s.write(l, b, outcome, took)
	if all := s.watchers.Load(); all != nil {
		s.ended(*all, l, outcome, took)
	}
	l.mu.Lock()
	l.body = nil
	l.mu.Unlock()
	if whole {
		s.recycle(b)
	}
}

// write hands the line on, with all that goes with it, unless sampling leaves it
// out; whole is false where that panicked.
func (s *Source) write(l *Line, b *body, outcome Outcome, took time.Duration) (whole bool) {
	defer func() {
		if !whole {
			_ = recover()
			s.failed.Add(1)
		}
	}()
	if b.held.count > 0 && (outcome.Fails() || took >= s.options.Slow) {
		b.held.release()
	}
	b.buffer = b.buffer[:0]
	if s.judge(l, b, outcome, took) {
		b.buffer = s.encode(b.buffer, l, b, b.end)
		s.options.Put(b.buffer)
		s.lines.Add(1)
	} else {
		s.sampled.Add(1)
	}
	if s.spans != nil && l.trace.Flags&sampled != 0 {
		s.traced(l, b, outcome)
	}
	return true
}

// View is a line that has ended, for Watchers while they are told so: it is read
// without the lock, for nobody writes to it any more, and is gone afterwards.
type View struct{ body *body }

// View is the line as it ended; empty where it has not, or is over.
func (l *Line) View() (v View) {
	l.mu.Lock()
	if b := l.body; b != nil && b.sealed {
		v.body = b
	}
	l.mu.Unlock()
	return v
}

// Kind of work, such as http.
func (v View) Kind() string {
	if v.body == nil {
		return ""
	}
	return v.body.kind.Name
}

// Start is when the work began.
func (v View) Start() (at time.Time) {
	if v.body == nil {
		return at
	}
	return v.body.start
}

// Text is the value of a field, empty where there is none.
func (v View) Text(k TextKey) string {
	if v.body == nil {
		return ""
	}
	if f := v.body.find(k.key); f != nil {
		return f.text
	}
	return ""
}

// Written is the line as it was handed on; empty where sampling left it out.
func (v View) Written() []byte {
	if v.body == nil {
		return nil
	}
	return v.body.buffer
}

// seal closes the line to its writers; nil where it is closed already.
func (l *Line) seal(outcome Outcome, known []Field) *body {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.body
	if b == nil || b.sealed {
		return nil
	}
	b.sealed, b.end = true, l.source.since(b.start)
	for i := range known {
		if f := &known[i]; !f.absent() && !(f.spare && b.find(f.key) != nil) {
			b.put(&f.field)
		}
	}
	if l.source.options.Allocs {
		b.countAllocs()
	}
	b.put(&field{key: OutcomeKey.key, text: string(outcome)})
	b.put(&field{key: Duration.key, bits: int64(b.end.Sub(b.start))})
	return b
}

// End ends the line of a job or of a consumed message. It is deferred with the
// address of the error that the work returns:
//
//	defer unit.End(&err)
//
// A panic is recorded and goes on.
func (l *Line) End(err *error) {
	if v := recover(); v != nil {
		l.Panicked(v)
		l.Finish(Panic)
		panic(v)
	}
	if err == nil || *err == nil {
		l.Finish(OK)
		return
	}
	l.Fail(*err)
	l.Finish(OutcomeOf(*err))
}

// Fail records what went wrong. It does not end the line; on no line it does
// nothing.
func (l *Line) Fail(err error) {
	if l == nil {
		return
	}
	Error.Set(l, fmt.Sprint(err)) // which survives an error whose method panics
	if kind := kindOf(err); kind != "" {
		ErrorKind.Set(l, kind)
	}
}

// kindOf is the type of an error, or of the first it wraps that is no mere text.
func kindOf(err error) string {
	for e := err; e != nil; {
		switch name := fmt.Sprintf("%T", e); name {
		case "*errors.errorString", "*fmt.wrapError", "*fmt.wrapErrors", "*errors.joinError":
		default:
			return strings.TrimPrefix(name, "*")
		}
		wrapping, ok := e.(interface{ Unwrap() error })
		if !ok {
			break
		}
		e = wrapping.Unwrap()
	}
	return ""
}

// Panicked records what was recovered, and where it was raised. It is called by
// the deferred function that recovered it.
func (l *Line) Panicked(recovered any) {
	if err, ok := recovered.(error); ok {
		l.Fail(err)
	} else {
		Error.Set(l, fmt.Sprint(recovered))
	}
	if at := culprit(); at != "" {
		PanicAt.Set(l, at)
	}
}

// culprit is the function that panicked, as pkg.Func:line.
func culprit() string {
	var callers [64]uintptr
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers[:])])
	raised := false
	for {
		frame, more := frames.Next()
		switch {
		case frame.Function == "runtime.gopanic":
			raised = true
		case raised && !strings.HasPrefix(frame.Function, "runtime."):
			return frame.Function[strings.LastIndexByte(frame.Function, '/')+1:] + ":" + strconv.Itoa(frame.Line)
		}
		if !more {
			return ""
		}
	}
}
