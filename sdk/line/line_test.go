package line

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"sync"
	"testing"
	"time"
)

var job = &Kind{Name: "job", Digest: []Key{Operation, OutcomeKey}}

// collect is a source whose lines are kept, and the clock it runs by.
type collect struct {
	*Source
	mu    sync.Mutex
	lines []string
	clock time.Time
}

func newCollect(fixed ...slog.Attr) *collect { return collected(Options{Fixed: fixed}) }

func collected(o Options) *collect {
	c := &collect{clock: time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC)}
	o.Put = func(b []byte) {
		c.mu.Lock()
		c.lines = append(c.lines, string(b))
		c.mu.Unlock()
	}
	o.Now = func() time.Time { return c.clock }
	c.Source = NewSource(o)
	return c
}

func (c *collect) begin(parent context.Context) *Line {
	l := new(Line)
	c.Begin(l, parent, job, Origin{})
	return l
}

func (c *collect) only(t *testing.T) map[string]any {
	t.Helper()
	if len(c.lines) != 1 {
		t.Fatalf("%d lines, want 1: %q", len(c.lines), c.lines)
	}
	return decode(t, c.lines[0])
}

func decode(t *testing.T, s string) map[string]any {
	t.Helper()
	fields := map[string]any{}
	if err := json.Unmarshal([]byte(s), &fields); err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return fields
}

func TestLineAsText(t *testing.T) {
	c := newCollect(slog.String("service", "shop"), slog.String("release", ""))
	l := new(Line)
	trace, _ := ParseTrace("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	c.Begin(l, context.Background(), job, Origin{Trace: trace, RequestID: "req_123"})
	l.trace.Span = [8]byte{1, 2, 3, 4, 5, 6, 7, 8}
	Operation.Set(l, "invoice.close")
	RateAllowed.Set(l, true)
	RateQuota.Set(l, 100)
	Float("ratio").Set(l, 0.25)
	Database.Calls.Add(l, 2)
	Database.Calls.Add(l, 1)
	Database.Total.Add(l, 1500*time.Microsecond)
	c.clock = c.clock.Add(9 * time.Millisecond)
	l.Finish("ok")
	want := `{"_time":"2026-11-21T09:30:00.009Z","_msg":"canonical-log-line invoice.close ok","kind":"job",` +
		`"request_id":"req_123","trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"0102030405060708","parent_id":"b7ad6b7169203331",` +
		`"service":"shop","operation":"invoice.close","rate_allowed":true,"rate_quota":100,"ratio":0.25,` +
		`"database_queries":3,"database_duration":0.001500,"outcome":"ok","duration":0.009000}`
	if c.lines[0] != want {
		t.Errorf("got  %s\nwant %s", c.lines[0], want)
	}
}

func TestLastValueWins(t *testing.T) {
	c := newCollect(slog.String("service", "shop"))
	l := c.begin(context.Background())
	UserID.Set(l, "usr_1")
	UserID.Set(l, "usr_2")
	Text("service").Set(l, "cart")
	Int("mixed").Add(l, 7)
	Seconds("mixed").Add(l, time.Second) // a name with two types is two fields
	l.Finish("ok")
	got := c.only(t)
	if got["user_id"] != "usr_2" || got["service"] != "cart" || got["mixed"] != 7.0 || got["mixed_seconds"] != 1.0 {
		t.Errorf("got %v", got)
	}
	if strings.Count(c.lines[0], `"service"`) != 1 {
		t.Errorf("a field twice in %s", c.lines[0])
	}
}

type derivedKey struct{}

func TestValuesReadBack(t *testing.T) {
	c := newCollect()
	l := c.begin(context.Background())
	ctx := context.WithValue(l, derivedKey{}, 1) // found through derived contexts too
	if _, ok := UserID.Value(ctx); ok {
		t.Error("a field nobody set has a value")
	}
	UserID.Set(ctx, "usr_1")
	Database.Calls.Add(ctx, 4)
	Duration.Set(ctx, time.Second)
	user, _ := UserID.Value(ctx)
	calls, _ := Database.Calls.Value(ctx)
	d, _ := Duration.Value(ctx)
	if user != "usr_1" || calls != 4 || d != time.Second {
		t.Errorf("read back %q %d %v", user, calls, d)
	}
	l.Finish("ok")
	if _, ok := UserID.Value(ctx); ok {
		t.Error("an ended line still answers")
	}
}

func TestWithoutLineNothingHappens(t *testing.T) {
	for _, ctx := range []context.Context{nil, context.Background()} {
		UserID.Set(ctx, "usr_1")
		Database.Start(ctx).End()
		if _, ok := UserID.Value(ctx); ok || From(ctx) != nil {
			t.Errorf("context %v carries a line", ctx)
		}
	}
}

func TestLateAndRefusedAreCounted(t *testing.T) {
	c := newCollect()
	l := c.begin(context.Background())
	for i := range maxFields + 10 {
		Int(fmt.Sprintf("field_%d", i)).Set(l, 1)
	}
	TextKey{traceIDKey}.Set(l, "mine")
	Text("").Set(l, "nameless")
	l.Finish("ok")
	UserID.Set(l, "too late")
	l.Finish("again")
	got := c.only(t)
	if got["outcome"] != "ok" || got["duration"] == nil {
		t.Errorf("a full line loses what it must have: %v", got["outcome"])
	}
	if want := (Counts{Lines: 1, Late: 1, Refused: 12}); c.Counts() != want {
		t.Errorf("counts %+v, want %+v", c.Counts(), want)
	}
}

func TestHostileValuesStayOneLine(t *testing.T) {
	c := newCollect()
	l := c.begin(context.Background())
	Operation.Set(l, "a\"\n\x00\xff\x1b[2J")
	Text("we\"ird\nname").Set(l, strings.Repeat("\xf0", 20<<10))
	Float("nan").Set(l, math.NaN())
	l.Finish("o\"k")
	if got := c.only(t); got["nan"] != "NaN" || strings.ContainsAny(c.lines[0], "\n\x00") {
		t.Errorf("got %q", c.lines[0])
	}
}

func TestEmissionNeverPanics(t *testing.T) {
	s := NewSource(Options{Put: func([]byte) { panic("sink") }})
	var l Line
	s.Begin(&l, context.Background(), job, Origin{})
	l.Finish("ok")
	if want := (Counts{Failed: 1}); s.Counts() != want {
		t.Errorf("counts %+v, want %+v", s.Counts(), want)
	}
}

func TestEndTellsOutcome(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{nil, "ok"},
		{errors.New("no such invoice"), "error"},
		{fmt.Errorf("asking: %w", context.DeadlineExceeded), "timeout"},
		{fmt.Errorf("asking: %w", context.Canceled), "interrupted"},
	} {
		lines := newCollect()
		lines.begin(context.Background()).End(&c.err)
		got := lines.only(t)
		if got["outcome"] != c.want || (c.err != nil) != (got["error"] != nil) {
			t.Errorf("%v: %v", c.err, got)
		}
	}
}

func TestEndPassesPanicsOn(t *testing.T) {
	c := newCollect()
	var err error
	func() {
		defer func() {
			if v := recover(); v != "boom" {
				t.Errorf("recovered %v, want boom", v)
			}
		}()
		defer c.begin(context.Background()).End(&err)
		blow()
	}()
	got := c.only(t)
	at, _ := got["panic_at"].(string)
	if got["outcome"] != "panic" || got["error"] != "boom" || !strings.HasPrefix(at, "line.blow:") {
		t.Errorf("got %v", got)
	}
}

func blow() { panic("boom") }

func TestWorkWithinWorkSharesTraceAndRequest(t *testing.T) {
	c := newCollect()
	outer := c.begin(context.Background())
	inner := c.begin(outer)
	if inner.Trace().ID != outer.Trace().ID || inner.body.caller != outer.Trace().Span || inner.RequestID() != outer.RequestID() {
		t.Error("the inner unit does not stand under the outer one")
	}
	if inner.Trace().Span == outer.Trace().Span {
		t.Error("two units share a span")
	}
	other := c.begin(context.Background())
	if other.Trace().ID == outer.Trace().ID || other.RequestID() == outer.RequestID() {
		t.Error("two traces share an id")
	}
}

func TestConcurrentUse(t *testing.T) {
	c := newCollect()
	l := c.begin(context.Background())
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 200 {
				Database.Start(l).End()
				Int(fmt.Sprintf("worker_%d", i)).Add(l, 1)
				Database.Calls.Value(l)
			}
		})
	}
	wg.Wait()
	leaked := make(chan struct{})
	go func() { // a goroutine that outlives its request
		defer close(leaked)
		for range 500 {
			UserID.Set(l, "leaked")
		}
	}()
	l.Finish("ok")
	for range 100 {
		next := c.begin(context.Background())
		next.Finish("ok")
	}
	<-leaked
	got := decode(t, c.lines[0])
	if got["database_queries"] != 1600.0 || got["worker_7"] != 200.0 {
		t.Errorf("got %v", got)
	}
	for _, s := range c.lines[1:] {
		if strings.Contains(s, "leaked") {
			t.Fatalf("a leaked goroutine wrote into another line: %s", s)
		}
	}
}
