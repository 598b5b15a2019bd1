package hook

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/incident"
	"github.com/plumbline/plumbline/internal/rule"
)

var home = Guard{Reach: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}

const hostile = "<script>alert(1)</script> [x](http://evil) `rm -rf` <!channel> @here \x1b[31m\u202egnp.exe \"}],\"a\":\"\r\nX-Evil: 1 &amp; {{key}}"

func notice() incident.Notice {
	return incident.Notice{
		Key: "i1/opened", Kind: incident.NoticeOpened, Severity: rule.Critical, Incident: "i1", At: 1e18, Since: 1e18,
		Title: hostile, Lines: []string{hostile}, Rule: "fails", Labels: map[string]string{"service": hostile},
	}
}

// TestForms: every kind makes one valid request, in which hostile text is text.
func TestForms(t *testing.T) {
	var got *http.Request
	var body string
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		got, body = r, string(text)
	}))
	defer srv.Close()
	for _, kind := range Kinds() {
		for _, template := range []string{`{"sms":"{{title}}","to":"{{to}}"}`, "to={{to}}&text={{text}}"} {
			h, err := New(Options{Kind: kind, URL: srv.URL, Key: "secret", To: "ops", Template: template, Link: "https://logs.example.com", Guard: home})
			if err != nil {
				t.Fatal(kind, err)
			}
			body = ""
			if err := h.Send(t.Context(), notice(), true); err != nil {
				t.Fatal(kind, err)
			}
			if want := map[bool]string{true: "PUT", false: "POST"}[kind == "matrix"]; got.Method != want {
				t.Errorf("%s by %s", kind, got.Method)
			}
			if got.Header.Get("Idempotency-Key") != "i1/opened" || got.Header.Get("X-Evil") != "" {
				t.Errorf("%s: headers %v", kind, got.Header)
			}
			if strings.HasPrefix(got.Header.Get("Content-Type"), "application/json") {
				var v any
				if err := json.Unmarshal([]byte(body), &v); err != nil {
					t.Errorf("%s: %v: %s", kind, err, body)
				}
			}
			for _, bad := range []string{"\x1b", "\u202e", "\r\n"} {
				if strings.Contains(body, bad) {
					t.Errorf("%s: %q is in %s", kind, bad, body)
				}
			}
		}
	}
}

// TestFormsOfServices looks at what each service reads.
func TestFormsOfServices(t *testing.T) {
	m := &message{Notice: notice(), opts: &Options{Key: "k", To: "c"}}
	slack, _ := m.slack()
	if strings.Contains(string(slack), "<!channel>") || strings.Contains(string(slack), "\\u003c!channel") {
		t.Errorf("slack would call everybody: %s", slack)
	}
	mattermost, _ := m.mattermost()
	if strings.Count(string(mattermost), "```") != 2 {
		t.Errorf("mattermost: the text leaves its block: %s", mattermost)
	}
	telegram, _ := m.telegram()
	if strings.Contains(string(telegram), "parse_mode") {
		t.Errorf("telegram would read the text: %s", telegram)
	}
	matrix, _ := m.matrix()
	if strings.Contains(string(matrix), "formatted_body") || !strings.Contains(string(matrix), `"m.mentions":{}`) {
		t.Errorf("matrix would read the text, or call somebody: %s", matrix)
	}
	if at := forms()["matrix"].url(&Options{URL: "https://a/", To: "!room:a/b"}) + forms()["matrix"].put(m); at != "https://a/_matrix/client/v3/rooms/%21room:a%2Fb/send/m.room.message/i1%2Fopened" {
		t.Errorf("matrix is put at %s", at)
	}
	teams, _ := m.teams()
	if strings.Contains(string(teams), `"TextBlock"`) || strings.Count(string(teams), "TextRun") != len(m.lines()) {
		t.Errorf("teams would read the text: %s", teams)
	}
	googlechat, _ := m.googlechat()
	if !strings.Contains(string(googlechat), `\u0026lt;script\u0026gt;`) {
		t.Errorf("googlechat would read the text: %s", googlechat)
	}
	for kind, action := range map[string]string{incident.NoticeOpened: "trigger", incident.NoticeEnded: "resolve"} {
		m.Kind = kind
		text, _ := m.pagerduty()
		if !strings.Contains(string(text), `"event_action":"`+action+`"`) || !strings.Contains(string(text), `"dedup_key":"i1"`) {
			t.Errorf("pagerduty: %s: %s", kind, text)
		}
	}
	m.Kind = incident.NoticeWarning
	if m.ofIncident() {
		t.Error("pagerduty gets a warning")
	}
}

// TestGuard: what must not be reached is not, however its address is written.
func TestGuard(t *testing.T) {
	closed := []string{
		"127.0.0.1", "127.9.9.9", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1",
		"192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
		"::", "::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "64:ff9b::7f00:1",
		"64:ff9b::a9fe:a9fe", "2002:7f00:1::1", "2001::1", "2001:db8::1", "100::1",
	}
	for _, text := range closed {
		if err := (Guard{}).Allows(netip.MustParseAddr(text)); !fault.Is(err, fault.Denied) {
			t.Errorf("%s may be reached: %v", text, err)
		}
	}
	for _, text := range []string{"1.1.1.1", "8.8.8.8", "172.32.0.1", "2606:4700::1111", "::ffff:1.1.1.1"} {
		if err := (Guard{}).Allows(netip.MustParseAddr(text)); err != nil {
			t.Errorf("%s may not be reached: %v", text, err)
		}
	}
	if err := home.Allows(netip.MustParseAddr("::ffff:127.0.0.1")); err != nil {
		t.Errorf("what is configured may not be reached: %v", err)
	}
}

// TestGuardOfConnections: the connected address counts – of a name, of a
// redirect, of a proxy in the environment that would connect instead.
func TestGuardOfConnections(t *testing.T) {
	reached := false
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer inside.Close()
	l, err := net.Listen("tcp", "127.0.0.2:0")
	if err != nil {
		t.Fatal(err)
	}
	outside := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, inside.URL, http.StatusTemporaryRedirect)
	}))
	outside.Listener = l
	outside.Start()
	defer outside.Close()
	t.Setenv("HTTP_PROXY", inside.URL)
	only := Guard{Reach: []netip.Prefix{netip.MustParsePrefix("127.0.0.2/32")}}
	_, port, _ := net.SplitHostPort(inside.Listener.Addr().String())
	for _, url := range []string{inside.URL, "http://localhost:" + port, "http://2130706433:" + port, "http://[::ffff:127.0.0.1]:" + port, outside.URL} {
		h, err := New(Options{Kind: "webhook", URL: url, Guard: only})
		if err == nil {
			err = h.Send(t.Context(), notice(), false)
		}
		if err == nil || reached {
			t.Errorf("%s was reached: %v", url, err)
		}
	}
}

// TestReach: an address that no notice can go to is refused where it is written,
// and the error says what to write.
func TestReach(t *testing.T) {
	for url, want := range map[string]string{"http://127.0.0.1:9911/": "reach: [127.0.0.1/32]", "http://localhost/x": "reach: [127.0.0.1/32]", "http://[fd00::1]/": "reach: [fd00::1/128]"} {
		if _, err := New(Options{Kind: "webhook", URL: url}); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s gives %v", url, err)
		}
	}
	if _, err := New(Options{Kind: "webhook", URL: "http://127.0.0.1:9911/", Guard: home}); err != nil {
		t.Error(err)
	}
}

// TestAnswers: what is wrong for good is Invalid, what may pass is not; neither
// shows the secret in the URL.
func TestAnswers(t *testing.T) {
	status := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
	h, err := New(Options{Kind: "webhook", URL: srv.URL + "/services/T0/SECRET", Guard: home})
	if err != nil {
		t.Fatal(err)
	}
	for code, wrong := range map[int]bool{200: false, 204: false, 400: true, 404: true, 410: true, 408: false, 429: false, 500: false, 503: false} {
		status = code
		err := h.Send(t.Context(), notice(), false)
		if (err == nil) != (code/100 == 2) || fault.Is(err, fault.Invalid) != wrong {
			t.Errorf("%d gives %v", code, err)
		}
	}
	srv.Close()
	if err := h.Send(t.Context(), notice(), false); err == nil || strings.Contains(err.Error(), "SECRET") || fault.Is(err, fault.Invalid) {
		t.Errorf("nobody listens: %v", err)
	}
}

func TestNewErrors(t *testing.T) {
	for _, c := range []struct {
		o    Options
		want string
	}{
		{Options{Kind: "fax"}, "there is no kind"}, {Options{Kind: "webhook"}, "wants an url"}, {Options{Kind: "webhook", URL: "ftp://a"}, "wants an url"},
		{Options{Kind: "telegram", To: "1"}, "wants a key"}, {Options{Kind: "telegram", Key: "1"}, "wants to"}, {Options{Kind: "http", URL: "http://a"}, "template"},
	} {
		if _, err := New(c.o); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v gives %v", c.o, err)
		}
	}
}

// TestAlertmanagerForm: the alerts of a notice stand in it with names that every
// Alertmanager takes; a test, which has none, is one itself.
func TestAlertmanagerForm(t *testing.T) {
	n := notice()
	n.Group = map[string]string{"k8s.cluster": "a"}
	n.Alerts = []incident.Alert{
		{Labels: map[string]string{"http.route": "/pay", "9th": "x", "k8s.cluster": "a"}, Annotations: map[string]string{"summary": "s"}, From: 1e18},
		{Labels: map[string]string{"alertname": "Disk", "k8s.cluster": "a"}, From: 1e18, To: 1e18 + 1, Link: "http://p"},
	}
	n.More = 3
	m := &message{Notice: clean(n), opts: &Options{Link: "https://logs.example.com"}}
	body, _ := m.alertmanager()
	for _, want := range []string{
		`{"status":"firing","labels":{"_9th":"x","http_route":"/pay","k8s_cluster":"a"},"annotations":{"summary":"s"},"startsAt":"2001-09-09T01:46:40Z","endsAt":"0001-01-01T00:00:00Z","generatorURL":"https://logs.example.com/incident?id=i1"`,
		`"endsAt":"2001-09-09T01:46:40.000000001Z","generatorURL":"http://p"`, `"commonLabels":{"k8s_cluster":"a"}`, `"commonAnnotations":{}`,
		`"groupLabels":{"k8s_cluster":"a"}`, `"truncatedAlerts":3`, `"groupKey":"i1"`, `"status":"firing","truncatedAlerts"`,
	} {
		if !strings.Contains(string(body), want) {
			t.Errorf("%s is not in %s", want, body)
		}
	}
	m.Alerts = nil
	if body, _ := m.alertmanager(); !strings.Contains(string(body), `"labels":{"alertname":"fails","severity":"critical"}`) {
		t.Errorf("a notice without alerts is %s", body)
	}
}
