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

// goals are what corpora are to cost.
type goals struct {
	rest   goal // µs of processor a line
	bytes  goal // a line
	memory goal // MiB
}

func (h *heat) goals() goals {
	switch h.Corpus {
	case "canonical":
		return goals{goal{1.8, "ClickHouse", 10.9}, goal{most: 41}, goal{most: 400e6 / (1 << 20)}}
	case "text":
		return goals{rest: goal{1.5, "VictoriaLogs", 6.7}, bytes: goal{most: 19}}
	case "wide":
		return goals{rest: goal{6, "VictoriaLogs", 23.5}, bytes: goal{most: float64(h.Packed) / float64(h.Lines)}}
	}
	return goals{}
}

// goalLines is the size of the race that the goals of questions are for.
const goalLines = 2_000_000

const growing = "days"

// writeReport makes the tables of all heats in a folder.
func writeReport(results, out string) error {
	heats, err := readHeats(results)
	if err != nil {
		return err
	}
	text, err := markdown(heats)
	if err != nil {
		return err
	}
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
		if len(h.Results[0].Times) > 0 {
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
the answers; medians of %d, ms. The first ratio is to the best of the others. Goals were set on another machine, so times are
held against what the better of the others needed there.
`

func markdown(heats []heat) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, preface, runtime.NumCPU(), rounds)
	var grown []heat
	for _, h := range heats {
		if h.Corpus == growing {
			grown = append(grown, h)
			continue
		}
		if err := h.table(&b); err != nil {
			return "", err
		}
	}
	if len(grown) > 0 {
		if err := growthTable(&b, grown); err != nil {
			return "", err
		}
	}
	return b.String(), nil
}

// figure is a line of a table: what each system needs, and what it should.
type figure struct {
	title  string
	format string
	of     func(r *result) float64
	goal   goal
}

func (h *heat) figures() ([]figure, error) {
	questions, err := h.questions()
	lines, want := float64(h.Lines), h.goals()
	out := []figure{
		{"processor a line until taken, µs", "%.2f", func(r *result) float64 { return micros(r.acked()) / lines }, goal{}},
		{"processor a line until at rest, µs", "%.2f", func(r *result) float64 { return micros(r.rest()) / lines }, want.rest},
		{"bytes a line on disk", "%.1f", func(r *result) float64 { return float64(r.bytes()) / lines }, want.bytes},
		{"peak memory, MiB", "%.0f", func(r *result) float64 { return float64(r.Peak) / (1 << 20) }, want.memory},
	}
	for _, q := range questions {
		if len(h.Results[0].Times[q.title]) == 0 {
			continue // it was not asked yet when this was measured
		}
		f := figure{q.title, "%.1f", func(r *result) float64 { return micros(median(r.Times[q.title])) / 1000 }, q.goal}
		if h.Lines != goalLines {
			f.goal = goal{}
		}
		out = append(out, f)
	}
	return out, err
}

func (h *heat) table(b *strings.Builder) error {
	figures, err := h.figures()
	if err != nil {
		return err
	}
	fmt.Fprintf(b, "\n## %s\n\n%s. %d lines of %.0f bytes", h.Corpus, h.Doc, h.Lines, float64(h.Sent)/float64(h.Lines))
	if h.Packed > 0 {
		fmt.Fprintf(b, ", %.1f by `zstd -12` of the whole file", float64(h.Packed)/float64(h.Lines))
	}
	fmt.Fprintf(b, "; loads: %d. %s.\n\n| |", len(h.Results[0].Loads), h.made())
	for _, r := range h.Results {
		fmt.Fprintf(b, " %s |", r.System)
	}
	b.WriteString(" ratio | goal | as ratio | |\n|---|" + strings.Repeat("---|", len(h.Results)+4) + "\n")
	for _, f := range figures {
		f.row(b, h.Results)
	}
	return nil
}

func (h *heat) made() string { return fmt.Sprintf("%s, commit %s, %s", h.Made, h.Commit, h.Go) }

func (f *figure) row(b *strings.Builder, results []result) {
	fmt.Fprintf(b, "| %s |", f.title)
	ours, best := f.of(&results[0]), 0.0
	over := ours / f.goal.most // how many times the goal it is
	share := ""
	for i := range results {
		v := f.of(&results[i])
		fmt.Fprintf(b, " "+f.format+" |", v)
		if i > 0 && (best == 0 || v < best) {
			best = v
		}
		if f.goal.of == results[i].System {
			share = fmt.Sprintf("≤ %.2f of %s", f.goal.most/f.goal.took, f.goal.of)
			over = ours / v / (f.goal.most / f.goal.took)
		}
	}
	ratio, want, met := "", "", ""
	if best > 0 {
		ratio = fmt.Sprintf("%.2f", ours/best)
	}
	if f.goal.most > 0 {
		want, met = fmt.Sprintf("≤ %.3g", f.goal.most), "met"
		if over > 1 {
			met = fmt.Sprintf("short, ×%.2f", over)
		}
	}
	fmt.Fprintf(b, " %s | %s | %s | %s |\n", ratio, want, share, met)
}

// growthTable shows the same work for more and more lines.
func growthTable(b *strings.Builder, heats []heat) error {
	fmt.Fprintf(b, "\n## growth\n\n%s, so that more lines are more days. Plumbline alone.\n\n| lines |", heats[0].Doc)
	for _, h := range heats {
		fmt.Fprintf(b, " %d million |", h.Lines/1_000_000)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(heats)) + "\n| measured |")
	columns := make([][]figure, len(heats))
	for i, h := range heats {
		var err error
		if columns[i], err = h.figures(); err != nil {
			return err
		}
		fmt.Fprintf(b, " %s |", h.made())
	}
	b.WriteString("\n")
	for i, f := range columns[0] {
		fmt.Fprintf(b, "| %s |", f.title)
		for k, h := range heats {
			fmt.Fprintf(b, " "+f.format+" |", columns[k][i].of(&h.Results[0]))
		}
		b.WriteString("\n")
	}
	return nil
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
