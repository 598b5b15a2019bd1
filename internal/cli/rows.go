package cli

import (
	"bufio"
	"fmt"
	"io"
	"time"
	"unicode/utf8"

	"github.com/plumbline/plumbline/internal/keyval"
	"github.com/plumbline/plumbline/internal/when"
)

// field is one field of a row that came as JSON.
type field struct {
	name    string
	text    string
	numeric bool
}

// line is a row in the order of its fields.
type line []field

func (l line) get(name string) (string, bool) {
	for _, f := range l {
		if f.name == name {
			return f.text, true
		}
	}
	return "", false
}

// readLine takes a row of an answer apart.
func readLine(text []byte) (line, error) {
	var j keyval.JSON
	var l line
	j.Reset(text)
	for j.Next() {
		l = append(l, field{string(j.Key), string(j.Value.AppendText(nil)), j.Value.Kind == keyval.Number})
	}
	return l, j.Err()
}

// Printer writes the rows of an answer for people: lines as lines, results as
// a table.
type Printer struct {
	Out   *bufio.Writer
	Color bool
	Zone  *time.Location
	// Columns are the columns of a table in their order, as far as they are known
	// when its rows have come; may be nil.
	Columns func() []string
	table   []line
}

// Print writes the rows of body, newline-delimited JSON. It gives how many
// there were.
func (p *Printer) Print(body io.Reader) (rows int, err error) {
	in := bufio.NewReaderSize(body, 64<<10)
	for {
		text, err := in.ReadSlice('\n')
		if err == bufio.ErrBufferFull {
			rest, more := in.ReadBytes('\n')
			text, err = append(append([]byte(nil), text...), rest...), more
		}
		if len(text) > 1 {
			l, bad := readLine(text)
			if bad != nil {
				return rows, fmt.Errorf("row %d of the answer: %w", rows+1, bad)
			}
			rows++
			if err := p.row(l); err != nil {
				return rows, err
			}
		}
		if err == io.EOF {
			return rows, p.end()
		}
		if err != nil {
			return rows, fmt.Errorf("the answer broke off: %w", err)
		}
	}
}

// row prints a line at once and keeps a row of a table for the end.
func (p *Printer) row(l line) error {
	if _, ok := l.get("_seq"); !ok {
		p.table = append(p.table, l)
		return nil
	}
	return p.logLine(l)
}

// Colours of terminals: those that every palette shows apart.
const (
	dim    = "\x1b[2m"
	red    = "\x1b[31m"
	yellow = "\x1b[33m"
	cyan   = "\x1b[36m"
	reset  = "\x1b[0m"
)

func (p *Printer) paint(colour, text string) string {
	if !p.Color || text == "" {
		return text
	}
	return colour + text + reset
}

// logLine prints a line as people read logs: time, level, message, the rest.
func (p *Printer) logLine(l line) error {
	at, _ := l.get("_time")
	if ns, ok := when.ParseTime(at, time.UTC); ok {
		at = time.Unix(0, ns).In(p.Zone).Format("2006-01-02 15:04:05.000")
	}
	msg, _ := l.get("_msg")
	level, _ := l.get("level")
	fmt.Fprint(p.Out, p.paint(dim, Safe(at)))
	if level != "" {
		fmt.Fprintf(p.Out, " %s", p.paint(levelColour(level), fmt.Sprintf("%-5s", Safe(level))))
	}
	fmt.Fprintf(p.Out, " %s", Safe(msg))
	for _, f := range l {
		switch f.name {
		case "_time", "_msg", "_seq", "_dataset", "level":
			continue
		}
		value := string(keyval.AppendLogfmtValue(nil, f.text))
		fmt.Fprintf(p.Out, " %s%s", p.paint(cyan, Safe(f.name)+"="), Safe(value))
	}
	_, err := p.Out.WriteString("\n")
	return err
}

func levelColour(level string) string {
	switch level[0] | 0x20 {
	case 'e', 'f', 'c', 'p':
		return red
	case 'w':
		return yellow
	}
	return dim
}

// end prints the table.
func (p *Printer) end() error {
	if len(p.table) == 0 {
		return p.Out.Flush()
	}
	names, at := p.columns()
	cells := make([][]string, len(p.table))
	widths, numeric := make([]int, len(names)), make([]bool, len(names))
	for k, n := range names {
		widths[k], numeric[k] = utf8.RuneCountInString(Safe(n)), true
	}
	for i, l := range p.table {
		cells[i] = make([]string, len(names))
		for _, f := range l {
			k := at[f.name]
			cells[i][k] = Safe(f.text)
			widths[k] = max(widths[k], utf8.RuneCountInString(cells[i][k]))
			numeric[k] = numeric[k] && f.numeric
		}
	}
	for k, n := range names {
		p.cell(k, Safe(n), widths[k], numeric[k], k == len(names)-1, true)
	}
	for _, c := range cells {
		for k := range names {
			p.cell(k, c[k], widths[k], numeric[k], k == len(names)-1, false)
		}
	}
	return p.Out.Flush()
}

// columns are the names of the columns of the table, and their places.
func (p *Printer) columns() (names []string, at map[string]int) {
	at = map[string]int{}
	add := func(name string) {
		if _, ok := at[name]; !ok {
			at[name] = len(names)
			names = append(names, name)
		}
	}
	if p.Columns != nil {
		for _, name := range p.Columns() {
			add(name)
		}
	}
	for _, l := range p.table {
		for _, f := range l {
			add(f.name)
		}
	}
	return names, at
}

// cell writes one cell of the table, padded to its column.
func (p *Printer) cell(k int, text string, width int, right, last, head bool) {
	pad := width - utf8.RuneCountInString(text)
	if k > 0 {
		p.Out.WriteString("  ")
	}
	shown := text
	if head {
		shown = p.paint(cyan, text)
	}
	if right {
		spaces(p.Out, pad)
		p.Out.WriteString(shown)
	} else {
		p.Out.WriteString(shown)
		if !last {
			spaces(p.Out, pad)
		}
	}
	if last {
		p.Out.WriteString("\n")
	}
}

func spaces(w *bufio.Writer, n int) {
	for range n {
		w.WriteByte(' ')
	}
}
