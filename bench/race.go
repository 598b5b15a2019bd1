package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/plumbline/plumbline/bench/corpus"
)

const (
	// senders post at once, so that one may send while another waits.
	senders = 4
	// rounds of questions, the systems in turns; medians are taken.
	rounds = 5
)

// result is what one system did with one corpus.
type result struct {
	system  string
	acked   time.Duration // processor time until the last post was answered
	resting time.Duration // and until merges had ended
	bytes   int64
	peak    int64
	times   []time.Duration // medians, by question
}

// heat is one corpus, run by all systems.
type heat struct {
	corpus    corpus.Corpus
	lines     int
	sent      int64
	questions []question
	results   []result
}

type report struct {
	commit string
	heats  []heat
}

// race runs a corpus through all systems: one after the other takes the lines,
// answers are compared, and then they are asked in turns.
func (r *report) race(c corpus.Corpus, lines int, systems []system, dir string) error {
	h := heat{corpus: c, lines: lines, results: make([]result, len(systems))}
	defer func() {
		for _, s := range systems {
			if s.process() != nil {
				s.stop()
			}
		}
	}()
	var middle []byte
	for i, s := range systems {
		folder := filepath.Join(dir, s.name()+"-"+c.Name)
		if err := os.RemoveAll(folder); err != nil {
			return err
		}
		if err := s.start(folder, c); err != nil {
			return fmt.Errorf("start %s: %w", s.name(), err)
		}
		h.results[i].system = s.name()
		var err error
		if h.sent, middle, err = h.results[i].load(s, c, lines); err != nil {
			return fmt.Errorf("load %s: %w", s.name(), err)
		}
	}
	var line map[string]any
	if err := json.Unmarshal(middle, &line); err != nil {
		return err
	}
	h.questions = questionsFor(c.Name, line)
	if err := h.compare(systems); err != nil {
		return err
	}
	if err := h.ask(systems); err != nil {
		return err
	}
	for i, s := range systems {
		var err error
		if h.results[i].peak, err = s.process().peak(); err != nil {
			return err
		}
	}
	r.heats = append(r.heats, h)
	return nil
}

// load posts all lines and waits until the system rests. It gives the bytes sent
// and a line from the middle.
func (r *result) load(s system, c corpus.Corpus, lines int) (sent int64, middle []byte, err error) {
	from, err := s.process().cpu()
	if err != nil {
		return 0, nil, err
	}
	posts := make(chan []byte)
	failed := make(chan error, senders)
	var all sync.WaitGroup
	for range senders {
		all.Go(func() {
			for lines := range posts {
				if err := s.post(lines); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	n := 0
	err = c.Posts(lines, func(post []byte) error {
		if n += c.PerPost; middle == nil && n >= lines/2 {
			first, _, _ := bytes.Cut(post, []byte("\n"))
			middle = bytes.Clone(first)
		}
		sent += int64(len(post))
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
	if err != nil {
		return 0, nil, err
	}
	return sent, middle, r.settle(s, from)
}

func (r *result) settle(s system, from time.Duration) error {
	now, err := s.process().cpu()
	if err != nil {
		return err
	}
	r.acked = now - from
	if err := s.rest(); err != nil {
		return err
	}
	if now, err = s.process().cpu(); err != nil {
		return err
	}
	r.resting = now - from
	r.bytes, err = s.bytes()
	return err
}

// compare asks everything once, and ends the race where answers differ.
func (h *heat) compare(systems []system) error {
	for _, q := range h.questions {
		first, err := systems[0].ask(q)
		if err != nil {
			return fmt.Errorf("%s: %s: %w", systems[0].name(), q.title, err)
		}
		for _, s := range systems[1:] {
			other, err := s.ask(q)
			if err == nil {
				err = sameAnswer(q, first, other)
			}
			if err != nil {
				return fmt.Errorf("%s: %s and %s: %w", q.title, systems[0].name(), s.name(), err)
			}
		}
	}
	return nil
}

// ask times every question in turns.
func (h *heat) ask(systems []system) error {
	for _, q := range h.questions {
		times := make([][]time.Duration, len(systems))
		for range rounds {
			for i, s := range systems {
				began := time.Now()
				if _, err := s.ask(q); err != nil {
					return fmt.Errorf("%s: %s: %w", s.name(), q.title, err)
				}
				times[i] = append(times[i], time.Since(began))
			}
		}
		for i := range systems {
			slices.Sort(times[i])
			h.results[i].times = append(h.results[i].times, times[i][rounds/2])
		}
	}
	return nil
}
