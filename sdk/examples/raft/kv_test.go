package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestMain makes the test program the command too, so that nodes are processes
// that can be killed.
func TestMain(m *testing.M) {
	if os.Getenv("KV_COMMAND") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// patience is for a machine that does much else: an election takes a second or two.
const patience = time.Minute

// cluster is three nodes under test.
type cluster struct {
	t *testing.T
	options
	process [nodes + 1]*exec.Cmd
}

func (c *cluster) start(node int) {
	c.t.Helper()
	at := c.place(node)
	cmd := exec.Command(os.Args[0], "-node", strconv.Itoa(node), "-base", strconv.Itoa(c.base), "-dir", c.dir)
	cmd.Env = append(os.Environ(), "KV_COMMAND=1")
	out, err := os.OpenFile(filepath.Join(c.dir, at.id+".out"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		c.t.Fatal(err)
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	c.process[node] = cmd
}

func (c *cluster) end(node int, kill bool) {
	cmd := c.process[node]
	if cmd == nil {
		return
	}
	c.process[node] = nil
	if kill {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
		return
	}
	_ = cmd.Process.Signal(os.Interrupt)
	if err := cmd.Wait(); err != nil {
		c.t.Errorf("node %d ended badly: %v", node, err)
	}
}

func (c *cluster) said(node int) string {
	text, err := os.ReadFile(filepath.Join(c.dir, c.place(node).id+".out"))
	if err != nil {
		c.t.Fatal(err)
	}
	return string(text)
}

// until asks again until ok; what was answered last is told where it never is.
func (c *cluster) until(what string, ask func() (answer string, ok bool)) {
	c.t.Helper()
	last := ""
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		answer, ok := ask()
		if ok {
			return
		}
		last = answer
	}
	for i := 1; i <= nodes; i++ {
		c.t.Logf("node %d said:\n%s", i, c.said(i))
	}
	c.t.Fatalf("%s: not within %v, last: %s", what, patience, last)
}

func call(method, url, body string) (status int, answer string) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return 0, err.Error()
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	all, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(all)
}

// page waits until a page of a node's monitor has all parts.
func (c *cluster) page(node int, path string, parts ...string) {
	c.t.Helper()
	c.until(path, func() (string, bool) {
		_, body := call("GET", "http://"+c.place(node).monitor+path, "")
		for _, part := range parts {
			if !regexp.MustCompile(part).MatchString(body) {
				return "no " + part + " in " + body, false
			}
		}
		return body, true
	})
}

// leader waits until one node leads and the others know.
func (c *cluster) leader(among ...int) (leader int) {
	c.t.Helper()
	c.until("a leader", func() (string, bool) {
		var all []string
		for _, i := range among {
			_, body := call("GET", "http://"+c.place(i).http+"/status", "")
			all = append(all, body)
			var s Status
			if json.Unmarshal([]byte(body), &s) != nil || s.Leader == "" {
				return body, false
			}
			if s.State == "Leader" {
				leader = i
			}
		}
		return strings.Join(all, " "), leader != 0
	})
	return leader
}

// put stores by any node, which sends the client on to the leader.
func (c *cluster) put(node int, key, value string) {
	c.t.Helper()
	c.until("PUT "+key, func() (string, bool) {
		status, body := call("PUT", "http://"+c.place(node).http+"/keys/"+key, value)
		return fmt.Sprint(status, body), status == http.StatusNoContent
	})
}

func (c *cluster) holds(node int, key, value string) {
	c.t.Helper()
	c.until(fmt.Sprintf("node %d holds %s", node, key), func() (string, bool) {
		status, body := call("GET", "http://"+c.place(node).http+"/keys/"+key, "")
		return body, status == 200 && body == value
	})
}

// Three nodes agree; the leader is killed, and the others go on; it comes back and
// catches up. All the while lines, pages, metrics and health tell what happens.
func TestLeaderIsKilled(t *testing.T) {
	c := &cluster{t: t, options: options{base: freePorts(t), dir: t.TempDir()}}
	t.Cleanup(func() {
		for i := 1; i <= nodes; i++ {
			c.end(i, true)
		}
	})
	for i := 1; i <= nodes; i++ {
		c.start(i)
	}
	leader := c.leader(1, 2, 3)
	follower, third := leader%nodes+1, (leader+1)%nodes+1
	c.put(leader, "drink", "tea")
	c.put(follower, "food", "bread") // by way of the leader
	for i := 1; i <= nodes; i++ {
		c.holds(i, "drink", "tea")
		c.holds(i, "food", "bread")
		c.page(i, "/readyz?verbose", `\[\+\]leader ok`, "readyz check passed")
	}
	c.page(leader, "/metrics",
		`http_requests_total\{method="PUT",route="/keys/\{key\}",outcome="ok"\} [2-9]`,
		`trace_calls_total\{family="store.set"\} [2-9]`,
		`kv_state\{state="Leader"\} 1`, `kv_keys 2`, `kv_applied_total\{op="set"\} 2`,
		`apply_wait_seconds_count [2-9]`, `raft_fsm_apply_seconds_count [1-9]`, `health_up\{probe="readyz"\} 1`)
	c.page(follower, "/metrics", `trace_errors_total\{family="store.set"\} [1-9]`)
	c.page(leader, "/debug/requests?fam=store.set&b=0", "drink", "submitted bytes=", "committed entry=")
	c.page(leader, "/debug/requests?fam=PUT+%2Fkeys%2F%7Bkey%7D&b=0", "canonical-log-line PUT /keys/", "raft_apply_calls=1")
	c.page(leader, "/debug/events?fam=raft", "is Leader in term")
	c.page(follower, "/debug/events?fam=raft", "follows leader=n"+strconv.Itoa(leader))
	c.page(leader, "/monitor/kv?format=kv", "KV_STATE: Leader", "KV_KEYS: 2")

	c.end(leader, true)
	next := c.leader(follower, third)
	c.put(next, "drink", "coffee")
	c.holds(follower, "drink", "coffee")
	c.holds(third, "drink", "coffee")
	c.page(next, "/debug/events?fam=raft", "is Leader in term", "no answer of n"+strconv.Itoa(leader))
	c.page(next, "/readyz", "^ok")

	c.start(leader)
	c.holds(leader, "drink", "coffee")
	c.page(leader, "/debug/events?fam=raft", "follows leader=n"+strconv.Itoa(next))

	// Too many are gone: who is left says that it is not ready, and takes no writes.
	// Until it misses the last leader it sends clients there.
	c.end(next, false)
	c.end(leader, false)
	left := follower + third - next
	c.page(left, "/readyz?verbose", `\[-\]leader failed`)
	c.until("a write to a minority is refused", func() (string, bool) {
		status, body := call("PUT", "http://"+c.place(left).http+"/keys/drink", "water")
		return fmt.Sprint(status, body), status == http.StatusServiceUnavailable
	})
	c.end(left, false)
	c.lines(leader, follower, left)
}

// lines checks what the nodes wrote.
func (c *cluster) lines(first, follower, left int) {
	c.t.Helper()
	for node, patterns := range map[int][]string{
		first: {`canonical-log-line PUT /keys/{key} 204".* op=set raft_state=Leader .*raft_apply_calls=1 raft_apply_duration=0\.\d+ .*outcome=ok`,
			`_msg="readyz up" kind=health service=kv`, `raft: entering leader state" level=info`},
		follower: {`canonical-log-line PUT /keys/{key} 307".* raft_state=Follower .*outcome=ok`,
			`canonical-log-line GET /keys/{key} 200".* op=get `},
		left: {`canonical-log-line PUT /keys/{key} 503".*outcome=server_error`, `_msg="readyz down" kind=health .*reason=`},
	} {
		for _, p := range patterns {
			if said := c.said(node); !regexp.MustCompile(p).MatchString(said) {
				c.t.Errorf("node %d wrote no line like %s:\n%s", node, p, said)
			}
		}
	}
}

// One command starts all, and ends all.
func TestClusterByOneCommand(t *testing.T) {
	c := &cluster{t: t, options: options{base: freePorts(t), dir: t.TempDir()}}
	c.start(0)
	t.Cleanup(func() { c.end(0, true) })
	c.put(c.leader(1, 2, 3), "drink", "tea")
	for i := 1; i <= nodes; i++ {
		c.holds(i, "drink", "tea")
	}
	c.end(0, false)
	if status, body := call("GET", "http://"+c.place(1).http+"/status", ""); status != 0 {
		t.Errorf("a node outlives its command: %s", body)
	}
}

// freePorts finds a run of ports nobody listens on.
func freePorts(t *testing.T) (base int) {
	t.Helper()
	for base = 20_000 + os.Getpid()%10_000; base < 60_000; base += 100 {
		free := true
		for i := 1; i <= nodes; i++ {
			at := options{base: base}.place(i)
			free = free && unused(at.raft) && unused(at.http) && unused(at.monitor)
		}
		if free {
			return base
		}
	}
	t.Fatal("no run of free ports")
	return 0
}

func unused(address string) bool {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return false
	}
	l.Close()
	return true
}
