package linetest_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/plumbline/plumbline/sdk/linetest"
)

// naive is the middleware everybody writes first.
type naive struct {
	http.ResponseWriter
	status int
}

func (n *naive) WriteHeader(status int) { n.status = status; n.ResponseWriter.WriteHeader(status) }

// The suite finds what is wrong with it, and only that.
func TestSuiteFindsWhatIsWrong(t *testing.T) {
	results := linetest.Check(func() linetest.Subject {
		var mu sync.Mutex
		var lines []linetest.Line
		return linetest.Subject{
			Wrap: func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					n := &naive{w, 200}
					next.ServeHTTP(n, r)
					mu.Lock()
					defer mu.Unlock()
					raw := fmt.Sprintf("%s %d", r.URL, n.status)
					lines = append(lines, linetest.Line{Status: n.status, Failed: n.status >= 500, Bytes: -1, Fields: map[string]any{"path": r.URL.Path}, Raw: []byte(raw)})
				})
			},
			Lines: func() []linetest.Line {
				mu.Lock()
				defer mu.Unlock()
				return append([]linetest.Line(nil), lines...)
			},
		}
	})
	wrong := map[string]bool{}
	for _, r := range results {
		wrong[r.Question] = r.Err != nil
	}
	for question, want := range map[string]bool{
		"silence is 200": false, "server error": false, "no content": false, "bytes by ReadFrom are counted": false,
		"panic before the header": true, "the first status counts": true, "HTTP/1 writer keeps its abilities": true,
		"events arrive while the handler runs": true, "client leaves before the header": true, "no secrets of the request": true,
		"wrapped twice is one line": true, "fields from many goroutines": true, "a caller's trace is continued": true,
	} {
		if got, asked := wrong[question]; !asked || got != want {
			t.Errorf("%s: wrong %v, want %v", question, got, want)
		}
	}
	if len(results) < 35 {
		t.Errorf("%d questions", len(results))
	}
	if strings.TrimSpace(results[0].Question) == "" {
		t.Error("a question without a name")
	}
}
