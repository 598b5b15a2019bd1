// Package links keeps which ids belong together in PostgreSQL, for those whose
// lines lie elsewhere or in several data centres, and finds what is related
// there as the store would.
//
// A line is kept by its place – site, dataset, number – and its ids:
//
//	one id     x, and no y
//	two ids    x and y
//	more       a row for each: x is the id, y the line's own key
//
// so that each row has two columns of ids, an index on each, and finds its line's
// other ids in one more question at most. A day is a partition, dropped whole.
//
//	plumbline_links_20261121
//	┌────────┬─────────┬────────┬─────────┬─────────┐
//	│ at     │ dataset │ seq    │ x       │ y       │   hash indices on x and on y:
//	│ int8   │ int4    │ int8   │ bytea   │ bytea   │   only equality is asked, at any length
//	└────────┴─────────┴────────┴─────────┴─────────┘
//
// Nothing is spooled for PostgreSQL beside the lines: Run follows the store by its
// numbers and keeps how far it is in the same transaction as the links. So lines
// never wait for links, a server that is slow, full or gone is caught up with
// later, and each line is linked once.
package links

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/scan"
)

// Lines are the lines that links are made of.
type Lines interface {
	Extents(datasets []string) []scan.Extent
	Scan(ctx context.Context, will scan.Scan, read *scan.Read) ([]row.Rows, error)
}

// Options of Links. URL is needed, and Lines by Run.
type Options struct {
	URL     string // postgres://…
	Site    string // tells the lines of several servers apart
	Lines   Lines
	Dataset func(name string) dataset.Dataset // how a dataset is declared; nil: defaults
	Keep    time.Duration                     // days older than this are dropped; 0: keepDefault
	// Sync waits for PostgreSQL's disk with each batch. Without it a crash of
	// PostgreSQL's machine loses the links and how far Run was together, and Run
	// makes them again.
	Sync bool
	Now  func() time.Time // time.Now when nil
	Log  *slog.Logger     // slog.Default when nil
}

// keepDefault is how long links are kept: twice the week that a walk reaches.
const keepDefault = 14 * 24 * time.Hour

// Links is the table of links. Any number of goroutines may use it.
type Links struct {
	o    Options
	pool *pgxpool.Pool

	mu    sync.Mutex
	words map[string]int32 // names of kinds and datasets → their codes
	named map[int32]string
	days  map[string]bool // partitions that are known to be there
}

// schema is made once. The words of kinds and datasets are few; the days are
// made as they come.
const schema = `
CREATE TABLE IF NOT EXISTS plumbline_link_words (code int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY, word bytea NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS plumbline_link_cursors (dataset int4 PRIMARY KEY, seq int8 NOT NULL);
CREATE TABLE IF NOT EXISTS plumbline_links (at int8 NOT NULL, dataset int4 NOT NULL, seq int8 NOT NULL, x bytea NOT NULL, y bytea) PARTITION BY RANGE (at);
`

// schemaLock keeps servers that start at once from making the schema at once.
const schemaLock = 0x706c6d62

// Open connects and makes what is missing. A server that does not answer is
// Busy: Run tries again, Find says so.
func Open(ctx context.Context, o Options) (*Links, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Dataset == nil {
		o.Dataset = dataset.New
	}
	if o.Keep <= 0 {
		o.Keep = keepDefault
	}
	config, err := pgxpool.ParseConfig(o.URL)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "links: the address of PostgreSQL; write it as postgres://user@host/database")
	}
	params := config.ConnConfig.RuntimeParams
	params["application_name"] = "plumbline links"
	// Every question names ids that an index finds; statistics of a day that just
	// began would make the planner read it whole.
	for _, way := range []string{"enable_seqscan", "enable_hashjoin", "enable_mergejoin", "jit"} {
		params[way] = "off"
	}
	params["max_parallel_workers_per_gather"] = "0" // starting workers takes longer than they save
	// A server that hangs is one that fails: what it was asked is asked again.
	params["statement_timeout"] = "60s"
	params["synchronous_commit"] = "off"
	if o.Sync {
		params["synchronous_commit"] = "on"
	}
	// A plan for any list of ids suits none: each list is planned for itself.
	config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fault.Wrap(fault.Busy, err, "links: connect to PostgreSQL")
	}
	l := &Links{o: o, pool: pool, words: map[string]int32{}, named: map[int32]string{}, days: map[string]bool{}}
	if err := l.prepare(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	return l, nil
}

func (l *Links) prepare(ctx context.Context) error {
	err := pgx.BeginFunc(ctx, l.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", int64(schemaLock)); err != nil {
			return err
		}
		for step := range strings.SplitSeq(schema, ";\n") {
			if strings.TrimSpace(step) == "" {
				continue
			}
			if _, err := tx.Exec(ctx, step); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fault.Wrap(fault.Busy, err, "links: make the tables in PostgreSQL")
	}
	return nil
}

// place is the name of a dataset among those of all sites.
func (l *Links) place(dataset string) string {
	if l.o.Site == "" {
		return dataset
	}
	return l.o.Site + "/" + dataset
}

// Close lets go of the connections.
func (l *Links) Close() { l.pool.Close() }

// code is the code of a word, a new one when it is seen first.
func (l *Links) code(ctx context.Context, word string) (int32, error) {
	l.mu.Lock()
	c, known := l.words[word]
	l.mu.Unlock()
	if known {
		return c, nil
	}
	// The update changes nothing; it makes the row come back when it was there.
	const upsert = `INSERT INTO plumbline_link_words (word) VALUES ($1) ON CONFLICT (word) DO UPDATE SET word = excluded.word RETURNING code`
	if err := l.pool.QueryRow(ctx, upsert, []byte(word)).Scan(&c); err != nil {
		return 0, fmt.Errorf("links: the code of %q: %w", word, err)
	}
	l.learn(word, c)
	return c, nil
}

// known is code for words that need not be there: ok is false when it is not.
func (l *Links) known(ctx context.Context, word string) (c int32, ok bool, err error) {
	l.mu.Lock()
	c, ok = l.words[word]
	l.mu.Unlock()
	if ok {
		return c, true, nil
	}
	err = l.pool.QueryRow(ctx, "SELECT code FROM plumbline_link_words WHERE word = $1", []byte(word)).Scan(&c)
	if err == pgx.ErrNoRows {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("links: the code of %q: %w", word, err)
	}
	l.learn(word, c)
	return c, true, nil
}

func (l *Links) learn(word string, c int32) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.words[word], l.named[c] = c, word
}

// word is the word of a code.
func (l *Links) word(ctx context.Context, c int32) (string, error) {
	l.mu.Lock()
	word, known := l.named[c]
	l.mu.Unlock()
	if known {
		return word, nil
	}
	var text []byte // names of fields are the senders', zero bytes and all
	if err := l.pool.QueryRow(ctx, "SELECT word FROM plumbline_link_words WHERE code = $1", c).Scan(&text); err != nil {
		return "", fmt.Errorf("links: the word of code %d: %w", c, err)
	}
	word = string(text)
	l.learn(word, c)
	return word, nil
}
