package api_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/api"
	"github.com/plumbline/plumbline/internal/incident"
	"github.com/plumbline/plumbline/internal/rule"
	"github.com/plumbline/plumbline/internal/state"
	"github.com/plumbline/plumbline/internal/watch"
)

// watched is a server that drives one rule, and its state.
func watched(t *testing.T, change func(*api.Options)) (url string, st *state.State) {
	t.Helper()
	st, err := state.Open(t.Context(), filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	srv := serve(t, func(o *api.Options) {
		o.Rules, err = watch.New(watch.Options{
			Ask: func() watch.Asker { return o.Query }, State: st, Policy: incident.DefaultPolicy(), Log: slog.New(slog.DiscardHandler),
			Rules: []rule.Rule{{Name: "fails", Question: "x | stats count | where count > 3", Severity: rule.Critical}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if change != nil {
			change(o)
		}
	})
	return srv.URL, st
}

// send sends a body of JSON and gives status and answer.
func send(t *testing.T, method, url, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return do(t, req)
}

// TestRuleErrors: what is wrong in a rule, a backtest, an act or a deploy is
// named.
func TestRuleErrors(t *testing.T) {
	url, _ := watched(t, nil)
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"PUT", "/rules/a", `{"question":"x | stat count"}`, 400, "did you mean stats?"},
		{"PUT", "/rules/a", `{"question":"x","evry":"1m"}`, 400, "evry"},
		{"PUT", "/rules/a", `{"question":"x","every":"soon"}`, 400, "soon"},
		{"PUT", "/rules/a", `{"name":"b","question":"x"}`, 400, "the path names the rule a"},
		{"PUT", "/rules/a", `{"question":"x"} {}`, 400, "one object of JSON"},
		{"PUT", "/rules/a", `{"question":"x","severity":"high"}`, 400, "info, warning, critical"},
		{"DELETE", "/rules/a", "", 404, "there is no rule"},
		{"DELETE", "/rules/fails", "", 409, "stands in a file"},
		{"POST", "/backtest", `{"rule":{"name":"a","question":"x"},"from":"never"}`, 400, "never"},
		{"POST", "/backtest", `{"rule":{"name":"a","question":"x"},"from":"now","to":"-1h"}`, 400, "no steps"},
		{"POST", "/backtest", `{"rule":{"name":"a","question":"x","every":"1s"},"from":"-30y"}`, 400, "too many"},
		{"POST", "/backtest", `{"rule":{"name":"a","question":"x | stats count | where count > 1"},"threshold":"a"}`, 400, "threshold"},
		{"GET", "/rules/nobody/chart", "", 404, "no rule"},
		{"GET", "/rules/fails/chart?from=now&to=-1h", "", 400, "not before"},
		{"GET", "/rules/fails/chart?from=-1y", "", 400, "31d"},
		{"POST", "/backtest", `{"rule":{"name":"a","question":"x | stats count"},"threshold":1}`, 400, "no threshold to move"},
		{"GET", "/incidents?from=never", "", 400, "from="},
		{"GET", "/incidents/no", "", 404, "there is no incident"},
		{"GET", "/incidents/no/postmortem", "", 404, "there is no incident"},
		{"POST", "/incidents/no", `{"kind":"note","by":"a","text":"b"}`, 404, "there is no incident"},
		{"POST", "/deploys", `{"service":"api"}`, 400, "a service and a release"},
		{"POST", "/deploys", `{"service":"api","release":"1","link":"javascript:alert(1)"}`, 400, "no http address"},
		{"POST", "/deploys", `{"service":"api","release":"1","at":"never"}`, 400, "never"},
		{"GET", "/deploys/effect?service=api&release=1", "", 404, "there is no deploy"},
		{"GET", "/deploys/effect?service=api&release=1&over=2d", "", 400, "1m to 24h"},
		{"GET", "/deploys/effect?over=long", "", 400, "over="},
		{"GET", "/incidents/no/evidence", "", 404, "there is no incident"},
		{"GET", "/warnings?since=never", "", 400, "since="},
		{"GET", "/warnings", "", 200, `"warnings":[]`},
		{"POST", "/lamps/put-off", `{"lamp":"no","until":1,"by":"a"}`, 404, "no lamp"},
		{"GET", "/quarter?at=never", "", 400, "at="},
	} {
		if status, body := send(t, c.method, url+"/api/v1"+c.path, c.body); status != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s %s %s: %d %s, want %d %q", c.method, c.path, c.body, status, body, c.status, c.want)
		}
	}
}

// TestRulesAreWritten: a rule that is written is on the wall until it is erased;
// one that is written over one of a file gives way to it again.
func TestRulesAreWritten(t *testing.T) {
	url, _ := watched(t, nil)
	wall := func() string {
		_, body := get(t, url, "/api/v1/wall")
		var w watch.Wall
		if err := json.Unmarshal([]byte(body), &w); err != nil {
			t.Fatal(err, body)
		}
		var names []string
		for _, l := range w.Lamps {
			names = append(names, l.Rule.Severity.String()+" "+l.Rule.Name)
		}
		return strings.Join(names, ", ")
	}
	if got := wall(); got != "critical fails" {
		t.Errorf("the wall shows %s", got)
	}
	for name, severity := range map[string]string{"new": "info", "fails": "warning"} {
		if status, body := send(t, "PUT", url+"/api/v1/rules/"+name, `{"question":"x | stats count | where count > 1","severity":"`+severity+`"}`); status != 200 || !strings.Contains(body, `"every":"1m"`) {
			t.Errorf("writing %s: %d %s", name, status, body)
		}
	}
	if got := wall(); got != "warning fails, info new" {
		t.Errorf("the wall shows %s", got)
	}
	if _, body := get(t, url, "/api/v1/rules"); !strings.Contains(body, `"written":["fails","new"]`) {
		t.Errorf("the rules are listed as %s", body)
	}
	for _, name := range []string{"new", "fails"} {
		if status, body := send(t, "DELETE", url+"/api/v1/rules/"+name, ""); status != 200 {
			t.Errorf("erasing %s: %d %s", name, status, body)
		}
	}
	if got := wall(); got != "critical fails" {
		t.Errorf("the wall shows %s", got)
	}
}

// TestRuleChart: a rule shows what it measured beside its threshold, by itself and
// in a backtest.
func TestRuleChart(t *testing.T) {
	url, _ := watched(t, nil)
	if status, body := get(t, url, "/api/v1/rules/fails/chart"); status != 200 || !strings.Contains(body, `"field":"count","op":"\u003e","threshold":3`) && !strings.Contains(body, `"field":"count","op":">","threshold":3`) || !strings.Contains(body, `"values":[0,`) {
		t.Errorf("the chart is %d %s", status, body)
	}
	status, body := send(t, "POST", url+"/api/v1/backtest", `{"rule":{"name":"a","question":"x | stats count | where count > 5 and count < 9"},"from":"-1h","threshold":2,"chart":true}`)
	if status != 200 || !strings.Contains(body, `"threshold":2`) || !strings.Contains(body, `"series":[{`) {
		t.Errorf("the backtest is %d %s", status, body)
	}
}

// TestIncidentIsActedOn over HTTP: in order, by name, and nobody ends it.
func TestIncidentIsActedOn(t *testing.T) {
	url, st := watched(t, nil)
	lead, err := st.Lead(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().UnixNano()
	i := &incident.Incident{ID: "i1", Title: "<b>x</b>", Opened: now, Episodes: []incident.Episode{{From: now}}, Lamps: []incident.Lamp{{Rule: "fails", Severity: rule.Critical, From: now, Title: "<b>x</b>"}}}
	if err := lead.Save(context.Background(), &state.Round{Incidents: []*incident.Incident{i}}, nil); err != nil {
		t.Fatal(err)
	}
	if status, body := send(t, "POST", url+"/api/v1/deploys", `{"service":"api","release":"1.2","at":"-1h"}`); status != 200 {
		t.Errorf("a deploy: %d %s", status, body)
	}
	if status, body := send(t, "GET", url+"/api/v1/incidents/i1/evidence", ""); status != 200 || !strings.Contains(body, `"ids":[],"patterns":[],"notes":[]`) {
		t.Errorf("its evidence: %d %s", status, body)
	}
	if status, body := send(t, "GET", url+"/api/v1/deploys/effect?service=api&release=1.2&over=10m", ""); status != 200 || !strings.Contains(body, `"services":[{"service":"api"`) {
		t.Errorf("its effect: %d %s", status, body)
	}
	for _, c := range []struct {
		body   string
		status int
	}{
		{`{"kind":"acknowledge","by":"ann"}`, 200}, {`{"kind":"acknowledge","by":"bob"}`, 409}, {`{"kind":"cause","by":"ann","text":"x"}`, 409},
		{`{"kind":"end","by":"ann"}`, 400}, {`{"kind":"note","by":"","text":"x"}`, 400}, {`{"kind":"wrong","by":"ann","rule":"fails"}`, 200},
	} {
		if status, body := send(t, "POST", url+"/api/v1/incidents/i1", c.body); status != c.status {
			t.Errorf("%s: %d %s", c.body, status, body)
		}
	}
	_, body := get(t, url, "/api/v1/incidents/i1")
	for _, want := range []string{`"status":"burning"`, `"acked_by":"ann"`, `"release":"1.2"`, `put the trigger of rule fails right`} {
		if !strings.Contains(body, want) {
			t.Errorf("the incident lacks %s: %s", want, body)
		}
	}
	if _, text := get(t, url, "/api/v1/incidents/i1/postmortem"); strings.Contains(text, "<b>") || !strings.Contains(text, "acknowledged") {
		t.Errorf("the document is\n%s", text)
	}
	if _, body := get(t, url, "/api/v1/quarter"); !strings.Contains(body, `"incidents":1`) || !strings.Contains(body, `"false":1`) {
		t.Errorf("the quarter is %s", body)
	}
}

// TestAlertmanager: alerts are taken and shown as Alertmanager does it.
func TestAlertmanager(t *testing.T) {
	url, _ := watched(t, nil)
	alert := `[{"labels":{"alertname":"Disk","severity":"warning"},"annotations":{"summary":"x"},"startsAt":"2026-01-01T00:00:00Z","generatorURL":"http://p"}]`
	if status, body := send(t, "POST", url+"/alertmanager/api/v2/alerts", alert); status != 200 || body != "" {
		t.Errorf("an alert: %d %q", status, body)
	}
	if _, body := get(t, url, "/alertmanager/api/v2/alerts?active=true&filter=a"); !strings.Contains(body, `"alertname":"Disk"`) || !strings.Contains(body, `"state":"active"`) {
		t.Errorf("alerts are %s", body)
	}
	part := `[{"labels":{"alertname":"Half"}},{}]`
	if status, body := send(t, "POST", url+"/alertmanager/api/v2/alerts", part); status != 400 || !strings.Contains(body, "alert 2 has no label") {
		t.Errorf("a batch that is partly wrong: %d %s", status, body)
	}
	if _, body := get(t, url, "/alertmanager/api/v2/alerts"); !strings.Contains(body, `"alertname":"Half"`) || !strings.Contains(body, `"fingerprint":"`) {
		t.Errorf("of a batch that is partly wrong: %s", body)
	}
	for _, body := range []string{"", "{}", "[{}]", `[{"labels":{"alertname":""}}]`, alert + "x", `[{"labels":7}]`, `[{"labels":{"alertname":"a"},"endsAt":"soon"}]`} {
		if status, answer := send(t, "POST", url+"/alertmanager/api/v2/alerts", body); status != 400 {
			t.Errorf("%s: %d %s", body, status, answer)
		}
	}
}

// TestRulesWantAllDatasets: who may see one dataset sees no wall, on which lines
// of all are told.
func TestRulesWantAllDatasets(t *testing.T) {
	url, _ := watched(t, func(o *api.Options) {
		o.Tokens = []api.Token{{Secret: "some", Access: api.Admin, Datasets: []string{"app"}}, {Secret: "all", Access: api.Read}}
	})
	for token, want := range map[string]int{"some": 403, "all": 200} {
		req, err := http.NewRequest("GET", url+"/api/v1/wall", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		if status, body := do(t, req); status != want {
			t.Errorf("token %s: %d %s", token, status, body)
		}
	}
}
