//go:build system && unix

package links_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/links"
	"github.com/plumbline/plumbline/internal/postgrestest"
	"github.com/plumbline/plumbline/internal/related"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/store/memory"
)

// TestLinksWaitInTheStore: lines go in while PostgreSQL is stopped, killed and
// started; afterwards each is linked once.
func TestLinksWaitInTheStore(t *testing.T) {
	pg := postgrestest.Start(t) // with fsync: it is killed
	store := memory.Open(expr.Env{Now: suiteNow.UnixNano(), Zone: time.UTC})
	l, err := links.Open(t.Context(), links.Options{URL: pg.URL(), Lines: store, Sync: true, Now: func() time.Time { return suiteNow }, Log: slog.New(slog.DiscardHandler)})
	check(t, err)
	defer l.Close()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- l.Run(ctx) }()
	const lines, each = 12, 50
	for i := range lines {
		b := row.NewBuilder("app")
		for k := range each {
			b.Begin(suiteNow.UnixNano() - int64(i*each+k)*1e6)
			b.Text([]byte("m_id"), fmt.Appendf(nil, "m%d", i*each+k))
			b.Text([]byte("b_id"), []byte("all"))
		}
		began := time.Now()
		check(t, store.Append(t.Context(), b.Batch()))
		if waited := time.Since(began); waited > 10*time.Second {
			t.Fatalf("lines waited %s for links", waited) // they would for ever, not for seconds
		}
		switch i {
		case 3, 7:
			pg.Stop()
		case 5, 9:
			pg.Start()
		}
	}
	for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		if n, err := l.Behind(t.Context()); err == nil && n == 0 {
			break
		} else if time.Now().After(end) {
			t.Fatalf("still %d lines behind: %v", n, err)
		}
	}
	caps := defaults()
	a, err := related.Walk(t.Context(), []related.Row{{Time: suiteNow.UnixNano(), IDs: []related.ID{{Kind: "b_id", Text: "all"}}}}, caps, &placed{Links: l})
	check(t, err)
	if n := len(a.Steps) - 1; n != lines*each {
		t.Errorf("%d lines are linked, of %d", n, lines*each)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
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
