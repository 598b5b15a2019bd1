// Command bench is the race: this build beside VictoriaLogs and ClickHouse, on
// the same lines and the same questions, in turns. Answers are compared before
// any is timed, and any request that fails ends the run.
//
//	bench [flags] STEP…
//
//	load      all systems, one after the other, take the lines: one more run
//	ask       all are asked in turns
//	pack      what zstd -12 makes of the lines
//	report    the tables of all that was measured, alone
//
// The steps of a corpus keep what they measured in a file of -results, so that
// each can wait for a quiet machine. Figures are medians; processor time is the
// server's own, from /proc, from the first byte until it rests. Take them as
// ratios: they hold on other machines.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/plumbline/plumbline/bench/corpus"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run() error {
	var (
		own     = flag.String("plumbline", "", "the binary of this build")
		logs    = flag.String("victorialogs", "", "the binary of VictoriaLogs; without it there is none")
		click   = flag.String("clickhouse", "", "the binary that speaks to ClickHouse; without it there is none")
		name    = flag.String("corpus", "canonical", "the lines: "+strings.Join(corpusNames(), ", "))
		lines   = flag.Int("lines", 2_000_000, "as many bytes as so many canonical lines have, about")
		dir     = flag.String("dir", "tmp/race", "the folder of the data")
		results = flag.String("results", "bench/results", "the folder of what was measured")
		commit  = flag.String("commit", "", "what the build was made of, for the report")
		times   = flag.Int("rounds", rounds, "how often each question is asked")
		profile = flag.String("profile", "", "a folder for profiles of this build under load, which slow it; none when empty")
		out     = flag.String("out", "", "the file of the report; standard output alone when empty")
	)
	flag.Parse()
	if flag.Arg(0) == "report" {
		return writeReport(*results, *out)
	}
	c, err := corpus.Named(*name)
	if err != nil {
		return err
	}
	r := &race{corpus: c, lines: *lines / c.Weight, rounds: *times}
	place := fmt.Sprintf("%s-%d", c.Name, r.lines)
	r.dir, r.file = filepath.Join(*dir, place), filepath.Join(*results, place+".json")
	if r.systems = systems(*own, *profile, *logs, *click); len(r.systems) == 0 {
		return fmt.Errorf("-plumbline is needed")
	}
	steps, err := r.steps(flag.Args())
	if err != nil {
		return err
	}
	h, err := r.resume()
	if err != nil {
		return err
	}
	for _, step := range steps {
		if err := step(h); err != nil {
			return fmt.Errorf("%s: %w", c.Name, err)
		}
		h.Made, h.Commit, h.Go = time.Now().UTC().Format(time.DateOnly), *commit, runtime.Version()
		if err := r.keep(h); err != nil {
			return err
		}
	}
	return nil
}

// steps are those of some names.
func (r *race) steps(names []string) ([]func(*heat) error, error) {
	known := map[string]func(*heat) error{"load": r.load, "ask": r.ask, "pack": r.pack}
	var out []func(*heat) error
	for _, name := range names {
		if known[name] == nil {
			return nil, fmt.Errorf("no step %q; there are load, ask, pack, and report", name)
		}
		out = append(out, known[name])
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no step is named; there are load, ask, pack, and report")
	}
	return out, nil
}

// systems are those whose binaries are given, ours first.
func systems(own, profiles, logs, click string) []system {
	var out []system
	if own != "" {
		out = append(out, &plumbline{binary: own, profiles: profiles})
	}
	if own != "" && logs != "" {
		out = append(out, &victoriaLogs{binary: logs})
	}
	if own != "" && click != "" {
		out = append(out, &clickHouse{binary: click})
	}
	return out
}

func corpusNames() []string {
	var out []string
	for _, c := range corpus.All() {
		out = append(out, c.Name)
	}
	return out
}
