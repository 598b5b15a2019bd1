package main

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/plumbline/plumbline/bench/corpus"
)

// plumbline is this build, which acknowledges only what is on disk.
type plumbline struct {
	binary string
	dir    string
	p      *process
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
			return s.p.await("/readyz")
		}
	}
	return fmt.Errorf("plumbline does not say where it serves: %s", s.p.log.String())
}

func (s *plumbline) post(lines []byte) error {
	_, err := s.p.do(http.MethodPost, "/api/v1/ingest/jsonl", "application/x-ndjson", lines)
	return err
}

func (s *plumbline) rest() error {
	_, err := s.p.do(http.MethodPost, "/api/v1/flush", "", nil)
	return err
}

func (s *plumbline) ask(q question) ([][]string, error) {
	form := url.Values{"q": {q.plumbline}, "format": {"csv"}, "cache": {"no"}}
	body, err := s.p.get("/api/v1/query?" + form.Encode())
	if err != nil {
		return nil, err
	}
	rows, err := csv.NewReader(strings.NewReader(string(body))).ReadAll()
	if err != nil || len(rows) == 0 {
		return nil, fmt.Errorf("read the answer of plumbline: %w", err)
	}
	return pickColumns(rows[0], rows[1:], q.columns)
}

func (s *plumbline) bytes() (int64, error) { return folderBytes(filepath.Join(s.dir, "app")) }
func (s *plumbline) stop()                 { s.p.stop() }

// pickColumns takes the columns of an answer by name, in this order.
func pickColumns(names []string, rows [][]string, want []string) ([][]string, error) {
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
