package links

import (
	"context"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/related"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/scan"
)

const (
	// batchLines are linked in one transaction: COPY is at its best from some ten
	// thousand rows on, and a batch that fails is made again in a tenth of a second.
	batchLines = 50_000
	// followEvery is how long a new line waits at most until it is linked.
	followEvery = time.Second
	// The pauses after a failure double from the first to the longest.
	firstPause, longestPause = time.Second, time.Minute
	tendEvery                = time.Hour
	// restAfter a day has ended its last lines have come.
	restAfter = time.Hour
)

// Run links the lines of the store until ctx ends: those that came while it did
// not run first. It gives up never, and says when PostgreSQL fails and when it is
// back.
func (l *Links) Run(ctx context.Context) error {
	var tending sync.WaitGroup
	tending.Go(func() { l.tend(ctx) })
	defer tending.Wait()
	pause, failing := firstPause, false
	for {
		more, err := l.Follow(ctx)
		wait := followEvery
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			if !failing {
				l.o.Log.Warn("links wait in the store until PostgreSQL takes them", "error", err)
			}
			failing, wait = true, pause
			pause = min(2*pause, longestPause)
		default:
			if failing {
				l.o.Log.Info("PostgreSQL takes links again")
			}
			pause, failing = firstPause, false
			if more {
				wait = 0
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
	}
}

// tend drops the days that are too old, and settles those that are over, while
// links go on. What fails is tried again the next time.
func (l *Links) tend(ctx context.Context) {
	for {
		now := l.o.Now()
		_, err := l.Drop(ctx, now.Add(-l.o.Keep))
		if err == nil {
			_, err = l.Settle(ctx, now.Add(-restAfter))
		}
		if err != nil && ctx.Err() == nil {
			l.o.Log.Warn("days of links stay as they are for an hour", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(tendEvery):
		}
	}
}

// Follow links the next lines of each dataset, and reports whether there are
// more.
func (l *Links) Follow(ctx context.Context) (more bool, err error) {
	within, cancel := context.WithTimeout(ctx, l.o.Patience)
	cursors, err := l.cursors(within)
	cancel()
	if err != nil {
		return false, err
	}
	for _, x := range l.o.Lines.Extents(nil) {
		done := cursors[l.place(x.Dataset)]
		if done >= x.Seq {
			continue
		}
		to := min(done+batchLines, x.Seq)
		rows, err := l.lines(ctx, x.Dataset, expr.Conjunction(seqIs(expr.Gt, done), seqIs(expr.Le, to)))
		if err != nil {
			return false, err
		}
		if err := l.putInTime(ctx, rows, x.Dataset, to); err != nil {
			return false, err
		}
		more = more || to < x.Seq
	}
	return more, nil
}

// putInTime is Put of lines up to a number, given up when PostgreSQL hangs.
func (l *Links) putInTime(ctx context.Context, rows []related.Row, dataset string, to int64) error {
	ctx, cancel := context.WithTimeout(ctx, l.o.Patience)
	defer cancel()
	return l.Put(ctx, rows, map[string]int64{dataset: to})
}

// Behind is how many lines of the store are not linked yet.
func (l *Links) Behind(ctx context.Context) (lines int64, err error) {
	cursors, err := l.cursors(ctx)
	if err != nil {
		return 0, err
	}
	for _, x := range l.o.Lines.Extents(nil) {
		lines += max(0, x.Seq-cursors[l.place(x.Dataset)])
	}
	return lines, nil
}

func (l *Links) cursors(ctx context.Context) (map[string]int64, error) {
	rows, err := l.pool.Query(ctx, "SELECT w.word, c.seq FROM plumbline_link_cursors c JOIN plumbline_link_places w ON w.code = c.place")
	if err != nil {
		return nil, fmt.Errorf("links: how far they are: %w", err)
	}
	out := map[string]int64{}
	var word []byte
	var seq int64
	_, err = pgx.ForEachRow(rows, []any{&word, &seq}, func() error {
		out[string(word)] = seq
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("links: how far they are: %w", err)
	}
	return out, nil
}

// lines are the lines of a dataset that are asked for, and the ids they hold.
func (l *Links) lines(ctx context.Context, name string, where expr.Expr) ([]related.Row, error) {
	will := scan.Scan{
		Datasets: []string{name}, From: math.MinInt64, To: math.MaxInt64, All: true, Lanes: 1, Where: where,
	}
	streams, err := l.o.Lines.Scan(ctx, will, new(scan.Read))
	if err != nil {
		return nil, fmt.Errorf("links: read lines of %s: %w", name, err)
	}
	var out []related.Row
	d := l.o.Dataset(name)
	for _, stream := range streams {
		for b, err := range stream {
			if err != nil {
				return nil, fmt.Errorf("links: read lines of %s: %w", name, err)
			}
			times, seqs := b.Col(row.FieldTime), b.Col(row.FieldSeq)
			rows := make([]related.Row, b.Len)
			for i := range rows {
				rows[i] = related.Row{Time: times.Value(i).Nums(), Dataset: name, Seq: seqs.Value(i).Nums()}
			}
			for k := range b.Cols {
				kind := d.Kind(b.Cols[k].Name)
				if kind == "" {
					continue
				}
				for i := range rows {
					rows[i].IDs, _ = related.AppendIDs(rows[i].IDs, kind, b.Cols[k].Value(i))
				}
			}
			out = append(out, rows...)
		}
	}
	return out, nil
}
