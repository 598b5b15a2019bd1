package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// target is what a corpus is to cost, by system work.
type target struct {
	rest   float64 // µs of processor a line
	bytes  float64 // a line; 0 where it is to be less than zstd -12 of the whole file
	memory float64 // MiB
}

var targets = map[string]target{
	"canonical": {rest: 1.8, bytes: 41, memory: 400},
	"text":      {rest: 1.5, bytes: 19},
	"wide":      {rest: 6},
}

// targetLines is the size of the race that the targets of questions are for.
const targetLines = 2_000_000

const growing = "days"

// writeReport makes the tables of all heats in a folder.
func writeReport(results, out string) error {
	heats, err := readHeats(results)
	if err != nil {
		return err
	}
	text := markdown(heats)
	fmt.Print(text)
	if out == "" {
		return nil
	}
	return os.WriteFile(out, []byte(text), 0o644)
}

// readHeats are those that were loaded and asked, in the order of the corpora
// and by size.
func readHeats(results string) ([]heat, error) {
	files, _ := filepath.Glob(filepath.Join(results, "*.json")) // the pattern is well formed
	var heats []heat
	for _, name := range files {
		body, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		var h heat
		if err := json.Unmarshal(body, &h); err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		if len(h.Titles) > 0 {
			heats = append(heats, h)
		}
	}
	order := corpusNames()
	slices.SortFunc(heats, func(a, b heat) int {
		if a.Corpus != b.Corpus {
			return slices.Index(order, a.Corpus) - slices.Index(order, b.Corpus)
		}
		return a.Lines - b.Lines
	})
	return heats, nil
}

const preface = `# The race

Made by ` + "`make race`" + `, on %d processors. Processor time is the server's, from the first byte until merges rest.
Plumbline answers after fsync, VictoriaLogs when lines are in memory; ClickHouse reads a file by itself, without HTTP,
and is timed inside its process, the others with HTTP and reading. Questions are asked in turns after one round that compares
the answers; medians of %d, ms. The ratio is to the best of the others; take the ratios, they hold on other machines.
`

func markdown(heats []heat) string {
	var b strings.Builder
	fmt.Fprintf(&b, preface, runtime.NumCPU(), rounds)
	var grown []heat
	for _, h := range heats {
		if h.Corpus == growing {
			grown = append(grown, h)
			continue
		}
		h.table(&b)
	}
	if len(grown) > 0 {
		growthTable(&b, grown)
	}
	return b.String()
}

// figure is a line of a table: what each system needs, and what it should.
type figure struct {
	title  string
	format string
	of     func(r *result) float64
	target float64 // 0: none
}

func (h *heat) figures() []figure {
	lines, want := float64(h.Lines), targets[h.Corpus]
	if want.bytes == 0 {
		want.bytes = float64(h.Packed) / lines
	}
	out := []figure{
		{"processor a line until taken, µs", "%.2f", func(r *result) float64 { return micros(r.acked()) / lines }, 0},
		{"processor a line until at rest, µs", "%.2f", func(r *result) float64 { return micros(r.rest()) / lines }, want.rest},
		{"bytes a line on disk", "%.1f", func(r *result) float64 { return float64(r.bytes()) / lines }, want.bytes},
		{"peak memory, MiB", "%.0f", func(r *result) float64 { return float64(r.Peak) / (1 << 20) }, want.memory},
	}
	for i, title := range h.Titles {
		f := figure{title, "%.1f", func(r *result) float64 { return micros(median(r.Times[title])) / 1000 }, h.Targets[i]}
		if h.Lines != targetLines {
			f.target = 0
		}
		out = append(out, f)
	}
	return out
}

func (h *heat) table(b *strings.Builder) {
	fmt.Fprintf(b, "\n## %s\n\n%s. %d lines of %.0f bytes", h.Corpus, h.Doc, h.Lines, float64(h.Sent)/float64(h.Lines))
	if h.Packed > 0 {
		fmt.Fprintf(b, ", %.1f by `zstd -12` of the whole file", float64(h.Packed)/float64(h.Lines))
	}
	fmt.Fprintf(b, "; loads: %d. %s.\n\n| |", len(h.Results[0].Loads), h.made())
	for _, r := range h.Results {
		fmt.Fprintf(b, " %s |", r.System)
	}
	b.WriteString(" ratio | target | |\n|---|" + strings.Repeat("---|", len(h.Results)+3) + "\n")
	for _, f := range h.figures() {
		f.row(b, h.Results)
	}
}

func (h *heat) made() string { return fmt.Sprintf("%s, commit %s, %s", h.Made, h.Commit, h.Go) }

func (f *figure) row(b *strings.Builder, results []result) {
	fmt.Fprintf(b, "| %s |", f.title)
	ours, best := f.of(&results[0]), 0.0
	for i := range results {
		v := f.of(&results[i])
		fmt.Fprintf(b, " "+f.format+" |", v)
		if i > 0 && (best == 0 || v < best) {
			best = v
		}
	}
	ratio, want, met := "", "", ""
	if best > 0 {
		ratio = fmt.Sprintf("%.2f", ours/best)
	}
	if f.target > 0 {
		want, met = fmt.Sprintf("≤ %.3g", f.target), "met"
		if ours > f.target {
			met = fmt.Sprintf("short, ×%.2f", ours/f.target)
		}
	}
	fmt.Fprintf(b, " %s | %s | %s |\n", ratio, want, met)
}

// growthTable shows the same work for more and more lines.
func growthTable(b *strings.Builder, heats []heat) {
	fmt.Fprintf(b, "\n## growth\n\n%s, so that more lines are more days. Plumbline alone.\n\n| lines |", heats[0].Doc)
	for _, h := range heats {
		fmt.Fprintf(b, " %d million |", h.Lines/1_000_000)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(heats)) + "\n| measured |")
	for _, h := range heats {
		fmt.Fprintf(b, " %s |", h.made())
	}
	b.WriteString("\n")
	for i, f := range heats[0].figures() {
		fmt.Fprintf(b, "| %s |", f.title)
		for _, h := range heats {
			fmt.Fprintf(b, " "+f.format+" |", h.figures()[i].of(&h.Results[0]))
		}
		b.WriteString("\n")
	}
}

func (r *result) acked() time.Duration {
	return median(each(r.Loads, func(l load) time.Duration { return l.Acked }))
}

func (r *result) rest() time.Duration {
	return median(each(r.Loads, func(l load) time.Duration { return l.Rest }))
}

func (r *result) bytes() int64 { return median(each(r.Loads, func(l load) int64 { return l.Bytes })) }

func each[A, B any](of []A, to func(A) B) []B {
	out := make([]B, len(of))
	for i, a := range of {
		out[i] = to(a)
	}
	return out
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
