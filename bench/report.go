package main

import (
	"fmt"
	"runtime"
	"strings"
	"time"
)

// markdown is the report: a table for each corpus, with what the first system
// takes of the time and room of each other.
func (r *report) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# The race\n\nMade by `make race` on %s of commit %s, %d processors, %s. Processor time of the server, from the first byte until it rests;\n"+
		"questions with their reading, medians of %d, the systems in turns. Take the ratios: they hold on other machines.\n",
		time.Now().UTC().Format(time.DateOnly), r.commit, runtime.NumCPU(), runtime.Version(), rounds)
	for _, h := range r.heats {
		h.table(&b)
	}
	return b.String()
}

func (h *heat) table(b *strings.Builder) {
	fmt.Fprintf(b, "\n## %s\n\n%d lines of %.0f bytes: %s.\n\n| |", h.corpus.Name, h.lines, float64(h.sent)/float64(h.lines), h.corpus.Doc)
	for _, r := range h.results {
		fmt.Fprintf(b, " %s |", r.system)
	}
	b.WriteString(" ratio |\n|---|" + strings.Repeat("---|", len(h.results)+1) + "\n")
	lines := float64(h.lines)
	h.row(b, "processor a line until acknowledged, µs", "%.2f", func(r *result) float64 { return micros(r.acked) / lines })
	h.row(b, "processor a line until at rest, µs", "%.2f", func(r *result) float64 { return micros(r.resting) / lines })
	h.row(b, "bytes a line on disk", "%.1f", func(r *result) float64 { return float64(r.bytes) / lines })
	h.row(b, "peak memory, MiB", "%.0f", func(r *result) float64 { return float64(r.peak) / (1 << 20) })
	for i, q := range h.questions {
		h.row(b, q.title+", ms", "%.1f", func(r *result) float64 { return micros(r.times[i]) / 1000 })
	}
}

// row writes one line of the table; the ratio is to the best of the others.
func (h *heat) row(b *strings.Builder, title, format string, of func(r *result) float64) {
	fmt.Fprintf(b, "| %s |", title)
	best := 0.0
	for i := range h.results {
		v := of(&h.results[i])
		fmt.Fprintf(b, " "+format+" |", v)
		if i > 0 && (best == 0 || v < best) {
			best = v
		}
	}
	fmt.Fprintf(b, " %.2f |\n", of(&h.results[0])/max(best, 1e-9))
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
