package hook

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/plumbline/plumbline/internal/fault"
)

// serviceURLs are of every service of the table, with secrets in them.
func serviceURLs(host string) map[string]string {
	return map[string]string{
		"discord": "discord://SECRET@4711", "gotify": "gotify://" + host + "/ASECRETASECRETA?disabletls=yes", "ntfy": "ntfy://me:SECRET@" + host + "/ops?scheme=http",
		"pushover": "pushover://shoutrrr:SECRET@me", "rocketchat": "rocketchat://" + host + "/SECRET/b/ops",
	}
}

// ear is a receiver that answers as it is told and keeps what it got.
type ear struct {
	*httptest.Server
	status int
	got    []*http.Request
	said   []string
}

func listen(t *testing.T, secure bool) *ear {
	t.Helper()
	e := &ear{status: 200}
	e.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		e.got, e.said = append(e.got, r), append(e.said, string(text))
		w.WriteHeader(e.status)
		_, _ = io.WriteString(w, `{"id":1,"status":1,"error":"it says so","errorDescription":"it says so"}`)
	}))
	if secure {
		e.StartTLS()
	} else {
		e.Start()
	}
	t.Cleanup(e.Close)
	return e
}

// toward is a client whose connections all end at one address, as if all services
// of the world were there.
func toward(address string) *http.Client {
	return &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp", address)
		},
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, // the names are those of others
	}}
}

// eachService runs a test over the table, before a receiver that stands where the
// service is.
func eachService(t *testing.T, f func(t *testing.T, s *Service, e *ear)) {
	t.Helper()
	for _, name := range services(t) {
		t.Run(name, func(t *testing.T) {
			plain := name == "gotify" || name == "ntfy"
			e := listen(t, !plain)
			s, err := NewService(Options{URL: serviceURLs(e.Listener.Addr().String())[name], Guard: home})
			if err != nil {
				t.Fatal(err)
			}
			if !plain {
				s.client = toward(e.Listener.Addr().String())
			}
			f(t, s, e)
		})
	}
}

func services(t *testing.T) []string {
	t.Helper()
	var names []string
	for name := range speeches() {
		if serviceURLs("a")[name] == "" {
			t.Errorf("%s is not tested", name)
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// TestServicesHear: every service gets one request with the key of the notice, in
// which hostile text is text; a second one for the next notice.
func TestServicesHear(t *testing.T) {
	eachService(t, func(t *testing.T, s *Service, e *ear) {
		n := notice()
		n.Lines = slices.Repeat(n.Lines, 50)
		for range 2 {
			if err := s.Send(t.Context(), n, true); err != nil {
				t.Fatal(err)
			}
		}
		if len(e.got) != 2 || e.said[0] != e.said[1] {
			t.Fatalf("%d requests: %s", len(e.got), e.said)
		}
		r, text := e.got[0], heard(t, e.got[0], e.said[0])
		if r.Method != "POST" || r.Header.Get("Idempotency-Key") != "i1/opened" || r.Header.Get("X-Evil") != "" {
			t.Errorf("%s with headers %v", r.Method, r.Header)
		}
		if !strings.Contains(text, "CRITICAL: <script>") {
			t.Errorf("the notice is not in %s", text)
		}
		for _, bad := range []string{"\x1b", "\u202e", "\r"} {
			if strings.Contains(text, bad) {
				t.Errorf("%q is in %s", bad, text)
			}
		}
		if s.speech.dress != nil && (strings.Count(text, "`") != 6 || !strings.HasPrefix(text, "```\n") || !strings.HasSuffix(text, "\n```")) {
			t.Errorf("the text leaves its block: %s", text)
		}
	})
}

// heard is the text that a service would show.
func heard(t *testing.T, r *http.Request, body string) string {
	t.Helper()
	switch r.Header.Get("Content-Type") {
	case "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(body)
		if err != nil || form.Get("html") != "" {
			t.Errorf("%v: %s", err, body)
		}
		return form.Get("message")
	case "text/plain; charset=utf-8":
		if r.Header.Get("Markdown") != "" {
			t.Errorf("ntfy reads Markdown: %v", r.Header)
		}
		return body
	}
	var v struct {
		Text, Message, Content string
		Extras                 any
		Embeds                 []struct{ Description string }
	}
	if err := json.Unmarshal([]byte(body), &v); err != nil || v.Content != "" || v.Extras != nil || len(v.Embeds) > 1 {
		t.Errorf("%v: %s", err, body)
	}
	if len(v.Embeds) == 1 {
		return v.Embeds[0].Description
	}
	return v.Text + v.Message
}

// TestServicesAnswer: what is wrong for good is Invalid, what may pass is not;
// neither is tried again here, nor shows a secret.
func TestServicesAnswer(t *testing.T) {
	eachService(t, func(t *testing.T, s *Service, e *ear) {
		for code, wrong := range map[int]bool{200: false, 201: false, 400: true, 401: true, 404: true, 408: false, 429: false, 500: false, 503: false} {
			e.status, e.got = code, nil
			err := s.Send(t.Context(), notice(), false)
			if (err == nil) != (code/100 == 2) || fault.Is(err, fault.Invalid) != wrong || len(e.got) != 1 {
				t.Errorf("%d gives %v after %d requests", code, err, len(e.got))
			}
		}
		e.Close()
		if err := s.Send(t.Context(), notice(), false); err == nil || strings.Contains(err.Error(), "SECRET") || fault.Is(err, fault.Invalid) {
			t.Errorf("nobody listens: %v", err)
		}
	})
}

// TestServicesUnderGuard: no service is reached at an address that must not be,
// whatever its URL asks for, nor by a redirect.
func TestServicesUnderGuard(t *testing.T) {
	inside := listen(t, false)
	host := inside.Listener.Addr().String()
	for name, u := range serviceURLs(host) {
		if name == "discord" || name == "pushover" {
			continue // their addresses are theirs
		}
		for _, more := range []string{"", "&disabletlsverification=yes", "&insecureskipverify=yes"} {
			s, err := NewService(Options{URL: u + more})
			if err != nil {
				continue // it has no such setting
			}
			if err := s.Send(t.Context(), notice(), false); !fault.Is(err, fault.Denied) {
				t.Errorf("%s%s: %v", name, more, err)
			}
		}
	}
	outside, err := net.Listen("tcp", "127.0.0.2:0")
	if err != nil {
		t.Fatal(err)
	}
	moved := &httptest.Server{Listener: outside, Config: &http.Server{Handler: http.RedirectHandler(inside.URL, http.StatusTemporaryRedirect)}}
	moved.Start()
	defer moved.Close()
	guard := Guard{Reach: []netip.Prefix{netip.MustParsePrefix("127.0.0.2/32")}}
	s, err := NewService(Options{URL: serviceURLs(outside.Addr().String())["ntfy"], Guard: guard})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Send(t.Context(), notice(), false); !fault.Is(err, fault.Denied) {
		t.Errorf("a redirect: %v", err)
	}
	if len(inside.got) != 0 {
		t.Errorf("%d requests arrived where they must not", len(inside.got))
	}
}

func TestNewServiceErrors(t *testing.T) {
	for u, want := range map[string]string{
		"": "wants the url of a service", "https:/a": "wants the url of a service", "fax://SECRET@a": `no service "fax"; there are discord,`,
		"discord://SECRET": "discord://TOKEN@WEBHOOK_ID", "discord://SECRET@4711/raw": "discord://TOKEN@WEBHOOK_ID", "gotify://a/SECRET": "gotify://HOST/TOKEN",
		"ntfy://a": "ntfy://HOST/TOPIC", "ntfy://a/b?SECRET=1": "ntfy://HOST/TOPIC", "ntfy://a:SECRET/b": "cannot be read", "pushover://SECRET@a": "pushover://shoutrrr:TOKEN@USER",
		"rocketchat://a/SECRET": "rocketchat://HOST", "matrix://u:SECRET@a": "kind matrix", "bark://SECRET@a": "kind http with a template", "smtp://u:SECRET@a": "kind mail",
	} {
		if _, err := NewService(Options{URL: u}); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s gives %v", u, err)
		}
	}
}
