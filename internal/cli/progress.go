package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"
)

// progress shows how far a file is sent.
type progress struct {
	name    string
	size    int64
	read    *counted
	started time.Time
	shown   time.Time
	lines   int64
	failed  error // of reading the file
	quiet   bool
	done    bool
}

func newProgress(name string, size int64, read *counted, quiet bool) *progress {
	return &progress{
		name: name, size: size, read: read, started: time.Now(),
		quiet: quiet || !term.IsTerminal(int(os.Stderr.Fd())),
	}
}

// progressEvery is how often the bar moves: often enough to look alive.
const progressEvery = 200 * time.Millisecond

// over counts the lines of r on their way.
func (p *progress) over(r io.Reader) io.Reader { return &passing{r, p} }

type passing struct {
	io.Reader
	p *progress
}

func (r *passing) Read(b []byte) (int, error) {
	n, err := r.Reader.Read(b)
	if err != nil && err != io.EOF {
		r.p.failed = err
	}
	r.p.lines += int64(bytes.Count(b[:n], []byte{'\n'}))
	if !r.p.quiet && time.Since(r.p.shown) > progressEvery {
		r.p.show()
	}
	return n, err
}

func (p *progress) show() {
	p.shown = time.Now()
	rate := float64(p.lines) / p.shown.Sub(p.started).Seconds()
	if p.size <= 0 {
		fmt.Fprintf(os.Stderr, "\r\x1b[K%s  %d lines, %.0f lines/s", Safe(p.name), p.lines, rate)
		return
	}
	share := min(float64(p.read.n)/float64(p.size), 1)
	left := time.Duration(0)
	if share > 0 {
		left = time.Duration(float64(p.shown.Sub(p.started)) * (1 - share) / share).Round(time.Second)
	}
	const width = 24
	filled := int(share * width)
	bar := make([]rune, width)
	for i := range bar {
		bar[i] = '░'
		if i < filled {
			bar[i] = '█'
		}
	}
	fmt.Fprintf(os.Stderr, "\r\x1b[K%s  %s %3.0f %%  %.0f lines/s  %s left", Safe(p.name), string(bar), 100*share, rate, left)
}

// stop takes the bar away.
func (p *progress) stop() {
	if !p.done && !p.quiet && !p.shown.IsZero() {
		fmt.Fprint(os.Stderr, "\r\x1b[K")
	}
	p.done = true
}
