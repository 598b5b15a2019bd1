// Package gelf reads messages in the Graylog Extended Log Format.
//
//	{"version":"1.1","host":"web-1","short_message":"A","full_message":"A\nB","timestamp":1385053862.3072,"level":3,"_user_id":9}
//	  host = web-1 · _msg = A · full_message = … · _time = 1385053862.3072 · level = 3 · severity = error · user_id = 9
//
// Additional fields lose their underscore; version belongs to the envelope and
// is left out.
package gelf

import (
	"fmt"

	"github.com/plumbline/plumbline/internal/keyval"
)

// Decoder reads one message after the other, for one goroutine. The zero
// Decoder is ready.
type Decoder struct {
	scan keyval.JSON
	keys []byte
}

// depthMost: messages are flat by their specification; senders that nest do it
// a little.
const depthMost = 8

// Decode appends the pairs of a message to pairs, valid until the next call and
// as long as the message. The error says why it is no object.
func (d *Decoder) Decode(message []byte, pairs []keyval.Pair) ([]keyval.Pair, error) {
	d.keys = d.keys[:0]
	d.scan.DepthMost = depthMost
	d.scan.Reset(message)
	for d.scan.Next() {
		p := keyval.Pair{Value: d.scan.Value}
		switch key := d.scan.Key; string(key) {
		case "version":
			continue
		case "timestamp":
			p.Key = []byte("_time")
		case "short_message":
			p.Key = []byte("_msg")
		case "level":
			p.Key = d.keep(key)
			pairs = appendSeverity(pairs, p.Value)
		default:
			if len(key) > 1 && key[0] == '_' {
				key = key[1:]
			}
			p.Key = d.keep(key)
		}
		pairs = append(pairs, p)
	}
	if err := d.scan.Err(); err != nil {
		return pairs, fmt.Errorf("not an object of JSON: %w", err)
	}
	return pairs, nil
}

// keep copies a key, which the scanner may overwrite.
func (d *Decoder) keep(key []byte) []byte {
	start := len(d.keys)
	d.keys = append(d.keys, key...)
	return d.keys[start:len(d.keys):len(d.keys)]
}

// severityOf is the word for a level; levels are those of syslog.
func severityOf(level byte) string {
	return [...]string{"emergency", "alert", "critical", "error", "warning", "notice", "info", "debug"}[level-'0']
}

// appendSeverity appends the word for a level, which people look for.
func appendSeverity(pairs []keyval.Pair, level keyval.Value) []keyval.Pair {
	if len(level.Raw) != 1 || level.Raw[0] < '0' || level.Raw[0] > '7' {
		return pairs
	}
	word := keyval.Value{Raw: []byte(severityOf(level.Raw[0]))}
	return append(pairs, keyval.Pair{Key: []byte("severity"), Value: word})
}
