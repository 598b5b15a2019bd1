//go:build system

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestKill kills the server a hundred times while lines come in, "make torture" two
// thousand times: every second life at a random moment, the others at a point of its
// code, each point in turn; one that does not come by its point ends as usual, and
// does not count.
func TestKill(t *testing.T) { kill(t, 100) }

// kill runs a server over one folder until so many kills. Some senders name their
// batches, and send again under the same name what was not acknowledged when the
// server was killed: of theirs every line must be there once. Others cannot know
// what became of their last batch: of theirs every acknowledged line must be there
// once, and no line twice. What the last one sends is soon dropped by retention.
func kill(t *testing.T, kills int) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	k := newKiller(t, seed)
	lives := 0
	for ; k.kills < kills; lives++ {
		if lives%killFresh == 0 {
			if lives > 0 {
				k.finish()
			}
			k.begin(lives/killFresh, seed)
		}
		moment := ""
		if lives%2 == 1 {
			point, round := lives/2%len(k.points), lives/2/len(k.points)
			moment = fmt.Sprintf("%s:%d", k.points[point], 1+k.random.IntN(1+4*min(round, killLate)))
		}
		k.live(moment)
		if lives%250 == 249 {
			t.Logf("%d kills at %d points, %d lines acknowledged", k.kills, len(k.died), k.acknowledged)
		}
	}
	k.finish()
	missed := slices.DeleteFunc(slices.Clone(k.points), func(p string) bool { return k.died[p] > 0 })
	t.Logf("torture: kill -9 | %d kills in %d lives, %d of them at %d of %d points | %d lines acknowledged, each there once", k.kills, lives, k.atPoints, len(k.died), len(k.points), k.acknowledged)
	if kills >= 1000 && len(k.died) < leastPoints {
		t.Errorf("the server died at %d points only, never at %v", len(k.died), missed)
	}
	if k.acknowledged == 0 {
		t.Error("no line was acknowledged: nothing was tested")
	}
}

const (
	// killFresh lives have one folder; then the next begins with an empty one.
	killFresh = 25
	// killLate is how many rounds of points come by ever later than at their first time.
	killLate = 5
	// leastPoints is at how many points of the code a server must have died.
	leastPoints = 40
)

// killer lets servers live and die.
type killer struct {
	t       *testing.T
	address string
	config  string
	volume  string // a small one, on which a file of the log is soon full
	data    string
	random  *rand.Rand
	senders []*sender
	points  []string
	died    map[string]int // at which point, how often

	kills, atPoints, acknowledged int
}

func newKiller(t *testing.T, seed uint64) *killer {
	t.Helper()
	address, err := newPorts(t).free()
	if err != nil {
		t.Fatal(err)
	}
	k := &killer{t: t, address: address, volume: smallVolume(t, 256<<20), points: pointsOf(t, "../../internal"), died: map[string]int{}}
	k.random = rand.New(rand.NewPCG(seed, 0))
	k.config = filepath.Join(t.TempDir(), "plumbline.yaml")
	if err := os.WriteFile(k.config, []byte("max-run-time: 0s\ndatasets:\n  scratch: {period: 1h, retention: {size: 16KiB}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return k
}

var pointCall = regexp.MustCompile(`\bPoint\([a-z.]+, "([a-z-]+\.[a-z-]+)"\)`)

// pointsOf are the names of all points in the source.
func pointsOf(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(name string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return err
		}
		text, err := os.ReadFile(name)
		for _, m := range pointCall.FindAllSubmatch(text, -1) {
			names = append(names, string(m[1]))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	if once := slices.Compact(slices.Clone(names)); len(once) != len(names) {
		t.Fatalf("a name stands twice among the points %v", names)
	}
	return names
}

// begin gives the senders an empty folder.
func (k *killer) begin(number int, seed uint64) {
	k.data = filepath.Join(k.volume, fmt.Sprintf("data-%d", number))
	k.senders = []*sender{
		{name: "one", dataset: "app", named: true}, {name: "two", dataset: "comm", named: true},
		{name: "three", dataset: "app"}, {name: "four", dataset: "comm"},
		{name: "five", dataset: "scratch", fleeting: true},
	}
	for i, s := range k.senders {
		s.random = rand.New(rand.NewPCG(seed, uint64(number*len(k.senders)+i)))
	}
}

// finish checks everything once more, and throws the folder away.
func (k *killer) finish() {
	k.t.Helper()
	s := serve(k.t, k.address, k.data, "--config", k.config)
	for _, sender := range k.senders {
		if sender.named && sender.pending != nil {
			if err := sender.send(k.t.Context(), s.url); err != nil {
				k.t.Fatal(err)
			}
		}
		sender.checked = 0
		n, err := sender.check(s.url)
		if err != nil {
			k.t.Fatal(err)
		}
		k.acknowledged += n
	}
	if err := s.stop(syscall.SIGTERM); err != nil {
		k.t.Errorf("the server ended with %v", err)
	}
	if err := os.RemoveAll(k.data); err != nil {
		k.t.Fatal(err)
	}
}

// live starts a server that dies at a moment, as disk.KillAt reads it, or is killed
// at random when that is empty. It checks what the lives before left, and lets lines
// come in. One that does not come by its moment is told to end, and may die of it then.
func (k *killer) live(moment string) {
	k.t.Helper()
	s, err := begin(k.t, []string{"PLUMBLINE_KILL_AT=" + moment}, k.address, k.data, "--config", k.config)
	for i := 0; err == nil && i < len(k.senders); i++ {
		_, err = k.senders[i].check(s.url)
	}
	if lost := (lostLines{}); errors.As(err, &lost) || err != nil && (moment == "" || !s.over(patience)) {
		k.t.Fatal(err)
	}
	if err == nil {
		k.load(s, moment)
	}
	var exit *exec.ExitError
	switch ended := s.wait(); {
	case errors.As(ended, &exit) && !exit.Exited():
		k.kills++
		if moment != "" {
			k.atPoints++
			k.died[moment[:strings.LastIndexByte(moment, ':')]]++
		}
	case ended != nil || moment == "":
		k.t.Fatalf("the server that was to die at %q ended with %v", moment, ended)
	}
}

// load lets lines come in until the server dies.
func (k *killer) load(s *server, moment string) {
	ctx, cancel := context.WithCancel(k.t.Context())
	defer cancel()
	var all sync.WaitGroup
	for _, sender := range k.senders {
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
	how, within := syscall.SIGKILL, time.Duration(k.random.IntN(600))*time.Millisecond
	if moment != "" {
		how, within = syscall.SIGTERM, 400*time.Millisecond
	}
	if !s.over(within) {
		_ = s.cmd.Process.Signal(how) // it may have died just now
	}
	cancel()
	all.Wait()
}

// sender sends batches of lines, numbered from 0.
type sender struct {
	name, dataset string
	named         bool
	fleeting      bool // retention drops what it sends
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

// batchesAsked are what one question asks for: numbers of more lines at once would
// take more memory than they may, and dc would estimate them.
const batchesAsked = 200

// kept is what is there of a batch.
type kept struct{ Batch, Count, Different, First, Last int }

// check asks for the lines sent since the last check. It gives how many of them
// were acknowledged.
func (s *sender) check(base string) (acknowledged int, err error) {
	there := map[int]kept{}
	for from := s.checked; from < len(s.sent); from += batchesAsked {
		rows, err := answers[kept](base, fmt.Sprintf("sender=%s batch>=%d batch<%d | stats count dc(n) as different min(n) as first max(n) as last by batch",
			s.name, from, from+batchesAsked))
		if err != nil {
			return 0, err
		}
		for _, f := range rows {
			there[f.Batch] = f
		}
	}
	for i := s.checked; i < len(s.sent); i++ {
		b, f := s.sent[i], there[i]
		whole := f == kept{i, b.lines, b.lines, b.first, b.first + b.lines - 1}
		if b.acknowledged {
			acknowledged += b.lines
		}
		if b.acknowledged && !whole && !s.fleeting {
			err = errors.Join(err, fmt.Errorf("sender %s: batch %d of %d lines from %d was acknowledged, there are %+v", s.name, i, b.lines, b.first, f))
		}
		if f.Count != f.Different {
			err = errors.Join(err, fmt.Errorf("sender %s: batch %d has lines twice: %+v", s.name, i, f))
		}
	}
	if err != nil {
		return 0, lostLines{err}
	}
	s.checked = max(0, len(s.sent)-1) // the last one may be sent again
	return acknowledged, nil
}

// lostLines is what nothing excuses.
type lostLines struct{ error }

// ask asks a question and reads its rows.
func ask[T any](t *testing.T, base, question string) []T {
	t.Helper()
	rows, err := answers[T](base, question)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// answers are the rows that answer a question: all of them, and exactly.
func answers[T any](base, question string) (rows []T, err error) {
	res, err := http.PostForm(base+"/api/v1/query", url.Values{"q": {question}})
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	in := bufio.NewScanner(res.Body)
	for in.Scan() {
		if res.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("%s: %s %s", question, res.Status, in.Text())
		}
		var r T
		if err := json.Unmarshal(in.Bytes(), &r); err != nil {
			return nil, fmt.Errorf("%s: %s: %w", question, in.Text(), err)
		}
		rows = append(rows, r)
	}
	if err := in.Err(); err != nil {
		return nil, err
	}
	var meta struct {
		Partial, Truncated, Approximate bool
		Notes                           []string
	}
	if err := json.Unmarshal([]byte(res.Trailer.Get("Plumbline-Meta")), &meta); err != nil {
		return nil, fmt.Errorf("%s: what is said beside the rows: %w", question, err)
	}
	if meta.Partial || meta.Truncated || meta.Approximate {
		return nil, fmt.Errorf("%s: the answer says that it is not all, or not exact: %+v", question, meta)
	}
	return rows, nil
}

// post posts a body and reads the answer, which must be 200.
func post(ctx context.Context, url string, body []byte, answer any) error {
	return exchange(ctx, http.MethodPost, url, body, answer)
}

// get reads the answer to a GET, which must be 200.
func get(ctx context.Context, url string, answer any) error {
	return exchange(ctx, http.MethodGet, url, nil, answer)
}

func exchange(ctx context.Context, method, url string, body []byte, answer any) error {
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
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
