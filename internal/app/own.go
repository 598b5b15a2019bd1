package app

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/disk"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/intake"
	plumbline "github.com/plumbline/plumbline/sdk"
	"github.com/plumbline/plumbline/sdk/health"
	"github.com/plumbline/plumbline/sdk/log"
	"github.com/plumbline/plumbline/sdk/monitor"
	"github.com/plumbline/plumbline/sdk/profile"
	"github.com/plumbline/plumbline/sdk/sink"
)

// own is how the server watches itself, as any service would: by the SDK. Its
// canonical lines go into a dataset of its own.
//
// It never feeds itself. They go in by the back door, which is no request and so
// makes no line; and the front door lets nobody write to a dataset of the house,
// so two servers cannot make each other talk either.
type own struct {
	observer *plumbline.Observer
	lines    *sink.Queue // nil: no lines are kept
}

const (
	// ownAge is how long the server's own lines are kept unless the dataset is
	// declared: a release can be compared with the one before.
	ownAge = 14 * 24 * time.Hour
	// ownBytes bounds own lines in memory: a second of a busy server.
	ownBytes = 1 << 20
	// ownGrace is how long the last ones may take to get to the disk at the end.
	ownGrace = 2 * time.Second
	// checkEvery is how soon a full disk is known to whoever asks for health.
	checkEvery = 5 * time.Second
)

// observe makes the observer of a; nothing is written before intake is there.
func (a *App) observe(c *Config, level slog.Leveler) {
	var lines plumbline.Sink = nowhere{}
	if c.OwnLines {
		a.own.lines = sink.Open(backDoor{a}, sink.Options{MaxBytes: ownBytes, Report: func(err error) {
			a.log.Warn("lines about this server are lost", "error", err)
		}})
		lines = a.own.lines
	}
	a.own.observer = plumbline.New(plumbline.Options{
		Service: "plumbline", Release: Version, Lines: lines,
		Logs: &direct{to: os.Stderr}, LogFormat: log.Logfmt, Level: level,
		// The API has let a caller in before the monitor sees it.
		Monitor: &monitor.Options{
			Address: monitor.Nowhere, Hosts: []string{"*"}, Profiles: profile.Pages(),
			Access: func(*http.Request) monitor.Level { return monitor.Write },
		},
		Report: func(err error) { a.log.Warn("watching this server", "error", err) },
	})
	a.log = a.own.observer.Logger()
}

// show registers what the server tells of itself.
func (a *App) show() error {
	m := a.own.observer.Monitor()
	for name, page := range map[string]monitor.PageFunc{
		"intake":   monitor.JSON(func() any { return a.intake.Counters() }),
		"store":    monitor.JSON(func() any { return a.store.Readings() }),
		"datasets": monitor.JSON(func() any { return a.store.Extents(nil) }),
	} {
		if err := m.Page(name, page); err != nil {
			return err
		}
	}
	for _, part := range a.store.Health() {
		check := health.Check{Name: part.Name, Every: checkEvery, Run: func(context.Context) error { return a.wellness(part.Name) }}
		if err := a.own.observer.Health().Add(check); err != nil {
			return err
		}
	}
	return m.Reload(monitor.Reload{Name: "config", DryRun: true, Run: func(_ context.Context, call *monitor.Call) (string, error) {
		if call.DryRun {
			_, err := a.load()
			return "", refusal(err)
		}
		return "", refusal(a.Reload())
	}})
}

// refusal is an error of who wrote the configuration, with the status that says so.
func refusal(err error) error {
	if err != nil && fault.KindOf(err) == fault.Invalid {
		return &monitor.Refusal{Status: http.StatusBadRequest, Err: err}
	}
	return err
}

// wellness is what keeps a part of the store from its work.
func (a *App) wellness(name string) error {
	for _, part := range a.store.Health() {
		if part.Name == name && !part.Ready {
			return fault.New(fault.Busy, "%s", part.Reason)
		}
	}
	return nil
}

// close delivers the last lines, while the store still works.
func (o *own) close() {
	ctx, cancel := context.WithTimeout(context.Background(), ownGrace)
	defer cancel()
	_ = o.observer.Close(ctx) // it owns no queue that could fail
	if o.lines != nil {
		_ = o.lines.Close(ctx) // what was lost has been said
	}
}

// roomEvery is how often the room on the disk is noted: often enough for a trend of
// hours.
const roomEvery = time.Minute

// room notes the room on the disk that holds the data, for the rule that says when
// it will be full.
func (a *App) room(ctx context.Context) error {
	tick := time.NewTicker(roomEvery)
	defer tick.Stop()
	for {
		if space, err := disk.Real().Free(a.config.Load().Data); err != nil {
			a.log.Warn("how much room the disk has is not known", "error", err)
		} else {
			a.own.observer.Notices().Say("disk", "room on the disk", slog.String("disk", a.config.Load().Data),
				slog.Int64("disk_free", space.Free), slog.Int64("disk_total", space.Total))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// backDoor delivers lines to the house's own dataset.
type backDoor struct{ app *App }

// Deliver implements sink.Delivery.
func (d backDoor) Deliver(ctx context.Context, b sink.Batch) (rejected int, err error) {
	receipt, err := d.app.intake.Ingest(ctx, intake.Request{
		Format: "jsonl", Dataset: dataset.Own, House: true, BatchName: b.Name,
		Body: bytes.NewReader(b.Bytes), Size: int64(len(b.Bytes)),
	})
	if fault.KindOf(err) == fault.Busy {
		err = &sink.Busy{Cause: err}
	}
	return receipt.Rejected, err
}

// nowhere takes lines and keeps none.
type nowhere struct{}

// Put implements plumbline.Sink.
func (nowhere) Put([]byte) {}

// direct writes each line before the call returns: the last thing a server says is
// why it ended.
type direct struct {
	to io.Writer

	mu     sync.Mutex
	buffer []byte
}

// Put implements plumbline.Sink.
func (d *direct) Put(line []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.buffer = append(append(d.buffer[:0], line...), '\n')
	_, _ = d.to.Write(d.buffer) // there is no other place to say that it failed
}
