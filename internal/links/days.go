package links

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// dayNanos is a day, in nanoseconds.
const dayNanos = int64(24 * time.Hour)

// dayOf is the day of a time, counted from 1970.
func dayOf(at int64) int64 {
	d := at / dayNanos
	if at%dayNanos < 0 {
		d--
	}
	return d
}

// dayName is the partition of a day.
func dayName(day int64) string {
	return daysPrefix + time.Unix(day*(dayNanos/1e9), 0).UTC().Format(dayForm)
}

const daysPrefix, dayForm = "plumbline_links_", "20060102"

// makeDay makes the partition of a day.
func (l *Links) makeDay(ctx context.Context, day int64) error {
	name := dayName(day)
	l.mu.Lock()
	known := l.days[name]
	l.mu.Unlock()
	if known {
		return nil
	}
	// The name is made of digits; the bounds cannot be parameters. The day after
	// the last of 256 begins where no place is.
	to := "MAXVALUE"
	if next := firstPlace(day + 1); next > firstPlace(day) {
		to = fmt.Sprint(next)
	}
	steps := []string{
		"SELECT pg_advisory_xact_lock(" + fmt.Sprint(int64(schemaLock)) + ")",
		fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s PARTITION OF plumbline_links FOR VALUES FROM (%d) TO (%s)", name, firstPlace(day), to),
		fmt.Sprintf("CREATE INDEX IF NOT EXISTS %s_x ON %s (x) WITH (fillfactor = 100)", name, name),
		fmt.Sprintf("CREATE INDEX IF NOT EXISTS %s_y ON %s (y) WITH (fillfactor = 100) WHERE y IS NOT NULL", name, name),
	}
	err := pgx.BeginFunc(ctx, l.pool, func(tx pgx.Tx) error {
		for _, s := range steps {
			if _, err := tx.Exec(ctx, s); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("links: make the day %s: %w", name, err)
	}
	l.mu.Lock()
	l.days[name] = true
	l.mu.Unlock()
	return nil
}

// listDays are the names of the days there are; of those that were not settled,
// or of all.
func (l *Links) listDays(ctx context.Context, unsettled bool) ([]string, error) {
	rows, err := l.pool.Query(ctx, `SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
		WHERE i.inhparent = 'plumbline_links'::regclass AND NOT ($1 AND obj_description(c.oid, 'pg_class') IS NOT NULL) ORDER BY 1`, unsettled)
	var names []string
	if err == nil {
		names, err = pgx.CollectRows(rows, pgx.RowTo[string])
	}
	if err != nil {
		return nil, fmt.Errorf("links: list the days: %w", err)
	}
	return names, nil
}

// Drop drops the days that end at or before a time, and says how many.
func (l *Links) Drop(ctx context.Context, before time.Time) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, l.o.Patience)
	defer cancel()
	names, err := l.listDays(ctx, false)
	if err != nil {
		return 0, err
	}
	last, dropped := dayName(dayOf(before.UnixNano())), 0
	for _, name := range names {
		if name >= last {
			continue
		}
		if _, err := l.pool.Exec(ctx, "DROP TABLE IF EXISTS "+pgx.Identifier{name}.Sanitize()); err != nil {
			return dropped, fmt.Errorf("links: drop %s: %w", name, err)
		}
		l.mu.Lock()
		delete(l.days, name)
		l.mu.Unlock()
		dropped++
	}
	return dropped, nil
}

// Settle builds the indices of days anew that ended before a time: those that
// grew row by row are a third empty. It says how many.
func (l *Links) Settle(ctx context.Context, before time.Time) (settled int, err error) {
	listing, cancel := context.WithTimeout(ctx, l.o.Patience)
	names, err := l.listDays(listing, true)
	cancel()
	if err != nil {
		return 0, err
	}
	last := dayName(dayOf(before.UnixNano()))
	for _, name := range names {
		if name >= last {
			continue
		}
		if err := l.settle(ctx, name); err != nil {
			return settled, fmt.Errorf("links: build the indices of %s anew: %w", name, err)
		}
		settled++
	}
	return settled, nil
}

// settleFor bounds the building of indices: of a day of a billion links they take
// some minutes.
const settleFor = time.Hour

// settle builds the indices of a day while it is read and written. A comment on
// the table says that it was done.
func (l *Links) settle(ctx context.Context, name string) error {
	c, err := l.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer c.Release()
	ctx, cancel := context.WithTimeout(ctx, settleFor)
	defer cancel()
	if _, err := c.Exec(ctx, "SET statement_timeout = 0"); err != nil {
		return err
	}
	defer c.Exec(ctx, "RESET statement_timeout") // of a connection that failed nobody asks again
	if _, err := c.Exec(ctx, "REINDEX TABLE CONCURRENTLY "+pgx.Identifier{name}.Sanitize()); err != nil {
		return err
	}
	_, err = c.Exec(ctx, "COMMENT ON TABLE "+pgx.Identifier{name}.Sanitize()+" IS 'settled'")
	return err
}

// Bytes is what the links take on PostgreSQL's disk, indices with them.
func (l *Links) Bytes(ctx context.Context) (n int64, err error) {
	err = l.pool.QueryRow(ctx, `SELECT coalesce(sum(pg_total_relation_size(inhrelid)), 0)::int8 FROM pg_inherits WHERE inhparent = 'plumbline_links'::regclass`).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("links: their size: %w", err)
	}
	return n, nil
}
