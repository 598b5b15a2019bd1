package trace

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/plumbline/plumbline/sdk/metric"
)

// work runs one unit of the family, taking that long and ending by that error.
func work(tracer *Tracer, ctx context.Context, family, title string, took time.Duration, ends error) (err error) {
	_, t := tracer.Start(ctx, family, title)
	defer t.End(&err)
	t.Event("began", slog.String("title", title))
	time.Sleep(took)
	return ends
}

func titles(views []View) (all []string) {
	for _, v := range views {
		all = append(all, v.Title)
	}
	return all
}

func TestClasses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tracer, ctx := New(Options{}), t.Context()
		for i := range 12 {
			_ = work(tracer, ctx, "f", fmt.Sprint("fast", i), time.Millisecond, nil)
		}
		_ = work(tracer, ctx, "f", "slow", 250*time.Millisecond, nil)
		_ = work(tracer, ctx, "f", "bad", time.Millisecond, errors.New("no"))
		for i := range 20 {
			_ = work(tracer, ctx, "f", fmt.Sprint("last", i), 0, nil)
		}
		f := tracer.Family("f")
		for _, c := range []struct {
			which Which
			want  string
		}{
			{Recent, "last19 last18 last17 last16 last15 last14 last13 last12 last11 last10"},
			{Slow(1), "slow"}, {Slow(3), "slow"}, {Slow(4), ""}, {Failed, "bad"}, {Active, ""}, {99, ""},
		} {
			if got := strings.Join(titles(f.Traces(c.which)), " "); got != c.want {
				t.Errorf("class %d holds %s, want %s", c.which, got, c.want)
			}
		}
		v := f.Traces(Slow(1))[0]
		if v.Took != 250*time.Millisecond || len(v.Events) != 1 || v.Events[0].Text != "began title=slow" || v.Failed {
			t.Errorf("what fell out of one ring and stays in another is %+v", v)
		}
		if v := f.Traces(Failed)[0]; v.Failure != "no" || !v.Failed {
			t.Errorf("%+v", v)
		}
		s := f.Summary()
		if s.Calls != 34 || s.Failures != 1 || s.Active != 0 || s.Total != 263*time.Millisecond {
			t.Errorf("%+v", s)
		}
	})
}

// told is the key of an id that a context carries for IDs.
type told struct{}

func TestActiveAndParts(t *testing.T) {
	tracer := New(Options{IDs: func(ctx context.Context) (id [16]byte, span [8]byte, ok bool) {
		id[0], ok = ctx.Value(told{}).(byte)
		return id, span, ok
	}})
	ctx, outer := tracer.Start(t.Context(), "http", "/")
	_, inner := tracer.Start(ctx, "store", "set")
	if From(ctx) != outer || inner.ID() != outer.ID() || outer.ID() == [16]byte{} {
		t.Error("a part has a trace of its own")
	}
	if v := tracer.Family("store").Traces(Active); len(v) != 1 || v[0].Above != "http" || !v[0].Active {
		t.Errorf("active %+v", v)
	}
	id := fmt.Sprintf("%x", outer.ID())
	inner.End(nil)
	if got := strings.Join(titles(tracer.Find(id)), " "); got != "/ set" {
		t.Errorf("the parts of the trace are %s", got)
	}
	outer.End(nil)
	outer.End(nil) // twice is once
	inner.Event("late")
	if tracer.Late() != 1 || tracer.Family("http").Summary().Calls != 1 || inner.ID() != [16]byte{} {
		t.Errorf("late %d, calls %d", tracer.Late(), tracer.Family("http").Summary().Calls)
	}
	with, one := tracer.Start(context.WithValue(t.Context(), told{}, byte(7)), "http", "told")
	if From(with).ID() != [16]byte{7} {
		t.Error("the ids of the context are not taken")
	}
	one.End(nil)
	if tracer.Find("xyz") != nil || tracer.Find("00") != nil {
		t.Error("an id that is none finds something")
	}
}

func TestPanicGoesOn(t *testing.T) {
	tracer := New(Options{})
	func() {
		defer func() {
			if v := recover(); v != "boom" {
				t.Errorf("recovered %v", v)
			}
		}()
		_ = func() (err error) {
			_, one := tracer.Start(t.Context(), "f", "x")
			defer one.End(&err)
			panic("boom")
		}()
	}()
	if v := tracer.Family("f").Traces(Failed); len(v) != 1 || v[0].Failure != "panic: boom" {
		t.Errorf("%+v", v)
	}
	func() { // without a tracer too
		defer func() {
			if recover() == nil {
				t.Error("a nil trace swallows a panic")
			}
		}()
		var none *Tracer
		_, one := none.Start(t.Context(), "f", "x")
		defer one.End(nil)
		panic("boom")
	}()
}

// wraps is an error whose methods panic on a nil pointer.
type wraps struct{ cause error }

func (w *wraps) Error() string { return w.cause.Error() }
func (w *wraps) Unwrap() error { return w.cause }

func TestAnErrorThatPanicsEndsItsTrace(t *testing.T) {
	tracer := New(Options{})
	func() {
		var err error = (*wraps)(nil)
		_, one := tracer.Start(t.Context(), "f", "nil")
		defer one.End(&err)
	}()
	if got := titles(tracer.Family("f").Traces(Failed)); len(got) != 1 {
		t.Errorf("failed are %v", got)
	}
}

func TestManyEvents(t *testing.T) {
	tracer := New(Options{})
	_, one := tracer.Start(t.Context(), "f", "x")
	for i := range 1000 {
		one.Printf("event %d", i)
	}
	one.Fail(errors.New("odd"))
	one.Event(strings.Repeat("x", 2*maxEventBytes))
	one.End(nil)
	v := tracer.Family("f").Traces(Recent)[0]
	n := len(v.Events)
	if v.Events[0].Text != "event 0" || v.Events[n-3].Text != "event 999" || !v.Events[n-2].Failure || len(v.Events[n-1].Text) != maxEventBytes {
		t.Errorf("first %q, last %q, %q", v.Events[0].Text, v.Events[n-3].Text, v.Events[n-2].Text)
	}
	if v.Missing+n != 1002 || v.Missing == 0 || v.First < 50 {
		t.Errorf("%d events, %d missing after %d", n, v.Missing, v.First)
	}
	if v.Failed {
		t.Error("a failure that was handled fails the work")
	}
}

func TestCaps(t *testing.T) {
	tracer := New(Options{MaxFamilies: 3})
	for i := range 10 {
		_ = work(tracer, t.Context(), fmt.Sprint("user", i), "x", 0, nil)
	}
	if n := len(tracer.Families()); n != 4 || tracer.Family("user9").Name() != "other" {
		t.Errorf("%d families", n)
	}
	for range maxLogs + 1 {
		tracer.Log("f", "x")
	}
	if n := len(tracer.Logs("", false)); n != maxLogs {
		t.Errorf("%d logs", n)
	}
}

func TestLogs(t *testing.T) {
	tracer := New(Options{})
	l := tracer.Log("raft", "node1")
	other := tracer.Log("http", "listener")
	for i := range logEvents + 5 {
		l.Event("beat", slog.Int("n", i))
	}
	l.Errorf("lost %s", "leader")
	l.Sensitive("key", slog.String("value", "s3cret"))
	views := tracer.Logs("raft", true)
	if len(views) != 1 || views[0].Errors != 1 || views[0].Missing != 7 || len(views[0].Events) != logEvents {
		t.Fatalf("%d logs, %+v", len(views), views[0])
	}
	if v := views[0]; v.Events[0].Text != "beat n=7" || !v.Events[logEvents-2].Failure || !strings.HasPrefix(v.Caller, "trace_test.go:") {
		t.Errorf("first %q, opened at %s", v.Events[0].Text, v.Caller)
	}
	other.Close()
	if n := len(tracer.Logs("", false)); n != 1 {
		t.Errorf("%d logs after one closed", n)
	}
	var none *Log
	none.Event("x")
	none.Printf("x")
	none.Errorf("x")
	none.Close()
}

func get(h http.Handler, url string) string {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", url, nil))
	return w.Body.String()
}

func TestPages(t *testing.T) {
	tracer := New(Options{})
	_, one := tracer.Start(t.Context(), "<fam>", `<script>alert(1)</script>`)
	one.Sensitive("card", slog.String("number", "4242"))
	one.Event("<b>bold</b>")
	one.End(new(error))
	l := tracer.Log("<fam>", "<i>")
	l.Sensitive("card 4242")
	l.Errorf("<u>")
	for _, all := range []bool{true, false} {
		sensitive := func(*http.Request) bool { return all }
		for _, c := range []struct{ url, want string }{
			{"/", "&lt;fam&gt;"}, {"/?fam=%3Cfam%3E&b=0", "&lt;b&gt;bold"}, {"/?fam=none", "None."},
			{"/?fam=%3Cfam%3E&b=x", "&lt;script&gt;"}, {"/?id=zz", "None."},
		} {
			body := get(tracer.Pages(sensitive), c.url)
			if !strings.Contains(body, c.want) || strings.Contains(body, "<script>") || strings.Contains(body, "<b>bold") {
				t.Errorf("%s: %s", c.url, body)
			}
			if strings.Contains(body, "4242") != (all && strings.Contains(c.url, "fam=%3C")) {
				t.Errorf("%s shows sensitive things to %v: %s", c.url, all, body)
			}
		}
		for _, url := range []string{"/?format=json", "/?format=json&fam=%3Cfam%3E"} {
			for _, h := range []http.Handler{tracer.Pages(sensitive), tracer.LogPages(sensitive)} {
				if body := get(h, url); !json.Valid([]byte(body)) || !all && strings.Contains(body, "4242") {
					t.Errorf("%s: %s", url, body)
				}
			}
		}
		for _, url := range []string{"/", "/?fam=%3Cfam%3E", "/?fam=%3Cfam%3E&b=1"} {
			if body := get(tracer.LogPages(sensitive), url); strings.Contains(body, "<u>") || !strings.Contains(body, "fam") {
				t.Errorf("%s: %s", url, body)
			}
		}
	}
}

// A reader of a page that reads nothing must not hold up the work.
func TestSlowReaderHoldsNothing(t *testing.T) {
	tracer := New(Options{})
	_ = work(tracer, t.Context(), "f", "x", 0, nil)
	r, w := io.Pipe()
	defer r.Close()
	go tracer.Pages(func(*http.Request) bool { return true }).ServeHTTP(stuck{w}, httptest.NewRequest("GET", "/?fam=f", nil))
	done := make(chan struct{})
	go func() {
		for range 100 {
			_ = work(tracer, context.Background(), "f", "x", 0, nil)
			_ = work(tracer, context.Background(), "new", "x", 0, nil)
		}
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Error("the work waits for the page")
	}
}

type stuck struct{ io.Writer }

func (stuck) Header() http.Header { return http.Header{} }
func (stuck) WriteHeader(int)     {}

func TestMetrics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tracer := New(Options{})
		_ = work(tracer, t.Context(), "f", "x", time.Millisecond, nil)
		_ = work(tracer, t.Context(), "f", "x", time.Hour, errors.New("no"))
		_, open := tracer.Start(t.Context(), "f", "x")
		defer open.End(nil)
		text := string(new(metric.Text).Page(tracer))
		for _, want := range []string{`trace_calls_total{family="f"} 2`, `trace_errors_total{family="f"} 1`, `trace_in_flight{family="f"} 1`,
			`trace_seconds_bucket{family="f",le="0.000512"} 0`, `trace_seconds_bucket{family="f",le="0.001024"} 1`,
			`trace_seconds_bucket{family="f",le="+Inf"} 2`, `trace_seconds_sum{family="f"} 3600.001`} {
			if !strings.Contains(text, want+"\n") {
				t.Errorf("no line %s in\n%s", want, text)
			}
		}
	})
}

func TestManyGoroutines(t *testing.T) {
	tracer := New(Options{})
	l := tracer.Log("f", "l")
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			for j := range 200 {
				ctx, one := tracer.Start(context.Background(), fmt.Sprint("f", j%5), "x")
				var inner sync.WaitGroup
				inner.Go(func() { From(ctx).Event("inner") })
				one.Event("e", slog.Int("i", i))
				if j%2 == 0 { // else the inner one may be late
					inner.Wait()
				}
				one.End(nil)
				l.Event("x")
				if j%20 == 0 {
					for _, f := range tracer.Families() {
						f.Traces(Active)
						f.Traces(Recent)
					}
					tracer.Logs("", true)
					new(metric.Text).Page(tracer)
				}
				inner.Wait()
			}
		})
	}
	wait.Wait()
	var calls uint64
	for _, f := range tracer.Families() {
		s := f.Summary()
		calls += s.Calls
		if s.Active != 0 {
			t.Errorf("%s has %d under way", f.Name(), s.Active)
		}
	}
	if calls != 1600 {
		t.Errorf("%d calls, want 1600", calls)
	}
}

func TestTraceAllocatesOnce(t *testing.T) {
	tracer, ctx := New(Options{}), t.Context()
	for range 100 {
		_ = one(tracer, ctx)
	}
	if n := testing.AllocsPerRun(100, func() { _ = one(tracer, ctx) }); n > 1 {
		t.Errorf("a trace allocates %v times", n)
	}
	l := tracer.Log("f", "l")
	for range logEvents {
		l.Event("beat", slog.Int("term", 7))
	}
	if n := testing.AllocsPerRun(100, func() { l.Event("beat", slog.Int("term", 7)) }); n > 0 {
		t.Errorf("an event of a log allocates %v times", n)
	}
}

func TestFlight(t *testing.T) {
	dir := t.TempDir() + "/flight"
	f, err := OpenFlight(FlightOptions{Dir: dir, MaxBytes: 1 << 20, Every: time.Nanosecond, Keep: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, reason := range []string{"slow ../../etc/passwd", "panic\n", "third"} {
		name, err := f.Snapshot(reason)
		if err != nil || strings.ContainsAny(name, "/\n") {
			t.Fatalf("snapshot %q: %v", name, err)
		}
		time.Sleep(2 * time.Millisecond) // names carry milliseconds
	}
	held, _ := os.ReadDir(dir)
	if len(held) != 2 || held[1].Name() != f.Last() || !strings.HasSuffix(f.Last(), "-third.trace") {
		t.Errorf("%v, last %s", held, f.Last())
	}
	if b, _ := os.ReadFile(dir + "/" + f.Last()); !strings.HasPrefix(string(b), "go 1.") {
		t.Errorf("a snapshot begins with %.16q", b)
	}
	f.options.Every = time.Hour
	if name, err := f.Snapshot("again"); name != "" || err != nil {
		t.Errorf("a second one within an hour: %s, %v", name, err)
	}
	tracer := New(Options{Flight: f, Slow: time.Nanosecond})
	_ = work(tracer, t.Context(), "f", "x", time.Microsecond, nil)
	_ = work(tracer, t.Context(), "f", "x", time.Microsecond, nil)
	if reason := <-f.reasons; reason != "slow f" || f.dropped.Load() != 1 {
		t.Errorf("triggered by %q, %d dropped", reason, f.dropped.Load())
	}
	ctx, cancel := context.WithCancel(t.Context())
	f.options.Every = time.Nanosecond
	f.Trigger("run")
	go func() {
		for !strings.HasSuffix(f.Last(), "-run.trace") {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	f.Run(ctx)
}

// Events read back as they were written; broken ones end the list.
func FuzzEvents(f *testing.F) {
	f.Add(int64(5), byte(1), "text", []byte{1, 2, 3})
	f.Fuzz(func(t *testing.T, elapsed int64, flags byte, text string, raw []byte) {
		elapsed = max(elapsed, 0)
		e, rest, ok := readEvent(appendEvent(nil, time.Duration(elapsed), flags, []byte(text)))
		if want := strings.ToValidUTF8(text, "\ufffd"); !ok || len(rest) != 0 || int64(e.Elapsed) != elapsed || e.Text != want {
			t.Errorf("%q reads back as %+v", text, e)
		}
		for ok := true; ok; {
			_, raw, ok = readEvent(raw)
		}
	})
}

// Work that was timed elsewhere is shown like any other, and counted elsewhere.
func TestWorkTimedElsewhere(t *testing.T) {
	tracer := New(Options{})
	var none *Family
	none.Add(Work{}) // keeps nothing
	f := tracer.Family("GET /")
	start := time.Now().Add(-time.Second)
	for i := range 30 {
		f.Add(Work{Title: strings.Repeat("x", 300), ID: [16]byte{1}, Start: start, Took: time.Duration(i) * 10 * time.Millisecond,
			Failed: i%2 == 1, Failure: "no", Text: []byte(strings.Repeat("y", 5000))})
	}
	s := f.Summary()
	if s.Calls != 30 || s.Failures != 15 || s.Active != 0 || s.Kept[0] != keep || s.Kept[len(classes)] != keep {
		t.Errorf("%+v", s)
	}
	v := f.Traces(Failed)[0]
	if len(v.Title) != maxTitleBytes || !v.Start.Equal(start) || v.Took != 290*time.Millisecond || v.Failure != "no" ||
		len(v.Events) != 1 || !v.Events[0].Sensitive || len(v.Events[0].Text) != maxEventBytes {
		t.Errorf("%+v", v)
	}
	if v := f.Traces(Recent)[1]; v.Failed {
		t.Errorf("%+v", v)
	}
	if len(tracer.Find(hex.EncodeToString(v.ID[:]))) == 0 {
		t.Error("it is not found by its id")
	}
	_, traced := tracer.Start(t.Context(), "store.set", "key")
	traced.End(nil)
	var text metric.Text
	text.Page(tracer)
	if page := string(text.Bytes()); strings.Contains(page, "GET /") || !strings.Contains(page, `trace_calls_total{family="store.set"} 1`) {
		t.Error(page)
	}
}
