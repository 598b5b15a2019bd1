package links

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/plumbline/plumbline/internal/related"
)

// Find offers the lines that hold one of a hop's ids, as a walk asks: all ids of
// the hop at once, on every day it reaches.
func (l *Links) Find(ctx context.Context, hop *related.Hop) error {
	wanted := make([][]byte, 0, len(hop.IDs))
	for _, d := range hop.IDs {
		kind, ok, err := l.known(ctx, d.Kind)
		if err != nil {
			return err
		}
		if ok {
			wanted = append(wanted, appendID(nil, kind, d.Text))
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	f := finding{links: l, hop: hop, open: map[spot]*related.Row{}}
	if err := f.read(ctx, question(wanted, "x", "y"), wanted, hop.From, hop.To); err != nil {
		return err
	}
	if len(f.keys) > 0 && !hop.Enough() {
		if err := f.read(ctx, question(f.keys, "y"), f.keys, f.from, f.to+1); err != nil {
			return err
		}
	}
	f.offer()
	return nil
}

// manyIDs are looked up one by one, as a join. Of fewer, a bitmap is made at
// once; but it compares each row that it finds with all of them, since a hash
// index knows no more than hashes.
const manyIDs = 100

// question is the text that finds the links of ids in some columns.
func question(ids [][]byte, columns ...string) string {
	form := "SELECT at, dataset, seq, x, y FROM plumbline_links WHERE at >= $2 AND at < $3 AND %s = ANY($1)"
	if len(ids) >= manyIDs {
		form = "SELECT l.at, l.dataset, l.seq, l.x, l.y FROM unnest($1::bytea[]) AS w (id) JOIN plumbline_links l ON l.%s = w.id WHERE l.at >= $2 AND l.at < $3"
	}
	parts := make([]string, len(columns))
	for i, c := range columns {
		parts[i] = fmt.Sprintf(form, c)
	}
	return strings.Join(parts, " UNION ALL ")
}

// spot is where a line lies.
type spot struct {
	dataset int32
	seq     int64
}

// finding is the lines found for a hop.
type finding struct {
	links    *Links
	hop      *related.Hop
	open     map[spot]*related.Row // lines with more than two ids, of which not all were seen
	order    []spot
	keys     [][]byte // of those lines
	from, to int64    // their times
}

// read reads links. A line of one or two ids is offered at once, so that a walk
// can say early that it has enough.
func (f *finding) read(ctx context.Context, text string, ids [][]byte, from, to int64) error {
	ctx, stop := context.WithCancel(ctx) // what is left of an answer is not waited for
	defer stop()
	rows, err := f.links.pool.Query(ctx, text, ids, from, to)
	if err != nil {
		return fmt.Errorf("links: look for %d ids: %w", len(ids), err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := f.take(ctx, rows); err != nil {
			return err
		}
		if f.hop.Enough() {
			stop()
			return nil
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("links: look for %d ids: %w", len(ids), err)
	}
	return nil
}

func (f *finding) take(ctx context.Context, rows pgx.Rows) error {
	var at, seq int64
	var set int32
	var x, y []byte
	if err := rows.Scan(&at, &set, &seq, &x, &y); err != nil {
		return fmt.Errorf("links: read a link: %w", err)
	}
	r := related.Row{Time: at, Seq: seq}
	var err error
	if r.Dataset, err = f.links.word(ctx, set); err != nil {
		return err
	}
	if l := f.links; l.o.Site != "" { // those of this server are known by their own name
		r.Dataset = strings.TrimPrefix(r.Dataset, l.o.Site+"/")
	}
	if isLine(y) {
		place := spot{set, seq}
		if f.open[place] == nil {
			if len(f.open) == 0 {
				f.from, f.to = math.MaxInt64, math.MinInt64
			}
			f.open[place] = &r
			f.order, f.keys = append(f.order, place), append(f.keys, y)
			f.from, f.to = min(f.from, at), max(f.to, at)
		}
		return f.addID(ctx, f.open[place], x)
	}
	if err := f.addID(ctx, &r, x); err != nil {
		return err
	}
	if y != nil {
		if err := f.addID(ctx, &r, y); err != nil {
			return err
		}
	}
	f.hop.Offer(r)
	return nil
}

func (f *finding) addID(ctx context.Context, r *related.Row, data []byte) error {
	code, text, err := readID(data)
	if err != nil {
		return err
	}
	kind, err := f.links.word(ctx, code)
	if err == nil {
		r.IDs = append(r.IDs, related.ID{Kind: kind, Text: text})
	}
	return err
}

// offer hands out the lines with more than two ids.
func (f *finding) offer() {
	for _, place := range f.order {
		f.hop.Offer(*f.open[place])
	}
}

// Bytes is what the links take on PostgreSQL's disk, indices with them.
func (l *Links) Bytes(ctx context.Context) (n int64, err error) {
	err = l.pool.QueryRow(ctx, `SELECT coalesce(sum(pg_total_relation_size(inhrelid)), 0)::int8 FROM pg_inherits WHERE inhparent = 'plumbline_links'::regclass`).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("links: their size: %w", err)
	}
	return n, nil
}
