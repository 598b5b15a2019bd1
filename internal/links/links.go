// Package links keeps which ids belong together in PostgreSQL, for those whose
// lines lie elsewhere or in several data centres, and finds what is related
// there as the store would.
//
// An id is found by 64 bits of its hash, so that an index holds numbers alone. A
// line is kept by its place and its ids, two to a row:
//
//	plumbline_links_20261121
//	┌───────┬──────┬──────┬────────────────────────────┐
//	│ place │ x    │ y    │ line                       │   B-trees on x and on y,
//	│ int8  │ int8 │ int8 │ time, ids; NULL: hashes    │   built anew, full, once the
//	└───────┴──────┴──────┴────────────────────────────┘   day is over
//
//	one id     x, and no y
//	two ids    x and y
//	more       whole: a row for each, y is the line's own hash; hashed: two to a row
//
// Hashes of different ids may be the same. So what is found is looked up before
// it is believed: in the row, where ids are kept whole, in the line itself where
// they are not. A collision costs a look and joins no strangers.
//
// A day is a partition, dropped whole. The place of a line has its day in front,
// so that partitions need no column of their own.
//
// Nothing is spooled for PostgreSQL beside the lines: Run follows the store by its
// numbers and keeps how far it is in the same transaction as the links. So lines
// never wait for links, a server that is slow, full or gone is caught up with
// later, and each line is linked once.
package links

import (
	"context"
	"log/slog"
	"strconv"
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

// Options of Links. URL is needed, and Lines by Run and where Hashed.
type Options struct {
	URL     string // postgres://…
	Site    string // tells the lines of several servers apart
	Lines   Lines
	Dataset func(name string) dataset.Dataset // how a dataset is declared; nil: defaults
	Keep    time.Duration                     // days older than this are dropped; 0: keepDefault; at most KeepMost
	// Hashed keeps no ids, only their hashes, in two thirds of the room. Rows are verified
	// against the lines, so this server finds its own lines alone.
	Hashed bool
	// Sync waits for PostgreSQL's disk with each batch. Without it a crash of
	// PostgreSQL's machine loses the links and how far Run was together, and Run
	// makes them again.
	Sync bool
	// Patience is how long PostgreSQL may take for a batch or for a question
	// before it is given up and asked again; 0: patienceDefault. A server that
	// hangs is one that fails.
	Patience time.Duration
	Now      func() time.Time // time.Now when nil
	Log      *slog.Logger     // slog.Default when nil
}

// keepDefault is how long links are kept: twice the week that a walk reaches.
const keepDefault = 14 * 24 * time.Hour

// KeepMost is the longest that links are kept: a place has room for 256 days.
const KeepMost = 240 * 24 * time.Hour

// patienceDefault is some hundred times what a batch takes.
const patienceDefault = time.Minute

// Links is the table of links. Any number of goroutines may use it.
type Links struct {
	o    Options
	pool *pgxpool.Pool

	kinds, places *words

	mu   sync.Mutex
	days map[string]bool // partitions that are known to be there
}

// schema is made once. The words of kinds and of places – datasets of sites – are
// few; the days are made as they come.
const schema = `
CREATE TABLE IF NOT EXISTS plumbline_link_kinds (code int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY, word bytea NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS plumbline_link_places (code int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY, word bytea NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS plumbline_link_cursors (place int4 PRIMARY KEY, seq int8 NOT NULL);
CREATE TABLE IF NOT EXISTS plumbline_links (place int8 NOT NULL, x int8 NOT NULL, y int8, line bytea) PARTITION BY RANGE (place);
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
	if o.Patience <= 0 {
		o.Patience = patienceDefault
	}
	if o.Keep > KeepMost {
		return nil, fault.New(fault.Invalid, "links: they are kept for %d days at most, not %d", KeepMost/(24*time.Hour), o.Keep/(24*time.Hour))
	}
	config, err := pgxpool.ParseConfig(o.URL)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "links: the address of PostgreSQL; write it as postgres://user@host/database")
	}
	params := config.ConnConfig.RuntimeParams
	params["application_name"] = "plumbline links"
	// Every question is a list of hashes for an index, which one scan goes through
	// in order. One plan suits all lists; statistics of a day that just began, or a
	// list looked at while planning, would only mislead and take their time.
	for _, way := range []string{"enable_seqscan", "enable_bitmapscan", "enable_hashjoin", "enable_mergejoin", "jit"} {
		params[way] = "off"
	}
	params["plan_cache_mode"] = "force_generic_plan"
	params["max_parallel_workers_per_gather"] = "0" // starting workers takes longer than they save
	params["statement_timeout"] = strconv.FormatInt(o.Patience.Milliseconds(), 10)
	params["synchronous_commit"] = "off"
	if o.Sync {
		params["synchronous_commit"] = "on"
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fault.Wrap(fault.Busy, err, "links: connect to PostgreSQL")
	}
	l := &Links{
		o: o, pool: pool, days: map[string]bool{},
		kinds:  newWords(pool, "plumbline_link_kinds"),
		places: newWords(pool, "plumbline_link_places"),
	}
	within, cancel := context.WithTimeout(ctx, o.Patience)
	defer cancel()
	if err := l.prepare(within); err != nil {
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
