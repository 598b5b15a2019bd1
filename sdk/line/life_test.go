package line

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestSamplingKeepsWhatMatters(t *testing.T) {
	c := collected(Options{Sampling: Sampling{OneIn: 10, Routes: map[string]int64{"/healthz": 1000, "/pay": 1}}, Slow: time.Second})
	begin := func(route string) *Line {
		l := c.begin(context.Background())
		HTTPRoute.Set(l, route)
		return l
	}
	for range 2000 {
		begin("/cart").Finish(OK)
	}
	stands := 0.0
	for _, s := range c.lines {
		stands += decode(t, s)["sample_weight"].(float64)
	}
	if n := len(c.lines); n < 100 || n > 320 || stands != float64(10*n) {
		t.Errorf("%d lines of 2000 stand for %v", n, stands)
	}
	if counts := c.Counts(); counts.Lines+counts.Sampled != 2000 {
		t.Errorf("counts %+v", counts)
	}
	c.lines = nil
	for _, outcome := range []Outcome{ClientError, ServerError, Failed, Panic, ClientAbort, Timeout, Hijacked, Interrupted} {
		begin("/healthz").Finish(outcome)
	}
	slow := begin("/healthz")
	c.clock = c.clock.Add(2 * time.Second)
	slow.Finish(OK)
	kept := begin("/healthz")
	kept.Keep()
	kept.Finish(OK)
	begin("/pay").Finish(OK)
	if len(c.lines) != 11 {
		t.Errorf("%d of 11 lines that matter", len(c.lines))
	}
	for _, s := range c.lines {
		if decode(t, s)["sample_weight"] != 1.0 {
			t.Errorf("weight in %s", s)
		}
	}
}

// Services that sample alike keep the same requests.
func TestTheTraceDecidesSampling(t *testing.T) {
	a := collected(Options{Sampling: Sampling{OneIn: 4}})
	b := collected(Options{Sampling: Sampling{OneIn: 4}})
	for range 200 {
		l := a.begin(context.Background())
		below := new(Line)
		b.Begin(below, context.Background(), job, Origin{Trace: l.Trace()})
		l.Finish(OK)
		below.Finish(OK)
		if len(a.lines) != len(b.lines) {
			t.Fatal("one service kept what the other did not")
		}
	}
}

func TestHeldRecordsComeWithFailure(t *testing.T) {
	for _, c := range []struct {
		outcome Outcome
		took    time.Duration
		want    int
	}{
		{OK, 0, 0}, {ClientError, 0, 0}, {ServerError, 0, maxHeld}, {Panic, 0, maxHeld}, {OK, 2 * time.Second, maxHeld},
	} {
		lines := newCollect()
		l := lines.begin(context.Background())
		var released []string
		put := func(b []byte) { released = append(released, string(b)) }
		for i := range maxHeld + 10 {
			if !l.Hold(fmt.Appendf(nil, "record %d", i), put) {
				t.Fatal("a line under way holds nothing")
			}
		}
		l.Hold(make([]byte, maxHeldBytes+1), put)
		lines.clock = lines.clock.Add(c.took)
		l.Finish(c.outcome)
		if len(released) != c.want || c.want > 0 && (released[0] != "record 10" || released[maxHeld-1] != fmt.Sprintf("record %d", maxHeld+9)) {
			t.Errorf("%s after %v: %d records, first %q", c.outcome, c.took, len(released), released[:min(1, len(released))])
		}
		if l.Hold([]byte("late"), put) {
			t.Error("an ended line holds a record")
		}
	}
}

func TestInterimLinesAreNoCanonicalLines(t *testing.T) {
	c := newCollect()
	l := c.begin(context.Background())
	young := c.begin(context.Background())
	BytesOut.Set(l, 100)
	c.clock = c.clock.Add(time.Minute)
	young.body.start = c.clock
	c.Interim(time.Minute)
	BytesOut.Set(l, 200)
	c.clock = c.clock.Add(time.Minute)
	young.Finish(OK)
	c.Interim(time.Minute)
	l.Finish(OK)
	if len(c.lines) != 4 {
		t.Fatalf("lines %q", c.lines)
	}
	for i, at := range []int{0, 2} {
		got := decode(t, c.lines[at])
		if got["interim"] != float64(i+1) || got["bytes_out"] != float64(100*(i+1)) || got["outcome"] != nil || !strings.HasPrefix(got["_msg"].(string), InterimMark) {
			t.Errorf("interim line %s", c.lines[at])
		}
	}
	if got := decode(t, c.lines[3]); got["interim"] != nil || got["duration"] != 120.0 {
		t.Errorf("last line %v", got)
	}
	if counts := c.Counts(); counts.Lines != 2 || counts.Interim != 2 {
		t.Errorf("counts %+v", counts)
	}
}

func TestInterruptEndsWhatIsUnderWay(t *testing.T) {
	c := newCollect()
	var all []*Line
	for range 20 {
		all = append(all, c.begin(context.Background()))
	}
	all[3].Finish(OK)
	all[19].Finish(OK)
	if n := len(c.UnderWay()); n != 18 {
		t.Errorf("%d lines under way, want 18", n)
	}
	c.Interrupt()
	for _, l := range all {
		l.Finish(OK)
	}
	interrupted := 0
	for _, s := range c.lines {
		if decode(t, s)["outcome"] == string(Interrupted) {
			interrupted++
		}
	}
	if len(c.lines) != 20 || interrupted != 18 || len(c.UnderWay()) != 0 {
		t.Errorf("%d lines, %d interrupted, %d under way", len(c.lines), interrupted, len(c.UnderWay()))
	}
}

func TestSpansOfAFinishedTrace(t *testing.T) {
	var spans []string
	c := collected(Options{Fixed: []slog.Attr{slog.String("service", "shop")}, Spans: func(b []byte) { spans = append(spans, string(b)) }})
	l := c.begin(context.Background())
	Operation.Set(l, "invoice.close")
	Database.Start(l).End()
	testStage.Start(l).End()
	l.Finish(OK)
	if len(spans) != 3 {
		t.Fatalf("spans %q", spans)
	}
	unit, query, stage := decode(t, spans[0]), decode(t, spans[1]), decode(t, spans[2])
	if unit["name"] != "invoice.close ok" || unit["service"] != "shop" || unit["outcome"] != "ok" || unit["parent_id"] != nil {
		t.Errorf("unit %v", unit)
	}
	if query["name"] != "database" || stage["name"] != "render" || query["parent_id"] != unit["span_id"] || query["trace_id"] != unit["trace_id"] || query["span_id"] == stage["span_id"] {
		t.Errorf("below %v %v", query, stage)
	}
	spans = nil
	unsampled := new(Line)
	trace, _ := ParseTrace(parent)
	trace.Flags = 0
	c.Begin(unsampled, context.Background(), job, Origin{Trace: trace})
	unsampled.Finish(OK)
	if len(spans) != 0 {
		t.Error("a trace that the caller does not record has spans")
	}
}

type watch struct{ began, ended []string }

func (w *watch) Began(l *Line) {
	name, _ := Operation.Value(l)
	w.began = append(w.began, name)
}

func (w *watch) Ended(l *Line, outcome Outcome, took time.Duration) {
	user, _ := UserID.Value(l)
	w.ended = append(w.ended, fmt.Sprint(l.Kind(), " ", user, " ", outcome, " ", took, " ", l.Age()))
}

func TestWatchersSeeWorkBeginAndEnd(t *testing.T) {
	c := newCollect()
	w := &watch{}
	c.Watch(w)
	l := new(Line)
	c.Begin(l, context.Background(), job, Origin{}, Operation.Of("invoice.close"))
	UserID.Set(l, "usr_1")
	c.clock = c.clock.Add(time.Second)
	l.Finish(ServerError)
	if fmt.Sprint(w.began, w.ended) != "[invoice.close] [job usr_1 server_error 1s 1s]" {
		t.Errorf("seen %v %v", w.began, w.ended)
	}
}

type angry struct{}

func (angry) Began(*Line)                         { panic("began") }
func (angry) Ended(*Line, Outcome, time.Duration) { panic("ended") }

func TestWatchersThatPanicLoseNoLine(t *testing.T) {
	c := newCollect()
	w := &watch{}
	c.Watch(angry{})
	c.Watch(w)
	c.begin(context.Background()).Finish(OK)
	if counts := c.Counts(); counts.Lines != 1 || counts.Broken != 2 || len(w.ended) != 1 {
		t.Errorf("counts %+v, seen %v", counts, w.ended)
	}
}

func TestLongLinesAreCut(t *testing.T) {
	c := newCollect()
	l := c.begin(context.Background())
	for i := range 100 {
		Add(l, slog.String(fmt.Sprintf("field_%d", i), strings.Repeat("x", 5000)))
	}
	l.Finish(OK)
	if got := c.only(t); len(c.lines[0]) > maxLineBytes || got["truncated"] != 100.0 {
		t.Errorf("%d bytes, truncated %v", len(c.lines[0]), got["truncated"])
	}
}

func TestCarriedIdsAreReceived(t *testing.T) {
	c := newCollect()
	headers := map[string]string{}
	l := new(Line)
	trace, _ := ParseTrace(parent)
	c.Begin(l, context.Background(), job, Origin{Trace: trace, State: "vendor=1,other=2", RequestID: "req_1"})
	l.Carry(func(name, value string) { headers[name] = value })
	got := Received(func(name string) string { return headers[name] })
	if got.Trace != l.Trace() || got.State != "vendor=1,other=2" || got.RequestID != "req_1" {
		t.Errorf("received %+v of %v", got, headers)
	}
	(*Line)(nil).Carry(nil)
	below := c.begin(l)
	if below.TraceState() != "vendor=1,other=2" {
		t.Error("work within work loses the trace state")
	}
	for _, bad := range []map[string]string{
		{TraceHeader: "00-nonsense", StateHeader: "a=1"},
		{StateHeader: "a=1"},
		{TraceHeader: parent, StateHeader: strings.Repeat("x", 600)},
		{TraceHeader: parent, StateHeader: "a=\n"},
	} {
		if o := Received(func(name string) string { return bad[name] }); o.State != "" {
			t.Errorf("%v: state %q", bad, o.State)
		}
	}
}

type notFound struct{}

func (*notFound) Error() string { return "not found" }

func TestKindOfError(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{errors.New("x"), ""},
		{&notFound{}, "line.notFound"},
		{fmt.Errorf("asking: %w", &notFound{}), "line.notFound"},
	} {
		if got := kindOf(c.err); got != c.want {
			t.Errorf("%v: %q, want %q", c.err, got, c.want)
		}
	}
}

func TestMaxKeepsTheLargest(t *testing.T) {
	c := newCollect()
	l := c.begin(context.Background())
	k, d := Int("test_max"), Seconds("test_longest")
	for _, n := range []int64{-5, -7, 3, 2} {
		k.Max(l, n)
		d.Max(l, time.Duration(n)*time.Second)
	}
	Database.Observe(l, time.Second)
	l.Finish(OK)
	if got := c.only(t); got["test_max"] != 3.0 || got["test_longest"] != 3.0 || got["database_duration"] != 1.0 {
		t.Errorf("got %v", got)
	}
}

// wraps is an error whose methods panic on a nil pointer.
type wraps struct{ cause error }

func (w *wraps) Error() string { return w.cause.Error() }
func (w *wraps) Unwrap() error { return w.cause }

func TestAnErrorThatPanicsEndsItsLine(t *testing.T) {
	c := newCollect()
	func() {
		var err error = (*wraps)(nil)
		l := c.begin(context.Background())
		defer l.End(&err)
	}()
	if got := c.only(t); got["outcome"] != "error" || got["error_kind"] != "line.wraps" {
		t.Errorf("got %v", got)
	}
}

func TestANameOfOneLineMayChangeItsType(t *testing.T) {
	c := newCollect()
	l := c.begin(context.Background())
	Add(l, slog.Int("once_number", 1), slog.String("once_text", "one"), slog.Int(strings.Repeat("n", maxNameBytes+1), 1))
	Add(l, slog.String("once_number", "two"), slog.Float64("once_text", 1.5))
	l.Finish(OK)
	if got := c.only(t); got["once_number"] != "two" || got["once_text"] != 1.5 {
		t.Errorf("got %v", got)
	}
	if refused := c.Counts().Refused; refused != 1 {
		t.Errorf("%d fields refused, want that of the long name", refused)
	}
}

func TestProtobufIsUTF8(t *testing.T) {
	c := collected(Options{Format: Protobuf})
	l := new(Line)
	c.Source.Begin(l, context.Background(), &Kind{Name: "kind\xff"}, Origin{RequestID: "id\xff"})
	l.Finish(OK)
	if got := c.lines[0]; !strings.Contains(got, "kind\ufffd") || !strings.Contains(got, "id\ufffd") {
		t.Errorf("%q", got)
	}
}
