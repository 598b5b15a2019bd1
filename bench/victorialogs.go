package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/plumbline/plumbline/bench/corpus"
)

// victoriaLogs is VictoriaLogs, a single node with its defaults. It acknowledges
// what is in memory.
type victoriaLogs struct {
	binary string
	dir    string
	stream string
	p      *process
}

func (s *victoriaLogs) name() string      { return "VictoriaLogs" }
func (s *victoriaLogs) process() *process { return s.p }

func (s *victoriaLogs) start(dir string, c corpus.Corpus) error {
	s.dir, s.stream, s.p = dir, c.Stream, &process{}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	address := free.Addr().String()
	if err := free.Close(); err != nil {
		return err
	}
	s.p.url = "http://" + address
	err = s.p.launch(s.binary, "-storageDataPath="+dir, "-httpListenAddr="+address, "-retentionPeriod=100y")
	if err != nil {
		return err
	}
	return s.p.await("/health")
}

func (s *victoriaLogs) post(lines []byte) error {
	args := url.Values{"_stream_fields": {s.stream}, "_time_field": {"_time"}, "_msg_field": {"_msg"}}
	_, err := s.p.do(http.MethodPost, "/insert/jsonline?"+args.Encode(), "application/stream+json", lines)
	return err
}

func (s *victoriaLogs) rest() error {
	if _, err := s.p.get("/internal/force_flush"); err != nil {
		return err
	}
	time.Sleep(flushEvery)
	return s.p.quiet()
}

// flushEvery is when at the latest it puts lines from memory on disk, by itself
// every five seconds.
const flushEvery = 6 * time.Second

func (s *victoriaLogs) ask(q question) ([][]string, error) {
	body, err := s.p.get("/select/logsql/query?" + url.Values{"query": {q.logsQL}}.Encode())
	if err != nil {
		return nil, err
	}
	var out [][]string
	for line := range bytes.Lines(body) {
		var row map[string]string
		if err := json.Unmarshal(line, &row); err != nil {
			return nil, fmt.Errorf("read the answer of VictoriaLogs: %w: %.200s", err, line)
		}
		values := make([]string, len(q.columns))
		for i, name := range q.columns {
			values[i] = row[name]
		}
		out = append(out, values)
	}
	return out, nil
}

func (s *victoriaLogs) bytes() (int64, error) { return folderBytes(s.dir) }
func (s *victoriaLogs) stop()                 { s.p.stop() }
