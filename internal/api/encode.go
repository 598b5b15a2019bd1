package api

import (
	"bufio"
	"encoding/json"
	"strings"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/keyval"
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

// csv writes a table. Its columns are those of all rows, so it is written when
// the last row is known.
type csv struct{ batches []*row.Batch }

func (e *csv) contentType() string { return "text/csv; charset=utf-8" }

func (e *csv) rows(_ *bufio.Writer, b *row.Batch) error {
	e.batches = append(e.batches, b)
	return nil
}

func (e *csv) end(w *bufio.Writer, _ meta) error {
	if len(e.batches) == 0 {
		return nil
	}
	b := row.Concat(e.batches)
	var buf []byte
	for k := range b.Cols {
		buf = appendCell(separated(buf, k), row.TextOf(b.Cols[k].Name))
	}
	buf = append(buf, "\r\n"...)
	for i := range b.Len {
		for k := range b.Cols {
			buf = appendCell(separated(buf, k), b.Cols[k].Value(i))
		}
		buf = append(buf, "\r\n"...)
		if _, err := w.Write(buf); err != nil {
			return err
		}
		buf = buf[:0]
	}
	_, err := w.Write(buf)
	return err
}

func separated(buf []byte, k int) []byte {
	if k > 0 {
		return append(buf, ',')
	}
	return buf
}

// appendCell writes a cell as RFC 4180 has it. A text that a spreadsheet would
// run as a formula is made harmless by a quote in front.
func appendCell(dst []byte, v row.Value) []byte {
	if v.IsMissing() {
		return dst
	}
	text := v.Text()
	if v.Kind == row.Text && v.Number().IsMissing() && text != "" && strings.IndexByte("=+-@\t\r", text[0]) >= 0 {
		text = "'" + text
	}
	if !strings.ContainsAny(text, ",\"\r\n") {
		return append(dst, text...)
	}
	return append(append(append(dst, '"'), strings.ReplaceAll(text, `"`, `""`)...), '"')
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
