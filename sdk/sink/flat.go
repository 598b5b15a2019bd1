package sink

import (
	"bytes"
	"encoding/json"
	"errors"
	"iter"
)

// member is one member of a line of JSON.
type member struct {
	name string
	raw  json.RawMessage
}

// text is the value without JSON's quotes.
func (m member) text() string {
	var s string
	if len(m.raw) > 0 && m.raw[0] == '"' && json.Unmarshal(m.raw, &s) == nil {
		return s
	}
	return string(m.raw)
}

var errNotObject = errors.New("not a JSON object")

// members reads a line of JSON in its order.
func members(line []byte) ([]member, error) {
	d := json.NewDecoder(bytes.NewReader(line))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil, errNotObject
	}
	all := make([]member, 0, 32)
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		m := member{name: name.(string)} // what stands there in an object, or Token fails
		if err := d.Decode(&m.raw); err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, nil
}

// lines are the lines of a batch.
func (b Batch) lines() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for line := range bytes.Lines(b.Bytes) {
			if line = bytes.TrimSuffix(line, []byte("\n")); len(line) > 0 && !yield(line) {
				return
			}
		}
	}
}
