package links

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/related"
	"github.com/plumbline/plumbline/internal/row"
)

// Find offers the lines that hold one of a hop's ids, as a walk asks: all ids of
// the hop at once, on every day it reaches.
func (l *Links) Find(ctx context.Context, hop *related.Hop) error {
	ctx, cancel := context.WithTimeout(ctx, l.o.Patience)
	defer cancel()
	wanted := make([]int64, 0, len(hop.IDs))
	var id []byte
	for _, d := range hop.IDs {
		kind, ok, err := l.kinds.known(ctx, d.Kind)
		if err != nil {
			return err
		}
		if ok {
			id = appendID(id[:0], kind, d.Text)
			wanted = append(wanted, hashOf(id))
		}
	}
	f := finding{links: l, hop: hop, open: map[int64]*related.Row{}, hashed: map[spot]bool{}}
	if err := f.read(ctx, byEither, wanted); err != nil {
		return err
	}
	if err := f.read(ctx, byLine, f.lines); err != nil {
		return err
	}
	f.offer()
	return f.verify(ctx)
}

// The questions: for the links of ids, and for those of lines of many ids, by
// the lines' own hashes.
const (
	byEither = byX + " UNION ALL " + byLine
	byX      = "SELECT place, x, y, line FROM plumbline_links WHERE x = ANY($1) AND place BETWEEN $2 AND $3"
	byLine   = "SELECT place, x, y, line FROM plumbline_links WHERE y = ANY($1) AND place BETWEEN $2 AND $3"
)

// finding is the lines found for a hop.
type finding struct {
	links *Links

	mu     sync.Mutex // guards what follows, while two connections read
	hop    *related.Hop
	open   map[int64]*related.Row // lines with more than two ids, of which not all were seen
	order  []int64                // their places
	lines  []int64                // their hashes
	hashed map[spot]bool          // lines that are known by hashes alone
}

// reach is the least and the greatest place of the days of a hop, twice where
// the count of days begins anew among them.
func (f *finding) reach() [][2]int64 {
	now := dayOf(f.links.o.Now().UnixNano())
	const keep, ahead = int64(KeepMost) / dayNanos, 7
	from, to := max(dayOf(f.hop.From), now-keep), min(dayOf(f.hop.To-1), now+ahead)
	if from > to {
		return nil
	}
	least, most := firstPlace(from), firstPlace(to)|(1<<dayBits-1)
	if least <= most {
		return [][2]int64{{least, most}}
	}
	return [][2]int64{{least, math.MaxInt64}, {math.MinInt64, most}}
}

// read reads links. A line of one or two ids is offered at once, so that a walk
// can say early that it has enough.
func (f *finding) read(ctx context.Context, text string, hashes []int64) error {
	if len(hashes) == 0 || f.hop.Enough() {
		return nil
	}
	halves := [][]int64{hashes}
	if len(hashes) >= manyHashes {
		halves = [][]int64{hashes[:len(hashes)/2], hashes[len(hashes)/2:]}
	}
	for _, r := range f.reach() {
		failed := make([]error, len(halves))
		var asking sync.WaitGroup
		for i, half := range halves {
			asking.Go(func() {
				defer func() {
					if c := fault.Crashed(recover()); c != nil {
						failed[i] = c
					}
				}()
				failed[i] = f.readRange(ctx, text, half, r)
			})
		}
		asking.Wait()
		if err := errors.Join(failed...); err != nil {
			return fmt.Errorf("links: look for %d ids: %w", len(hashes), err)
		}
	}
	return nil
}

// manyHashes are worth two connections, of which each looks for half.
const manyHashes = 2000

func (f *finding) readRange(ctx context.Context, text string, hashes []int64, places [2]int64) error {
	ctx, stop := context.WithCancel(ctx) // what is left of an answer is not waited for
	defer stop()
	rows, err := f.links.pool.Query(ctx, text, hashes, places[0], places[1])
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		enough, err := f.take(ctx, rows)
		if err != nil {
			return err
		}
		if enough {
			stop()
			return nil
		}
	}
	return rows.Err()
}

// take takes in a link, and reports whether the walk has enough.
func (f *finding) take(ctx context.Context, rows pgx.Rows) (enough bool, err error) {
	var place, x int64
	var y *int64
	var line []byte
	if err := rows.Scan(&place, &x, &y, &line); err != nil {
		return false, fmt.Errorf("read a link: %w", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	err = f.add(ctx, place, y, line)
	return f.hop.Enough(), err
}

func (f *finding) add(ctx context.Context, place int64, y *int64, line []byte) error {
	at := spotOf(place)
	if line == nil {
		f.hashed[at] = true
		return nil
	}
	n := 1
	many := y != nil && *y == hashOfLine(place)
	if y != nil && !many {
		n = 2
	}
	time, ids, err := readLine(line, n)
	if err != nil {
		return err
	}
	r := f.open[place]
	if r == nil {
		r = &related.Row{Time: time, Seq: at.seq}
		if r.Dataset, err = f.dataset(ctx, at.dataset); err != nil {
			return err
		}
	}
	for _, id := range ids[:n] {
		if err := f.addID(ctx, r, id); err != nil {
			return err
		}
	}
	switch {
	case !many:
		f.hop.Offer(*r)
	case f.open[place] == nil:
		f.open[place] = r
		f.order, f.lines = append(f.order, place), append(f.lines, *y)
	}
	return nil
}

// dataset is the name of a place: those of this server are known by their own.
func (f *finding) dataset(ctx context.Context, code int32) (string, error) {
	name, err := f.links.places.word(ctx, code)
	if site := f.links.o.Site; site != "" {
		name = strings.TrimPrefix(name, site+"/")
	}
	return name, err
}

func (f *finding) addID(ctx context.Context, r *related.Row, data []byte) error {
	code, text, err := readID(data)
	if err != nil {
		return err
	}
	kind, err := f.links.kinds.word(ctx, code)
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

// mostVerified lines are read at a time, so that a hub ends the reading early;
// lines further apart than farApart by themselves, so that what lies between is
// passed over by its numbers.
const mostVerified, farApart = 8192, 64 << 10

// near cuts rising numbers into runs that are read together.
func near(seqs []int64) (runs [][]int64) {
	for first, i := 0, 1; i <= len(seqs); i++ {
		if i == len(seqs) || seqs[i]-seqs[i-1] > farApart || i-first == mostVerified {
			runs, first = append(runs, seqs[first:i]), i
		}
	}
	return runs
}

// verify reads the lines that are known by hashes alone, and offers those that
// are there. Lines of other servers cannot be read; that is said.
func (f *finding) verify(ctx context.Context) error {
	bySet := map[int32][]int64{}
	for s := range f.hashed {
		bySet[s.dataset] = append(bySet[s.dataset], s.seq)
	}
	var elsewhere []string
	for set, seqs := range bySet {
		name, err := f.dataset(ctx, set)
		if err != nil {
			return err
		}
		if strings.Contains(name, "/") {
			elsewhere = append(elsewhere, name)
			continue
		}
		seqs = slices.DeleteFunc(seqs, func(seq int64) bool { return f.hop.Knows(name, seq) })
		slices.Sort(seqs)
		for _, some := range near(seqs) {
			if f.hop.Enough() {
				return nil
			}
			rows, err := f.links.lines(ctx, name, numbered(some))
			if err != nil {
				return err
			}
			for _, r := range rows {
				f.hop.Offer(r)
			}
		}
	}
	if len(elsewhere) > 0 {
		slices.Sort(elsewhere)
		return fault.New(fault.Busy, "%s keep hashes, not ids: only their own server finds their lines", strings.Join(elsewhere, ", "))
	}
	return nil
}

// numbered finds lines by their numbers, of which there is at least one, rising.
func numbered(seqs []int64) expr.Expr {
	list := make([]expr.Pattern, len(seqs))
	for i, n := range seqs {
		list[i] = expr.LiteralPattern(fmt.Sprint(n))
	}
	return expr.Conjunction(
		seqIs(expr.Ge, seqs[0]), seqIs(expr.Le, seqs[len(seqs)-1]),
		&expr.In{X: &expr.Field{Name: row.FieldSeq}, List: list, ByLetter: true},
	)
}

func seqIs(op expr.Op, n int64) expr.Expr {
	return &expr.Compare{Field: row.FieldSeq, Op: op, Pattern: expr.LiteralPattern(fmt.Sprint(n))}
}
