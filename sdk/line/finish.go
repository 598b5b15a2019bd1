package line

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/plumbline/plumbline/sdk/internal/jsonline"
)

// Mark begins the message of every canonical line.
const Mark = "canonical-log-line"

// Finish ends the line with its outcome and hands it on. A second call does
// nothing. It never panics, whatever becomes of the line.
func (l *Line) Finish(outcome string) {
	l.mu.Lock()
	b := l.body
	l.body = nil // from here on the line takes nothing
	l.mu.Unlock()
	if b == nil {
		return
	}
	end := l.source.now()
	b.must(string(Outcome)).value = value{kind: kindText, text: outcome}
	b.must(string(Duration)).value = value{kind: kindSeconds, bits: int64(end.Sub(l.start))}
	defer func() {
		if recover() != nil {
			l.source.failed.Add(1)
		}
	}()
	b.buffer = l.appendJSON(b.buffer[:0], b, end)
	l.source.put(b.buffer)
	l.source.lines.Add(1)
	l.source.recycle(b)
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
		l.Finish("panic")
		panic(v)
	}
	if err == nil || *err == nil {
		l.Finish("ok")
		return
	}
	Error.Set(l, (*err).Error())
	switch {
	case errors.Is(*err, context.DeadlineExceeded):
		l.Finish("timeout")
	case errors.Is(*err, context.Canceled):
		l.Finish("interrupted")
	default:
		l.Finish("error")
	}
}

// Panicked records what was recovered, and where it was raised. It is called by
// the deferred function that recovered it.
func (l *Line) Panicked(recovered any) {
	Error.Set(l, fmt.Sprint(recovered))
	if at := culprit(); at != "" {
		Text("panic_at").Set(l, at)
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

func (l *Line) appendJSON(b []byte, from *body, end time.Time) []byte {
	b = append(b, `{"_time":`...)
	b = jsonline.AppendTime(b, end)
	b = append(b, `,"_msg":"`+Mark...)
	b = l.appendDigest(b, from)
	b = append(b, `"`...)
	b = jsonline.AppendString(jsonline.AppendKey(b, "kind"), l.kind.Name)
	b = jsonline.AppendString(jsonline.AppendKey(b, "request_id"), l.requestID)
	b = jsonline.AppendHex(jsonline.AppendKey(b, "trace_id"), l.trace.ID[:])
	b = jsonline.AppendHex(jsonline.AppendKey(b, "span_id"), l.trace.Span[:])
	if l.caller != [8]byte{} {
		b = jsonline.AppendHex(jsonline.AppendKey(b, "parent_id"), l.caller[:])
	}
	for i := range from.fields {
		b = from.fields[i].append(jsonline.AppendKey(b, from.fields[i].name))
	}
	return append(b, '}')
}

// appendDigest repeats the fields that the kind of work names, inside the quotes
// of the message.
func (l *Line) appendDigest(b []byte, from *body) []byte {
	for _, name := range l.kind.Digest {
		f := from.find(name)
		if f == nil {
			continue
		}
		b = append(b, ' ')
		value := len(b)
		b = f.append(b)
		if b[value] == '"' { // the message has quotes of its own
			b = append(b[:value], b[value+1:len(b)-1]...)
		}
	}
	return b
}

func (v *value) append(b []byte) []byte {
	switch v.kind {
	case kindInt:
		return strconv.AppendInt(b, v.bits, 10)
	case kindFloat:
		return jsonline.AppendFloat(b, math.Float64frombits(uint64(v.bits)))
	case kindBool:
		return strconv.AppendBool(b, v.bits != 0)
	case kindSeconds:
		return jsonline.AppendSeconds(b, time.Duration(v.bits))
	}
	return jsonline.AppendString(b, v.text)
}
