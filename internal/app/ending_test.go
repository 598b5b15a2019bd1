package app

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// TestEndIsBounded: what hangs when the server ends is said, then named with where it
// stands, and left.
func TestEndIsBounded(t *testing.T) {
	var said bytes.Buffer
	e := ending{log: slog.New(slog.NewTextHandler(&said, nil)), every: 20 * time.Millisecond, within: 200 * time.Millisecond}
	ctx, cancel := context.WithCancel(t.Context())
	hung := make(chan struct{})
	defer close(hung)
	err := e.watch(ctx, func() error {
		e.begin("requests")()
		defer e.begin("a disk")()
		cancel()
		hangsHere(hung)
		return nil
	})
	if err == nil || !strings.Contains(err.Error(), "a disk") || strings.Contains(err.Error(), "requests") {
		t.Errorf("the end that hung came with %v", err)
	}
	for _, want := range []string{`the server ends, and waits" for="a disk"`, "hangsHere"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("the log lacks %q:\n%s", want, &said)
		}
	}
}

//go:noinline
func hangsHere(until chan struct{}) { <-until }

// TestEndGivesItsError: an end in time is told as it was, before it was asked for too.
func TestEndGivesItsError(t *testing.T) {
	wrong := errors.New("the address is gone")
	e := ending{log: slog.New(slog.DiscardHandler), every: time.Hour, within: time.Hour}
	if err := e.watch(t.Context(), func() error { return wrong }); !errors.Is(err, wrong) {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	if err := e.watch(ctx, func() error { cancel(); <-ctx.Done(); return wrong }); !errors.Is(err, wrong) {
		t.Errorf("%v", err)
	}
}
