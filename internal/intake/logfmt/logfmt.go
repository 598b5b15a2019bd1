// Package logfmt reads lines of key=value, and lines that begin as prose.
//
//	level=info msg="it \"went\"" status=200 retry
//	  level = info · msg = it "went" · status = 200 · retry = true
//	[2019-03-18 22:48:32.990] Request started http_method=POST user_id=usr_123
//	  _time = 2019-03-18 22:48:32.990 · _msg = Request started · http_method = POST · …
//
// Nothing is unreadable: a line without pairs is a message.
package logfmt

import (
	"bytes"

	"github.com/plumbline/plumbline/internal/keyval"
	"github.com/plumbline/plumbline/internal/when"
)

// Decoder reads one line after the other, for one goroutine.
type Decoder struct {
	Now int64 // what stamps without a year are near to

	scan  keyval.Logfmt
	prose []byte // the message of a line with words between its pairs
}

// Decode appends the pairs of a line to pairs, valid until the next call and as
// long as the line. The error is always nil.
func (d *Decoder) Decode(line []byte, pairs []keyval.Pair) ([]keyval.Pair, error) {
	if stamp, rest := d.stamp(line); stamp != nil {
		pairs = append(pairs, textPair("_time", stamp))
		line = rest
	}
	words, rest := keyval.Words(line)
	if len(words) == 0 {
		return d.pairs(rest, pairs), nil
	}
	at := len(pairs)
	pairs = append(pairs, textPair("_msg", words))
	return d.prosePairs(rest, pairs, at), nil
}

// pairs reads a line that is pairs from its start; a word alone in it is true.
func (d *Decoder) pairs(line []byte, pairs []keyval.Pair) []keyval.Pair {
	d.scan.Reset(line)
	for d.scan.Next() {
		v := d.scan.Value
		if d.scan.Flag {
			v = keyval.Value{Kind: keyval.True, Raw: []byte("true")}
		}
		pairs = append(pairs, keyval.Pair{Key: d.scan.Key, Value: typed(v)})
	}
	return pairs
}

// prosePairs reads what follows the first words of a line that begins with
// words; further ones between the pairs belong to the message, the pair at.
// Taking them for names would make a field of every word that is spoken.
func (d *Decoder) prosePairs(line []byte, pairs []keyval.Pair, at int) []keyval.Pair {
	d.prose = d.prose[:0]
	d.scan.Reset(line)
	for d.scan.Next() {
		if !d.scan.Flag {
			pairs = append(pairs, keyval.Pair{Key: d.scan.Key, Value: typed(d.scan.Value)})
			continue
		}
		if len(d.prose) == 0 {
			d.prose = append(d.prose, pairs[at].Value.Raw...)
		}
		d.prose = append(append(d.prose, ' '), d.scan.Key...)
		pairs[at].Value.Raw = d.prose
	}
	return pairs
}

// stamp takes a time off the head of a line, with or without brackets.
func (d *Decoder) stamp(line []byte) (stamp, rest []byte) {
	if len(line) == 0 || line[0] != '[' && line[0]-'0' > 9 {
		return nil, line
	}
	_, start, end, ok := when.Find(line, nil, d.Now)
	bracket := line[0] == '['
	if !ok || bracket != (start == 1) || !bracket && start != 0 {
		return nil, line
	}
	stamp, rest = line[start:end], line[end:]
	if bracket {
		if len(rest) == 0 || rest[0] != ']' {
			return nil, line
		}
		rest = rest[1:]
	}
	return stamp, bytes.TrimLeft(rest, " \t")
}

// typed sees numbers and truth in a value, which logfmt writes without saying.
func typed(v keyval.Value) keyval.Value {
	if v.Escaped || len(v.Raw) == 0 {
		return v
	}
	switch first, last := v.Raw[0], v.Raw[len(v.Raw)-1]; {
	case (first == '-' || first-'0' <= 9) && last-'0' <= 9:
		v.Kind = keyval.Number
	case string(v.Raw) == "true":
		v.Kind = keyval.True
	case string(v.Raw) == "false":
		v.Kind = keyval.False
	}
	return v
}

func textPair(key string, text []byte) keyval.Pair {
	return keyval.Pair{Key: []byte(key), Value: keyval.Value{Raw: text}}
}
