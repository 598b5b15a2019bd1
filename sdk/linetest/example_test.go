package linetest_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/plumbline/plumbline/sdk/linetest"
)

// start makes what is to be asked: here a middleware that writes nothing at all.
func start() linetest.Subject {
	return linetest.Subject{
		Wrap:  func(h http.Handler) http.Handler { return h },
		Lines: func() []linetest.Line { return nil },
	}
}

// In a test each question is a subtest, and each wrong answer fails it.
func ExampleRun() {
	_ = func(t *testing.T) { linetest.Run(t, start) }
}

// Elsewhere one counts.
func ExampleCheck() {
	wrong := 0
	for _, r := range linetest.Check(start) {
		if r.Err != nil {
			wrong++
		}
	}
	fmt.Println(wrong > 20)
	// Output: true
}
