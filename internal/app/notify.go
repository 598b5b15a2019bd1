package app

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/incident"
	"github.com/plumbline/plumbline/internal/notify"
)

// readNotify reads the file of channels and routes; without one nobody is told.
func readNotify(c *Config) (*notify.Notify, error) {
	var n notify.Config
	if c.Notify != "" {
		data, err := os.ReadFile(c.Notify)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "notify")
		}
		err = decode(data, &n)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, fault.New(fault.Invalid, "notify: file %s: %s", c.Notify, yaml.FormatError(err, false, true))
		}
	}
	for name, r := range n.Rotas {
		if r.ICal == "" {
			continue
		}
		path := r.ICal
		if !filepath.IsAbs(path) {
			path = filepath.Join(filepath.Dir(c.Notify), path)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "notify: rota %s: ical", name)
		}
		r.ICal = string(text)
		n.Rotas[name] = r
	}
	return notify.New(n, strings.TrimSuffix(c.Public, "/"))
}

// teller tells people as the configuration says now.
type teller struct{ app *App }

func (t teller) now() *notify.Notify { return t.app.notify.Load() }

func (t teller) Plan(n incident.Notice, now time.Time) []notify.Delivery { return t.now().Plan(n, now) }

func (t teller) Send(ctx context.Context, channel string, n incident.Notice, again bool) error {
	return t.now().Send(ctx, channel, n, again)
}

// quiet is the first time, from at on, at which warnings may be sent.
func (t teller) quiet(at time.Time) time.Time { return t.now().Quiet(at) }

// beat sends a sign of life to whoever waits for one.
func (t teller) beat(ctx context.Context) error {
	if n := t.now(); n.Beats() {
		return n.Beat(ctx)
	}
	return nil
}
