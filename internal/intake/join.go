package intake

import (
	"bytes"
	"io"

	"github.com/plumbline/plumbline/internal/intake/text"
)

// joined puts lines that belong together into one record: it is whole when the
// line after it begins another.
type joined struct {
	lines *lines
	rule  *text.Rule
	open  record // being put together
	some  bool   // there is one
	spare []byte // the memory of the record handed out last
}

func joinLines(j *job, l *lines) (framer, error) {
	rule, err := text.NewRule(j.multiline)
	if err != nil {
		return nil, err
	}
	return &joined{lines: l, rule: rule}, nil
}

func (j *joined) next() (record, error) {
	for {
		line, err := j.lines.next()
		if err == io.EOF && j.some {
			j.some = false
			return j.open, nil
		}
		if err != nil {
			return record{}, err
		}
		// Asked of every line, for the rule remembers the one before. What would
		// grow too long is not cut but goes on as a record of its own.
		continues := j.rule.Continues(line.text)
		switch {
		case !j.some:
			j.begin(line, j.open.text)
			j.some = true
		case continues && len(j.open.text)+1+len(line.text) <= j.lines.most:
			j.open.text = append(append(j.open.text, '\n'), line.text...)
			j.open.joined++
			j.open.cut = j.open.cut || line.cut
		default:
			whole := j.open
			j.begin(line, j.spare)
			j.spare = whole.text
			return whole, nil
		}
	}
}

// begin starts a record with a line, in memory that nobody reads any more.
func (j *joined) begin(line record, memory []byte) {
	j.open = line
	j.open.text = append(memory[:0], line.text...)
}

// Whole gives a function that tells how many bytes of lines are whole records,
// for those who hand on lines as they come and must not part a stack trace. It
// is nil where every line is a record. With an empty format it looks at the
// lines to see whether they are text.
func Whole(format, multiline string) (func(lines []byte) int, error) {
	if format != "text" && format != "" || multiline == "off" {
		return nil, nil
	}
	if _, err := text.NewRule(multiline); err != nil {
		return nil, err
	}
	return func(lines []byte) int {
		if format == "" {
			if found, ok := Detect(lines); ok && found != "text" {
				return len(lines)
			}
		}
		rule, err := text.NewRule(multiline)
		if err != nil { // it was read before
			return len(lines)
		}
		return lastRecord(rule, lines)
	}, nil
}

// lastRecord is where the last record of some lines begins: the next line may
// continue it.
func lastRecord(rule *text.Rule, lines []byte) int {
	last, at := 0, 0
	for line := range bytes.Lines(lines) {
		text := bytes.TrimRight(line, "\r\n")
		if !blank(text) && !rule.Continues(text) {
			last = at
		}
		at += len(line)
	}
	return last
}
