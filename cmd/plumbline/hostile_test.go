//go:build system

package main

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestHostile asks every sixth hostile question, "make torture" all of them.
func TestHostile(t *testing.T) { hostile(t, 20_000, 6) }

// hostileRunTime is how long a question may run, and hostileGrace how much later it
// has ended on a busy machine.
const (
	hostileRunTime = 5 * time.Second
	hostileGrace   = 10 * time.Second
	hostileMemory  = 256 << 20
	// hostileSlices is what a question may wait beside twice its time: for the system
	// and for Go to give it a processor, of which others have slices of 10 ms.
	hostileSlices = 20 * time.Millisecond
)

// hostile asks questions that want everything. Each ends with an answer or by a limit
// that has a name, the server's memory stays within its bound, and who asks usual
// questions meanwhile is answered.
func hostile(t *testing.T, lines, step int) {
	address, err := newPorts(t).free()
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, address, t.TempDir()+"/data", "--memory", "256MiB", "--max-run-time", hostileRunTime.String(), "--max-groups", "100000", "--max-join-rows", "100000", "--max-rows", "1000000")
	fillUp(t, s, lines, time.Hour)
	usual := askUsual(t.Context(), t, s.url, 20)
	ctx, cancel := context.WithCancel(t.Context())
	peak := watchMemory(s.cmd.Process.Pid)
	meanwhile := make(chan []time.Duration, 1)
	go func() { meanwhile <- askUsual(ctx, t, s.url, 0) }()
	limits, answered, slowest, most := map[string]int{}, 0, time.Duration(0), int64(0)
	questions := hostileQuestions()
	asked := 0
	for i := 0; i < len(questions); i += step {
		asked++
		began := time.Now()
		limit, err := askHostile(s.url, questions[i].text)
		took := time.Since(began)
		if now := memoryOf(s.cmd.Process.Pid); now > most+(64<<20) {
			t.Logf("%s: %d MiB of memory, %d before", questions[i].name, now>>20, most>>20)
			most = now
		}
		slowest = max(slowest, took)
		switch {
		case err != nil:
			t.Errorf("%s: %v", questions[i].name, err)
		case took > hostileRunTime+hostileGrace:
			t.Errorf("%s took %s, a question may run %s", questions[i].name, took, hostileRunTime)
		case limit == "":
			answered++
		default:
			limits[limit]++
		}
	}
	cancel()
	under, rss := <-meanwhile, peak()
	// Twice: Go's collector lets as much again lie around.
	if bound := int64(2*hostileMemory + 384<<20); rss > bound && !raced() {
		t.Errorf("%d MiB of memory", rss>>20)
	}
	if len(under) == 0 || median(under) > 2*median(usual)+hostileSlices {
		t.Errorf("%d usual questions were answered meanwhile, in %s at the median, and in %s before: twice that and %s are allowed", len(under), median(under), median(usual), hostileSlices)
	}
	t.Logf("torture: hostile questions | %d over %d lines: %d answered, others ended by %s | the longest took %s of %s allowed, %d MiB of memory; %d usual questions meanwhile took %s at the median, %s before",
		asked, lines, answered, counted(limits), slowest.Round(time.Millisecond), hostileRunTime, rss>>20, len(under), median(under).Round(100*time.Microsecond), median(usual).Round(100*time.Microsecond))
	if err := s.stop(syscall.SIGTERM); err != nil {
		t.Errorf("the server ended with %v", err)
	}
}

// counted are the limits and how many questions each ended, those of most first.
func counted(limits map[string]int) string {
	names := slices.SortedFunc(maps.Keys(limits), func(a, b string) int {
		return cmp.Or(limits[b]-limits[a], strings.Compare(a, b))
	})
	for i, name := range names {
		names[i] = fmt.Sprintf("%s %d", name, limits[name])
	}
	return strings.Join(names, ", ")
}

// askUsual asks usual questions, so many or until ctx ends, and gives how long each
// took.
func askUsual(ctx context.Context, t *testing.T, base string, most int) (took []time.Duration) {
	for i := 0; ctx.Err() == nil && (most == 0 || i < most); i++ {
		began := time.Now()
		status, err := drain(ctx, base, "* "+panels[i%len(panels)], "-1h")
		if ctx.Err() != nil {
			return took
		}
		if err != nil || status != http.StatusOK {
			t.Errorf("%s: %d, %v", panels[i%len(panels)], status, err)
		}
		took = append(took, time.Since(began))
		time.Sleep(20 * time.Millisecond)
	}
	return took
}

func median(list []time.Duration) time.Duration {
	if len(list) == 0 {
		return 0
	}
	slices.Sort(list)
	return list[len(list)/2]
}

// askHostile asks, and gives the limit that ended the question; what is no limit and no
// fault of the question is an error.
func askHostile(base, question string) (limit string, err error) {
	res, err := http.PostForm(base+"/api/v1/query", url.Values{"q": {question}})
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	in := bufio.NewReader(res.Body)
	last := ""
	for {
		line, err := in.ReadString('\n')
		if strings.TrimSpace(line) != "" {
			last = line
		}
		if err != nil {
			break
		}
	}
	if res.StatusCode == http.StatusOK && !strings.HasPrefix(last, `{"error":`) {
		return "", nil
	}
	for _, name := range []string{"run time limit", "memory limit", "groups limit", "rows of a join limit", "rows limit", "steps of a timechart", "cells of a timechart", "limit"} {
		if strings.Contains(last, name) {
			return strings.TrimSuffix(name, " limit"), nil
		}
	}
	if res.StatusCode == http.StatusBadRequest || res.StatusCode == http.StatusUnprocessableEntity || res.StatusCode == http.StatusRequestEntityTooLarge {
		return "not a question", nil // too long, too deep, too many
	}
	return "", fmt.Errorf("%s: %.300s", res.Status, last)
}

type hostileQuestion struct{ name, text string }

// hostileQuestions are kinds of trouble, each in several sizes and over several fields.
func hostileQuestions() (list []hostileQuestion) {
	add := func(name, format string, args ...any) {
		list = append(list, hostileQuestion{fmt.Sprintf("%s %d", name, len(list)), fmt.Sprintf(format, args...)})
	}
	many := func(n int, between string, item func(i int) string) string {
		var b strings.Builder
		for i := range n {
			if i > 0 {
				b.WriteString(between)
			}
			b.WriteString(item(i))
		}
		return b.String()
	}
	fields := []string{"request_id", "user_id", "duration", "_msg", "_time", "route", "status"}
	for _, f := range fields {
		for _, agg := range []string{"count", "list(_msg)", "values(request_id)", "p99(duration) dc(request_id)"} {
			add("giant group", "* | stats %s by request_id, %s", agg, f)
		}
		add("giant group", "* | stats count by %s, request_id, user_id, duration, _time | sort count | stats count by count", f)
		add("wide chart", "* | timechart span=1s limit=100000 count by %s", f)
		add("wide stream", "* | streamstats window=10000 p99(duration) dc(request_id) by %s", f)
		add("remembering", "* | dedup %s, request_id | sort %s | tail 1000000", f, f)
		add("grouped twice", "* | eventstats list(request_id) by %s | stats list(request_id) by request_id", f)
		add("transactions", "* | transaction %s", f)
		add("everything distinct", "* | stats values(%s) list(%s) mode(%s)", f, f, f)
		add("cross join", "* | eval k = 1 | join k [ * | eval k = 1 | fields k, %s ]", f)
		add("cross joins", "* | eval k = 1 | join k [ * | eval k = 1 ] | join k [ * | eval k = 1 ] | stats count by %s", f)
		add("subsearch of everything", "%s in [ * | fields %s ]", f, f)
		add("unions", "* %s", strings.Repeat("| union [ * ] ", 12)+"| stats count by "+f)
	}
	for _, n := range []int{10, 1000, 10_000, 50_000} {
		add("many words", "%s", many(n, " or ", func(i int) string { return fmt.Sprintf("word%d", i) }))
		add("many fragments", "%s", many(n, " or ", func(i int) string { return fmt.Sprintf("*%xz%d*", i, i) }))
		add("many wildcards", "%s", many(n, " or ", func(i int) string { return fmt.Sprintf("a%d*b%d*c", i, i) }))
		add("words that are not there", "%s", many(n, " ", func(i int) string { return fmt.Sprintf("not word%d", i) }))
		add("many values", "%s", many(n, " or ", func(i int) string { return fmt.Sprintf("request_id=req_%d", i) }))
		add("values of many fields", "%s", many(n, " or ", func(i int) string { return fmt.Sprintf("f%d=%d", i, i) }))
		add("many comparisons", "%s", many(n, " or ", func(i int) string { return fmt.Sprintf("duration>%d.5", i+100) }))
		add("many patterns", "%s", many(n, " or ", func(i int) string { return fmt.Sprintf("request_id=*%d*x", i) }))
		add("anywhere", "%s", many(n, " or ", func(i int) string { return fmt.Sprintf("any=zz%d", i) }))
		add("many expressions", "* | where %s", many(n, " or ", func(i int) string { return fmt.Sprintf("duration * %d = 1", i+2) }))
		add("a long list", "request_id in (%s) | stats count", many(n, ",", func(i int) string { return fmt.Sprintf("req_%d", i) }))
		add("many regexps", "%s", many(min(n, 20_000), " or ", func(i int) string { return fmt.Sprintf(`request_id~"%dx+y"`, i) }))
		add("deep brackets", "%s", strings.Repeat("(", n)+"a"+strings.Repeat(")", n))
		add("deep nots", "%s a", strings.Repeat("not ", n))
		add("deep calls", "* | eval x = %s1%s", strings.Repeat("abs(", n), strings.Repeat(")", n))
		add("a long sum", "* | eval x = %s | stats sum(x)", many(n, "+", func(int) string { return "duration" }))
		add("many assignments", "* | eval %s | stats count", many(n, ", ", func(i int) string { return fmt.Sprintf("x%d = status + %d", i, i) }))
		add("many aggregates", "* | stats %s by user_id", many(min(n, 20_000), " ", func(i int) string { return fmt.Sprintf("p99(duration) as p%d", i) }))
		add("many subsearches", "%s", many(min(n, 20_000), " or ", func(i int) string { return fmt.Sprintf("user_id in [ status=%d | fields user_id ]", i) }))
		for _, pipe := range []string{"where status > 5", "eval x = status + 1", "sort duration", "dedup request_id", "eventstats count by route", "streamstats count", "fillnull", "rename status as status", "unroll x", `rex "(?<x>.*)"`, "head 1000000", "union [ * ]"} {
			add("a long chain", "* | %s | stats count", many(n, " | ", func(int) string { return pipe }))
		}
	}
	for _, re := range []string{`(.*)*(.*)*(.*)*x$`, `(?:(?:a?){31}){31}$`, `(a|b|ab)*c`, `^(([a-z])+.)+[A-Z]([a-z])+$`, `(x+x+)+y`, `(\\w+\\s?)*$`, `([a-z0-9_]+)*z{20}`, `.*.*.*.*=.*`, `(?i)(r|e|q)*_0*1+$`, `((a{1,50}){1,20})`} {
		for _, f := range []string{"request_id", "_msg", "user_id", "route"} {
			add("a regexp bomb", `%s~"%s" | stats count`, f, re)
		}
		add("a regexp bomb in a pipe", `* | rex "%s" | stats count`, re)
		add("a replacing bomb", `* | eval x = replace(request_id, "%s", "\\1\\1\\1\\1") | stats dc(x)`, re)
	}
	for _, n := range []string{"9223372036854775807", "1000000000", "100000000000000000000"} {
		for _, pipe := range []string{"head %s", "tail %s", "sort %s duration", "top %s request_id", "facets %s", "timechart span=1us limit=%s count by request_id", "streamstats window=%s list(request_id)", "sample %s", "related depth=%s", "compare %sh"} {
			add("a huge number", "* | "+strings.Replace(pipe, "%s", "%[1]s", 1)+" | stats count", n)
		}
	}
	for _, n := range []int{5, 20, 60} {
		add("doubled texts", "* | eval a = request_id + request_id%s | stats count", strings.Repeat(", a = a + a", n))
		add("doubled formats", "* | %s | stats count", many(n, " | ", func(int) string { return `format "<_msg><_msg><_msg>"` }))
		add("lists in lists", "* | eval x = split(request_id, \"\") | %s | stats count", many(n, " | ", func(int) string { return "unroll x | eval x = split(request_id, \"\")" }))
		add("subsearches in subsearches", "%s status=200 %s", strings.Repeat("user_id in [ user_id in [ ", n), strings.Repeat("| fields user_id ] | fields user_id ]", n))
		add("fine steps", "earliest=0 | timechart span=1us count | timechart span=%dns count", n)
	}
	return list
}
