package profile_test

import (
	"fmt"
	"net/http/httptest"
	"strings"

	"github.com/plumbline/plumbline/sdk/monitor"
	"github.com/plumbline/plumbline/sdk/profile"
)

// On a monitor they stand behind the write level; elsewhere it is for you to see
// who reaches them.
func ExamplePages() {
	_ = monitor.New(monitor.Options{Profiles: profile.Pages()})

	w := httptest.NewRecorder()
	profile.Pages().ServeHTTP(w, httptest.NewRequest("GET", "/debug/pprof/goroutine?debug=1", nil))
	first, _, _ := strings.Cut(w.Body.String(), ":")
	fmt.Println(first)
	// Output: goroutine profile
}
