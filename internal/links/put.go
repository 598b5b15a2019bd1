package links

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/plumbline/plumbline/internal/related"
)

const day = int64(24 * time.Hour)

// dayName is the partition of a day.
func dayName(at int64) string {
	return "plumbline_links_" + time.Unix(0, at).UTC().Format("20060102")
}

// link is a row of the table.
type link struct {
	at, seq int64
	dataset int32
	x, y    []byte // y nil: one id
}

// Put keeps rows, and that lines of their datasets up to these numbers are
// kept; both or nothing. Rows older than Options.Keep are left out.
func (l *Links) Put(ctx context.Context, rows []related.Row, upTo map[string]int64) error {
	byDay, err := l.encode(ctx, rows)
	if err != nil {
		return err
	}
	for name, list := range byDay {
		if err := l.makeDay(ctx, name, list[0].at); err != nil {
			return err
		}
	}
	cursors := map[int32]int64{}
	for name, seq := range upTo {
		c, err := l.code(ctx, l.place(name))
		if err != nil {
			return err
		}
		cursors[c] = seq
	}
	err = pgx.BeginFunc(ctx, l.pool, func(tx pgx.Tx) error {
		for name, list := range byDay {
			if err := copyInto(ctx, tx, name, list); err != nil {
				return err
			}
		}
		for c, seq := range cursors {
			if _, err := tx.Exec(ctx, `INSERT INTO plumbline_link_cursors VALUES ($1, $2) ON CONFLICT (dataset) DO UPDATE SET seq = excluded.seq`, c, seq); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("links: keep %d lines: %w", len(rows), err)
	}
	return nil
}

func copyInto(ctx context.Context, tx pgx.Tx, name string, list []link) error {
	_, err := tx.CopyFrom(ctx, pgx.Identifier{name}, []string{"at", "dataset", "seq", "x", "y"},
		pgx.CopyFromSlice(len(list), func(i int) ([]any, error) {
			k := &list[i]
			if k.y == nil {
				return []any{k.at, k.dataset, k.seq, k.x, nil}, nil
			}
			return []any{k.at, k.dataset, k.seq, k.x, k.y}, nil
		}))
	return err
}

// encode makes links of rows, by partition.
func (l *Links) encode(ctx context.Context, rows []related.Row) (map[string][]link, error) {
	byDay := map[string][]link{}
	oldest := l.o.Now().Add(-l.o.Keep).UnixNano()
	name, names := int64(-1), "" // the day of the row before
	var ids [][]byte
	for _, r := range rows {
		if r.Time < oldest || len(r.IDs) == 0 {
			continue
		}
		set, err := l.code(ctx, l.place(r.Dataset))
		if err != nil {
			return nil, err
		}
		ids = ids[:0]
		for _, d := range r.IDs {
			kind, err := l.code(ctx, d.Kind)
			if err != nil {
				return nil, err
			}
			if id := appendID(nil, kind, d.Text); !slices.ContainsFunc(ids, func(o []byte) bool { return string(o) == string(id) }) {
				ids = append(ids, id)
			}
		}
		if d := r.Time / day; d != name {
			name, names = d, dayName(r.Time)
		}
		k := link{at: r.Time, seq: r.Seq, dataset: set}
		switch len(ids) {
		case 1:
			k.x = ids[0]
			byDay[names] = append(byDay[names], k)
		case 2:
			k.x, k.y = ids[0], ids[1]
			byDay[names] = append(byDay[names], k)
		default:
			k.y = appendLine(nil, set, r.Seq)
			for _, id := range ids {
				k.x = id
				byDay[names] = append(byDay[names], k)
			}
		}
	}
	return byDay, nil
}

// makeDay makes the partition that a time falls into.
func (l *Links) makeDay(ctx context.Context, name string, at int64) error {
	l.mu.Lock()
	known := l.days[name]
	l.mu.Unlock()
	if known {
		return nil
	}
	from := at - ((at%day)+day)%day
	// The name is made of digits; the bounds cannot be parameters.
	steps := []string{
		"SELECT pg_advisory_xact_lock(" + fmt.Sprint(int64(schemaLock)) + ")",
		fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s PARTITION OF plumbline_links FOR VALUES FROM (%d) TO (%d)", name, from, from+day),
		fmt.Sprintf("CREATE INDEX IF NOT EXISTS %s_x ON %s USING hash (x)", name, name),
		fmt.Sprintf("CREATE INDEX IF NOT EXISTS %s_y ON %s USING hash (y)", name, name),
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

// Drop drops the days that end at or before a time, and says how many.
func (l *Links) Drop(ctx context.Context, before time.Time) (int, error) {
	rows, err := l.pool.Query(ctx, `SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'plumbline_links'::regclass`)
	if err != nil {
		return 0, fmt.Errorf("links: list the days: %w", err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return 0, fmt.Errorf("links: list the days: %w", err)
	}
	last, dropped := dayName(before.UnixNano()), 0
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
