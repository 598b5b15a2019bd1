package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/plumbline/plumbline/bench/corpus"
)

// clickHouse is ClickHouse in a process of its own (clickhouse/main.c), with a
// table made for the corpus. It reads the lines from a file by itself, so it
// has no HTTP to pay for, and a line is taken when its part is written.
type clickHouse struct {
	binary string
	dir    string
	p      *process
	in     io.WriteCloser
	out    *bufio.Reader
}

func (s *clickHouse) name() string      { return "ClickHouse" }
func (s *clickHouse) process() *process { return s.p }

// session is what is said first. Conditions kept from the question before would
// be a cache, and the others ask without.
var session = []string{
	"SET use_query_condition_cache = 0",
	"SET date_time_output_format = 'iso'",
	"SET date_time_input_format = 'best_effort'",
}

func (s *clickHouse) start(dir string, c corpus.Corpus) (err error) {
	s.dir, s.p = dir, &process{}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if s.in, s.out, err = s.p.launchPiped(s.binary, filepath.Join(dir, "data")); err != nil {
		return err
	}
	for _, sql := range append(session, schema(c)) {
		if _, _, err := s.say(sql); err != nil {
			return err
		}
	}
	return nil
}

// load writes the lines to a file, before time begins, and has it read.
func (s *clickHouse) load(lines feed, begin func() error) error {
	name, err := filepath.Abs(filepath.Join(s.dir, "lines.jsonl"))
	if err != nil {
		return err
	}
	defer os.Remove(name)
	if err := writeFile(name, lines); err != nil {
		return err
	}
	if err := begin(); err != nil {
		return err
	}
	_, _, err = s.say("INSERT INTO lines SELECT * FROM file('" + name + "', JSONEachRow)")
	return err
}

func writeFile(name string, lines feed) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	err = lines(func(post []byte) error {
		_, err := f.Write(post)
		return err
	})
	return errors.Join(err, f.Close())
}

// rest waits for merges, which it begins by itself.
func (s *clickHouse) rest() error {
	for {
		if err := s.p.quiet(); err != nil {
			return err
		}
		merges, err := s.number("SELECT count() AS n FROM system.merges")
		if err != nil || merges == 0 {
			return err
		}
	}
}

func (s *clickHouse) ask(q question) (answer, error) {
	body, took, err := s.say(q.sql)
	if err != nil {
		return answer{}, err
	}
	rows, err := readCSV(body, q.columns)
	return answer{rows: rows, took: took}, err
}

// say sends a statement and reads what comes back, and how long it took there.
func (s *clickHouse) say(sql string) ([]byte, time.Duration, error) {
	var state string
	var nanos, length int64
	_, err := fmt.Fprintf(s.in, "%d\n%s", len(sql), sql)
	if err == nil {
		_, err = fmt.Fscanf(s.out, "%s %d %d\n", &state, &nanos, &length)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("ClickHouse does not answer: %w: %s", err, s.p.log.String())
	}
	body := make([]byte, length)
	if _, err := io.ReadFull(s.out, body); err != nil {
		return nil, 0, err
	}
	if state != "ok" {
		return nil, 0, fmt.Errorf("ClickHouse: %.500s: %.1000s", sql, body)
	}
	return body, time.Duration(nanos), nil
}

func (s *clickHouse) number(sql string) (int64, error) {
	body, _, err := s.say(sql)
	if err != nil {
		return 0, err
	}
	rows, err := readCSV(body, []string{"n"})
	if err != nil || len(rows) != 1 {
		return 0, fmt.Errorf("a number for %q: %q: %w", sql, body, err)
	}
	return strconv.ParseInt(rows[0][0], 10, 64)
}

// bytes leaves out parts that were merged and wait to be removed.
func (s *clickHouse) bytes() (int64, error) {
	return s.number("SELECT sum(bytes_on_disk) AS n FROM system.parts WHERE active AND table = 'lines'")
}

func (s *clickHouse) stop() {
	s.in.Close()
	s.p.stop()
}

// columnOf is a column as who knows ClickHouse would make it: dictionaries for
// what comes again, ZSTD(1), a bloom filter for ids, n-grams for what is
// searched for parts.
var columnOf = map[corpus.Kind]string{
	corpus.Moment:  "DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1))",
	corpus.Word:    "LowCardinality(String) CODEC(ZSTD(1))",
	corpus.Label:   "LowCardinality(String) CODEC(ZSTD(1))",
	corpus.ID:      "String CODEC(ZSTD(1))",
	corpus.Trace:   "String CODEC(ZSTD(1))",
	corpus.Text:    "String CODEC(ZSTD(1))",
	corpus.Whole:   "UInt32 CODEC(T64, ZSTD(1))",
	corpus.Decimal: "Decimal64(6) CODEC(ZSTD(1))",
	corpus.Flag:    "Bool CODEC(ZSTD(1))",
	corpus.Object:  "JSON CODEC(ZSTD(1))",
}

var indexOf = map[corpus.Kind]string{
	corpus.ID:    "bloom_filter(0.01) GRANULARITY 1",
	corpus.Trace: "ngrambf_v1(8, 65536, 2, 0) GRANULARITY 1",
	corpus.Text:  "ngrambf_v1(4, 16384, 2, 0) GRANULARITY 1",
}

func schema(c corpus.Corpus) string {
	var columns []string
	for i, f := range c.Fields {
		columns = append(columns, fmt.Sprintf("`%s` %s", f.Name, columnOf[f.Kind]))
		if index := indexOf[f.Kind]; index != "" {
			columns = append(columns, fmt.Sprintf("INDEX i%d `%s` TYPE %s", i, f.Name, index))
		}
	}
	return "CREATE TABLE IF NOT EXISTS lines (\n  " + strings.Join(columns, ",\n  ") + "\n) ENGINE = MergeTree ORDER BY _time"
}
