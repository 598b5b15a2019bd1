//go:build system && linux

package links_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/links"
	"github.com/plumbline/plumbline/internal/postgrestest"
	"github.com/plumbline/plumbline/internal/related"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/store/memory"
)

// TestLinksWaitInTheStore: lines go in while PostgreSQL is gone, hangs, or is
// full; no line waits, and afterwards each is linked once.
func TestLinksWaitInTheStore(t *testing.T) {
	for _, c := range []struct {
		name     string
		settings []string
		// trouble gives the address, and how trouble begins and ends.
		trouble func(t *testing.T, pg *postgrestest.Server) (url string, begin, end func())
	}{
		{"gone", nil, func(_ *testing.T, pg *postgrestest.Server) (string, func(), func()) { // with fsync: it is killed
			return pg.URL(), pg.Stop, pg.Start
		}},
		{"hangs", []string{"fsync=off"}, func(t *testing.T, pg *postgrestest.Server) (string, func(), func()) {
			url, hold := pg.Stall(t)
			return url, func() { hold(true) }, func() { hold(false) }
		}},
		{"full", []string{"fsync=off", "--wal-segsize=1"}, func(_ *testing.T, pg *postgrestest.Server) (string, func(), func()) {
			return pg.URL(), func() { pg.Fill(1 << 20) }, func() { pg.Fill(0) }
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			pg := postgrestest.Start(t, c.settings...)
			url, begin, end := c.trouble(t, pg)
			store := memory.Open(expr.Env{Now: suiteNow.UnixNano(), Zone: time.UTC})
			log := &logged{}
			l, err := links.Open(t.Context(), links.Options{
				URL: url, Lines: store, Sync: true, Patience: time.Second, Now: func() time.Time { return suiteNow }, Log: slog.New(slog.NewTextHandler(log, nil)),
			})
			check(t, err)
			defer l.Close()
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			ended := make(chan error, 1)
			go func() { ended <- l.Run(ctx) }()
			const batches, each = 12, 2000 // together more than a full disk takes
			for i := range batches {
				switch i {
				case 3, 7:
					begin()
				case 5:
					end()
				}
				b := row.NewBuilder("app")
				for k := range each {
					b.Begin(suiteNow.UnixNano() - int64(i*each+k)*1e6)
					b.Text([]byte("m_id"), fmt.Appendf(nil, "m%d", i*each+k))
					b.Text([]byte("b_id"), fmt.Appendf(nil, "b%d", k))
				}
				began := time.Now()
				check(t, store.Append(t.Context(), b.Batch()))
				if waited := time.Since(began); waited > 10*time.Second {
					t.Fatalf("lines waited %s for links", waited) // they would for ever, not for seconds
				}
			}
			until(t, "the trouble is met", func() bool { return strings.Contains(log.text(), "links wait in the store") })
			end()
			until(t, "all lines are linked", func() bool {
				n, err := l.Behind(t.Context())
				return err == nil && n == 0
			})
			until(t, "the end of the trouble is said", func() bool { return strings.Contains(log.text(), "takes links again") })
			for _, k := range []int{0, 7, each - 1} {
				a, err := related.Walk(t.Context(), []related.Row{{Time: suiteNow.UnixNano(), IDs: []related.ID{{Kind: "b_id", Text: fmt.Sprintf("b%d", k)}}}}, defaults(), &placed{Links: l})
				check(t, err)
				if n := len(a.Steps) - 1; n != batches {
					t.Errorf("%d lines are linked by b%d, of %d", n, k, batches)
				}
			}
			stop()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
	}
}

// logged is a log that is read while it is written.
type logged struct {
	mu  sync.Mutex
	all strings.Builder
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(p)
}

func (l *logged) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}

func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within a minute: %s", what)
		}
	}
}

func TestLinksThatCannotBe(t *testing.T) {
	if _, err := links.Open(t.Context(), links.Options{URL: "postgres://nobody@127.0.0.1:1/x?connect_timeout=1"}); !fault.Is(err, fault.Busy) {
		t.Errorf("no server: %v", err)
	}
	if _, err := links.Open(t.Context(), links.Options{URL: "mysql://x"}); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "write it as postgres://") {
		t.Errorf("no address: %v", err)
	}
	pg := postgrestest.Start(t, "fsync=off")
	l, err := links.Open(t.Context(), links.Options{URL: pg.URL()})
	check(t, err)
	defer l.Close()
	pg.Stop()
	hop := []related.Row{{Time: 1, IDs: []related.ID{{Kind: "a_id", Text: "1"}}}}
	if _, err := related.Walk(t.Context(), hop, defaults(), l); err == nil {
		t.Error("a server that is gone answers")
	}
}

// TestQuestionsDoNotHang: a server that hangs holds up a question for its
// patience, and the next is answered once it goes on.
func TestQuestionsDoNotHang(t *testing.T) {
	pg := postgrestest.Start(t, "fsync=off")
	url, hold := pg.Stall(t)
	l, err := links.Open(t.Context(), links.Options{URL: url, Patience: time.Second, Now: func() time.Time { return suiteNow }})
	check(t, err)
	defer l.Close()
	start := []related.Row{{Time: suiteNow.UnixNano(), Dataset: "app", Seq: 1, IDs: []related.ID{{Kind: "a_id", Text: "1"}}}}
	check(t, l.Put(t.Context(), start, nil))
	hold(true)
	if _, err := related.Walk(t.Context(), start, defaults(), &placed{Links: l}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a server that hangs answers: %v", err)
	}
	hold(false)
	if _, err := related.Walk(t.Context(), start, defaults(), &placed{Links: l}); err != nil {
		t.Error(err)
	}
}

// TestCollisionsJoinNoStrangers: links whose hashes are alike, as those of
// different ids may be, are told apart by the lines.
func TestCollisionsJoinNoStrangers(t *testing.T) {
	for _, hashed := range []bool{false, true} {
		lines := linesOf([]string{"m_id=1 r_id=2", "r_id=2", "x_id=8 y_id=9", "y_id=9"})
		store := memory.Open(expr.Env{Now: suiteNow.UnixNano(), Zone: time.UTC})
		for _, b := range batchesOf(lines, 10) {
			check(t, store.Append(t.Context(), b))
		}
		pg := postgrestest.Start(t, "fsync=off")
		l, err := links.Open(t.Context(), links.Options{URL: pg.URL(), Hashed: hashed, Lines: store, Now: func() time.Time { return suiteNow }})
		check(t, err)
		defer l.Close()
		_, err = l.Follow(t.Context())
		check(t, err)
		c, err := pgx.Connect(t.Context(), pg.URL())
		check(t, err)
		defer c.Close(t.Context())
		// Every line now has the hash of the first one's first id.
		_, err = c.Exec(t.Context(), "UPDATE plumbline_links SET x = (SELECT x FROM plumbline_links ORDER BY place LIMIT 1)")
		check(t, err)
		n := map[string]int{}
		for i, line := range lines {
			n[placeOf(line.row)] = i
		}
		if got := overLinks(t, l, []related.Row{lines[0].row}, n, defaults()); got != "0/0" && got != "0/0 1/1/r_id=2" {
			t.Errorf("hashed %v: %s", hashed, got)
		}
	}
}

// TestManyNeighboursInLinks: a hub of very many lines ends the question early,
// and the rest is found all the same.
func TestManyNeighboursInLinks(t *testing.T) {
	l := opened(t, "fsync=off")
	const lines = 150_000
	rows := make([]related.Row, lines)
	for i := range rows {
		rows[i] = related.Row{Time: suiteNow.UnixNano() - int64(i)*1e6, Dataset: "app", Seq: int64(i + 1), IDs: []related.ID{{Kind: "b_id", Text: "all"}, {Kind: "m_id", Text: fmt.Sprint(i % (lines / 2))}}}
	}
	check(t, l.Put(t.Context(), rows, nil))
	a, err := related.Walk(t.Context(), rows[7:8], defaults(), &placed{Links: l})
	check(t, err)
	if len(a.Steps) != 2 || len(a.Cuts) != 1 || a.Cuts[0].Cap != related.Degree {
		t.Errorf("%d rows, %v", len(a.Steps), a.Cuts)
	}
}

func opened(t testing.TB, settings ...string) *links.Links {
	t.Helper()
	l, err := links.Open(t.Context(), links.Options{URL: postgrestest.Start(t, settings...).URL(), Now: func() time.Time { return suiteNow }})
	check(t, err)
	t.Cleanup(l.Close)
	return l
}

// TestManyIDsAtOnce: a bulk of thousands of messages and their reports is found
// whole, each line once.
func TestManyIDsAtOnce(t *testing.T) {
	l := opened(t, "fsync=off")
	const messages = 3000
	var rows []related.Row
	for i := range messages {
		m := related.ID{Kind: "m_id", Text: fmt.Sprint(i)}
		at := suiteNow.UnixNano() - int64(i)*1e9
		rows = append(rows,
			related.Row{Time: at, Dataset: "app", Seq: int64(2*i + 1), IDs: []related.ID{{Kind: "b_id", Text: "all"}, m}},
			related.Row{Time: at, Dataset: "app", Seq: int64(2*i + 2), IDs: []related.ID{m, {Kind: "r_id", Text: fmt.Sprint(i)}, {Kind: "x_id", Text: fmt.Sprint(i)}}})
	}
	check(t, l.Put(t.Context(), rows, nil))
	caps := defaults()
	caps.IDs, caps.Degree = 4*messages, 2*messages
	a, err := related.Walk(t.Context(), rows[1:2], caps, &placed{Links: l})
	check(t, err)
	if len(a.Steps) != 2*messages || len(a.Cuts) != 0 {
		t.Errorf("%d lines of %d, %v", len(a.Steps), 2*messages, a.Cuts)
	}
}

// TestDaysAreDropped: what is older goes by the day, and what is too old is not
// taken.
func TestDaysAreDropped(t *testing.T) {
	l := opened(t, "fsync=off")
	id := []related.ID{{Kind: "a_id", Text: "1"}}
	const day = int64(24 * time.Hour)
	var rows []related.Row
	for i := range int64(20) {
		rows = append(rows, related.Row{Time: suiteNow.UnixNano() - i*day, Dataset: "app", Seq: i + 1, IDs: id})
	}
	check(t, l.Put(t.Context(), rows, nil))
	count := func() int {
		caps := defaults()
		caps.Within = 100 * day
		a, err := related.Walk(t.Context(), []related.Row{{Time: suiteNow.UnixNano(), IDs: id}}, caps, &placed{Links: l})
		check(t, err)
		return len(a.Steps) - 1
	}
	if n := count(); n != 15 { // of 14 days, and the one that ends them
		t.Errorf("%d lines are kept", n)
	}
	dropped, err := l.Drop(t.Context(), suiteNow.Add(-5*24*time.Hour))
	check(t, err)
	if n := count(); n != 6 || dropped != 9 {
		t.Errorf("%d days dropped, %d lines left", dropped, n)
	}
	check(t, l.Put(t.Context(), rows, nil)) // the days are made again
	if n := count(); n != 15 {              // each line once
		t.Errorf("%d lines after days were made again", n)
	}
}
