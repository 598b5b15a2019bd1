// Package notify decides who is told of a notice, and tells them: routes by
// labels, mute windows, escalation, a rota; each kind of channel is a room below.
//
//	notice ──► routes ──► channels, people on the rota ──► webhook · mail · …
//	           mutes       escalation, unless acknowledged
package notify

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"time"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/incident"
	"github.com/plumbline/plumbline/internal/notify/hook"
	"github.com/plumbline/plumbline/internal/notify/mail"
	"github.com/plumbline/plumbline/internal/rule"
)

// Config is how a team wants to be told.
type Config struct {
	Channels map[string]Channel `yaml:"channels"`
	Routes   []Route            `yaml:"routes"` // the first that matches; none: every channel
	Mutes    []Mute             `yaml:"mutes"`
	Rotas    map[string]Rota    `yaml:"rotas"`
	Hours    Hours              `yaml:"hours"` // when warnings may be sent
	Reach    []string           `yaml:"reach"` // networks of this house that webhooks may reach
	Beat     string             `yaml:"beat"`  // URL that is asked while rules are evaluated: a dead man's switch
}

// Channel is a way to tell somebody.
type Channel struct {
	Kind     string            `yaml:"kind"` // mail, service, or a kind of hook
	URL      string            `yaml:"url"`
	Headers  map[string]string `yaml:"headers"`
	Key      string            `yaml:"key"`
	To       []string          `yaml:"to"`
	Template string            `yaml:"template"`
	Server   string            `yaml:"server"`
	User     string            `yaml:"user"`
	Password string            `yaml:"password"`
	From     string            `yaml:"from"`
}

// Route says where notices with some labels go.
type Route struct {
	Match    map[string]string `yaml:"match"` // all must have these; a value may end in *
	To       []string          `yaml:"to"`    // channels, or rotas
	Escalate []Escalation      `yaml:"escalate"`
}

// Escalation tells others when nobody has acknowledged after a while.
type Escalation struct {
	After rule.Duration `yaml:"after"`
	To    []string      `yaml:"to"`
}

// Mute keeps warnings with some labels quiet for a while: work that is planned.
// A critical notice is never kept back.
type Mute struct {
	Match map[string]string `yaml:"match"`
	From  time.Time         `yaml:"from"`
	To    time.Time         `yaml:"to"`
}

// Delivery is a notice for one channel.
type Delivery struct {
	Channel string
	At      time.Time // not before
	Step    int       // of the escalation; beyond 0 only unless it was acknowledged
}

// sender is what a room of channels makes.
type sender interface {
	Send(ctx context.Context, n incident.Notice, again bool) error
}

// Notify tells people. It may be used by many goroutines.
type Notify struct {
	config  Config
	senders map[string]sender
	guard   hook.Guard
	hours   hours
	rotas   map[string]rota
}

// New returns a Notify. link is the address of this server, "" when it is not
// known. The error names what is wrong in the configuration.
func New(c Config, link string) (*Notify, error) {
	n := &Notify{config: c, senders: map[string]sender{}, rotas: map[string]rota{}}
	guard := hook.Guard{}
	for _, text := range c.Reach {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fault.New(fault.Invalid, "notify: reach: %q is no network; write it as 10.0.0.0/8", text)
		}
		guard.Reach = append(guard.Reach, p.Masked())
	}
	for _, name := range slices.Sorted(maps.Keys(c.Channels)) {
		s, err := open(c.Channels[name], guard, link)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "notify: channel %s", name)
		}
		n.senders[name] = s
	}
	n.guard = guard
	var err error
	if n.hours, err = c.Hours.read(); err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "notify: hours")
	}
	for name, r := range c.Rotas {
		if n.rotas[name], err = r.read(); err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "notify: rota %s", name)
		}
	}
	return n, n.check()
}

// open makes a channel of its kind.
func open(c Channel, guard hook.Guard, link string) (sender, error) {
	if c.Kind == "mail" {
		return mail.New(mail.Options{Server: c.Server, User: c.User, Password: c.Password, From: c.From, To: c.To, Link: link})
	}
	to := ""
	if len(c.To) > 0 {
		to = c.To[0]
	}
	o := hook.Options{Kind: c.Kind, URL: c.URL, Headers: c.Headers, Key: c.Key, To: to, Template: c.Template, Link: link, Guard: guard}
	if c.Kind == "service" {
		return hook.NewService(o)
	}
	return hook.New(o)
}

// check looks that every name of a route and a rota is there.
func (n *Notify) check() error {
	for i, r := range n.config.Routes {
		lists := [][]string{r.To}
		for _, e := range r.Escalate {
			if e.After <= 0 {
				return fault.New(fault.Invalid, "notify: route %d: escalate wants after", i+1)
			}
			lists = append(lists, e.To)
		}
		for _, list := range lists {
			for _, name := range list {
				if err := n.known(name); err != nil {
					return fault.Wrap(fault.Invalid, err, "notify: route %d", i+1)
				}
			}
		}
	}
	for name, r := range n.rotas {
		for _, person := range r.people {
			if n.senders[person] == nil {
				return fault.New(fault.Invalid, "notify: rota %s: there is no channel %q for this person", name, person)
			}
		}
	}
	return nil
}

func (n *Notify) known(name string) error {
	_, isRota := n.rotas[name]
	if n.senders[name] != nil || isRota {
		return nil
	}
	names := slices.Sorted(maps.Keys(n.senders))
	return fault.New(fault.Invalid, "there is no channel or rota %q%s", name, hint(fault.Nearest(name, names)))
}

func hint(near string) string {
	if near == "" {
		return ""
	}
	return "; did you mean " + near + "?"
}

// Channels are the names of all channels.
func (n *Notify) Channels() []string { return slices.Sorted(maps.Keys(n.senders)) }

// Plan gives the channels a notice goes to, and when. It is pure: the same
// notice at the same time has the same plan.
func (n *Notify) Plan(m incident.Notice, now time.Time) []Delivery {
	if m.Severity < rule.Critical && n.muted(m, now) {
		return nil
	}
	label := func(name string) string { return m.Labels[name] }
	for _, r := range n.config.Routes {
		if !rule.Matches(r.Match, label) {
			continue
		}
		list := n.deliveries(r.To, now, 0)
		if m.Kind == incident.NoticeOpened {
			for step, e := range r.Escalate {
				list = append(list, n.deliveries(e.To, now.Add(time.Duration(e.After)), step+1)...)
			}
		}
		return list
	}
	if len(n.config.Routes) > 0 {
		return nil
	}
	return n.deliveries(n.Channels(), now, 0)
}

// deliveries resolves names of rotas to who is on call at that time.
func (n *Notify) deliveries(names []string, at time.Time, step int) []Delivery {
	var out []Delivery
	for _, name := range names {
		if r, ok := n.rotas[name]; ok {
			name = r.on(at)
		}
		if name != "" && !slices.ContainsFunc(out, func(d Delivery) bool { return d.Channel == name }) {
			out = append(out, Delivery{name, at, step})
		}
	}
	return out
}

func (n *Notify) muted(m incident.Notice, now time.Time) bool {
	return slices.ContainsFunc(n.config.Mutes, func(x Mute) bool {
		return !now.Before(x.From) && now.Before(x.To) && rule.Matches(x.Match, func(name string) string { return m.Labels[name] })
	})
}

// Quiet is the first time, from t on, at which warnings may be sent.
func (n *Notify) Quiet(t time.Time) time.Time { return n.hours.next(t) }

// Beats reports whether somebody waits for signs of life.
func (n *Notify) Beats() bool { return n.config.Beat != "" }

// Beat sends a sign of life.
func (n *Notify) Beat(ctx context.Context) error { return n.guard.Ask(ctx, n.config.Beat) }

// Send hands a notice to a channel; again says that it may have been before. A
// test and an alarm go the same way.
func (n *Notify) Send(ctx context.Context, channel string, m incident.Notice, again bool) error {
	s := n.senders[channel]
	if s == nil {
		return fault.New(fault.NotFound, "there is no channel %q any more", channel)
	}
	if err := s.Send(ctx, m, again); err != nil {
		return fmt.Errorf("channel %s: %w", channel, err)
	}
	return nil
}
