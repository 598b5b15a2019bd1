package app

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/plumbline/plumbline/internal/demo"
	"github.com/plumbline/plumbline/internal/rule"
	"github.com/plumbline/plumbline/internal/watch"
)

// Demo is a server over a folder of its own, and the demo service under load.
type Demo struct {
	Listen     string
	Rate       int
	FaultAfter time.Duration
	Client     Client // that asks the questions it prints
}

// Run runs both until ctx ends, and takes the folder away.
func (d *Demo) Run(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "plumbline-demo-")
	if err != nil {
		return fmt.Errorf("make a folder for the demo: %w", err)
	}
	defer os.RemoveAll(dir)
	load := func() (*Config, error) {
		c := Defaults()
		c.Data, c.Listen = dir, d.Listen
		c.ReadyRules = false // they look at hours, and the demo lives for minutes
		c.IncidentJoin = Duration(demoJoin)
		c.Datasets = map[string]DatasetConfig{"comm": {Expect: demoExpects()}}
		return &c, c.Check()
	}
	rules, err := rule.Parse("of the demo", demo.Rules(), watch.Check)
	if err != nil {
		return err
	}
	a, err := Open(load, slog.LevelWarn, rules...)
	if err != nil {
		return err
	}
	// The service stops first and the server after it, so that its last lines
	// find somebody.
	serverCtx, stopServer := context.WithCancel(context.WithoutCancel(ctx))
	defer stopServer()
	var group errgroup.Group
	group.Go(func() error { return a.Live(serverCtx) })
	group.Go(func() error {
		defer stopServer()
		return demo.Run(ctx, demo.Options{
			Ingest: a.URL(), Rate: d.Rate, FaultAfter: d.FaultAfter,
			Ready: func(service string) { fmt.Print(d.greeting(a.URL(), service)) },
		})
	})
	return group.Wait()
}

// demoJoin lets an incident of the demo end while somebody looks.
const demoJoin = 30 * time.Second

// demoExpects is what the demo's messages are held against: the operator's
// slowest report takes ten seconds, and a busy machine has time to spare.
func demoExpects() []ExpectConfig {
	return []ExpectConfig{{
		Kind: "operator_id", After: `"Message sent"`, Said: "sent", Want: `"Delivery report received"`, Wanted: "delivery report",
		Within: Duration(40 * time.Second),
	}}
}

// greeting says where to look and what to ask.
func (d *Demo) greeting(url, service string) string {
	text := fmt.Sprintf("Plumbline is at %s – open it in a browser.\n"+
		"A small service answers at %s, under its own load. In %s something breaks.\n\n"+
		"Questions worth asking:\n%s", url, service, d.FaultAfter, d.Client.elsewhere(url))
	for _, q := range demo.Questions() {
		text += fmt.Sprintf("\n  %s\n    %s query '%s'\n", q.Why, d.Client.Command, q.Text)
	}
	return text + fmt.Sprintf("\nWithout the binary:  curl -s %s/api/v1/query --data-urlencode 'q=canonical-log-line | stats count by http_status'\n\nCtrl-C ends it.\n", url)
}
