// Package jsonl reads lines of JSON: one object a line.
//
//	{"time":"2026-11-21T10:00:00Z","msg":"done","http":{"status":200},"tags":["a","b"]}
//	  time = … · msg = done · http.status = 200 · tags = ["a","b"]
//
// Objects within are flattened, their keys joined with dots; arrays stay whole.
package jsonl

import (
	"fmt"

	"github.com/plumbline/plumbline/internal/keyval"
)

// depthMost is how deep objects are opened; what lies deeper is kept as text.
// People nest three or four deep, and a name of sixteen parts cannot be read.
const depthMost = 16

// Decoder reads one line after the other, for one goroutine. The zero Decoder
// is ready.
type Decoder struct {
	Keys   *keyval.Keys // which number the keys of tokens; its own when nil
	tokens keyval.Tokens
	scan   keyval.JSON
	paths  []byte // the keys of the present line that are no part of it
}

// Tokens appends the tokens of a line to tokens; false, as keyval.Tokens is, when
// it is one for Decode.
func (d *Decoder) Tokens(line []byte, tokens []keyval.Token) ([]keyval.Token, bool) {
	d.tokens.Keys, d.tokens.DepthMost = d.Keys, depthMost
	tokens, plain := d.tokens.Scan(line, tokens)
	d.Keys = d.tokens.Keys
	return tokens, plain
}

// Decode appends the pairs of a line to pairs. They are valid until the next
// call and as long as the line. The error says why the line is no object.
func (d *Decoder) Decode(line []byte, pairs []keyval.Pair) ([]keyval.Pair, error) {
	d.paths = d.paths[:0]
	d.scan.DepthMost = depthMost
	d.scan.Reset(line)
	for d.scan.Next() {
		key := d.scan.Key
		if !isPart(line, key) {
			key = d.keep(key)
		}
		pairs = append(pairs, keyval.Pair{Key: key, Value: d.scan.Value})
	}
	if err := d.scan.Err(); err != nil {
		return pairs, fmt.Errorf("not an object of JSON: %w", err)
	}
	return pairs, nil
}

// keep copies a key that the scanner will overwrite.
func (d *Decoder) keep(key []byte) []byte {
	start := len(d.paths)
	d.paths = append(d.paths, key...)
	return d.paths[start:len(d.paths):len(d.paths)]
}

// isPart reports whether part lies in line: slices of one array end where it
// ends.
func isPart(line, part []byte) bool {
	at := cap(line) - cap(part)
	return len(part) > 0 && at >= 0 && at < len(line) && &line[at] == &part[0]
}
