package intake

import (
	"errors"
	"fmt"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/intake/jsonl"
	"github.com/plumbline/plumbline/internal/keyval"
	"github.com/plumbline/plumbline/internal/related"
)

// linkDecoder reads links: lines of JSON that hold two ids, or more. A link is a
// line like any other; the format refuses what joins nothing.
//
//	{"time":"2026-11-21T10:00:00Z","message_id":"m-1","report_id":"r-9"}
//	{"time":"2026-11-21T10:00:00Z","message_id":["m-1","m-2"]}   two of one kind
type linkDecoder struct {
	lines   jsonl.Decoder
	dataset dataset.Dataset
	text    []byte
}

var errNoLink = errors.New(`a link is two ids, as {"time":"…","message_id":"…","report_id":"…"}, or a list of two where they are of one kind`)

// Decode is jsonl's, and counts the ids.
func (d *linkDecoder) Decode(line []byte, pairs []keyval.Pair) ([]keyval.Pair, error) {
	pairs, err := d.lines.Decode(line, pairs)
	if err != nil {
		return pairs, err
	}
	ids := 0
	for i := range pairs {
		p := &pairs[i]
		if d.dataset.Kind(string(p.Key)) == "" {
			continue
		}
		n, err := d.count(p.Value)
		if err != nil {
			return pairs, fmt.Errorf("%s: %w", p.Key, err)
		}
		ids += n
	}
	if ids < 2 {
		return pairs, errNoLink
	}
	return pairs, nil
}

// count is the number of ids in a value.
func (d *linkDecoder) count(v keyval.Value) (n int, err error) {
	switch v.Kind {
	case keyval.Array:
		for x := range keyval.Elements(v.Raw) {
			k, err := d.count(x)
			if err != nil {
				return 0, err
			}
			n += k
		}
	case keyval.String, keyval.Number:
		d.text = v.AppendText(d.text[:0])
		if len(d.text) > related.MaxIDBytes {
			return 0, fmt.Errorf("an id of %d bytes; the longest is %d", len(d.text), related.MaxIDBytes)
		}
		if related.Links(string(d.text)) {
			n = 1
		}
	}
	return n, nil
}
