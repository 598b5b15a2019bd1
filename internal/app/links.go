package app

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/links"
	"github.com/plumbline/plumbline/internal/related"
)

// The pauses between tries to reach PostgreSQL double, from the first to the
// longest.
const firstLinksPause, longestLinksPause = time.Second, time.Minute

// joined are the links of all servers as questions see them: those there are
// once PostgreSQL has answered.
type joined struct{ app *App }

// Find asks PostgreSQL.
func (j joined) Find(ctx context.Context, hop *related.Hop) error {
	l := j.app.links.Load()
	if l == nil {
		return fault.New(fault.Busy, "PostgreSQL has not answered since the server started")
	}
	return l.Find(ctx, hop)
}

// linksOf is what related asks beside the store; nil when nothing is configured.
func (a *App) linksOf(c *Config) related.Need {
	if c.Links == "" {
		return nil
	}
	return joined{a}
}

// link keeps the links of lines in PostgreSQL until ctx ends. That it is away
// keeps nobody from starting, or from taking lines.
func (a *App) link(ctx context.Context) error {
	c := a.config.Load()
	if c.Links == "" {
		return nil
	}
	site := c.Site
	if site == "" {
		var err error
		if site, err = os.Hostname(); err != nil {
			return fmt.Errorf("links want a name for this server, which the system does not give; say it by --site: %w", err)
		}
	}
	for pause := firstLinksPause; ; pause = min(2*pause, longestLinksPause) {
		l, err := links.Open(ctx, links.Options{
			URL: c.Links, Site: site, Lines: a.store, Dataset: a.dataset, Keep: time.Duration(c.LinksKeep), Hashed: c.LinksHashed, Log: a.log,
		})
		if err == nil {
			defer l.Close()
			a.links.Store(l)
			defer a.links.Store(nil)
			return l.Run(ctx)
		}
		if fault.Is(err, fault.Invalid) {
			return err
		}
		if pause == firstLinksPause {
			a.log.Warn("links wait in the store until PostgreSQL takes them", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}
