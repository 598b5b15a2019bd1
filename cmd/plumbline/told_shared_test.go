//go:build system && linux

package main

import (
	"syscall"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/postgrestest"
	"github.com/plumbline/plumbline/internal/watch"
)

// TestToldTogether: two servers share a PostgreSQL, and get the same lines. One
// drives the rules; when it is killed the other takes over, and when PostgreSQL
// crashes both come back. What they find and tell together is what one server finds
// and tells that is left alone.
func TestToldTogether(t *testing.T) {
	t.Parallel()
	toldTogether(t, 4)
}

func toldTogether(t *testing.T, kills int) {
	database := postgrestest.Start(t)
	const ahead = 20 * time.Second
	p := newPlay(t, ahead)
	calm := p.server(t, "calm", "calm", "")
	pair := [2]*watcher{p.server(t, "one", "pair", database.URL()), p.server(t, "two", "pair", database.URL())}
	for _, w := range []*watcher{calm, pair[0], pair[1]} {
		w.start(t)
	}
	p.begin(calm, pair[0], pair[1])
	var without, longest time.Duration
	for kill := range kills {
		leader := leading(t, pair)
		other := pair[1-leader]
		time.Sleep(time.Duration(500+p.random.IntN(2000)) * time.Millisecond)
		pair[kill%2].acknowledge(t) // through whichever server
		for _, w := range pair {
			w.awaitFeed(t, ahead*3/4) // so that who takes over has every line
		}
		if kill == kills/2 {
			database.Stop()
			time.Sleep(time.Second)
			database.Start()
			leading(t, pair)
			continue
		}
		if err := pair[leader].stop(syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if !eventually(func() bool { return other.leads(t) }) {
			t.Fatalf("%s does not take over", other.name)
		}
		took := time.Since(began)
		without, longest = without+took, max(longest, took)
		pair[leader].start(t)
	}
	p.finish(t, calm, pair[0], pair[1])
	p.compare(t, calm, pair[0])
	t.Logf("%d changes of the lead, one takes %s, %s at most", kills, (without / time.Duration(kills-1)).Round(time.Millisecond), longest.Round(time.Millisecond))
}

// leading is the one that drives the rules; that both do is an error.
func leading(t *testing.T, pair [2]*watcher) (leader int) {
	t.Helper()
	leader = -1
	if !eventually(func() bool {
		one, two := pair[0].leads(t), pair[1].leads(t)
		if one && two && pair[0].leads(t) {
			t.Fatal("both servers drive the rules")
		}
		if one != two {
			leader = map[bool]int{true: 0, false: 1}[one]
		}
		return leader >= 0
	}) {
		t.Fatal("nobody drives the rules")
	}
	return leader
}

func (w *watcher) leads(t *testing.T) bool {
	var wall struct{ Watch watch.View }
	if err := get(t.Context(), w.url+"/api/v1/wall", &wall); err != nil {
		t.Logf("%s: %v", w.name, err) // PostgreSQL may be away
		return false
	}
	return wall.Watch.Leads
}
