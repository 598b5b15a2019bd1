package links

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/plumbline/plumbline/internal/related"
)

// link is a row of the table.
type link struct {
	place, x int64
	y        *int64 // nil: none
	line     []byte // nil: hashes alone
}

// Put keeps rows, and that lines of their datasets up to these numbers are
// kept; both or nothing. Rows older than Options.Keep are left out.
func (l *Links) Put(ctx context.Context, rows []related.Row, upTo map[string]int64) error {
	byDay, err := l.encode(ctx, rows)
	if err != nil {
		return err
	}
	for day := range byDay {
		if err := l.makeDay(ctx, day); err != nil {
			return err
		}
	}
	cursors := map[int32]int64{}
	for name, seq := range upTo {
		c, err := l.places.code(ctx, l.place(name))
		if err != nil {
			return err
		}
		cursors[c] = seq
	}
	err = pgx.BeginFunc(ctx, l.pool, func(tx pgx.Tx) error {
		for day, list := range byDay {
			if err := copyInto(ctx, tx, dayName(day), list); err != nil {
				return err
			}
		}
		for c, seq := range cursors {
			if _, err := tx.Exec(ctx, `INSERT INTO plumbline_link_cursors VALUES ($1, $2) ON CONFLICT (place) DO UPDATE SET seq = excluded.seq`, c, seq); err != nil {
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
	row := make([]any, 4)
	_, err := tx.CopyFrom(ctx, pgx.Identifier{name}, []string{"place", "x", "y", "line"},
		pgx.CopyFromSlice(len(list), func(i int) ([]any, error) {
			k := &list[i]
			row[0], row[1], row[2], row[3] = k.place, k.x, k.y, k.line
			return row, nil
		}))
	return err
}

// encode makes links of rows, by day.
func (l *Links) encode(ctx context.Context, rows []related.Row) (map[int64][]link, error) {
	byDay := map[int64][]link{}
	oldest := l.o.Now().Add(-l.o.Keep).UnixNano()
	var ids [][]byte
	for _, r := range rows {
		if r.Time < oldest || len(r.IDs) == 0 {
			continue
		}
		set, err := l.places.code(ctx, l.place(r.Dataset))
		if err != nil {
			return nil, err
		}
		ids = ids[:0]
		for _, d := range r.IDs {
			kind, err := l.kinds.code(ctx, d.Kind)
			if err != nil {
				return nil, err
			}
			if id := appendID(nil, kind, d.Text); !slices.ContainsFunc(ids, func(o []byte) bool { return string(o) == string(id) }) {
				ids = append(ids, id)
			}
		}
		day := dayOf(r.Time)
		place, err := placeOf(day, spot{set, r.Seq})
		if err != nil {
			return nil, err
		}
		byDay[day] = l.appendLinks(byDay[day], place, r.Time, ids)
	}
	return byDay, nil
}

// appendLinks appends the links of a line.
func (l *Links) appendLinks(list []link, place, at int64, ids [][]byte) []link {
	if len(ids) > 2 && !l.o.Hashed {
		y := hashOfLine(place)
		for _, id := range ids {
			list = append(list, link{place, hashOf(id), &y, appendLine(nil, at, id)})
		}
		return list
	}
	for pair := range slices.Chunk(ids, 2) {
		k := link{place: place, x: hashOf(pair[0])}
		if len(pair) == 2 {
			y := hashOf(pair[1])
			k.y = &y
		}
		if !l.o.Hashed {
			k.line = appendLine(nil, at, pair...)
		}
		list = append(list, k)
	}
	return list
}
