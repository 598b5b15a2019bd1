package intake

import (
	"bytes"
	"unicode/utf8"

	"github.com/plumbline/plumbline/internal/intake/combined"
	"github.com/plumbline/plumbline/internal/intake/jsonl"
	"github.com/plumbline/plumbline/internal/intake/logfmt"
	"github.com/plumbline/plumbline/internal/keyval"
	"github.com/plumbline/plumbline/internal/row"
)

// DetectBytes is how much of a file Detect wants to see at most.
const DetectBytes = 64 << 10

const (
	// detectLines are looked at: a header or a torn line among them is no matter.
	detectLines = 64
	// Four lines of five must have the form.
	detectOf, detectMost = 4, 5
)

// Detect tells the format of lines by looking at the head of them, unpacked.
// What has no other form is text, whose stamps TimeFormat auto reads. ok is
// false when there is no line, or no text at all.
func Detect(sample []byte) (format string, ok bool) {
	lines := sampleLines(sample)
	if len(lines) == 0 {
		return "", false
	}
	counts := map[string]int{}
	for _, line := range lines {
		if bytes.IndexByte(line, 0) >= 0 {
			counts[""]++
		} else if name := formOf(line); name != "text" {
			counts[name]++
		}
	}
	for name, n := range counts {
		if n*detectMost >= len(lines)*detectOf {
			return name, name != ""
		}
	}
	return "text", true
}

// sampleLines are the lines of a sample that are not blank and, but for the
// only one, whole.
func sampleLines(sample []byte) (lines [][]byte) {
	sample = bytes.TrimPrefix(sample[:min(len(sample), DetectBytes)], []byte(byteOrderMark))
	for line := range bytes.Lines(sample) {
		whole := line[len(line)-1] == '\n'
		if !whole && len(lines) > 0 || len(lines) == detectLines {
			break
		}
		if line = bytes.TrimRight(line, "\r\n"); !blank(line) {
			lines = append(lines, line)
		}
	}
	return lines
}

// formOf is the form of one line.
func formOf(line []byte) string {
	if !utf8.Valid(line) {
		return "text"
	}
	var pairs []keyval.Pair
	var err error
	if bytes.HasPrefix(bytes.TrimLeft(line, " \t"), []byte("{")) {
		var d jsonl.Decoder
		if pairs, err = d.Decode(line, nil); err == nil {
			if has(pairs, "version") && has(pairs, "short_message") {
				return "gelf"
			}
			return "jsonl"
		}
		return "text"
	}
	if pairs, err = new(combined.Decoder).Decode(line, nil); err == nil && has(pairs, "client_ip") && has(pairs, "http_status") {
		return "combined"
	}
	if pairs, _ = new(logfmt.Decoder).Decode(line, nil); isLogfmt(line, pairs) {
		return "logfmt"
	}
	return "text"
}

// isLogfmt: two pairs and nothing else, or behind a time in brackets and words.
// Prose that mentions a=b is none.
func isLogfmt(line []byte, pairs []keyval.Pair) bool {
	named := len(pairs)
	if has(pairs, row.FieldMsg) {
		if line[0] != '[' || !has(pairs, row.FieldTime) {
			return false
		}
		named--
	}
	if has(pairs, row.FieldTime) {
		named--
	}
	return named >= 2
}

func has(pairs []keyval.Pair, key string) bool {
	for _, p := range pairs {
		if string(p.Key) == key {
			return true
		}
	}
	return false
}

// Guess gives the format of followed files: the one that is said, or the one
// that the first lines of each file have. Later lines are few at a time, and a
// few may look like another format. It is used by one goroutine.
type Guess struct {
	Said  string
	known map[string]string
}

// Of is the format of the lines of a file, known by any name that stays.
func (g *Guess) Of(file string, lines []byte) string {
	if g.Said != "" {
		return g.Said
	}
	if format, ok := g.known[file]; ok {
		return format
	}
	format, ok := Detect(lines)
	if !ok {
		return "text" // nothing can be said yet
	}
	if g.known == nil {
		g.known = map[string]string{}
	}
	g.known[file] = format
	return format
}
