//go:build system

package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// TestOverload offers for some seconds far more than can be taken, "make torture"
// for a minute.
func TestOverload(t *testing.T) { overload(t, 3*time.Second) }

const (
	// overloadSenders at once hold more memory than intake has, twenty times over.
	overloadSenders = 400
	overloadLines   = 2000
	// overloadMemory is what the server is given for questions and for intake.
	overloadMemory, overloadIntake = 512 << 20, 32 << 20
)

// overload lets many senders offer lines without rest. What is not taken is refused
// with 429: to the line, what was offered is stored or refused. Memory stays within
// what is configured and a tenth.
func overload(t *testing.T, during time.Duration) {
	address, err := newPorts(t).free()
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, address, t.TempDir()+"/data", "--memory", "512MiB", "--intake-memory", "32MiB")
	var body bytes.Buffer
	for n := range overloadLines {
		fmt.Fprintf(&body, "{\"_msg\":\"request %d took %d ms\",\"user_id\":\"usr_%d\",\"request_id\":\"%016x\",\"route\":\"/v1/r%d\",\"status\":%d}\n", n, n%977, n%113, n*7919, n%20, 200+n%5)
	}
	var offered, stored, refused, other atomic.Int64
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: overloadSenders}}
	ctx, cancel := context.WithTimeout(t.Context(), during)
	defer cancel()
	peak := watchMemory(s.cmd.Process.Pid)
	var all sync.WaitGroup
	for range overloadSenders {
		all.Go(func() {
			for ctx.Err() == nil { // what was begun is ended, so that all is known of it
				offered.Add(overloadLines)
				res, err := client.Post(s.url+"/api/v1/ingest/jsonl", "", bytes.NewReader(body.Bytes()))
				if err != nil {
					other.Add(overloadLines)
					t.Errorf("a sender was cut off: %v", err)
					return
				}
				text, _ := io.ReadAll(res.Body)
				res.Body.Close()
				switch res.StatusCode {
				case http.StatusOK:
					stored.Add(overloadLines)
				case http.StatusTooManyRequests:
					refused.Add(overloadLines)
					if res.Header.Get("Retry-After") == "" {
						t.Error("429 without Retry-After")
					}
				default:
					other.Add(overloadLines)
					t.Errorf("%s: %s", res.Status, text)
				}
			}
		})
	}
	all.Wait()
	rss := peak()
	there := ask[struct{ Count int64 }](t, s.url, "_dataset!=_plumbline | stats count")
	if len(there) != 1 || there[0].Count != stored.Load() || offered.Load() != stored.Load()+refused.Load() {
		t.Errorf("%d lines offered, %d acknowledged, %d refused, %d neither; there are %v", offered.Load(), stored.Load(), refused.Load(), other.Load(), there)
	}
	if refused.Load() == 0 {
		t.Error("nothing was refused: there was no overload")
	}
	bound := int64(overloadMemory + overloadIntake)
	if rss > bound+bound/10 && !raced() { // the race detector's own memory is a multiple
		t.Errorf("%d MiB of memory, configured are %d", rss>>20, bound>>20)
	}
	t.Logf("torture: overload | %d senders for %s: %d lines offered = %d stored + %d refused, %.1f times what was taken | %d MiB of memory, configured are %d",
		overloadSenders, during, offered.Load(), stored.Load(), refused.Load(), float64(offered.Load())/float64(max(1, stored.Load())), rss>>20, bound>>20)
	if err := s.stop(syscall.SIGTERM); err != nil {
		t.Errorf("the server ended with %v", err)
	}
}

// watchMemory looks at a process's memory until the function it returns is called, which
// gives the most it saw.
func watchMemory(pid int) (peak func() int64) {
	most, end := make(chan int64), make(chan struct{})
	go func() {
		seen := int64(0)
		for {
			select {
			case <-end:
				most <- seen
				return
			case <-time.After(20 * time.Millisecond):
				seen = max(seen, memoryOf(pid))
			}
		}
	}()
	return func() int64 {
		close(end)
		return <-most
	}
}

// memoryOf is how many bytes of its own a process has; 0 when nobody can tell.
func memoryOf(pid int) int64 {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "RssAnon:"); ok {
			kib, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return kib << 10
		}
	}
	return 0
}
