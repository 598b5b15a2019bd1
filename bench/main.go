// Command bench is the race: this build beside VictoriaLogs, on the same lines
// and the same questions, in turns within one run. Answers are compared before
// anything is timed, and any request that fails ends the run.
//
//	bench -plumbline PATH -victorialogs PATH [-lines N] [-dir DIR] [-out FILE]
//
// Figures are medians; processor time is the server's own, from /proc, from the
// first byte until it rests. Take them as ratios: they hold on other machines.
package main

import (
	"flag"
	"fmt"
	"os"

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
		own   = flag.String("plumbline", "", "the binary of this build")
		vl    = flag.String("victorialogs", "", "the binary of VictoriaLogs")
		lines = flag.Int("lines", 1_000_000, "canonical lines; a quarter as many wide ones")
		dir   = flag.String("dir", "", "a folder for data; it is emptied")
		made  = flag.String("commit", "", "what the build was made of, for the report")
		out   = flag.String("out", "", "the file of the report; standard output alone when empty")
	)
	flag.Parse()
	if *own == "" || *vl == "" || *dir == "" {
		return fmt.Errorf("-plumbline, -victorialogs and -dir are needed")
	}
	systems := []system{&plumbline{binary: *own}, &victoriaLogs{binary: *vl}}
	r := report{commit: *made}
	for _, c := range corpus.All() {
		n := *lines
		if c.Name == "wide" { // as many bytes
			n /= 4
		}
		if err := r.race(c, n, systems, *dir); err != nil {
			return fmt.Errorf("%s: %w", c.Name, err)
		}
	}
	text := r.markdown()
	fmt.Print(text)
	if *out == "" {
		return nil
	}
	return os.WriteFile(*out, []byte(text), 0o644)
}
