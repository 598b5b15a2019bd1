//go:build system

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/incident"
	"github.com/plumbline/plumbline/internal/rule"
	"github.com/plumbline/plumbline/internal/state"
)

// TestToldKill kills a server between the states of its rules, its incidents and
// its outbox; "make torture" does so a thousand times.
func TestToldKill(t *testing.T) {
	t.Parallel()
	toldKill(t, 25, 15*time.Second)
}

// toldKill gives the same lines to two servers. One is left alone: what it finds is
// what there is to find. The other is killed at random moments: what it finds and
// tells must come out the same, and what it tells twice has the same key. Lines are
// sent so long ahead of their time that every step finds them.
func toldKill(t *testing.T, kills int, ahead time.Duration) {
	p := newPlay(t, ahead)
	calm, killed := p.server(t, "calm", "calm", ""), p.server(t, "killed", "killed", "")
	calm.start(t)
	killed.start(t)
	p.begin(calm, killed)
	for range kills {
		time.Sleep(time.Duration(p.random.IntN(700)) * time.Millisecond)
		if p.random.IntN(3) == 0 {
			killed.acknowledge(t)
		}
		killed.awaitFeed(t, ahead/4)
		if err := killed.stop(syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		killed.start(t)
	}
	p.finish(t, calm, killed)
	changes, incidents, notices := p.compare(t, calm, killed)
	t.Logf("torture: told | %d kills, %d changes of rules, %d incidents, %d notices | what a server told that was never killed, each once", kills, changes, incidents, notices)
}

// play is services that fail and recover, the servers that watch them, and who is
// told.
type play struct {
	dir    string
	ahead  time.Duration // of its time a line is sent: longer than any server is down
	ports  *ports
	seed   uint64
	random *rand.Rand
	hooks  *httptest.Server
	from   time.Time    // of the first line
	end    atomic.Int64 // the second with the last lines; 0: not known yet
	ctx    context.Context
	feeds  sync.WaitGroup

	mu   sync.Mutex
	got  map[string]map[string][]receipt // who was told, of which key, in order
	acks map[string]time.Time            // incidents, and when it was known that they are acknowledged
}

// receipt is a notice as it came.
type receipt struct {
	at    time.Time
	again bool   // it says that it may have come before
	body  string // what it says beside that
	taken bool
}

const (
	// routes fail and recover, each as it likes.
	routes = 4
	// joins is within which an incident goes on, as the servers are told.
	joins = 4 * time.Second
)

func newPlay(t *testing.T, ahead time.Duration) *play {
	p := &play{dir: t.TempDir(), ahead: ahead, ports: newPorts(t), seed: rand.Uint64(), got: map[string]map[string][]receipt{}, acks: map[string]time.Time{}}
	t.Logf("seed %d", p.seed)
	p.random = rand.New(rand.NewPCG(p.seed, 0))
	p.hooks = httptest.NewServer(http.HandlerFunc(p.hook))
	ctx, stop := context.WithCancel(context.Background())
	p.ctx = ctx
	t.Cleanup(func() {
		stop()
		p.feeds.Wait()
		p.hooks.Close()
	})
	return p
}

// watcher is a server of the play.
type watcher struct {
	*server
	play          *play
	name, tells   string // tells: who is told by it
	address, data string
	state         string // where it is
	args          []string
	fed           atomic.Int64 // seconds whose lines were taken
}

const playRules = `rules:
  - name: fails
    question: canonical-log-line http_status=5* | stats count by http_route | where count > 2
    every: 1s
    over: 1s
    delay: 1s
    for: 1s
    keep_for: 1s
    severity: critical
  - name: slow
    question: canonical-log-line | stats max(duration) as slowest by http_route | where slowest > 2
    every: 1s
    over: 1s
    delay: 1s
    severity: warning
`

// server prepares a server; its state is in its own folder unless where says
// another place.
func (p *play) server(t *testing.T, name, tells, where string) *watcher {
	t.Helper()
	address, err := p.ports.free()
	if err != nil {
		t.Fatal(err)
	}
	w := &watcher{play: p, name: name, tells: tells, address: address, data: filepath.Join(p.dir, name), state: where}
	rules, notify := filepath.Join(p.dir, "rules.yaml"), filepath.Join(p.dir, name+".yaml")
	for path, text := range map[string]string{rules: playRules, notify: fmt.Sprintf(`channels:
  all: {kind: webhook, url: "%[1]s/%[2]s"}
  boss: {kind: webhook, url: "%[1]s/%[2]s"}
routes:
  - {match: {severity: critical}, to: [all], escalate: [{after: 3s, to: [boss]}]}
  - {match: {}, to: [all]}
reach: [127.0.0.0/8]
`, p.hooks.URL, tells)} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w.args = []string{"--rules", rules, "--notify", notify, "--ready-rules=false", "--incident-by", "http_route", "--incident-join", joins.String(), "--incident-delay", "2s"}
	if where == "" {
		w.state = filepath.Join(w.data, "state.db")
	} else {
		w.args = append(w.args, "--state", where)
	}
	return w
}

func (w *watcher) start(t *testing.T) {
	t.Helper()
	w.server = serve(t, w.address, w.data, w.args...)
}

// begin lets lines come in, for a time that begins in a moment.
func (p *play) begin(servers ...*watcher) {
	p.from = time.Now().Truncate(time.Second).Add(3 * time.Second)
	for _, w := range servers {
		p.feeds.Go(w.feed)
	}
}

// feed sends the lines of one second after the other, each again and again until
// they are taken.
func (w *watcher) feed() {
	lines := waves(w.play.seed)
	for second := int64(0); ; second++ {
		if end := w.play.end.Load(); end > 0 && second >= end {
			return
		}
		at := w.play.from.Add(time.Duration(second) * time.Second)
		body := lines(at)
		target := "http://" + w.address + "/api/v1/ingest/jsonl?" + url.Values{"batch": {fmt.Sprint("second-", second)}}.Encode()
		for post(w.play.ctx, target, body, nil) != nil {
			if pause(w.play.ctx, 20*time.Millisecond) != nil {
				return
			}
		}
		w.fed.Store(second + 1)
		if pause(w.play.ctx, time.Until(at.Add(-w.play.ahead))) != nil {
			return
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// awaitFeed waits until the server has the lines of so long ahead.
func (w *watcher) awaitFeed(t *testing.T, ahead time.Duration) {
	t.Helper()
	if !eventually(func() bool { return time.Until(w.play.from.Add(time.Duration(w.fed.Load())*time.Second)) > ahead }) {
		t.Fatalf("%s does not take its lines", w.name)
	}
}

// waves gives the lines of one second after the other, the same for the same seed:
// each route fails for a while, recovers for a moment or for long enough to end an
// incident, and is slow now and then.
func waves(seed uint64) func(at time.Time) []byte {
	var left [routes]int
	var fails [routes]bool
	random := rand.New(rand.NewPCG(seed, 1))
	return func(at time.Time) []byte {
		var body []byte
		for i := range routes {
			if left[i] == 0 {
				fails[i] = !fails[i]
				switch {
				case fails[i]:
					left[i] = 2 + random.IntN(5)
				case random.IntN(3) == 0:
					left[i] = 1 + random.IntN(2) // the incident goes on
				default:
					left[i] = 9 + random.IntN(6)
				}
			}
			left[i]--
			status, duration := 200, 0.1
			if fails[i] {
				status = 503
			}
			if random.IntN(8) == 0 {
				duration = 3
			}
			for n := range 5 {
				body = fmt.Appendf(body, "{\"_time\":%q,\"_msg\":\"canonical-log-line\",\"http_route\":\"/v1/r%d\",\"http_status\":%d,\"duration\":%g}\n",
					at.Add(time.Duration(n)*100*time.Millisecond).UTC().Format(time.RFC3339Nano), i, status, duration)
			}
		}
		return body
	}
}

// hook takes notices, and now and then says that it does not.
func (p *play) hook(w http.ResponseWriter, r *http.Request) {
	text, _ := io.ReadAll(r.Body) // one that was cut short is no JSON
	var n map[string]any
	if json.Unmarshal(text, &n) != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	again, _ := n["possible_duplicate"].(bool)
	delete(n, "possible_duplicate")
	body, _ := json.Marshal(n) // it was JSON before
	taken := rand.IntN(30) > 0
	who, key := strings.TrimPrefix(r.URL.Path, "/"), fmt.Sprint(n["key"])
	p.mu.Lock()
	if p.got[who] == nil {
		p.got[who] = map[string][]receipt{}
	}
	p.got[who][key] = append(p.got[who][key], receipt{time.Now(), again, string(body), taken})
	p.mu.Unlock()
	if !taken {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

// acknowledge lets a person acknowledge what burns.
func (w *watcher) acknowledge(t *testing.T) {
	t.Helper()
	var list struct{ Incidents []incident.Incident }
	if err := get(t.Context(), w.url+"/api/v1/incidents?limit=5", &list); err != nil {
		t.Fatal(err)
	}
	for _, i := range list.Incidents {
		if i.Status != incident.Burning || i.Acked != 0 {
			continue
		}
		if post(t.Context(), w.url+"/api/v1/incidents/"+i.ID, []byte(`{"kind":"acknowledge","by":"ann"}`), nil) == nil {
			w.play.mu.Lock()
			w.play.acks[i.ID] = time.Now()
			w.play.mu.Unlock()
		}
	}
}

// finish waits until everything has burnt out and been told, and ends the servers.
func (p *play) finish(t *testing.T, servers ...*watcher) {
	t.Helper()
	last := time.Now().Add(p.ahead + 2*time.Second)
	p.end.Store(int64(last.Sub(p.from) / time.Second))
	p.feeds.Wait()
	time.Sleep(time.Until(last.Add(joins + 3*time.Second)))
	for _, w := range servers {
		if !eventually(func() bool { return w.quiet(t) }) {
			t.Fatalf("%s: something still burns, or waits to be told", w.name)
		}
		if err := w.stop(syscall.SIGTERM); err != nil {
			t.Errorf("%s ended with %v", w.name, err)
		}
	}
}

// quiet reports whether nothing burns and nothing waits to be sent.
func (w *watcher) quiet(t *testing.T) bool {
	t.Helper()
	var list struct{ Incidents []incident.Incident }
	var out struct{ Notices []state.Entry }
	for path, answer := range map[string]any{"incidents": &list, "notices?limit=500": &out} {
		if err := get(t.Context(), w.url+"/api/v1/"+path, answer); err != nil {
			t.Fatal(err)
		}
	}
	return !slices.ContainsFunc(list.Incidents, func(i incident.Incident) bool { return i.Status <= incident.Ended }) &&
		!slices.ContainsFunc(out.Notices, func(e state.Entry) bool { return e.Sent == 0 })
}

// found is what a server found and told.
type found struct {
	changes   []string
	incidents []string
	acked     map[string]string
	told      []string        // keys of critical notices, and channels
	sent      map[string]bool // keys of all notices that were sent
}

// found reads the state of a server that has ended.
func (w *watcher) found(t *testing.T) found {
	t.Helper()
	const all = 1<<63 - 1
	s, err := state.Open(t.Context(), w.state)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	f := found{acked: map[string]string{}, sent: map[string]bool{}}
	changes, err := state.Records[rule.Change](t.Context(), s, state.Changes, 0, all)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range changes {
		f.changes = append(f.changes, fmt.Sprintf("%+v", c))
	}
	incidents, err := s.Incidents(t.Context(), 0, all, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range incidents {
		f.acked[i.ID] = i.AckedBy
		text := fmt.Sprint(i.ID, i.Status, i.Title, i.Opened, i.Ended, i.Episodes)
		for _, l := range i.Lamps {
			text += fmt.Sprint(" ", l.Key(), l.Severity, l.From, l.To, l.Times)
		}
		f.incidents = append(f.incidents, text)
	}
	notices, err := s.Notices(t.Context(), 0, all, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range notices {
		if e.Sent > 0 {
			f.sent[e.Key] = true
		}
		if e.Severity == rule.Critical && !e.Unless {
			f.told = append(f.told, e.Key+" to "+e.Channel)
		}
	}
	slices.Sort(f.incidents)
	slices.Sort(f.told)
	return f
}

// compare holds what a disturbed server has done against what was to be done, and
// looks at what arrived.
func (p *play) compare(t *testing.T, calm, disturbed *watcher) (changes, incidents, notices int) {
	t.Helper()
	want, got := calm.found(t), disturbed.found(t)
	for _, c := range []struct {
		what      string
		want, got []string
	}{{"changes", want.changes, got.changes}, {"incidents", want.incidents, got.incidents}, {"critical notices", want.told, got.told}} {
		if len(c.want) == 0 {
			t.Errorf("no %s: nothing was tested", c.what)
		}
		differ := 0
		for _, x := range c.want {
			if !slices.Contains(c.got, x) && differ < 5 {
				t.Errorf("%s lost: %s", c.what, x)
				differ++
			}
		}
		for _, x := range c.got {
			if !slices.Contains(c.want, x) && differ < 10 {
				t.Errorf("%s made up: %s", c.what, x)
				differ++
			}
		}
		if len(c.want) != len(c.got) {
			t.Errorf("%d %s, want %d", len(c.got), c.what, len(c.want))
		}
	}
	for id := range p.acks {
		if got.acked[id] != "ann" {
			t.Errorf("incident %s was acknowledged, and is by %q", id, got.acked[id])
		}
	}
	receipts, repeated := p.arrived(t, disturbed.tells, got)
	t.Logf("%d changes, %d incidents, %d acknowledged, %d notices sent in %d requests, %d keys more than once",
		len(got.changes), len(got.incidents), len(p.acks), len(got.sent), receipts, repeated)
	return len(got.changes), len(got.incidents), len(got.sent)
}

// arrived checks what came: all that was sent, nothing else, and what was taken
// comes again only under its key and saying so.
func (p *play) arrived(t *testing.T, who string, f found) (receipts, repeated int) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for key, list := range p.got[who] {
		taken := false
		for _, r := range list {
			receipts++
			if taken && !r.again {
				t.Errorf("%s came twice and does not say so", key)
			}
			if r.body != list[0].body {
				t.Errorf("%s came as %s and as %s", key, list[0].body, r.body)
			}
			taken = taken || r.taken
			id, _, _ := strings.Cut(key, "/")
			if at, acked := p.acks[id]; acked && strings.HasSuffix(key, "/opened/1") && r.at.After(at.Add(2*time.Second)) {
				t.Errorf("%s came %s after the acknowledgement", key, r.at.Sub(at))
			}
		}
		if len(list) > 1 {
			repeated++
		}
		if taken && !f.sent[key] {
			t.Errorf("%s came, and the outbox does not know it as sent", key)
		}
	}
	for key := range f.sent {
		if !slices.ContainsFunc(p.got[who][key], func(r receipt) bool { return r.taken }) {
			t.Errorf("%s is noted as sent, and did not come", key)
		}
	}
	return receipts, repeated
}
