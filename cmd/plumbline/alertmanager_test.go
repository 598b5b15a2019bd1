//go:build system

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestAlertmanagerModel gives the same alerts to Alertmanager and to a server of
// ours, and one receiver the webhooks of both: the groups they tell of must be the
// same, and so must what they answer to alerts that are wrong. What a rule of ours
// finds, Alertmanager takes in turn.
func TestAlertmanagerModel(t *testing.T) {
	r := newReceiver(t)
	free := newPorts(t)
	model, ours := alertmanager(t, free, r.URL+"/model"), alertServer(t, free, r.URL+"/ours")
	both := []string{model + "/api/v2/alerts", ours + "/alertmanager/api/v2/alerts"}

	began := time.Now().Add(-time.Hour).Truncate(time.Second).UTC()
	// Warnings come first, so that they burn when the incident is opened.
	list := []map[string]any{
		{"labels": labels("alertname", "Slow", "cluster", "a", "severity", "warning", "empty", ""), "annotations": labels("summary", "slow", "none", ""), "startsAt": began},
		{"labels": labels("alertname", "Slow", "cluster", "b", "severity", "warning"), "startsAt": began.Add(time.Second)},
		{"labels": labels("alertname", "DiskFull", "cluster", "a", "severity", "critical", "host", "<db1>"), "annotations": labels("summary", "no room & none to come", "runbook", "https://x/y", "none", ""),
			"startsAt": began.Add(1500 * time.Millisecond), "generatorURL": "http://prometheus/graph?g0.expr=a%3E1"},
		{"labels": labels("cluster", "b", "severity", "page", "host", "ž"), "startsAt": began},
	}
	for _, to := range both {
		if status, said := postAlerts(t, to, list); status != http.StatusOK {
			t.Fatalf("%s answers %d: %s", to, status, said)
		}
	}
	for _, cluster := range []string{"a", "b"} {
		r.same(t, cluster, "firing", 2)
	}

	ended := time.Now().Truncate(time.Second).UTC()
	for _, a := range list {
		a["endsAt"] = ended
	}
	for _, to := range both {
		if status, said := postAlerts(t, to, list); status != http.StatusOK {
			t.Fatalf("%s answers %d: %s", to, status, said)
		}
	}
	for _, cluster := range []string{"a", "b"} {
		r.same(t, cluster, "resolved", 2)
	}

	// Of a batch that is partly wrong the rest is taken.
	for _, to := range both {
		wrong := []map[string]any{
			{"labels": labels("alertname", "First", "cluster", "c")},
			{"labels": labels("alertname", "")},
			{"labels": labels("alertname", "Late", "cluster", "c"), "startsAt": ended, "endsAt": began},
			{"labels": labels("alertname", "Last", "cluster", "c")},
		}
		if status, said := postAlerts(t, to, wrong); status != http.StatusBadRequest || !strings.Contains(said, "label") || !strings.Contains(said, "start") {
			t.Errorf("%s answers %d to a batch that is partly wrong: %s", to, status, said)
		}
		if got := burning(t, to); !reflect.DeepEqual(got, []string{"First", "Last"}) {
			t.Errorf("%s took %v of a batch that is partly wrong", to, got)
		}
	}

	// A rule of ours fires, and Alertmanager takes what it tells.
	var lines []byte
	for range 5 {
		lines = fmt.Appendf(lines, "{\"_time\":%q,\"_msg\":\"canonical-log-line\",\"http.route\":\"/pay\",\"http_status\":503}\n", time.Now().UTC().Format(time.RFC3339Nano))
	}
	if err := post(t.Context(), ours+"/api/v1/ingest/jsonl", lines, nil); err != nil {
		t.Fatal(err)
	}
	told := r.await(t, "ours", func(g group) bool { return g.CommonLabels["alertname"] == "fails" })
	if status, said := postAlerts(t, both[0], told.Alerts); status != http.StatusOK {
		t.Errorf("Alertmanager answers %d to an alert of ours: %s", status, said)
	}
	if got := burning(t, both[0]); !slices.Contains(got, "fails") || told.Alerts[0].Labels["http_route"] != "/pay" {
		t.Errorf("Alertmanager has %v of %+v", got, told.Alerts)
	}
}

func labels(pairs ...string) map[string]string {
	out := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i]] = pairs[i+1]
	}
	return out
}

// group is what the webhook of Alertmanager tells, but for what names its sender.
type group struct {
	Version           string            `json:"version"`
	Status            string            `json:"status"`
	GroupLabels       map[string]string `json:"groupLabels"`
	CommonLabels      map[string]string `json:"commonLabels"`
	CommonAnnotations map[string]string `json:"commonAnnotations"`
	TruncatedAlerts   int               `json:"truncatedAlerts"`
	Alerts            []toldAlert       `json:"alerts"`
}

type toldAlert struct {
	Status       string            `json:"status"`
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations"`
	StartsAt     time.Time         `json:"startsAt"`
	EndsAt       time.Time         `json:"endsAt"`
	GeneratorURL string            `json:"generatorURL"`
	Fingerprint  string            `json:"fingerprint"`
}

// receiver keeps what the webhooks of both tell.
type receiver struct {
	*httptest.Server
	mu  sync.Mutex
	got map[string][]group // by sender
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{got: map[string][]group{}}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		var g group
		if err := json.NewDecoder(req.Body).Decode(&g); err != nil {
			t.Errorf("%s: %v", req.URL.Path, err)
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		// The order of the alerts of a group means nothing.
		slices.SortFunc(g.Alerts, func(x, y toldAlert) int { return strings.Compare(x.Fingerprint, y.Fingerprint) })
		r.mu.Lock()
		defer r.mu.Unlock()
		from := strings.TrimPrefix(req.URL.Path, "/")
		r.got[from] = append(r.got[from], g)
	}))
	t.Cleanup(r.Close)
	return r
}

// await is the first group of a sender that is so.
func (r *receiver) await(t *testing.T, from string, is func(g group) bool) group {
	t.Helper()
	var found group
	if !eventually(func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		at := slices.IndexFunc(r.got[from], is)
		if at >= 0 {
			found = r.got[from][at]
		}
		return at >= 0
	}) {
		t.Fatalf("%s told only %+v", from, r.got[from])
	}
	return found
}

// same compares what both tell first of a group with a status.
func (r *receiver) same(t *testing.T, cluster, status string, alerts int) {
	t.Helper()
	is := func(g group) bool { return g.GroupLabels["cluster"] == cluster && g.Status == status }
	model, ours := r.await(t, "model", is), r.await(t, "ours", is)
	if len(model.Alerts) != alerts {
		t.Errorf("Alertmanager tells of %d alerts of %s, want %d", len(model.Alerts), cluster, alerts)
	}
	if !reflect.DeepEqual(model, ours) {
		want, _ := json.MarshalIndent(model, "", " ")
		got, _ := json.MarshalIndent(ours, "", " ")
		t.Errorf("of %s, %s, Alertmanager tells\n%s\nand we\n%s", cluster, status, want, got)
	}
}

// postAlerts gives the status and what is said.
func postAlerts(t *testing.T, to string, list any) (status int, said string) {
	t.Helper()
	body, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.Post(to, "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

// burning are the names of the alerts that a server shows, in order.
func burning(t *testing.T, at string) []string {
	t.Helper()
	var list []struct{ Labels map[string]string }
	if err := get(t.Context(), at, &list); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, a := range list {
		names = append(names, a.Labels["alertname"])
	}
	slices.Sort(names)
	return names
}

// alertmanager starts Debian's, which groups as our server does.
func alertmanager(t *testing.T, free *ports, hook string) (url string) {
	t.Helper()
	dir := t.TempDir()
	config := filepath.Join(dir, "alertmanager.yml")
	text := fmt.Sprintf(`route: {receiver: all, group_by: [cluster], group_wait: 1s, group_interval: 1s, repeat_interval: 1h}
receivers: [{name: all, webhook_configs: [{url: %q, send_resolved: true}]}]
`, hook)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	address, err := free.free()
	if err != nil {
		t.Fatal(err)
	}
	log := new(bytes.Buffer)
	p, err := start(dir, os.Environ(), log, log, "prometheus-alertmanager",
		"--config.file="+config, "--storage.path="+filepath.Join(dir, "data"), "--web.listen-address="+address, "--cluster.listen-address=")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.ended
		if t.Failed() {
			t.Logf("what Alertmanager said:\n%s", log)
		}
	})
	url = "http://" + address
	if !eventually(func() bool { return p.hasEnded() || get(t.Context(), url+"/api/v2/status", new(any)) == nil }) || p.hasEnded() {
		t.Fatal("Alertmanager does not answer")
	}
	return url
}

const failsRule = `rules:
  - name: fails
    question: canonical-log-line http_status=5* | stats count by http.route | where count > 2
    every: 1s
    over: 10s
    delay: 1s
    severity: critical
`

// alertServer starts a server of ours that tells as Alertmanager does.
func alertServer(t *testing.T, free *ports, hook string) (url string) {
	t.Helper()
	dir := t.TempDir()
	rules, notify := filepath.Join(dir, "rules.yaml"), filepath.Join(dir, "notify.yaml")
	for path, text := range map[string]string{
		rules: failsRule, notify: fmt.Sprintf("channels:\n  all: {kind: alertmanager, url: %q}\nreach: [127.0.0.0/8]\n", hook),
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	address, err := free.free()
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, address, filepath.Join(dir, "data"),
		"--rules", rules, "--notify", notify, "--ready-rules=false", "--incident-by", "cluster", "--incident-join", "1s").url
}
