//go:build system

package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// TestDashboards: while dashboards are looked at lines are taken and every question
// answered. What that costs intake "make torture" holds against its bound.
func TestDashboards(t *testing.T) { dashboards(t, 20_000, 1, 2*time.Second, 1) }

const (
	// viewers look at dashboards, each dashboard at one of dashboardRanges and, but
	// for the first, at one region.
	viewers = 20
	// dashboardEvery is how often a dashboard asks all its questions.
	dashboardEvery = 10 * time.Second
	// dashboardLines are in one batch of those who send meanwhile.
	dashboardLines = 5000
	// dashboardSenders send at dashboardShare of what they can when nobody looks.
	dashboardSenders = 4
	dashboardShare   = 0.85
)

// dashboardRanges are how far back people look: an incident, an hour, a shift, a day.
var dashboardRanges = []string{"-15m", "-1h", "-1h", "-8h", "-24h"}

// panels are what a dashboard asks of its lines.
var panels = []string{
	"| stats count by level", "| timechart span=1m count", "level=error | timechart span=1m count by route", "| timechart span=5m p50(duration) p99(duration)",
	"| top 10 user_id", "status>=500 | stats count by route", "| stats avg(duration) max(duration) by route", "| stats dc(user_id)",
	"status!=200 | timechart span=1m count by status", "route=/v1/r7 | stats p95(duration) by level",
}

// dashboards fills a day and then, by turns, lets lines come in at a fixed rate with
// nobody looking and with twenty who look at five dashboards, of ten aggregations every
// ten seconds. They may cost that share of the lines at most.
func dashboards(t *testing.T, lines, rounds int, each time.Duration, most float64) {
	address, err := newPorts(t).free()
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, address, t.TempDir()+"/data")
	fillUp(t, s, lines, 24*time.Hour)
	flatOut := takeIn(t, s, each, 0)
	apart := time.Duration(float64(each) * dashboardLines / (dashboardShare * float64(flatOut)))
	var alone, watched int
	seen := &looks{}
	for range rounds {
		alone += takeIn(t, s, each, apart)
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		for i := range viewers {
			all.Go(func() { look(ctx, t, s.url, i, seen) })
		}
		watched += takeIn(t, s, each, apart)
		cancel()
		all.Wait()
	}
	seconds := float64(rounds) * each.Seconds()
	cost := 1 - float64(watched)/float64(alone)
	t.Logf("torture: dashboards | %d people look at %d of them, %.1f aggregations a second over up to a day and %d million lines, each answered in %s at the median | of %.0f lines/s, %.0f %% of what the machine takes at most, %.0f were taken, and %.0f with nobody looking: they cost %.1f %%",
		viewers, len(dashboardRanges), float64(len(seen.took))/seconds, (lines+flatOut+alone+watched)/1_000_000, median(seen.took).Round(100*time.Microsecond),
		dashboardLines/apart.Seconds(), 100*dashboardShare, float64(watched)/seconds, float64(alone)/seconds, 100*cost)
	if len(seen.took) == 0 || watched == 0 || cost > most {
		t.Errorf("%d aggregations were answered, and cost intake %.1f %%, at most %.0f %% are allowed", len(seen.took), 100*cost, 100*most)
	}
	if err := s.stop(syscall.SIGTERM); err != nil {
		t.Errorf("the server ended with %v", err)
	}
}

// fillUp sends lines that lie in the time before now.
func fillUp(t *testing.T, s *server, lines int, over time.Duration) {
	t.Helper()
	began := time.Now().Add(-over)
	for n := 0; n < lines; n += dashboardLines {
		b := newRequestLines(n)
		b.at(began.Add(over / time.Duration(lines) * time.Duration(n)))
		if err := post(t.Context(), s.url+"/api/v1/ingest/jsonl", b.text, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := post(t.Context(), s.url+"/api/v1/flush", nil, nil); err != nil {
		t.Fatal(err)
	}
}

// requestLines is a batch of requests of a service, which can be moved in time.
type requestLines struct {
	text  []byte
	times []int // where the second of each line stands
}

const secondLayout = "2006-01-02T15:04:05"

// newRequestLines makes a batch whose lines lie within a second.
func newRequestLines(first int) *requestLines {
	var b bytes.Buffer
	r := &requestLines{}
	random := rand.New(rand.NewPCG(uint64(first), 0))
	for n := first; n < first+dashboardLines; n++ {
		b.WriteString(`{"_time":"`)
		r.times = append(r.times, b.Len())
		fmt.Fprintf(&b, "%s.%06dZ\",\"_msg\":\"canonical-log-line\",\"level\":%q,\"route\":\"/v1/r%d\",\"region\":\"region-%d\",\"status\":%d,\"user_id\":\"usr_%d\",\"duration\":%.3f,\"request_id\":\"req_%016x\"}\n",
			secondLayout, (n-first)*(1_000_000/dashboardLines), []string{"info", "info", "warn", "error"}[n*31%4], random.IntN(20), random.IntN(len(dashboardRanges)),
			[]int{200, 200, 200, 404, 500}[random.IntN(5)], int(20_000*math.Pow(random.Float64(), 3)), math.Exp(3+0.8*random.NormFloat64()), random.Uint64())
	}
	r.text = b.Bytes()
	return r
}

// at moves the batch to a second.
func (r *requestLines) at(t time.Time) {
	second := t.UTC().Format(secondLayout)
	for _, at := range r.times {
		copy(r.text[at:], second)
	}
}

// takeIn lets senders send, a batch each so often together, or as fast as they are
// answered; it gives the lines that were taken.
func takeIn(t *testing.T, s *server, during, apart time.Duration) int {
	t.Helper()
	var taken, turn atomic.Int64
	var senders sync.WaitGroup
	began := time.Now()
	for i := range dashboardSenders {
		senders.Go(func() {
			for b := newRequestLines(i * dashboardLines); ; {
				time.Sleep(time.Until(began.Add(time.Duration(turn.Add(1)) * apart)))
				if time.Since(began) >= during {
					return
				}
				b.at(time.Now())
				if err := post(t.Context(), s.url+"/api/v1/ingest/jsonl", b.text, nil); err != nil {
					t.Error(err)
					return
				}
				taken.Add(dashboardLines)
			}
		})
	}
	senders.Wait()
	return int(taken.Load())
}

// looks is how long each question of a dashboard took.
type looks struct {
	mu   sync.Mutex
	took []time.Duration
}

func (l *looks) add(took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.took = append(l.took, took)
}

// look asks all questions of a dashboard now and then, until ctx ends.
func look(ctx context.Context, t *testing.T, base string, which int, seen *looks) {
	// They were not opened all in one moment.
	next := time.NewTimer(time.Duration(which) * dashboardEvery / viewers)
	defer next.Stop()
	region, from := which%len(dashboardRanges), dashboardRanges[which%len(dashboardRanges)]
	about := "* "
	if region > 0 {
		about = fmt.Sprintf("region=region-%d ", region)
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-next.C:
		}
		next.Reset(dashboardEvery)
		for _, q := range panels {
			q = about + q
			began := time.Now()
			switch status, err := drain(ctx, base, q, from); {
			case ctx.Err() != nil:
				return
			case err != nil || status != http.StatusOK:
				t.Errorf("%s: %d, %v", q, status, err)
			}
			seen.add(time.Since(began))
		}
	}
}

// drain asks a question about a range up to now and reads the answer to its end.
func drain(ctx context.Context, base, question, from string) (status int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/api/v1/query?"+url.Values{"q": {question}, "from": {from}}.Encode(), nil)
	if err != nil {
		return 0, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	_, err = io.Copy(io.Discard, res.Body)
	return res.StatusCode, err
}
