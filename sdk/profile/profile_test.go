package profile_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/plumbline/plumbline/sdk/profile"
)

func TestPages(t *testing.T) {
	for _, c := range []struct {
		target string
		status int
		begins string
	}{
		{"/debug/pprof/", 200, "<!doctype html>"},
		{"/debug/pprof/goroutine?debug=1", 200, "goroutine profile"},
		{"/debug/pprof/heap", 200, "\x1f\x8b"},
		{"/debug/pprof/heap?debug=x", 200, "\x1f\x8b"},
		{"/debug/pprof/profile?seconds=0.02", 200, "\x1f\x8b"},
		{"/debug/pprof/trace?seconds=0.02", 200, "go 1."},
		{"/debug/pprof/none", 404, "no such profile"},
		{"/debug/pprof/profile?seconds=1e9", 400, "seconds are"},
		{"/debug/pprof/profile?seconds=-1", 400, "seconds are"},
		{"/debug/pprof/trace?seconds=NaN", 400, "seconds are"},
	} {
		w := httptest.NewRecorder()
		profile.Pages().ServeHTTP(w, httptest.NewRequest("GET", c.target, nil))
		if w.Code != c.status || !strings.HasPrefix(w.Body.String(), c.begins) {
			t.Errorf("%s is answered %d %.40q", c.target, w.Code, w.Body)
		}
	}
}

// Of two recordings at once the second is refused, not spoilt.
func TestOneRecordingAtATime(t *testing.T) {
	first := make(chan int)
	begun := make(chan struct{})
	go func() {
		w := httptest.NewRecorder()
		close(begun)
		profile.Pages().ServeHTTP(w, httptest.NewRequest("GET", "/profile?seconds=1", nil))
		first <- w.Code
	}()
	<-begun
	codes := map[int]int{}
	for range 20 { // one of them meets the first
		w := httptest.NewRecorder()
		profile.Pages().ServeHTTP(w, httptest.NewRequest("GET", "/profile?seconds=0.02", nil))
		codes[w.Code]++
	}
	codes[<-first]++
	if codes[200]+codes[409] != 21 || codes[409] == 0 {
		t.Errorf("answers %v", codes)
	}
}
