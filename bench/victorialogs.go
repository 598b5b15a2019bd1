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

func (s *victoriaLogs) load(lines feed, begin func() error) error {
	if err := begin(); err != nil {
		return err
	}
	args := url.Values{"_stream_fields": {s.stream}, "_time_field": {"_time"}, "_msg_field": {"_msg"}}
	return sendAll(lines, func(post []byte) error {
		_, err := s.p.do(http.MethodPost, "/insert/jsonline?"+args.Encode(), "application/stream+json", post)
		return err
	})
}

// rest waits until no line is in memory alone, which takes some seconds by
// itself, and merges have ended.
func (s *victoriaLogs) rest() error {
	if _, err := s.p.get("/internal/force_flush"); err != nil {
		return err
	}
	for end := time.Now().Add(flushMost); time.Now().Before(end); time.Sleep(time.Second) {
		metrics, err := s.p.get("/metrics")
		if err != nil {
			return err
		}
		if bytes.Contains(metrics, []byte("\n"+`vl_storage_rows{type="storage/inmemory"} 0`+"\n")) {
			return s.p.quiet()
		}
	}
	return fmt.Errorf("VictoriaLogs keeps lines in memory for more than %v", flushMost)
}

// flushMost is more than the five seconds after which it puts lines on disk.
const flushMost = time.Minute

func (s *victoriaLogs) ask(q question) (answer, error) {
	began := time.Now()
	body, err := s.p.get("/select/logsql/query?" + url.Values{"query": {q.logsQL}}.Encode())
	if err != nil {
		return answer{}, err
	}
	a := answer{took: time.Since(began), slack: q.logsSlack}
	for line := range bytes.Lines(body) {
		var row map[string]string
		if err := json.Unmarshal(line, &row); err != nil {
			return answer{}, fmt.Errorf("read the answer of VictoriaLogs: %w: %.200s", err, line)
		}
		values := make([]string, len(q.columns))
		for i, name := range q.columns {
			values[i] = row[name]
		}
		a.rows = append(a.rows, values)
	}
	return a, nil
}

func (s *victoriaLogs) bytes() (int64, error) { return folderBytes(s.dir) }
func (s *victoriaLogs) stop()                 { s.p.stop() }
