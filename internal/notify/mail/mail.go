// Package mail sends notices by SMTP.
//
//	From: Plumbline <from>
//	To: a@…, b@…
//	Subject: CRITICAL: …            (RFC 2047)
//	Message-ID: <hash of the key@host>   the same whenever it is sent again
//	References: <hash of the incident@host>
//	Content-Type: text/plain; charset=utf-8, quoted-printable
package mail

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"net/smtp"
	"net/textproto"
	"net/url"
	"strings"
	"time"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/incident"
)

// Options of a mailbox to send to.
type Options struct {
	Server   string // host:port; port 465 is TLS from the start, others by STARTTLS where offered
	User     string // "" for none; a password is only ever sent over TLS
	Password string
	From     string
	To       []string
	Link     string // address of this server, for links; "" for none
	Roots    *tls.Config
}

// Mail sends to some mailboxes. It may be used by many goroutines.
type Mail struct {
	opts Options
	host string
	from string   // bare addresses
	to   []string //
}

// New returns a channel. Its error says what is missing or wrong.
func New(o Options) (*Mail, error) {
	m := &Mail{opts: o}
	host, _, err := net.SplitHostPort(o.Server)
	if err != nil {
		return nil, fault.New(fault.Invalid, "server %q is no address; write it as mail.example.com:587", o.Server)
	}
	m.host = host
	from, err := mail.ParseAddress(o.From)
	if err != nil {
		return nil, fault.New(fault.Invalid, "from %q is no mail address", o.From)
	}
	m.from = from.Address
	for _, t := range o.To {
		a, err := mail.ParseAddress(t)
		if err != nil {
			return nil, fault.New(fault.Invalid, "to %q is no mail address", t)
		}
		m.to = append(m.to, a.Address)
	}
	if len(m.to) == 0 {
		return nil, fault.New(fault.Invalid, "there is nobody in to")
	}
	return m, nil
}

// Send hands a notice to the server; again says that it may have been before.
func (m *Mail) Send(ctx context.Context, n incident.Notice, again bool) error {
	conn, err := m.dial(ctx)
	if err != nil {
		return fmt.Errorf("connect to %s: %w", m.opts.Server, err)
	}
	if end, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(end) // a connection that knows none fails by itself
	}
	c, err := smtp.NewClient(conn, m.host)
	if err != nil {
		return errors.Join(fmt.Errorf("greet %s: %w", m.opts.Server, err), conn.Close())
	}
	defer c.Close()
	if err := m.secure(c); err != nil {
		return judge(err)
	}
	if err := c.Mail(m.from); err != nil {
		return judge(err)
	}
	for _, to := range m.to {
		if err := c.Rcpt(to); err != nil {
			return judge(fmt.Errorf("to %s: %w", to, err))
		}
	}
	w, err := c.Data()
	if err != nil {
		return judge(err)
	}
	if _, err := w.Write(m.message(n, again)); err != nil {
		return judge(err)
	}
	if err := w.Close(); err != nil {
		return judge(err)
	}
	_ = c.Quit() // it was taken; how the server says goodbye changes nothing
	return nil
}

// dial connects, over TLS from the start on the port that is meant for it.
func (m *Mail) dial(ctx context.Context) (net.Conn, error) {
	if strings.HasSuffix(m.opts.Server, ":465") {
		return (&tls.Dialer{Config: m.tls()}).DialContext(ctx, "tcp", m.opts.Server)
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", m.opts.Server)
}

func (m *Mail) tls() *tls.Config {
	c := &tls.Config{}
	if m.opts.Roots != nil {
		c = m.opts.Roots.Clone()
	}
	c.ServerName, c.MinVersion = m.host, tls.VersionTLS12
	return c
}

// secure goes over to TLS where the server can, and says who we are.
func (m *Mail) secure(c *smtp.Client) error {
	if _, on := c.TLSConnectionState(); !on {
		if offered, _ := c.Extension("STARTTLS"); offered {
			if err := c.StartTLS(m.tls()); err != nil {
				return fmt.Errorf("STARTTLS: %w", err)
			}
		}
	}
	if m.opts.User == "" {
		return nil
	}
	if _, on := c.TLSConnectionState(); !on {
		return fault.New(fault.Denied, "%s offers no TLS, and a password must not cross the network in the open", m.opts.Server)
	}
	return c.Auth(smtp.PlainAuth("", m.opts.User, m.opts.Password, m.host))
}

// judge gives what the server refuses for good its kind; 4xx may pass later.
func judge(err error) error {
	var said *textproto.Error
	if errors.As(err, &said) && said.Code >= 500 {
		return fault.Wrap(fault.Invalid, err, "the mail server refuses")
	}
	return err
}

// message is the notice as a mail.
func (m *Mail) message(n incident.Notice, again bool) []byte {
	var b bytes.Buffer
	head := func(name, value string) { fmt.Fprintf(&b, "%s: %s\r\n", name, value) }
	head("From", "Plumbline <"+m.from+">")
	head("To", strings.Join(m.to, ", "))
	head("Subject", mime.QEncoding.Encode("utf-8", n.Subject()))
	head("Date", time.Unix(0, n.At).UTC().Format(time.RFC1123Z))
	head("Message-ID", m.id(n.Key))
	if n.Incident != "" {
		head("References", m.id(n.Incident)) // mails of one incident stand together
	}
	head("Auto-Submitted", "auto-generated")
	head("MIME-Version", "1.0")
	head("Content-Type", "text/plain; charset=utf-8")
	head("Content-Transfer-Encoding", "quoted-printable")
	b.WriteString("\r\n")
	q := quotedprintable.NewWriter(&b)
	lines := append([]string{n.Subject(), ""}, n.Body()...)
	lines = append(lines, "since "+time.Unix(0, n.Since).UTC().Format("2006-01-02 15:04:05 UTC"))
	if m.opts.Link != "" && n.Incident != "" {
		lines = append(lines, m.opts.Link+"/incident?id="+url.QueryEscape(n.Incident))
	}
	if again {
		lines = append(lines, "(perhaps sent before)")
	}
	_, _ = q.Write([]byte(strings.Join(lines, "\r\n") + "\r\n")) // memory takes it all
	_ = q.Close()
	return b.Bytes()
}

// id is a Message-ID made of a key.
func (m *Mail) id(key string) string {
	_, domain, _ := strings.Cut(m.from, "@")
	return fmt.Sprintf("<%x@%s>", sha256.Sum256([]byte(key)), domain)
}
