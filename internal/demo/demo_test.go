package demo

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

type lineOf map[string]any

func (l lineOf) text(name string) string { s, _ := l[name].(string); return s }
func (l lineOf) number(name string) float64 {
	n, _ := l[name].(float64)
	return n
}

// intakeServer takes lines as Plumbline would, and keeps them by dataset.
type intakeServer struct {
	*httptest.Server
	mu    sync.Mutex
	lines map[string][]lineOf
	seen  map[string]bool
	asked int
}

// newIntake turns every tenth delivery away, as a busy server does.
func newIntake(t *testing.T) *intakeServer {
	in := &intakeServer{lines: map[string][]lineOf{}, seen: map[string]bool{}}
	in.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		in.mu.Lock()
		defer in.mu.Unlock()
		query := r.URL.Query()
		if in.asked++; in.asked%10 == 0 {
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		if r.URL.Path != "/api/v1/ingest/jsonl" || in.seen[query.Get("batch")] {
			t.Errorf("%s asked for, batch %s", r.URL.Path, query.Get("batch"))
		}
		in.seen[query.Get("batch")] = true
		scanner := bufio.NewScanner(r.Body)
		for scanner.Scan() {
			l := lineOf{}
			if err := json.Unmarshal(scanner.Bytes(), &l); err != nil {
				t.Errorf("%s: %v", scanner.Text(), err)
			}
			in.lines[query.Get("dataset")] = append(in.lines[query.Get("dataset")], l)
		}
		io.WriteString(w, `{"accepted":1,"rejected":0}`)
	}))
	t.Cleanup(in.Close)
	return in
}

// where gives the lines whose message begins so and whose fields are so.
func where(all []lineOf, message string, fields lineOf) (found []lineOf) {
next:
	for _, l := range all {
		if !strings.HasPrefix(l.text("_msg"), message) {
			continue
		}
		for name, want := range fields {
			if l[name] != want {
				continue next
			}
		}
		found = append(found, l)
	}
	return found
}

// The demo runs once for all that is asked of it: a second of quiet, one of a slow
// network, then a failing one.
func TestDemo(t *testing.T) {
	t.Parallel()
	in := newIntake(t)
	d, err := build(Options{Ingest: in.URL, Rate: 150, Seed: 1, FaultAfter: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	answered := map[string]int{}
	d.load.answers = func(status int, h http.Header) {
		mu.Lock()
		defer mu.Unlock()
		answered[h.Get("X-Request-Id")] = status
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3500*time.Millisecond)
	defer cancel()
	if err := d.run(ctx); err != nil {
		t.Error(err)
	}
	if len(answered) < 100 {
		t.Fatalf("only %d answers", len(answered))
	}
	t.Run("one canonical line a request", func(t *testing.T) { oneLineEach(t, in, answered) })
	t.Run("five ordinary lines", func(t *testing.T) { fiveLines(t, in) })
	t.Run("chain of ids", func(t *testing.T) { chainCloses(t, in) })
	t.Run("questions of the article", func(t *testing.T) { articleHasRows(t, in) })
	t.Run("fault shows", func(t *testing.T) { faultShows(t, in, d.api.users.unlucky().id) })
}

func oneLineEach(t *testing.T, in *intakeServer, answered map[string]int) {
	canonical := where(in.lines["canonical"], "canonical-log-line", nil)
	if len(canonical) != len(in.lines["canonical"]) {
		t.Error("lines without the mark among the canonical ones")
	}
	spans, byRequest := map[string]int{}, map[string][]lineOf{}
	for _, l := range canonical {
		spans[l.text("span_id")]++
		if l.text("service") == "api" {
			byRequest[l.text("request_id")] = append(byRequest[l.text("request_id")], l)
		}
	}
	if len(spans) != len(canonical) {
		t.Errorf("%d lines of %d units of work", len(canonical), len(spans))
	}
	for id, status := range answered {
		if ls := byRequest[id]; len(ls) != 1 || ls[0].number("http_status") != float64(status) {
			t.Errorf("request %s answered %d has lines %v", id, status, ls)
		}
	}
}

func fiveLines(t *testing.T, in *intakeServer) {
	bySpan := map[string]map[string][]lineOf{}
	for _, l := range in.lines["app"] {
		span := l.text("span_id")
		if bySpan[span] == nil {
			bySpan[span] = map[string][]lineOf{}
		}
		bySpan[span][l.text("_msg")] = append(bySpan[span][l.text("_msg")], l)
	}
	for _, c := range where(in.lines["canonical"], "canonical-log-line", lineOf{"service": "api"}) {
		said := bySpan[c.text("span_id")]
		check := func(message string, applies bool, fields ...string) {
			want := 0
			if applies {
				want = 1
			}
			if len(said[message]) != want {
				t.Errorf("%q %d times beside %v", message, len(said[message]), c)
				return
			}
			for _, l := range said[message] {
				for _, name := range append(fields, "request_id") {
					if l[name] == nil || (name != "duration" && l[name] != c[name]) {
						t.Errorf("%q has %s %v, the canonical line %v", message, name, l[name], c[name])
					}
				}
			}
		}
		check("Request started", true, "http_method", "http_path")
		check("User authenticated", c["user_id"] != nil, "auth_type", "key_id", "user_id")
		check("Rate limiting ran", c["rate_allowed"] != nil, "rate_allowed", "rate_quota", "rate_remaining")
		created := c["http_route"] == "/v1/charges" && c["charge_id"] != nil
		check("Charge created", created, "charge_id", "permissions_used", "team")
		check("Request finished", true, "alloc_count", "duration", "http_status")
		if n := said["Request finished"]; len(n) == 1 && n[0].number("database_queries") != c.number("database_queries") {
			t.Errorf("queries %v and %v", n[0]["database_queries"], c["database_queries"])
		}
	}
}

// From a customer's message to the operator's late report, over ids alone.
func chainCloses(t *testing.T, in *intakeServer) {
	comm := in.lines["comm"]
	accepted, sent := map[string]lineOf{}, map[string]lineOf{}
	for _, l := range where(comm, "Message accepted", nil) {
		accepted[l.text("message_id")] = l
	}
	merged, split := map[string]map[string]bool{}, map[string]map[string]bool{}
	note := func(in map[string]map[string]bool, from, to string) {
		if in[from] == nil {
			in[from] = map[string]bool{}
		}
		in[from][to] = true
	}
	for _, l := range where(comm, "Message sent", nil) {
		up, known := accepted[l.text("message_id")]
		if !known || sent[l.text("operator_id")] != nil {
			t.Errorf("sent out of nowhere, or twice by one name: %v", l)
		}
		sent[l.text("operator_id")] = l
		note(merged, l.text("batch_id"), up.text("bulk_id"))
		note(split, up.text("bulk_id"), l.text("batch_id"))
	}
	reports := where(comm, "Delivery report received", nil)
	for _, l := range reports {
		up, known := sent[l.text("operator_id")]
		if !known || l["message_id"] != nil || l.text("trace_id") == up.text("trace_id") {
			t.Errorf("a report that leads nowhere, or too easily: %v", l)
		}
	}
	if len(reports) == 0 || len(reports) >= len(sent) || len(sent) > len(accepted) {
		t.Errorf("%d accepted, %d sent, %d reports", len(accepted), len(sent), len(reports))
	}
	several := func(m map[string]map[string]bool) (n int) {
		for _, to := range m {
			if len(to) > 1 {
				n++
			}
		}
		return n
	}
	if several(merged) == 0 || several(split) == 0 {
		t.Errorf("%d batches merge bulks, %d bulks split into batches", several(merged), several(split))
	}
}

func articleHasRows(t *testing.T, in *intakeServer) {
	app, canonical := in.lines["app"], in.lines["canonical"]
	version := regexp.MustCompile(`^\d+\.\d+`)
	for question, rows := range map[string][]lineOf{
		"Rate limiting ran allowed=false":  where(app, "Rate limiting ran", lineOf{"rate_allowed": false}),
		"Request finished status=500":      where(app, "Request finished", lineOf{"http_status": 500.0}),
		"canonical rate_allowed=false":     where(canonical, "canonical-log-line", lineOf{"rate_allowed": false}),
		"charges of usr_123":               where(canonical, "canonical-log-line", lineOf{"user_id": "usr_123", "http_method": "POST", "http_path": "/v1/charges", "http_status": 200.0}),
		"canonical language=go with a key": where(canonical, "canonical-log-line", lineOf{"language": "go", "language_version": "1.22.1"}),
	} {
		if len(rows) == 0 {
			t.Errorf("%s: no rows", question)
		}
		for _, l := range rows {
			if v := l.text("language_version"); v != "" && !version.MatchString(v) {
				t.Errorf("version %q", v)
			}
		}
	}
	for _, route := range []string{"/v1/charges", "/v1/charges/{id}", "/v1/refunds", "/v1/messages", "/v1/messages/{id}", "/v1/balance", "/v1/customers/{id}", "/healthz", "/v1/reports"} {
		if len(where(canonical, "canonical-log-line", lineOf{"service": "api", "http_route": route})) == 0 {
			t.Errorf("nobody asked for %s", route)
		}
	}
}

func faultShows(t *testing.T, in *intakeServer, customer string) {
	charges := where(in.lines["canonical"], "canonical-log-line", lineOf{"service": "api", "http_route": "/v1/charges"})
	slow := 0
	for _, l := range charges {
		if l.number("http_client_duration") > slowFrom.Seconds() {
			slow++
		}
		if l.number("http_status") == http.StatusBadGateway && l.text("user_id") != customer {
			t.Errorf("failed for another customer: %v", l)
		}
	}
	failed := where(charges, "", lineOf{"http_status": float64(http.StatusBadGateway), "user_id": customer})
	if slow == 0 || len(failed) == 0 {
		t.Errorf("%d slow charges, %d failed ones of %s", slow, len(failed), customer)
	}
}

// A server that is gone neither stops the demo nor keeps it from ending; what it
// did not take is said.
func TestEndsWithoutAServer(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(nil)
	gone.Close()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ready := func(url string) {
		if response, err := http.Get(url + "/healthz"); err != nil || response.StatusCode != http.StatusOK {
			t.Errorf("not ready: %v", err)
		}
		cancel()
	}
	done := make(chan error)
	go func() { done <- Run(ctx, Options{Ingest: gone.URL, Ready: ready}) }()
	select {
	case err := <-done:
		if err == nil || !strings.Contains(err.Error(), "not taken") {
			t.Errorf("error %v, want the lines that were not taken", err)
		}
	case <-time.After(5 * patience):
		t.Fatal("the demo does not end")
	}
}

func TestOneReportIsLost(t *testing.T) {
	p := newOperator(observe("operator", "", lines{}), newDice(1))
	for range 20 {
		p.deliver(newID("op_"))
	}
	if len(p.due) != 19 {
		t.Errorf("%d reports of 20 messages are due, want all but one", len(p.due))
	}
	for _, r := range p.take(time.Now().Add(awayTo)) {
		if !strings.HasPrefix(r.ID, "rep_") || r.Operator == "" {
			t.Errorf("report %+v", r)
		}
	}
	if len(p.due) != 0 {
		t.Errorf("%d reports are still due after the longest wait", len(p.due))
	}
	_, after, _ := strings.Cut(Questions()[0].Text, "latest=-")
	after, _, _ = strings.Cut(after, " ")
	if missed, err := time.ParseDuration(after); err != nil || missed < 3*awayTo {
		t.Errorf("a report is missed after %s (%v), and may take %s on a machine at rest", after, err, awayTo)
	}
}

func TestLimiterRefusesBeyondTheQuota(t *testing.T) {
	l, u, now := newLimiter(), &user{id: "usr_1", quota: 2}, time.Now()
	for i, want := range []bool{true, true, false, false} {
		if allowed, remaining := l.allow(u, now); allowed != want || remaining != max(1-i, 0) {
			t.Errorf("request %d: allowed %v, %d remain", i, allowed, remaining)
		}
	}
	if again := l.again(now); again < 1 || again > 11 {
		t.Errorf("come back in %d s", again)
	}
	if allowed, _ := l.allow(u, now.Add(window)); !allowed {
		t.Error("a new window brings no new quota")
	}
}

func TestTableKeepsTheNewest(t *testing.T) {
	rows := newTable[int](2)
	rows.put("a", 1)
	rows.put("b", 2)
	rows.put("a", 3) // an update makes no room
	rows.put("c", 4)
	if _, old := rows.rows["a"]; old || rows.rows["b"] != 2 || rows.rows["c"] != 4 {
		t.Errorf("rows %v", rows.rows)
	}
}
