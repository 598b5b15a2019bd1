//go:build system

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/store"
)

// TestInventedNames lets every sender make up names of fields.
func TestInventedNames(t *testing.T) { inventedNames(t, 2, 3000) }

const inventedMemory, inventedIntake, inventedCache = 512 << 20, 64 << 20, 128 << 20

// inventions are ways to make up names: what line n of those that write so looks like.
var inventions = []struct {
	name, format string
	share        int // one in so many lines of a body, for long ones
	line         func(n int) string
}{
	{"key", "jsonl", 1, func(n int) string { return fmt.Sprintf(`{"way":"key","n":%d,"user_%d":1}`, n, n) }},
	{"object", "jsonl", 1, func(n int) string {
		return fmt.Sprintf(`{"way":"object","n":%d,"users":{"u%d":{"seen":true,"name":"n%d"}}}`, n, n, n)
	}},
	{"list", "jsonl", 1, func(n int) string { return fmt.Sprintf(`{"way":"list","n":%d,"user_%d":[1,"a"]}`, n, n) }},
	{"kinds", "jsonl", 1, func(n int) string {
		return fmt.Sprintf(`{"way":"kinds","n":%d,"k%d":%s}`, n, n/2, [...]string{"1", `"a"`}[n%2])
	}},
	{"escaped", "jsonl", 1, func(n int) string { return fmt.Sprintf(`{"way":"escaped","n":%d,"us\u0065r_%d":"a\nb"}`, n, n) }},
	{"wide", "jsonl", 200, func(n int) string {
		var b strings.Builder
		fmt.Fprintf(&b, `{"way":"wide","n":%d`, n)
		for i := range 5000 {
			fmt.Fprintf(&b, `,"w%d_%d":%d`, n, i, i)
		}
		return b.String() + "}"
	}},
	{"strewn", "jsonl", 1, func(n int) string {
		at := time.Now().Add(-time.Duration(n%300) * 24 * time.Hour).UTC().Format(time.RFC3339)
		return fmt.Sprintf(`{"_time":%q,"way":"strewn","n":%d,"user_%d":1}`, at, n, n)
	}},
	{"pairs", "logfmt", 1, func(n int) string { return fmt.Sprintf(`way=pairs n=%d user_%d=1`, n, n) }},
	{"gelf", "gelf", 1, func(n int) string {
		return fmt.Sprintf(`{"version":"1.1","host":"h","short_message":"m","_way":"gelf","_n":%d,"_user_%d":1}`, n, n)
	}},
}

// inventedNames sends bodies in which each line brings names that no other has, several
// at once and each of them twice under one name. Every line is there once, memory stays
// within what is configured and a tenth, and questions are answered with what the store
// holds beside it.
func inventedNames(t *testing.T, senders, lines int) {
	address, err := newPorts(t).free()
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, address, t.TempDir()+"/data", "--memory", "512MiB", "--intake-memory", "64MiB", "--cache-memory", "128MiB")
	peak := watchMemory(s.cmd.Process.Pid)
	bound := int64(inventedMemory+inventedIntake) * 11 / 10
	for _, way := range inventions {
		began := time.Now()
		each := lines / way.share
		var all sync.WaitGroup
		for i := range senders {
			all.Go(func() {
				var body bytes.Buffer
				for n := range each {
					body.WriteString(way.line(i*each + n))
					body.WriteByte('\n')
				}
				url := fmt.Sprintf("%s/api/v1/ingest/%s?batch=%s-%d", s.url, way.format, way.name, i)
				for _, again := range [...]bool{false, true} {
					if err := sendNamed(url, body.Bytes(), each, again); err != nil {
						t.Errorf("%s: %v", way.name, err)
					}
				}
			})
		}
		all.Wait()
		t.Logf("%s: %s, %d MiB of memory", way.name, time.Since(began).Round(time.Millisecond), memoryOf(s.cmd.Process.Pid)>>20)
		if t.Failed() || memoryOf(s.cmd.Process.Pid) > bound && !raced() {
			t.Errorf("%s: %d MiB of memory, configured are %d", way.name, memoryOf(s.cmd.Process.Pid)>>20, bound>>20)
			break
		}
	}
	if err := post(t.Context(), s.url+"/api/v1/flush", nil, nil); err != nil {
		t.Error(err)
	}
	rss := peak()
	if rss > bound && !raced() { // the race detector's own memory is a multiple
		t.Errorf("%d MiB of memory, configured are %d", rss>>20, bound>>20)
	}
	peak = watchMemory(s.cmd.Process.Pid)
	type counts struct {
		Way              string
		Count, Different int
	}
	there := map[string]counts{}
	for _, c := range ask[counts](t, s.url, "* | stats count dc(n) as different by way") {
		there[c.Way] = c
	}
	for _, way := range inventions {
		if n := senders * (lines / way.share); there[way.name] != (counts{way.name, n, n}) {
			t.Errorf("%s: %d lines were sent, there are %+v", way.name, n, there[way.name])
		}
	}
	for question, want := range map[string]int{
		"user_77=1 | stats count by user_77, way":        5,
		"users.u77.name=n77 | table n":                   1,
		"way=key | head 3000 | fields n, user_3":         3000,
		"way=object | head 20000 | stats count by way":   1,
		"k77=a | stats count as c":                       1,
		"way=strewn | sort -user_77 | head 1 | fields n": 1,
	} {
		began := time.Now()
		if rows := ask[map[string]any](t, s.url, question); len(rows) != want {
			t.Errorf("%s: %d rows, want %d", question, len(rows), want)
		}
		t.Logf("%s: %s", question, time.Since(began).Round(time.Millisecond))
	}
	for _, question := range []string{"* | head 1000", "* | sort n", "* | facets", "* | stats dc(user_1) by way"} {
		began := time.Now()
		limit, err := askHostile(s.url, question)
		if err != nil {
			t.Errorf("%s: %v", question, err)
		}
		t.Logf("%s: %s, %s, %d MiB of memory", question, limit, time.Since(began).Round(time.Millisecond), memoryOf(s.cmd.Process.Pid)>>20)
	}
	asked := peak() // beside what questions take stands what the store holds
	if most := bound + store.MostUnsealed + inventedCache; asked > most && !raced() {
		t.Errorf("%d MiB of memory with questions, at most %d are well", asked>>20, most>>20)
	}
	t.Logf("torture: invented names | %d senders, %d lines a body: %d MiB of memory at most, %d with questions, configured are %d", senders, lines, rss>>20, asked>>20, (inventedMemory+inventedIntake)>>20)
	if err := s.stop(syscall.SIGTERM); err != nil {
		t.Errorf("the server ended with %v", err)
	}
}

// sendNamed sends a body until it is taken: while intake is full it comes again.
func sendNamed(url string, body []byte, lines int, again bool) error {
	for range patience / lookEvery {
		res, err := http.Post(url, "", bytes.NewReader(body))
		if err != nil {
			return err
		}
		text, err := io.ReadAll(res.Body)
		res.Body.Close()
		switch {
		case err != nil:
			return err
		case res.StatusCode == http.StatusTooManyRequests:
			time.Sleep(lookEvery)
			continue
		case res.StatusCode != http.StatusOK:
			return fmt.Errorf("%s: %s", res.Status, text)
		}
		var r struct {
			Accepted int
			Repeated bool
		}
		if err := json.Unmarshal(text, &r); err != nil || r.Accepted != lines || r.Repeated != again {
			return fmt.Errorf("%d lines were sent, again: %t; the answer is %s %v", lines, again, text, err)
		}
		return nil
	}
	return fmt.Errorf("intake is full for ever")
}
