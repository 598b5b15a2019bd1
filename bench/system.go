package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"sync"
	"time"

	"github.com/plumbline/plumbline/bench/corpus"
)

// system is a store in the race. It serves one corpus from start to stop.
type system interface {
	name() string
	// start starts it over a folder that is empty, or of an earlier start.
	start(dir string, c corpus.Corpus) error
	// load takes all lines; when it returns nil they are taken. Time begins
	// when it calls begin, before the first byte is handed over.
	load(lines feed, begin func() error) error
	// rest returns when all is searchable and merges have ended.
	rest() error
	ask(q question) (answer, error)
	// bytes is what the lines take on disk, filters included and logs that are
	// dropped later left out.
	bytes() (int64, error)
	process() *process
	stop()
}

// feed gives lines, post by post, the same each time.
type feed func(yield func(post []byte) error) error

// answer is what a system said: rows of values in the order of the question's
// columns, the time until the last byte was there, and the share by which its
// numbers may be off.
type answer struct {
	rows  [][]string
	took  time.Duration
	slack float64
}

// senders post at once, so that one may send while another waits.
const senders = 4

// sendAll hands all posts to send, from several senders.
func sendAll(lines feed, send func(post []byte) error) error {
	posts := make(chan []byte)
	failed := make(chan error, senders)
	var all sync.WaitGroup
	for range senders {
		all.Go(func() {
			for post := range posts {
				if err := send(post); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	err := lines(func(post []byte) error {
		select {
		case posts <- bytes.Clone(post):
			return nil
		case err := <-failed:
			return err
		}
	})
	close(posts)
	all.Wait()
	if err == nil && len(failed) > 0 {
		err = <-failed
	}
	return err
}

// readCSV takes the columns of an answer by name, in this order.
func readCSV(body []byte, want []string) ([][]string, error) {
	rows, err := csv.NewReader(bytes.NewReader(body)).ReadAll()
	if err != nil || len(rows) == 0 {
		return nil, fmt.Errorf("read an answer of %d bytes as CSV: %v", len(body), err)
	}
	names, rows := rows[0], rows[1:]
	out := make([][]string, len(rows))
	for _, name := range want {
		at := -1
		for i, n := range names {
			if n == name {
				at = i
			}
		}
		if at < 0 {
			return nil, fmt.Errorf("an answer without the column %q: %q", name, names)
		}
		for i, r := range rows {
			out[i] = append(out[i], r[at])
		}
	}
	return out, nil
}
