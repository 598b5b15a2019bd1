//go:build system

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestKill kills the server at random moments while lines come in; "make torture"
// does so more often.
func TestKill(t *testing.T) { kill(t, 20) }

// kill runs a server over one folder again and again. Some senders name their
// batches, and send again under the same name what was not acknowledged when the
// server was killed: of theirs every line must be there once. The others cannot
// know what became of their last batch: of theirs every acknowledged line must be
// there once, and no line twice.
func kill(t *testing.T, rounds int) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	address, err := newPorts().free()
	if err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(t.TempDir(), "data")
	senders := []*sender{
		{name: "one", dataset: "app", named: true}, {name: "two", dataset: "comm", named: true},
		{name: "three", dataset: "app"}, {name: "four", dataset: "comm"},
	}
	for i, s := range senders {
		s.random = rand.New(rand.NewPCG(seed, uint64(i)))
	}
	random := rand.New(rand.NewPCG(seed, uint64(len(senders))))
	for range rounds {
		killOnce(t, address, data, senders, time.Duration(random.IntN(600))*time.Millisecond)
	}
	s := serve(t, address, data)
	lines := 0
	for _, sender := range senders {
		if sender.named && sender.pending != nil {
			if err := sender.send(t.Context(), s.url); err != nil {
				t.Fatal(err)
			}
		}
		sender.checked = 0 // all of them once more
		lines += sender.check(t, s.url)
	}
	if lines == 0 {
		t.Error("no line was acknowledged: nothing was tested")
	}
	t.Logf("%d kills, %d lines acknowledged, each there once", rounds, lines)
	if err := s.stop(syscall.SIGTERM); err != nil {
		t.Errorf("the server ended with %v", err)
	}
}

// killOnce starts the server, checks what the round before left, lets lines come
// in, and kills it after a while.
func killOnce(t *testing.T, address, data string, senders []*sender, after time.Duration) {
	t.Helper()
	s := serve(t, address, data)
	for _, sender := range senders {
		sender.check(t, s.url)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var all sync.WaitGroup
	for _, sender := range senders {
		all.Go(func() {
			for ctx.Err() == nil && sender.send(ctx, s.url) == nil {
			}
		})
	}
	all.Go(func() { // now and then parts are sealed and merged meanwhile
		for ctx.Err() == nil && post(ctx, s.url+"/api/v1/flush", nil, nil) == nil {
			time.Sleep(50 * time.Millisecond)
		}
	})
	time.Sleep(after)
	if err := s.stop(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	cancel()
	all.Wait()
}

// sender sends batches of lines, numbered from 0.
type sender struct {
	name, dataset string
	named         bool
	random        *rand.Rand

	sent    []batch
	pending []byte // the last batch, while it is not acknowledged
	checked int    // batches before this one were found well
}

// batch is the lines with the numbers from first to first+lines-1.
type batch struct {
	first, lines int
	acknowledged bool
}

// send sends the next batch or, named, again the one that was not acknowledged.
func (s *sender) send(ctx context.Context, base string) error {
	if s.pending == nil || !s.named {
		s.write()
	}
	last := len(s.sent) - 1
	params := url.Values{"dataset": {s.dataset}}
	if s.named {
		params.Set("batch", fmt.Sprintf("%s-%d", s.name, last))
	}
	var receipt struct{ Accepted int }
	if err := post(ctx, base+"/api/v1/ingest/jsonl?"+params.Encode(), s.pending, &receipt); err != nil {
		return err
	}
	if receipt.Accepted != s.sent[last].lines {
		return fmt.Errorf("%d lines sent, %d accepted", s.sent[last].lines, receipt.Accepted)
	}
	s.sent[last].acknowledged, s.pending = true, nil
	return nil
}

const (
	// linesMost are in one chunk of a body; a body of manyLines has several.
	linesMost, manyLines = 2000, 45_000
	// daysBack is over how many days lines are spread: over as many partitions.
	daysBack = 3
)

// write makes the next batch.
func (s *sender) write() {
	b := batch{lines: 1 + s.random.IntN(linesMost)}
	if s.random.IntN(30) == 0 {
		b.lines = manyLines
	}
	if n := len(s.sent); n > 0 {
		b.first = s.sent[n-1].first + s.sent[n-1].lines
	}
	s.pending = make([]byte, 0, b.lines*128)
	day := time.Date(2025, 3, 16, 0, 0, 0, 0, time.UTC)
	for n := b.first; n < b.first+b.lines; n++ {
		at := day.AddDate(0, 0, s.random.IntN(daysBack)).Add(time.Duration(n) * time.Millisecond)
		s.pending = fmt.Appendf(s.pending, "{\"_time\":%q,\"_msg\":\"line %d of %s\",\"sender\":%q,\"n\":%d,\"batch\":%d}\n",
			at.Format(time.RFC3339Nano), n, s.name, s.name, n, len(s.sent))
	}
	s.sent = append(s.sent, b)
}

// check asks for the lines sent since the last check. It gives how many of them
// were acknowledged.
func (s *sender) check(t *testing.T, base string) (acknowledged int) {
	t.Helper()
	question := fmt.Sprintf("sender=%s batch>=%d | stats count dc(n) as different min(n) as first max(n) as last by batch", s.name, s.checked)
	type found struct{ Batch, Count, Different, First, Last int }
	there := map[int]found{}
	for _, f := range ask[found](t, base, question) {
		there[f.Batch] = f
	}
	for i := s.checked; i < len(s.sent); i++ {
		b, f := s.sent[i], there[i]
		whole := f == found{i, b.lines, b.lines, b.first, b.first + b.lines - 1}
		if b.acknowledged {
			acknowledged += b.lines
		}
		if b.acknowledged && !whole {
			t.Errorf("sender %s: batch %d of %d lines from %d was acknowledged, there are %+v", s.name, i, b.lines, b.first, f)
		}
		if f.Count != f.Different {
			t.Errorf("sender %s: batch %d has lines twice: %+v", s.name, i, f)
		}
	}
	s.checked = max(0, len(s.sent)-1) // the last one may be sent again
	if t.Failed() {
		t.FailNow()
	}
	return acknowledged
}

// ask asks a question and reads its rows.
func ask[T any](t *testing.T, base, question string) (rows []T) {
	t.Helper()
	res, err := http.PostForm(base+"/api/v1/query", url.Values{"q": {question}})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	in := bufio.NewScanner(res.Body)
	for in.Scan() {
		if res.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s %s", question, res.Status, in.Text())
		}
		var r T
		if err := json.Unmarshal(in.Bytes(), &r); err != nil {
			t.Fatalf("%s: %s: %v", question, in.Text(), err)
		}
		rows = append(rows, r)
	}
	if err := in.Err(); err != nil {
		t.Fatal(err)
	}
	return rows
}

// post posts a body and reads the answer, which must be 200.
func post(ctx context.Context, url string, body []byte, answer any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", res.Status, text)
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(text, answer)
}
