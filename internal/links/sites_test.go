//go:build system && linux

package links_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/links"
	"github.com/plumbline/plumbline/internal/postgrestest"
	"github.com/plumbline/plumbline/internal/query"
	"github.com/plumbline/plumbline/internal/related"
	"github.com/plumbline/plumbline/internal/store/memory"
)

// TestSitesShareLinks: a walk on one server reaches lines of another, its own
// lines once and whole, and only what may be read; without PostgreSQL it says
// what is left out.
func TestSitesShareLinks(t *testing.T) {
	pg := postgrestest.Start(t, "fsync=off")
	server := func(site string, lines ...string) (*links.Links, *memory.Store) {
		s := memory.Open(expr.Env{Now: suiteNow.UnixNano(), Zone: time.UTC})
		for _, b := range batchesOf(linesOf(lines), 10) {
			check(t, s.Append(t.Context(), b))
		}
		l, err := links.Open(t.Context(), links.Options{URL: pg.URL(), Site: site, Lines: s, Now: func() time.Time { return suiteNow }})
		check(t, err)
		t.Cleanup(l.Close)
		_, err = l.Follow(t.Context())
		check(t, err)
		return l, s
	}
	here, store := server("fra", "m_id=1", "m_id=1 o_id=2", "r_id=3")
	server("zag", "o_id=2 r_id=3", "o_id=2 @secret")
	ask := func(datasets ...string) (string, query.Meta) {
		e := query.New(query.Options{Source: store, Links: here, Now: func() time.Time { return suiteNow }})
		a, err := e.Ask(t.Context(), query.Request{Text: "n=0 | related | sort _distance, _dataset | table _dataset, n, _distance, _via", Datasets: datasets})
		check(t, err)
		defer a.Close()
		var out []string
		for b, err := range a.Rows() {
			check(t, err)
			for i := range b.Len {
				out = append(out, fmt.Sprintf("%s:%s/%s", b.Col("_dataset").Value(i).Text(), b.Col("n").Value(i).Text(), b.Col("_distance").Value(i).Text()))
			}
		}
		return strings.Join(out, " "), a.Meta()
	}
	if got, _ := ask(); got != "app:0/0 app:1/1 zag/app:/2 zag/secret:/2 app:2/3" {
		t.Error(got)
	}
	if got, _ := ask("app"); got != "app:0/0 app:1/1 zag/app:/2 app:2/3" {
		t.Errorf("who may read app sees %s", got)
	}
	pg.Stop()
	got, meta := ask()
	if got != "app:0/0 app:1/1" || !meta.Partial || !strings.Contains(strings.Join(meta.Notes, " "), "lines of other servers are left out") {
		t.Errorf("without PostgreSQL %s, %v", got, meta.Notes)
	}
}

var _ related.Need = (*links.Links)(nil)
