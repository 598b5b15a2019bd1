package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/plumbline/plumbline/bench/corpus"
)

// rounds of questions, the systems in turns; medians are taken.
const rounds = 5

// heat is one corpus, run by all systems. It is kept as a file between the
// steps, so that a step can be taken alone, on a machine that is quiet just then.
type heat struct {
	Corpus  string
	Doc     string
	Lines   int
	Sent    int64           // bytes of JSON
	Packed  int64           `json:",omitempty"` // the same by zstd -12; 0: not measured
	Middle  json.RawMessage // the line in the middle
	Made    string          // the day
	Commit  string
	Go      string
	Results []result
}

// result is what one system did with one corpus.
type result struct {
	System string
	Loads  []load
	Times  map[string][]time.Duration // by title
	Peak   int64                      // bytes of memory, the most of all steps
}

// load is one run of intake, into an empty folder.
type load struct {
	Acked time.Duration // processor time until all lines were taken
	Rest  time.Duration // and until merges had ended
	Bytes int64         // on disk
}

// race is a corpus, the systems, and the folder of their data.
type race struct {
	corpus  corpus.Corpus
	lines   int
	rounds  int // of questions
	systems []system
	dir     string
	file    string // of the heat
}

func (r *race) feed(yield func([]byte) error) error { return r.corpus.Posts(r.lines, yield) }

func (r *race) folder(s system) string { return filepath.Join(r.dir, s.name()) }

// load has all systems, one after the other, take the lines into empty folders.
func (r *race) load(h *heat) error {
	for i, s := range r.systems {
		if err := r.loadOne(h, s, &h.Results[i]); err != nil {
			return fmt.Errorf("load %s: %w", s.name(), err)
		}
	}
	return nil
}

func (r *race) loadOne(h *heat, s system, into *result) error {
	if err := os.RemoveAll(r.folder(s)); err != nil {
		return err
	}
	if err := s.start(r.folder(s), r.corpus); err != nil {
		return err
	}
	defer s.stop()
	var from, acked, rest time.Duration
	err := s.load(r.watch(h), func() (err error) { from, err = s.process().cpu(); return err })
	if err == nil {
		acked, err = s.process().cpu()
	}
	if err == nil {
		err = s.rest()
	}
	if err == nil {
		rest, err = s.process().cpu()
	}
	if err != nil {
		return err
	}
	size, err := s.bytes()
	if err != nil {
		return err
	}
	into.Loads = append(into.Loads, load{acked - from, rest - from, size})
	return into.notePeak(s)
}

// watch is the feed; the heat learns how much there was and the line in the middle.
func (r *race) watch(h *heat) feed {
	return func(yield func([]byte) error) error {
		n := 0
		h.Sent, h.Middle = 0, nil
		return r.feed(func(post []byte) error {
			if n += r.corpus.PerPost; h.Middle == nil && n >= r.lines/2 {
				first, _, _ := bytes.Cut(post, []byte("\n"))
				h.Middle = bytes.Clone(first)
			}
			h.Sent += int64(len(post))
			return yield(post)
		})
	}
}

func (r *result) notePeak(s system) error {
	peak, err := s.process().peak()
	r.Peak = max(r.Peak, peak)
	return err
}

// ask starts all systems over what they took, compares the answers, and then
// asks in turns.
func (r *race) ask(h *heat) error {
	questions, err := h.questions()
	if err != nil {
		return err
	}
	for _, s := range r.systems {
		if err := s.start(r.folder(s), r.corpus); err != nil {
			return fmt.Errorf("start %s: %w", s.name(), err)
		}
		defer s.stop()
	}
	if err := r.compare(questions); err != nil {
		return err
	}
	for i := range r.systems {
		h.Results[i].Times = map[string][]time.Duration{}
	}
	for _, q := range questions {
		for range r.rounds {
			for i, s := range r.systems {
				a, err := s.ask(q)
				if err != nil {
					return fmt.Errorf("%s: %s: %w", s.name(), q.title, err)
				}
				h.Results[i].Times[q.title] = append(h.Results[i].Times[q.title], a.took)
			}
		}
	}
	for i, s := range r.systems {
		if err := h.Results[i].notePeak(s); err != nil {
			return err
		}
	}
	return nil
}

// compare asks everything once, and ends the race where answers differ, or
// where a line is missing.
func (r *race) compare(questions []question) error {
	var differ []error
	for i, q := range questions {
		first, err := r.systems[0].ask(q)
		if err != nil {
			return fmt.Errorf("%s: %s: %w", r.systems[0].name(), q.title, err)
		}
		if i == 0 && first.rows[0][0] != fmt.Sprint(r.lines) {
			return fmt.Errorf("%d lines were sent, %s has %s", r.lines, r.systems[0].name(), first.rows[0][0])
		}
		for _, s := range r.systems[1:] {
			other, err := s.ask(q)
			if err != nil {
				return fmt.Errorf("%s: %s: %w", s.name(), q.title, err)
			}
			if err := sameAnswer(q, first, other); err != nil {
				differ = append(differ, fmt.Errorf("%s: %s and %s: %w", q.title, r.systems[0].name(), s.name(), err))
			}
		}
	}
	return errors.Join(differ...)
}

// pack measures what zstd -12 makes of all lines as one file.
func (r *race) pack(h *heat) error {
	cmd := exec.Command("zstd", "-12", "--quiet", "--stdout")
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	var n counter
	cmd.Stdout, cmd.Stderr = &n, os.Stderr
	if err := cmd.Start(); err != nil {
		return err
	}
	err = r.feed(func(post []byte) error { _, err := in.Write(post); return err })
	err = errors.Join(err, in.Close(), cmd.Wait())
	h.Packed = int64(n)
	return err
}

// counter counts the bytes written to it.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// resume reads the heat of an earlier step; without one it is a new one.
func (r *race) resume() (*heat, error) {
	h := &heat{}
	body, err := os.ReadFile(r.file)
	if err == nil {
		err = json.Unmarshal(body, h)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read the earlier steps: %w", err)
	}
	h.Corpus, h.Doc, h.Lines = r.corpus.Name, r.corpus.Doc, r.lines
	for i, s := range r.systems {
		if i == len(h.Results) {
			h.Results = append(h.Results, result{System: s.name()})
		}
		if h.Results[i].System != s.name() {
			return nil, fmt.Errorf("%s is of %s and other systems than %s: remove it to begin anew", r.file, h.Results[i].System, s.name())
		}
	}
	return h, nil
}

func (r *race) keep(h *heat) error {
	body, err := json.MarshalIndent(h, "", "\t")
	if err == nil {
		err = os.MkdirAll(filepath.Dir(r.file), 0o755)
	}
	if err == nil {
		err = os.WriteFile(r.file, append(body, '\n'), 0o644)
	}
	return err
}

// median is the middle one; 0 of none.
func median[T int64 | time.Duration](of []T) T {
	if len(of) == 0 {
		return 0
	}
	of = slices.Clone(of)
	slices.Sort(of)
	return of[len(of)/2]
}
