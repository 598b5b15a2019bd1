// Package hook sends notices by HTTP: to a webhook in our own form or that of
// Alertmanager, to the services people know, to more of them by a library, and to
// any gateway by a template.
//
//	POST https://…            JSON of the kind, or of the template
//	Idempotency-Key: <key>    the same whenever a notice is sent again
package hook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/incident"
)

// Options of a hook.
type Options struct {
	Kind     string            // a name of Kinds
	URL      string            // where to; kinds of services have their own
	Headers  map[string]string // beside those of the kind
	Key      string            // routing key, API key or token of the service
	To       string            // chat, channel or number
	Template string            // kind http: the body, {{title}} and others filled in
	Link     string            // address of this server, for links; "" for none
	Guard    Guard
}

// Hook is one receiver. It may be used by many goroutines.
type Hook struct {
	opts   Options
	form   form
	client *http.Client
}

// form is how a kind makes a request.
type form struct {
	url   func(o *Options) string
	body  func(m *message) ([]byte, string) // and its content type
	put   func(m *message) string           // what follows the url, by PUT; nil: it is posted
	sends func(m *message) bool             // nil: every notice
	auth  func(o *Options) (header, value string)
	keyed bool // without a key there is no receiver
	to    bool // without To there is none
}

// New returns a hook. Its error says what is missing or wrong.
func New(o Options) (*Hook, error) {
	f, ok := forms()[o.Kind]
	if !ok {
		return nil, fault.New(fault.Invalid, "there is no kind %q; there are mail, service, %s", o.Kind, strings.Join(Kinds(), ", "))
	}
	switch {
	case f.keyed && o.Key == "":
		return nil, fault.New(fault.Invalid, "kind %s wants a key", o.Kind)
	case f.to && o.To == "":
		return nil, fault.New(fault.Invalid, "kind %s wants to", o.Kind)
	case o.Kind == "http" && o.Template == "":
		return nil, fault.New(fault.Invalid, "kind http wants a template")
	}
	u, err := url.Parse(f.url(&o))
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return nil, fault.New(fault.Invalid, "kind %s wants an url that begins with https:// or http://", o.Kind)
	}
	// Names are looked at when they are resolved; an address never gets better.
	host := u.Hostname()
	if host == "localhost" {
		host = "127.0.0.1"
	}
	if a, err := netip.ParseAddr(host); err == nil {
		if err := o.Guard.Allows(a); err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "url")
		}
	}
	return &Hook{o, f, o.Guard.Client()}, nil
}

// Kinds are the names of the kinds.
func Kinds() []string {
	var names []string
	for n := range forms() {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// maxAnswer is how much of an answer is read: what services say of an error.
const maxAnswer = 2048

// Send hands a notice over; again says that it may have been before.
func (h *Hook) Send(ctx context.Context, n incident.Notice, again bool) error {
	m := &message{Notice: clean(n), opts: &h.opts, again: again}
	if h.form.sends != nil && !h.form.sends(m) {
		return nil
	}
	body, contentType := h.form.body(m)
	method, to := http.MethodPost, h.form.url(&h.opts)
	if h.form.put != nil {
		method, to = http.MethodPut, to+h.form.put(m)
	}
	req, err := http.NewRequestWithContext(ctx, method, to, bytes.NewReader(body))
	if err != nil {
		return fault.New(fault.Invalid, "the url of the channel cannot be used")
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("User-Agent", "Plumbline")
	req.Header.Set("Idempotency-Key", header(n.Key))
	if h.form.auth != nil {
		name, value := h.form.auth(&h.opts)
		req.Header.Set(name, value)
	}
	for name, value := range h.opts.Headers {
		req.Header.Set(name, value)
	}
	res, err := h.client.Do(req)
	if err != nil {
		return bare(err)
	}
	defer res.Body.Close()
	said, _ := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	return judge(res.StatusCode, said)
}

// clean is a notice whose texts move no cursor, turn no letters round and stay on
// their lines, whichever form they go into.
func clean(n incident.Notice) incident.Notice {
	n.Title, n.Lines = incident.Plain(n.Title), slices.Clone(n.Lines)
	for i := range n.Lines {
		n.Lines[i] = incident.Plain(n.Lines[i])
	}
	n.Labels, n.Group, n.Alerts = plain(n.Labels), plain(n.Group), slices.Clone(n.Alerts)
	for i := range n.Alerts {
		a := &n.Alerts[i]
		a.Labels, a.Annotations, a.Link = plain(a.Labels), plain(a.Annotations), incident.Plain(a.Link)
	}
	return n
}

func plain(labels map[string]string) map[string]string {
	out := map[string]string{}
	for name, value := range labels {
		out[incident.Plain(name)] = incident.Plain(value)
	}
	return out
}

// bare is an error of a request without its URL, which often holds a secret.
func bare(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		if fault.KindOf(u.Err) == fault.Denied {
			return fault.Wrap(fault.Denied, u.Err, "not sent")
		}
		return fmt.Errorf("not sent: %w", u.Err)
	}
	return err
}

// judge says what an answer means: wrong for good, or worth another try.
func judge(status int, said []byte) error {
	text := incident.Plain(strings.ToValidUTF8(string(said[:min(len(said), 200)]), "?"))
	switch {
	case status/100 == 2:
		return nil
	case status == http.StatusTooManyRequests || status == http.StatusRequestTimeout || status/100 == 5:
		return fmt.Errorf("the receiver answers %d: %s", status, text)
	}
	return fault.New(fault.Invalid, "the receiver answers %d: %s", status, text)
}

// header is a key as it can stand in a header.
func header(key string) string {
	return strings.Map(func(c rune) rune {
		if c < 0x20 || c > 0x7e {
			return '?'
		}
		return c
	}, key)
}
