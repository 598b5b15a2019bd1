// Package linetest asks a middleware that writes one line for each request the
// questions that middlewares of this kind get wrong: what it says of panics,
// aborted clients and hijacked connections, whether handlers still find every
// ability of their writer, and whether hostile bytes stay in their line.
//
// It knows no particular middleware, so that any can be asked and compared:
//
//	func TestConformance(t *testing.T) {
//		linetest.Run(t, func() linetest.Subject { … })
//	}
package linetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// Subject is a middleware under test, fresh for each question.
type Subject struct {
	// Wrap puts the middleware around a handler.
	Wrap func(http.Handler) http.Handler
	// Lines are the lines about finished requests, in their order. It is called
	// while requests are served.
	Lines func() []Line
	// Set puts a field on the line of the request that ctx belongs to. Nil where
	// the middleware cannot.
	Set func(ctx context.Context, name string, value int)
}

// Line is what a middleware wrote about one request.
type Line struct {
	Status  int
	Failed  bool           // who looks for failures of the service finds this line
	Outcome string         // how the request ended, where the middleware has a word for it
	Bytes   int64          // of the answer's body, -1 where it does not say
	Fields  map[string]any // everything
	Raw     []byte         // as it was written
}

// Result is the answer to one question; without an error it was right.
type Result struct {
	Question string
	Err      error
}

// question is one thing to try.
type question struct {
	name string
	ask  func(*trial) error
}

// Run asks everything, and fails t for each wrong answer.
func Run(t *testing.T, start func() Subject) {
	t.Helper()
	for _, q := range questions() {
		t.Run(q.name, func(t *testing.T) {
			if err := answer(q, start()); err != nil {
				t.Error(err)
			}
		})
	}
}

// Check asks everything, at once, and reports, for a comparison.
func Check(start func() Subject) []Result {
	all := questions()
	results := make([]Result, len(all))
	var wg sync.WaitGroup
	for i, q := range all {
		s := start()
		wg.Go(func() { results[i] = Result{q.name, answer(q, s)} })
	}
	wg.Wait()
	return results
}

func questions() (all []question) {
	return append(append(append(all, endQuestions()...), writerQuestions()...), lineQuestions()...)
}

func answer(q question, s Subject) (err error) {
	t := &trial{Subject: s}
	defer t.close()
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("it panicked: %v", v)
		}
	}()
	return q.ask(t)
}

// trial is a server with the middleware around one handler.
type trial struct {
	Subject
	server *httptest.Server
}

// patience is how long a line may take to come after the answer.
const patience = 2 * time.Second

// serve starts a server with the handler, behind the middleware.
func (t *trial) serve(h http.HandlerFunc) string {
	return t.start(t.Wrap(h), func(*httptest.Server) {})
}

func (t *trial) start(h http.Handler, prepare func(*httptest.Server)) string {
	t.close()
	t.server = httptest.NewUnstartedServer(h)
	t.server.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.server.Config.MaxHeaderBytes = 2 * 4 * maxLineBytes // for paths that are longer than any line
	prepare(t.server)
	if t.server.TLS == nil && !t.server.EnableHTTP2 {
		t.server.Start()
	}
	return t.server.URL
}

func (t *trial) close() {
	if t.server != nil {
		t.server.CloseClientConnections()
		t.server.Close()
		t.server = nil
	}
}

// get asks for the URL and reads the whole answer.
func get(url string) (status int, body string, err error) {
	response, err := http.Get(url)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	all, err := io.ReadAll(response.Body)
	return response.StatusCode, string(all), err
}

// line waits for the one line that is due.
func (t *trial) line() (Line, error) {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		if len(t.Lines()) > 0 {
			break
		}
	}
	time.Sleep(5 * time.Millisecond) // in which a second one would come
	switch lines := t.Lines(); len(lines) {
	case 0:
		return Line{}, errors.New("no line")
	case 1:
		return lines[0], nil
	default:
		return Line{}, fmt.Errorf("%d lines for one request", len(lines))
	}
}

// want waits for the line and compares it. An empty outcome is not asked for.
func (t *trial) want(status int, failed bool, outcome string) error {
	l, err := t.line()
	switch {
	case err != nil:
		return err
	case l.Status != status:
		return fmt.Errorf("status %d, want %d", l.Status, status)
	case l.Failed != failed:
		return fmt.Errorf("failed %v, want %v", l.Failed, failed)
	case l.Outcome != "" && outcome != "" && l.Outcome != outcome:
		return fmt.Errorf("outcome %s, want %s", l.Outcome, outcome)
	}
	return nil
}
