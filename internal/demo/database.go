package demo

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/plumbline/plumbline/sdk/line"
)

// database keeps the rows of the service in memory, and costs what a database
// costs: a connection of a pool, and a wait for every query.
type database struct {
	connections chan struct{}
	dice        *dice
	writes      atomic.Uint64

	mu       sync.Mutex
	charges  *table[charge]
	messages *table[message]
	sent     *table[string] // operator_id → message_id
}

type charge struct {
	ID     string `json:"id"`
	User   string `json:"user"`
	Amount int    `json:"amount"`
	Left   int    `json:"refundable"`
}

const (
	poolSize  = 32
	usualWait = 400 * time.Microsecond // of a query by its key
	// Rows of the last ten minutes or so; older ones make room.
	maxRows = 20_000
	// Every so many writes two of them meet in a deadlock, as in any busy
	// database: some three in a minute for each ten writes a second.
	deadlockEvery = 61
)

var errDeadlock = errors.New("database: deadlock detected, transaction rolled back")

func newDatabase(d *dice) *database {
	return &database{
		connections: make(chan struct{}, poolSize), dice: d,
		charges: newTable[charge](maxRows), messages: newTable[message](maxRows), sent: newTable[string](maxRows),
	}
}

// read runs queries that change nothing; n of them before use sees the tables.
func (d *database) read(ctx context.Context, n int, use func()) error {
	for range n {
		if err := d.query(ctx); err != nil {
			return err
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	use()
	return nil
}

// write is a transaction of n queries.
func (d *database) write(ctx context.Context, n int, use func()) error {
	if d.writes.Add(1)%deadlockEvery == 0 {
		if err := d.query(ctx); err != nil {
			return err
		}
		return errDeadlock
	}
	return d.read(ctx, n+1, use) // the commit is one more
}

func (d *database) query(ctx context.Context) error {
	defer line.Database.Start(ctx).End()
	select {
	case d.connections <- struct{}{}:
		defer func() { <-d.connections }()
	case <-ctx.Done():
		return ctx.Err()
	}
	return sleep(ctx, d.dice.around(usualWait))
}

// table keeps the newest rows by their key.
type table[V any] struct {
	rows   map[string]V
	oldest []string // a ring of keys
	next   int
	limit  int
}

func newTable[V any](limit int) *table[V] {
	return &table[V]{rows: map[string]V{}, limit: limit}
}

func (t *table[V]) put(key string, v V) {
	if _, known := t.rows[key]; known {
		t.rows[key] = v
		return
	}
	if len(t.oldest) < t.limit {
		t.oldest = append(t.oldest, key)
	} else {
		delete(t.rows, t.oldest[t.next])
		t.oldest[t.next] = key
		t.next = (t.next + 1) % t.limit
	}
	t.rows[key] = v
}
