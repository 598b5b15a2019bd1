// Command tally reads what "go test -json" writes, from one run or several after
// one another, and prints what a person wants of it: a line per package, the whole
// output of what failed, and last "N passed, N failed".
//
// A skipped test counts as failed. It says nothing about the code, and a run that
// reads green because half of it was left out is worse than a red one.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

func main() {
	t := newTally(os.Stdout)
	err := t.read(os.Stdin)
	fmt.Fprintf(t.out, "%d passed, %d failed\n", t.passed, t.failed)
	if ferr := t.out.Flush(); err == nil {
		err = ferr
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "tally:", err)
	}
	if err != nil || t.failed > 0 {
		os.Exit(1)
	}
}

// event is one line of "go test -json"; see "go doc test2json".
type event struct {
	Action  string
	Package string
	Test    string
	Output  string
	Elapsed float64 // seconds
}

type key struct{ pkg, test string }

type tally struct {
	out            *bufio.Writer
	said           map[key]*strings.Builder // output of what still runs
	failing        map[string]int           // failed tests per package
	passed, failed int
}

func newTally(out io.Writer) *tally {
	return &tally{out: bufio.NewWriter(out), said: map[key]*strings.Builder{}, failing: map[string]int{}}
}

func (t *tally) read(r io.Reader) error {
	lines := bufio.NewReader(r)
	for {
		text, err := lines.ReadString('\n')
		if text != "" {
			t.line(text)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading test results: %w", err)
		}
	}
}

// line takes one event; what is none (the go command's own words) is passed on.
func (t *tally) line(text string) {
	var e event
	if json.Unmarshal([]byte(text), &e) != nil || e.Action == "" {
		t.out.WriteString(text)
		return
	}
	switch {
	case e.Action == "build-output":
		t.out.WriteString(e.Output)
	case e.Action == "output":
		t.keep(e)
	case e.Test != "":
		t.test(e)
	default:
		t.pkg(e)
	}
}

func (t *tally) keep(e event) {
	k := key{e.Package, e.Test}
	if t.said[k] == nil {
		t.said[k] = new(strings.Builder)
	}
	t.said[k].WriteString(e.Output)
}

func (t *tally) test(e event) {
	switch e.Action {
	case "pass":
		t.passed++
	case "fail", "skip":
		t.failed++
		t.failing[e.Package]++
		t.tell(e)
	default:
		return // run, pause, cont: still going
	}
	delete(t.said, key{e.Package, e.Test})
}

func (t *tally) pkg(e event) {
	switch e.Action {
	case "pass":
		fmt.Fprintf(t.out, "ok    %7.2fs  %s\n", e.Elapsed, e.Package)
	case "fail":
		if t.failing[e.Package] == 0 { // did not build, or died outside a test
			t.failed++
			t.tell(e)
		}
		fmt.Fprintf(t.out, "FAIL  %7.2fs  %s\n", e.Elapsed, e.Package)
	default:
		return
	}
	delete(t.said, key{e.Package, ""})
	t.out.Flush() // packages come minutes apart; somebody may be watching
}

func (t *tally) tell(e event) {
	if b := t.said[key{e.Package, e.Test}]; b != nil {
		t.out.WriteString(b.String())
	}
}
