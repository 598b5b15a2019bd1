// Command shop is a small shop over HTTP that is worth watching:
//
//	go run ./sdk/examples/shop
//	curl -d '{"product":"tea","quantity":2}' 'http://127.0.0.1:8080/orders?user=usr_1'
//	open http://127.0.0.1:8421
//
// watch.go holds all that the SDK needs to be told once, shop.go what handlers tell
// of their own accord.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"time"
)

func main() {
	address := flag.String("listen", "127.0.0.1:8080", "`address` of the shop")
	server := flag.String("server", "", "`URL` of a Plumbline server for the lines; standard output")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *address, *server); err != nil {
		fmt.Fprintln(os.Stderr, "shop:", err)
		os.Exit(1)
	}
}

const (
	endWithin = 5 * time.Second
	dayEvery  = time.Minute // a short day, so that one sees it end
)

// run serves until ctx ends: drained, shut down, and its last lines delivered.
func run(ctx context.Context, address, server string) error {
	s := newShop()
	o, err := watch(s, server)
	if err != nil {
		return err
	}
	web := &http.Server{Addr: address, Handler: o.HTTP(s.routes()), ReadHeaderTimeout: endWithin}
	failed := make(chan error, 1)
	go func() { failed <- web.ListenAndServe() }()
	day := time.NewTicker(dayEvery)
	defer day.Stop()
	for open := true; open; {
		select {
		case err = <-failed:
			open = false
		case <-ctx.Done():
			open = false
		case <-day.C:
			_ = closeDay(ctx, o, s) // its line says how it went
		}
	}
	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), endWithin)
	defer cancel()
	_ = o.Health().Drain(late, time.Second) // only an ended context stops it
	return errors.Join(err, web.Shutdown(late), o.Close(late))
}
