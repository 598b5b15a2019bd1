package main

import (
	"strings"
	"testing"
)

func TestTally(t *testing.T) {
	for _, c := range []struct {
		name           string
		events         string
		passed, failed int
		says           string
		keepsQuiet     string
	}{
		{
			name: "a passing test is counted, its output dropped",
			events: `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestA","Output":"chatter\n"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"pass","Package":"p","Elapsed":1.5}`,
			passed: 1, says: "ok       1.50s  p\n", keepsQuiet: "chatter",
		},
		{
			name: "a failing test shows what it said",
			events: `{"Action":"output","Package":"p","Test":"TestA","Output":"a_test.go:1: got 2\n"}
{"Action":"fail","Package":"p","Test":"TestA"}
{"Action":"fail","Package":"p"}`,
			failed: 1, says: "a_test.go:1: got 2\nFAIL",
		},
		{
			name: "a skipped test fails",
			events: `{"Action":"output","Package":"p","Test":"TestA","Output":"a_test.go:1: no chromium\n"}
{"Action":"skip","Package":"p","Test":"TestA"}
{"Action":"pass","Package":"p"}`,
			failed: 1, says: "no chromium",
		},
		{
			name: "a package that does not build fails once",
			events: `{"ImportPath":"p","Action":"build-output","Output":"a.go:1: undefined: x\n"}
{"ImportPath":"p","Action":"build-fail"}
{"Action":"output","Package":"p","Output":"FAIL p [build failed]\n"}
{"Action":"fail","Package":"p"}`,
			failed: 1, says: "undefined: x\nFAIL p [build failed]\n",
		},
		{
			name:   "a package without tests is neither",
			events: `{"Action":"skip","Package":"p"}`,
		},
		{
			name:   "what is no event is passed on",
			events: "go: no module here\n{\"half\": ",
			says:   "go: no module here\n{\"half\": ",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out strings.Builder
			got := newTally(&out)
			if err := got.read(strings.NewReader(c.events)); err != nil {
				t.Fatal(err)
			}
			got.out.Flush()
			if got.passed != c.passed || got.failed != c.failed {
				t.Errorf("%d passed, %d failed; want %d, %d", got.passed, got.failed, c.passed, c.failed)
			}
			if !strings.Contains(out.String(), c.says) {
				t.Errorf("said %q, want %q in it", out.String(), c.says)
			}
			if c.keepsQuiet != "" && strings.Contains(out.String(), c.keepsQuiet) {
				t.Errorf("said %q, want no %q in it", out.String(), c.keepsQuiet)
			}
		})
	}
}
