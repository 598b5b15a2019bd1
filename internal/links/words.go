package links

import (
	"context"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// words are the codes of names in one table of PostgreSQL. Each is asked for
// once.
type words struct {
	pool  *pgxpool.Pool
	table string

	mu    sync.Mutex
	codes map[string]int32
	named map[int32]string
}

func newWords(pool *pgxpool.Pool, table string) *words {
	return &words{pool: pool, table: table, codes: map[string]int32{}, named: map[int32]string{}}
}

// code is the code of a word, a new one when it is seen first.
func (w *words) code(ctx context.Context, word string) (int32, error) {
	c, ok, err := w.known(ctx, word)
	if ok || err != nil {
		return c, err
	}
	// The update changes nothing; it makes the row come back when it was there.
	upsert := `INSERT INTO ` + w.table + ` (word) VALUES ($1) ON CONFLICT (word) DO UPDATE SET word = excluded.word RETURNING code`
	if err := w.pool.QueryRow(ctx, upsert, []byte(word)).Scan(&c); err != nil {
		return 0, fmt.Errorf("links: the code of %q: %w", word, err)
	}
	w.learn(word, c)
	return c, nil
}

// known is code for words that need not be there: ok is false when it is not.
func (w *words) known(ctx context.Context, word string) (c int32, ok bool, err error) {
	w.mu.Lock()
	c, ok = w.codes[word]
	w.mu.Unlock()
	if ok {
		return c, true, nil
	}
	err = w.pool.QueryRow(ctx, "SELECT code FROM "+w.table+" WHERE word = $1", []byte(word)).Scan(&c)
	if err == pgx.ErrNoRows {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("links: the code of %q: %w", word, err)
	}
	w.learn(word, c)
	return c, true, nil
}

// word is the word of a code.
func (w *words) word(ctx context.Context, c int32) (string, error) {
	w.mu.Lock()
	word, known := w.named[c]
	w.mu.Unlock()
	if known {
		return word, nil
	}
	var text []byte // names of fields are the senders', zero bytes and all
	if err := w.pool.QueryRow(ctx, "SELECT word FROM "+w.table+" WHERE code = $1", c).Scan(&text); err != nil {
		return "", fmt.Errorf("links: the word of code %d: %w", c, err)
	}
	w.learn(string(text), c)
	return string(text), nil
}

func (w *words) learn(word string, c int32) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.codes[word], w.named[c] = c, word
}
