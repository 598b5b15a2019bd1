package api

import (
	"bufio"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/keyval"
	"github.com/plumbline/plumbline/internal/query"
	"github.com/plumbline/plumbline/internal/row"
)

// encoder writes rows in one of the formats of an answer.
type encoder interface {
	contentType() string
	rows(w *bufio.Writer, b *row.Batch) error
	end(w *bufio.Writer, m meta) error
}

// encoderOf is the encoder of a format; ndjson when none is named.
func encoderOf(format string) (encoder, error) {
	switch format {
	case "", "ndjson":
		return &ndjson{}, nil
	case "json":
		return &jsonDocument{}, nil
	case "csv":
		return &csv{}, nil
	case "logfmt":
		return &logfmt{}, nil
	}
	return nil, fault.New(fault.Invalid, "there is no format %q; use ndjson, json, csv or logfmt", format)
}

// ndjson writes an object a line.
type ndjson struct{ buf []byte }

func (e *ndjson) contentType() string { return "application/x-ndjson" }

func (e *ndjson) rows(w *bufio.Writer, b *row.Batch) error {
	for i := range b.Len {
		e.buf = append(b.AppendJSON(e.buf[:0], i), '\n')
		if _, err := w.Write(e.buf); err != nil {
			return err
		}
	}
	return nil
}

func (e *ndjson) end(*bufio.Writer, meta) error { return nil }

// jsonDocument writes one object with rows and meta.
type jsonDocument struct {
	buf   []byte
	begun bool
}

func (e *jsonDocument) contentType() string { return "application/json" }

func (e *jsonDocument) rows(w *bufio.Writer, b *row.Batch) error {
	for i := range b.Len {
		e.buf = append(e.buf[:0], ",\n"...)
		if !e.begun {
			e.begun = true
			e.buf = append(e.buf[:0], "{\"rows\":[\n"...)
		}
		e.buf = b.AppendJSON(e.buf, i)
		if _, err := w.Write(e.buf); err != nil {
			return err
		}
	}
	return nil
}

func (e *jsonDocument) end(w *bufio.Writer, m meta) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if !e.begun {
		if _, err := w.WriteString("{\"rows\":["); err != nil {
			return err
		}
	}
	_, err = w.WriteString("],\n\"meta\":" + string(text) + "}\n")
	return err
}

// csv writes a table. Where the question says its columns, rows are written as
// they come; else the columns are those of all rows, which are held until the
// last is known.
type csv struct {
	columns []string
	hold    func(bytes int) error // nil when the columns are known
	begun   bool
	batches []*row.Batch
	buf     []byte
}

// prepare sets the table up for an answer.
func (e *csv) prepare(a *query.Answer) {
	if e.columns = a.Columns; len(a.Columns) == 0 {
		e.hold = a.Hold
	}
}

func (e *csv) contentType() string { return "text/csv; charset=utf-8" }

func (e *csv) rows(w *bufio.Writer, b *row.Batch) error {
	if e.hold == nil {
		return e.write(w, b)
	}
	e.batches = append(e.batches, b)
	if err := e.hold(2 * b.MemBytes()); err != nil { // once more when they are put together
		return fmt.Errorf("csv holds all rows until it knows their columns, which | table a, b, … would say: %w", err)
	}
	return nil
}

func (e *csv) end(w *bufio.Writer, _ meta) error {
	b := row.Concat(e.batches)
	if e.hold != nil {
		for k := range b.Cols {
			e.columns = append(e.columns, b.Cols[k].Name)
		}
	}
	if len(e.columns) == 0 {
		return nil
	}
	return e.write(w, b)
}

// write writes rows, the first time with the names of the columns above.
func (e *csv) write(w *bufio.Writer, b *row.Batch) error {
	e.buf = e.buf[:0]
	if !e.begun {
		e.begun = true
		for k, name := range e.columns {
			e.buf = appendCell(separated(e.buf, k), row.TextOf(name))
		}
		e.buf = append(e.buf, "\r\n"...)
	}
	cols := make([]*row.Column, len(e.columns))
	for k, name := range e.columns {
		cols[k] = b.Col(name)
	}
	for i := range b.Len {
		for k, c := range cols {
			e.buf = separated(e.buf, k)
			at := len(e.buf)
			if e.buf = c.AppendText(e.buf, i); !plainCell(e.buf[at:]) {
				e.buf = appendCell(e.buf[:at], c.Value(i))
			}
		}
		e.buf = append(e.buf, "\r\n"...)
		if _, err := w.Write(e.buf); err != nil {
			return err
		}
		e.buf = e.buf[:0]
	}
	_, err := w.Write(e.buf)
	return err
}

func separated(buf []byte, k int) []byte {
	if k > 0 {
		return append(buf, ',')
	}
	return buf
}

// plainCell reports whether a text is its own cell. Those of others mostly are
// too, and appendCell finds out.
func plainCell(text []byte) bool {
	if len(text) > 0 {
		switch text[0] {
		case '=', '+', '-', '@':
			return false
		}
	}
	for _, c := range text {
		if !plainInCell[c] {
			return false
		}
	}
	return true
}

// plainInCell are the bytes that a cell holds as they are.
var plainInCell = func() (plain [256]bool) {
	for c := ' '; c <= '~'; c++ {
		plain[c] = c != ',' && c != '"'
	}
	return plain
}()

// appendCell writes a cell as RFC 4180 has it. A text that a spreadsheet would
// run as a formula is made harmless by a quote in front, and what a terminal or
// an editor would obey is written as its escape in JSON.
func appendCell(dst []byte, v row.Value) []byte {
	if v.IsMissing() {
		return dst
	}
	text := v.Text()
	if v.Kind == row.Text && v.Number().IsMissing() && text != "" && strings.IndexByte("=+-@\t\r", text[0]) >= 0 {
		text = "'" + text
	}
	if strings.ContainsFunc(text, obeyedInCell) {
		text = visible(text)
	}
	if !strings.ContainsAny(text, ",\"\n") {
		return append(dst, text...)
	}
	return append(append(append(dst, '"'), strings.ReplaceAll(text, `"`, `""`)...), '"')
}

// obeyedInCell leaves line ends and tabs as they are: in quotes they are text.
func obeyedInCell(r rune) bool { return keyval.Obeyed(r) && r != '\n' && r != '\t' }

// visible is a text with everything that would be obeyed escaped. A line end of
// two characters becomes one, as text is quoted.
func visible(text string) string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	out := make([]byte, 0, len(text)+16) // room for a few escapes
	for _, r := range text {
		if obeyedInCell(r) {
			out = keyval.AppendUnicodeEscape(out, r)
		} else {
			out = utf8.AppendRune(out, r)
		}
	}
	return string(out)
}

// logfmt writes key=value pairs a line.
type logfmt struct{ buf []byte }

func (e *logfmt) contentType() string { return "text/plain; charset=utf-8" }

func (e *logfmt) rows(w *bufio.Writer, b *row.Batch) error {
	var text []byte
	for i := range b.Len {
		e.buf = e.buf[:0]
		for k := range b.Cols {
			c := &b.Cols[k]
			if !c.Has(i) {
				continue
			}
			if len(e.buf) > 0 {
				e.buf = append(e.buf, ' ')
			}
			e.buf = append(keyval.AppendLogfmtValue(e.buf, c.Name), '=')
			text = c.AppendText(text[:0], i)
			e.buf = keyval.AppendLogfmtValue(e.buf, text)
		}
		if _, err := w.Write(append(e.buf, '\n')); err != nil {
			return err
		}
	}
	return nil
}

func (e *logfmt) end(*bufio.Writer, meta) error { return nil }
