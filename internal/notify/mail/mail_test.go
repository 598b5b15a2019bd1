package mail

import (
	"bufio"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"testing"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/incident"
)

// post is a mail server that takes one mail per connection, or refuses with a
// code after a command.
func post(t *testing.T, refuse string) (address string, mails <-chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	out := make(chan string, 10)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			take(conn, refuse, out)
		}
	}()
	return l.Addr().String(), out
}

func take(conn net.Conn, refuse string, out chan<- string) {
	defer conn.Close()
	r := bufio.NewReader(conn)
	say := func(s string) { fmt.Fprintf(conn, "%s\r\n", s) }
	say("220 test")
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		verb := strings.ToUpper(strings.Fields(line + " x")[0])
		if code, on, _ := strings.Cut(refuse, " "); on == verb {
			say(code + " no")
			continue
		}
		switch verb {
		case "DATA":
			say("354 go")
			var b strings.Builder
			for {
				l, err := r.ReadString('\n')
				if err != nil || l == ".\r\n" {
					break
				}
				b.WriteString(strings.TrimPrefix(l, "."))
			}
			out <- b.String()
			say("250 taken")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

// TestMail: a hostile title is text in one header line, the body comes back, and
// the same notice has the same Message-ID.
func TestMail(t *testing.T) {
	address, mails := post(t, "")
	m, err := New(Options{Server: address, From: "Plumbline <alerts@example.com>", To: []string{"Ann <ann@example.com>", "bob@example.com"}, Link: "https://logs.example.com"})
	if err != nil {
		t.Fatal(err)
	}
	n := incident.Notice{Key: "i1/opened", Kind: incident.NoticeOpened, Incident: "i1", Title: "é\r\nBcc: evil@example.com\x1b[31m", Lines: []string{".", "<b>x</b>\r\n.\r\nQUIT"}, At: 1e18, Since: 1e18}
	var ids []string
	for again := range 2 {
		if err := m.Send(t.Context(), n, again == 1); err != nil {
			t.Fatal(err)
		}
		got, err := mail.ReadMessage(strings.NewReader(<-mails))
		if err != nil {
			t.Fatal(err)
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(got.Header.Get("Subject"))
		if err != nil || subject != "CRITICAL: é  Bcc: evil@example.com[31m" || got.Header.Get("Bcc") != "" {
			t.Errorf("headers are %v, %v", got.Header, err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(got.Body))
		if err != nil || !strings.Contains(string(body), "https://logs.example.com/incident?id=i1") || strings.Contains(string(body), "\nQUIT") {
			t.Errorf("body is %q, %v", body, err)
		}
		ids = append(ids, got.Header.Get("Message-ID"))
	}
	if ids[0] != ids[1] || ids[0] == "" {
		t.Errorf("ids are %q", ids)
	}
}

// TestRefusals: 5xx is for good, 4xx may pass.
func TestRefusals(t *testing.T) {
	for refuse, wrong := range map[string]bool{"550 RCPT": true, "450 RCPT": false, "554 DATA": true, "421 MAIL": false} {
		address, _ := post(t, refuse)
		m, err := New(Options{Server: address, From: "a@example.com", To: []string{"b@example.com"}})
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Send(t.Context(), incident.Notice{}, false); err == nil || fault.Is(err, fault.Invalid) != wrong {
			t.Errorf("%s gives %v", refuse, err)
		}
	}
	address, _ := post(t, "")
	m, err := New(Options{Server: address, From: "a@example.com", To: []string{"b@example.com"}, User: "u", Password: "p"})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Send(t.Context(), incident.Notice{}, false); !fault.Is(err, fault.Denied) {
		t.Errorf("a password in the open: %v", err)
	}
}

func TestNewErrors(t *testing.T) {
	for _, o := range []Options{{}, {Server: "a"}, {Server: "a:25"}, {Server: "a:25", From: "x"}, {Server: "a:25", From: "a@b"}, {Server: "a:25", From: "a@b", To: []string{"c\r\nd"}}} {
		if _, err := New(o); !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v gives %v", o, err)
		}
	}
}
