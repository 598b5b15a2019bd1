//go:build system

package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// TestDashboards: while dashboards are looked at lines are taken and every question
// answered. What that costs intake "make torture" says.
func TestDashboards(t *testing.T) { dashboards(t, 20_000, 1, 2*time.Second) }

const (
	dashboardCount = 20
	// dashboardEvery is how often each asks all its questions.
	dashboardEvery = 10 * time.Second
	// dashboardLines are in one batch of those who send meanwhile.
	dashboardLines = 5000
)

// panels are what a dashboard asks, each over the last hour.
var panels = []string{
	"* | stats count by level", "* | timechart span=1m count", "level=error | timechart span=1m count by route", "* | timechart span=5m p50(duration) p99(duration)",
	"* | top 10 user_id", "status>=500 | stats count by route", "* | stats avg(duration) max(duration) by route", "* | stats dc(user_id)",
	"status!=200 | timechart span=1m count by status", "route=/v1/r7 | stats p95(duration) by level",
}

// dashboards fills a store and then, by turns, lets lines come in with nobody looking
// and with twenty dashboards asking ten aggregations each every ten seconds.
func dashboards(t *testing.T, lines, rounds int, each time.Duration) {
	address, err := newPorts(t).free()
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, address, t.TempDir()+"/data")
	now := time.Now()
	for n := 0; n < lines; n += dashboardLines {
		if err := post(t.Context(), s.url+"/api/v1/ingest/jsonl", requestLines(now.Add(-time.Hour), n, time.Hour/time.Duration(lines)), nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := post(t.Context(), s.url+"/api/v1/flush", nil, nil); err != nil {
		t.Fatal(err)
	}
	var alone, watched int
	var asked atomic.Int64
	for range rounds {
		alone += takeIn(t, s, each)
		ctx, cancel := context.WithCancel(t.Context())
		var viewers sync.WaitGroup
		for i := range dashboardCount {
			viewers.Go(func() { look(ctx, t, s.url, i, &asked) })
		}
		watched += takeIn(t, s, each)
		cancel()
		viewers.Wait()
	}
	seconds := float64(rounds) * each.Seconds()
	t.Logf("torture: dashboards | %d of them, %.1f aggregations a second over %d lines and those that come | %.0f lines/s taken, %.0f with nobody looking: %+.1f %%",
		dashboardCount, float64(asked.Load())/seconds, lines, float64(watched)/seconds, float64(alone)/seconds, 100*(float64(watched)/float64(alone)-1))
	if asked.Load() == 0 || watched == 0 {
		t.Errorf("%d aggregations were answered, %d lines taken", asked.Load(), watched)
	}
	if err := s.stop(syscall.SIGTERM); err != nil {
		t.Errorf("the server ended with %v", err)
	}
}

// requestLines is a batch of requests of a service.
func requestLines(from time.Time, first int, apart time.Duration) []byte {
	var b bytes.Buffer
	for n := first; n < first+dashboardLines; n++ {
		fmt.Fprintf(&b, "{\"_time\":%q,\"_msg\":\"canonical-log-line\",\"level\":%q,\"route\":\"/v1/r%d\",\"status\":%d,\"user_id\":\"usr_%d\",\"duration\":%d.%03d,\"request_id\":\"req_%016x\"}\n",
			from.Add(time.Duration(n)*apart).Format(time.RFC3339Nano), []string{"info", "info", "warn", "error"}[n*31%4], n%20, []int{200, 200, 200, 404, 500}[n*17%5], n*n%5003, n%7, n%1000, uint64(n)*0x9e3779b97f4a7c15)
	}
	return b.Bytes()
}

// takeIn lets two senders send as fast as they are answered; it gives the lines.
func takeIn(t *testing.T, s *server, during time.Duration) int {
	t.Helper()
	body := requestLines(time.Now(), 0, time.Microsecond)
	var taken atomic.Int64
	var senders sync.WaitGroup
	end := time.Now().Add(during)
	for range 2 {
		senders.Go(func() {
			for time.Now().Before(end) {
				if err := post(t.Context(), s.url+"/api/v1/ingest/jsonl", body, nil); err != nil {
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

// look asks all questions of a dashboard now and then, until ctx ends.
func look(ctx context.Context, t *testing.T, base string, which int, asked *atomic.Int64) {
	// They were not opened all in one moment.
	next := time.NewTimer(time.Duration(which) * dashboardEvery / dashboardCount)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-next.C:
		}
		next.Reset(dashboardEvery)
		for _, q := range panels {
			switch status, err := drain(ctx, base, q); {
			case ctx.Err() != nil:
				return
			case err != nil || status != http.StatusOK:
				t.Errorf("%s: %d, %v", q, status, err)
			}
			asked.Add(1)
		}
	}
}

// drain asks a question about the last hour and reads the answer to its end.
func drain(ctx context.Context, base, question string) (status int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/api/v1/query?"+url.Values{"q": {question}, "from": {"-1h"}}.Encode(), nil)
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
