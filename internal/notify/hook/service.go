package hook

import (
	"bytes"
	"context"
	"io"
	"log"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/discord"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/rocketchat"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/push/gotify"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/push/ntfy"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/push/pushover"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/incident"
)

// Service is a receiver that a library knows how to speak to, named by a service
// URL. It may be used by many goroutines.
type Service struct {
	opts   Options
	url    *url.URL
	speech speech
	client *http.Client
}

// speech is how the library is spoken to about one service.
type speech struct {
	form   string                   // of its URL
	most   int                      // letters it takes at once, with what dress adds
	dress  func(text string) string // so that nothing in it is read; nil: nothing is
	params types.Params
	open   func(u *url.URL, c *http.Client) (speaker, error)
}

type speaker interface {
	Send(text string, params *types.Params) error
}

// speeches is the table of services: those whose connections the library lets us
// make, so that they stay under the guard.
func speeches() map[string]speech {
	return map[string]speech{
		// A title makes it an embed, in which nobody is mentioned.
		"discord": {form: "discord://TOKEN@WEBHOOK_ID", most: 1900, dress: fenced, params: types.Params{"title": "Plumbline", "splitlines": "no"},
			open: func(u *url.URL, c *http.Client) (speaker, error) {
				s := &discord.Service{}
				err := s.Initialize(u, silent())
				if err == nil && s.Config.JSON {
					err = fault.New(fault.Invalid, "raw JSON is not what is sent")
				}
				s.HTTPClient, s.Sleeper = c, awake{}
				return s, err
			}},
		"gotify": {form: "gotify://HOST/TOKEN", most: 4000, params: types.Params{"title": "Plumbline"},
			open: func(u *url.URL, c *http.Client) (speaker, error) {
				s := &gotify.Service{}
				err := s.Initialize(u, silent())
				if err == nil {
					*s.GetHTTPClient() = *c
				}
				return s, err
			}},
		"ntfy": {form: "ntfy://HOST/TOPIC", most: 3000, params: types.Params{"title": "Plumbline"}, // of 4096 bytes
			open: func(u *url.URL, c *http.Client) (speaker, error) {
				s := &ntfy.Service{}
				err := s.Initialize(u, silent())
				s.SetHTTPClient(c)
				return s, err
			}},
		"pushover": {form: "pushover://shoutrrr:TOKEN@USER", most: 1000, params: types.Params{"title": "Plumbline"},
			open: func(u *url.URL, c *http.Client) (speaker, error) {
				s := &pushover.Service{}
				err := s.Initialize(u, silent())
				s.Client = c
				return s, err
			}},
		"rocketchat": {form: "rocketchat://HOST/TOKEN_A/TOKEN_B", most: 4000, dress: fenced,
			open: func(u *url.URL, c *http.Client) (speaker, error) {
				s := &rocketchat.Service{Client: c}
				return s, s.Initialize(u, silent())
			}},
	}
}

// instead says how services are reached that the library knows and that are not
// in the table, for it makes their connections by itself, past the guard – or
// because there is a kind of ours that tells them more.
func instead() map[string]string {
	template := "kind http with a template"
	return map[string]string{
		"bark": template, "generic": "kind webhook", "googlechat": "kind googlechat", "hangouts": "kind googlechat", "ifttt": template, "join": template,
		"lark": template, "logger": "the log of the server", "matrix": "kind matrix", "mattermost": "kind mattermost", "notifiarr": template,
		"opsgenie": "kind opsgenie", "pagerduty": "kind pagerduty", "pushbullet": template, "signal": template, "slack": "kind slack",
		"smtp": "kind mail", "teams": "kind teams", "telegram": "kind telegram", "wecom": template, "zulip": template,
	}
}

// fenced shows the text as code, in which nothing is read.
func fenced(text string) string { return "```\n" + strings.ReplaceAll(text, "`", "ˋ") + "\n```" }

// silent is where the library logs: nowhere, for it logs URLs and secrets.
func silent() types.StdLogger { return log.New(io.Discard, "", 0) }

// awake sleeps never: tries again are the outbox's.
type awake struct{ discord.RealSleeper }

// NewService returns the receiver of a service URL. Its error says what is wrong,
// and nothing of the URL but its scheme: the rest are secrets.
func NewService(o Options) (*Service, error) {
	scheme, _, found := strings.Cut(o.URL, "://")
	scheme = strings.ToLower(scheme)
	how, known := speeches()[scheme]
	names := strings.Join(slices.Sorted(maps.Keys(speeches())), ", ")
	switch other := instead()[scheme]; {
	case !found:
		return nil, fault.New(fault.Invalid, "kind service wants the url of a service; there are %s", names)
	case other != "":
		return nil, fault.New(fault.Invalid, "connections to %s could not be kept from addresses inside; use %s", scheme, other)
	case !known:
		return nil, fault.New(fault.Invalid, "there is no service %q; there are %s", incident.Plain(scheme), names)
	}
	u, err := url.Parse(o.URL)
	if err != nil {
		return nil, fault.New(fault.Invalid, "the url of %s cannot be read; it is to be %s", scheme, how.form)
	}
	if u.Query().Get("title") != "" {
		delete(how.params, "title") // it has its own
	}
	s := &Service{o, u, how, o.Guard.Client()}
	rehearsal := &carrier{ctx: context.Background(), do: func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader("{}"))}, nil
	}}
	if err := s.speak(rehearsal, "a rehearsal, which nobody hears"); err != nil {
		return nil, fault.New(fault.Invalid, "the url of %s is not as it should be: %s", scheme, how.form)
	}
	return s, nil
}

// Send hands a notice over; again says that it may have been before.
func (s *Service) Send(ctx context.Context, n incident.Notice, again bool) error {
	m := &message{Notice: clean(n), opts: &s.opts, again: again}
	return s.speak(&carrier{ctx: ctx, do: s.client.Do, key: header(n.Key)}, strings.Join(m.lines(), "\n"))
}

// speak lets the library say a text through a carrier. What becomes of it the
// carrier knows; what the library makes of an answer is not asked.
func (s *Service) speak(by *carrier, text string) error {
	u := *s.url // the library writes into it
	to, err := s.speech.open(&u, &http.Client{Transport: by})
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "not sent")
	}
	text = short(text, s.speech.most)
	if s.speech.dress != nil {
		text = s.speech.dress(text)
	}
	err = to.Send(text, &s.speech.params)
	if by.asked {
		return by.err
	}
	if err == nil {
		return fault.New(fault.Internal, "not sent by a connection of ours")
	}
	return fault.Wrap(fault.Invalid, err, "not sent")
}

// carrier takes one request of the library under the guard, and judges its answer
// as that of any hook. Once it failed it carries nothing more: the library would
// try again at once.
type carrier struct {
	ctx   context.Context
	do    func(*http.Request) (*http.Response, error)
	key   string
	asked bool
	err   error
}

// RoundTrip is asked by the library's client.
func (c *carrier) RoundTrip(r *http.Request) (*http.Response, error) {
	if c.err != nil {
		return nil, c.err
	}
	c.asked = true
	out := r.Clone(c.ctx)
	out.Header.Set("User-Agent", "Plumbline")
	out.Header.Set("Idempotency-Key", c.key)
	res, err := c.do(out)
	if err != nil {
		c.err = bare(err)
		return nil, c.err
	}
	defer res.Body.Close()
	said, _ := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if c.err = judge(res.StatusCode, said); c.err != nil {
		return nil, c.err
	}
	res.Body = io.NopCloser(bytes.NewReader(said))
	return res, nil
}
