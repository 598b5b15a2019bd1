package main

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/plumbline/plumbline/bench/corpus"
)

// plumbline is this build, which acknowledges only what is on disk.
type plumbline struct {
	binary   string
	profiles string // the folder for profiles; "" where none are taken
	dir      string
	p        *process
	recorder *recorder
}

func (s *plumbline) name() string      { return "Plumbline" }
func (s *plumbline) process() *process { return s.p }

var serves = regexp.MustCompile(`plumbline serves (http://[^,\s]+)`)

func (s *plumbline) start(dir string, _ corpus.Corpus) error {
	s.dir, s.p = dir, &process{}
	if err := s.p.launch(s.binary, "serve", "--data", dir, "--listen", "127.0.0.1:0"); err != nil {
		return err
	}
	for end := time.Now().Add(startMost); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if m := serves.FindStringSubmatch(s.p.log.String()); m != nil {
			s.p.url = m[1]
			return s.ready()
		}
	}
	return fmt.Errorf("plumbline does not say where it serves: %s", s.p.log.String())
}

func (s *plumbline) ready() error {
	err := s.p.await("/readyz")
	if err == nil && s.profiles != "" {
		s.recorder = record(s.p, s.profiles)
	}
	return err
}

func (s *plumbline) load(lines feed, begin func() error) error {
	if err := begin(); err != nil {
		return err
	}
	return sendAll(lines, func(post []byte) error {
		_, err := s.p.do(http.MethodPost, "/api/v1/ingest/jsonl", "application/x-ndjson", post)
		return err
	})
}

func (s *plumbline) rest() error {
	_, err := s.p.do(http.MethodPost, "/api/v1/flush", "", nil)
	return err
}

func (s *plumbline) ask(q question) (answer, error) {
	form := url.Values{"q": {q.plumbline}, "format": {"csv"}, "cache": {"no"}}
	began := time.Now()
	body, err := s.p.get("/api/v1/query?" + form.Encode())
	if err != nil {
		return answer{}, err
	}
	took := time.Since(began)
	rows, err := readCSV(body, q.columns)
	return answer{rows: rows, took: took}, err
}

func (s *plumbline) bytes() (int64, error) { return folderBytes(filepath.Join(s.dir, "app")) }

func (s *plumbline) stop() {
	if s.recorder != nil {
		if err := s.recorder.stop(); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
		}
		s.recorder = nil
	}
	s.p.stop()
}
