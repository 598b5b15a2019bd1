package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	plumbline "github.com/plumbline/plumbline/sdk"
	"github.com/plumbline/plumbline/sdk/health"
	"github.com/plumbline/plumbline/sdk/line"
	"github.com/plumbline/plumbline/sdk/log"
	"github.com/plumbline/plumbline/sdk/monitor"
	"github.com/plumbline/plumbline/sdk/profile"
	"github.com/plumbline/plumbline/sdk/sink"
)

const (
	drainFor  = 200 * time.Millisecond // nobody but tests and people sends work here
	endWithin = 5 * time.Second
)

// runNode runs one node until ctx ends: watched first, closed last.
func runNode(ctx context.Context, o options) (err error) {
	at := o.place(o.node)
	observer := plumbline.New(plumbline.Options{
		Service: "kv", Host: at.id, Server: sink.To(o.server),
		Format: line.Logfmt, LogFormat: log.Logfmt,
		Monitor: &monitor.Options{Address: at.monitor, Profiles: profile.Pages(), Word: health.ImOK},
	})
	defer func() { err = errors.Join(err, closeWithin(observer.Close)) }()

	store, err := openStore(o, observer)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if err := store.checks(observer.Health()); err != nil {
		return err
	}

	server := &http.Server{Addr: at.http, Handler: observer.HTTP(routes(store)), ReadHeaderTimeout: endWithin}
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe() }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve %s: %w", at.http, err)
	case <-ctx.Done():
	}
	late := context.WithoutCancel(ctx)
	_ = observer.Health().Drain(late, drainFor) // only an ended context stops it
	return closeWithin(server.Shutdown)
}

func closeWithin(end func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), endWithin)
	defer cancel()
	return end(ctx)
}

// folder of a node, made where it is missing.
func (o options) folder() (string, error) {
	dir := fmt.Sprintf("%s/%s", o.dir, o.place(o.node).id)
	if err := os.MkdirAll(dir+"/log", 0o750); err != nil {
		return "", fmt.Errorf("folder of the node: %w", err)
	}
	return dir, nil
}
