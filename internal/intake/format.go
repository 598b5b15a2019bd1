package intake

import (
	"strings"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/intake/combined"
	"github.com/plumbline/plumbline/internal/intake/gelf"
	"github.com/plumbline/plumbline/internal/intake/jsonl"
	"github.com/plumbline/plumbline/internal/intake/logfmt"
	"github.com/plumbline/plumbline/internal/intake/text"
	"github.com/plumbline/plumbline/internal/keyval"
)

// Format is one way in which lines are written.
type Format struct {
	Name string // as in URLs and on the command line
	Doc  string // in a few words

	names  names
	frame  func(*job, *lines) (framer, error) // nil: a line is a record
	decode func(*job, *keyval.Keys) decoder
	mend   func([]byte) []byte // what makes a cut record readable; nil: it is
}

// framer cuts a body into records.
type framer interface {
	// next gives the next record that is not blank, valid until the next call;
	// io.EOF at the end.
	next() (record, error)
}

// record is what a row is made of.
type record struct {
	text   []byte
	line   int  // where it begins in the body, from 1
	joined int  // further lines in it
	cut    bool // it was longer than allowed
}

// decoder makes pairs of a record; the error says why it cannot be read.
type decoder interface {
	Decode(record []byte, pairs []keyval.Pair) ([]keyval.Pair, error)
}

// tokenizer is a decoder that reads most records as tokens, which is faster; it
// gives false where it does not.
type tokenizer interface {
	Tokens(record []byte, tokens []keyval.Token) ([]keyval.Token, bool)
}

// textFormat is the one format of which lines are joined.
const textFormat = "text"

// Formats is the table of formats: to add one, add a folder and a line.
func Formats() []Format {
	return []Format{
		{Name: "jsonl", Doc: "an object of JSON a line", names: usualNames, mend: jsonl.Mend,
			decode: func(_ *job, keys *keyval.Keys) decoder { return &jsonl.Decoder{Keys: keys} }},
		{Name: "logfmt", Doc: "key=value pairs, also behind a time in brackets and words", names: usualNames,
			decode: func(j *job, _ *keyval.Keys) decoder { return &logfmt.Decoder{Now: j.now} }},
		{Name: textFormat, Doc: "plain lines; stack traces are joined", names: usualNames, frame: joinLines,
			decode: func(j *job, _ *keyval.Keys) decoder {
				return &text.Decoder{ReadTime: j.readTime, Layout: j.layout, Now: j.now}
			}},
		{Name: "combined", Doc: "access logs of web servers, common and combined", names: usualNames,
			decode: func(*job, *keyval.Keys) decoder { return new(combined.Decoder) }},
		{Name: "gelf", Doc: "messages of Graylog's format, one a line or one a body", names: gelfNames, mend: jsonl.Mend, frame: messages,
			decode: func(*job, *keyval.Keys) decoder { return new(gelf.Decoder) }},
		{Name: "links", Doc: "two ids that belong together and a time, an object of JSON a line", names: usualNames, mend: jsonl.Mend,
			decode: func(j *job, _ *keyval.Keys) decoder { return &linkDecoder{dataset: j.dataset} }},
	}
}

func formatOf(name string) (Format, error) {
	var known []string
	for _, f := range Formats() {
		if f.Name == name {
			return f, nil
		}
		known = append(known, f.Name)
	}
	return Format{}, fault.New(fault.Invalid, "there is no format %q; use %s", name, strings.Join(known, ", "))
}
