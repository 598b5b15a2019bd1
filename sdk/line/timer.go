package line

import (
	"context"
	"time"
)

// Timer counts calls to something and adds up the time they took. A stage is a
// timer without fields of its own.
type Timer struct {
	Name  string
	Calls IntKey
	Total SecondsKey

	stage bool
}

// Timed is a timer whose fields are NAME_calls and NAME_duration:
//
//	var Search = line.Timed("search")
func Timed(name string) Timer {
	return Timer{
		Name:  name,
		Calls: Int(name+"_calls", About("calls to "+name)),
		Total: Seconds(name+"_duration", About("time spent waiting for "+name)),
	}
}

// Stage is one of the steps that a handler goes through:
//
//	var render = line.Stage("render")
//
//	defer render.Start(ctx).End()
//
// Stages share the field stages, a list, so that one question finds the slowest
// without knowing their names:
//
//	http_route=/v1/charges | unroll stages | unpack_json field=stages | stats sum(seconds) as spent by stage | sort -spent | head 5
func Stage(name string) Timer { return Timer{Name: name, stage: true} }

// Start begins one timed call; End on what it returns closes it:
//
//	defer line.Database.Start(ctx).End()
func (t *Timer) Start(ctx context.Context) Timing {
	return Timing{timer: t, line: From(ctx), start: time.Now()}
}

// Timing is one call under way.
type Timing struct {
	timer *Timer
	line  *Line
	start time.Time
}

// End adds one call, and the time since Start, to the line.
func (t Timing) End() {
	if t.line != nil {
		t.line.timed(t.timer, t.start, time.Since(t.start))
	}
}

// Observe adds one call that was timed otherwise and ends now.
func (t *Timer) Observe(ctx context.Context, took time.Duration) {
	if l := From(ctx); l != nil {
		l.timed(t, time.Now().Add(-took), took)
	}
}

// stage is what a line keeps of a stage.
type stage struct {
	name  string
	calls int64
	total time.Duration
}

// maxStages and maxSpans bound a line whose stages run in a loop; what a page
// of stages or a trace can show is less.
const (
	maxStages = 32
	maxSpans  = 128
)

func (l *Line) timed(t *Timer, start time.Time, took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.body
	if b == nil || b.sealed {
		l.source.late.Add(1)
		return
	}
	if t.stage {
		b.stage(t.Name, took)
	} else {
		if f := l.slot(t.Calls.key); f != nil {
			f.bits++
		}
		if f := l.slot(t.Total.key); f != nil {
			f.bits += int64(took)
		}
	}
	if l.source.spans != nil && len(b.spans) < maxSpans {
		b.spans = append(b.spans, span{name: t.Name, start: start, took: took})
	}
}

func (b *body) stage(name string, took time.Duration) {
	for i := range b.stages {
		if s := &b.stages[i]; s.name == name {
			s.calls++
			s.total += took
			return
		}
	}
	if len(b.stages) < maxStages {
		b.stages = append(b.stages, stage{name, 1, took})
	}
}
