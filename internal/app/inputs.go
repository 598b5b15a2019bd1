package app

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/plumbline/plumbline/internal/api"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/intake"
	"github.com/plumbline/plumbline/internal/tail"
)

// openInputs takes the addresses of listeners beside HTTP.
func (a *App) openInputs(c *Config) error {
	if len(c.Tail) > 0 {
		if err := a.openTail(c); err != nil {
			return err
		}
	}
	if c.GELFTCP == "" && c.GELFUDP == "" {
		return nil
	}
	l, err := a.intake.ListenGELF(intake.GELF{TCP: c.GELFTCP, UDP: c.GELFUDP, Dataset: c.GELFDataset})
	if err != nil {
		return fault.Wrap(fault.Conflict, err, "listen for GELF")
	}
	a.gelf = l
	return nil
}

// openTail follows files of this machine.
func (a *App) openTail(c *Config) error {
	guess := intake.Guess{Said: c.TailFormat}
	whole, err := intake.Whole(c.TailFormat, "")
	if err != nil {
		return err
	}
	var hold func([]byte) int
	if whole != nil {
		hold = func(lines []byte) (n int) {
			if a.intake.Guard(func() error { n = whole(lines); return nil }) != nil {
				return len(lines)
			}
			return n
		}
	}
	a.tail, err = tail.New(tail.Options{
		Globs:     c.Tail,
		StateFile: filepath.Join(c.Data, "tail.positions"),
		Hold:      hold,
		Log:       a.log,
		Deliver: func(ctx context.Context, chunk tail.Chunk) error {
			file, _, _ := strings.Cut(chunk.Name, "@")
			format := "text"
			a.intake.Guard(func() error { format = guess.Of(file, chunk.Lines); return nil })
			receipt, err := a.intake.Ingest(ctx, intake.Request{
				Format: format, Dataset: c.TailDataset, TimeFormat: "auto", BatchName: chunk.Name,
				Source: chunk.File, Body: bytes.NewReader(chunk.Lines), Size: int64(len(chunk.Lines)),
			})
			if len(receipt.Errors) > 0 {
				a.log.Warn("lines of a followed file are not stored as rows", "file", chunk.File, "rejected", receipt.Rejected, "refused", receipt.Refused, "first", receipt.Errors[0].Reason)
			}
			return err
		},
	})
	if err != nil {
		return fmt.Errorf("follow %s: %w", c.Tail.String(), err)
	}
	return nil
}

// inputs are the loops that take lines in beside HTTP.
func (a *App) inputs() []door {
	var list []door
	if a.gelf != nil {
		list = append(list, door{"GELF", a.gelf.Run})
	}
	if a.tail != nil {
		list = append(list, door{"followed files", a.tail.Run})
	}
	return list
}

// intakeGauges are the readings of what was offered and what became of it.
func intakeGauges(counters []intake.Counters) []api.Gauge {
	var list []api.Gauge
	for _, c := range counters {
		label := fmt.Sprintf("format=%q", c.Format)
		for _, x := range []struct {
			name, help string
			n          int
		}{
			{"offered", "lines offered", c.Offered},
			{"stored", "lines on disk as rows", c.Stored},
			{"rejected", "lines that could not be read, on disk in _rejected", c.Rejected},
			{"refused", "lines whose sender was told no: older than the retention, or the store could not take them", c.Refused},
			{"dropped", "lines that are not kept: left out by the pipes of the dataset, or lost on a socket", c.Dropped},
			{"cleaned_up", "lines among the dropped that the pipes of the dataset left out", c.CleanedUp},
			{"undated", "lines without a time that reads", c.Undated},
			{"clamped", "lines whose time was not plausible", c.Clamped},
			{"cut", "lines that were too long", c.Cut},
			{"packed", "lines with too many fields", c.Packed},
			{"repaired", "lines with bytes that are no UTF-8", c.Repaired},
			{"malformed", "lines with a declared field of the wrong type", c.Malformed},
		} {
			list = append(list, api.Gauge{Name: "intake_" + x.name + "_total", Help: x.help, Type: "counter", Dataset: c.Dataset, Label: label, Value: float64(x.n)})
		}
	}
	return list
}
