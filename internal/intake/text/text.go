// Package text reads plain lines, and joins the lines of a stack trace to the
// line they belong to.
//
//	2015-10-18 18:01:47,978 ERROR [main] Task failed          ┐
//	java.io.IOException: No route to host                     │ one record
//	    at org.apache.hadoop.net.NetUtils.connect(Net.java:9) │
//	Caused by: java.net.NoRouteToHostException                ┘
//	2015-10-18 18:01:48,963 INFO [main] Executing               the next
//
// The message is the record as it stands.
package text

import (
	"bytes"

	"github.com/plumbline/plumbline/internal/keyval"
	"github.com/plumbline/plumbline/internal/when"
)

// Decoder reads one record after the other, for one goroutine.
type Decoder struct {
	ReadTime bool         // look for a stamp; else a record has none
	Layout   *when.Layout // how the stamp is written; nil: any form
	Now      int64        // what stamps without a year are near to

	words int // that a stamp of the layout has
}

// Decode appends the pairs of a record to pairs: _msg, and _time when it has a
// stamp that was asked for. The error is always nil.
func (d *Decoder) Decode(record []byte, pairs []keyval.Pair) ([]keyval.Pair, error) {
	if stamp := d.stamp(record); stamp != nil {
		pairs = append(pairs, keyval.Pair{Key: []byte("_time"), Value: keyval.Value{Raw: stamp}})
	}
	return append(pairs, keyval.Pair{Key: []byte("_msg"), Value: keyval.Value{Raw: record}}), nil
}

// stamp finds the time near the head of a record.
func (d *Decoder) stamp(record []byte) []byte {
	if !d.ReadTime {
		return nil
	}
	if d.Layout != nil {
		return d.find(record)
	}
	if _, start, end, ok := when.Find(record, nil, d.Now); ok {
		return record[start:end]
	}
	return nil
}

const (
	// headMost is how far into a record a stamp is looked for.
	headMost = 256
	// skippedMost is how many words may stand before it.
	skippedMost = 8
)

// find looks for a stamp of the layout: as many words as the layout has, within
// the first of the record, without brackets and punctuation around them.
func (d *Decoder) find(record []byte) []byte {
	if d.words == 0 {
		d.words = max(1, len(bytes.Fields(d.Layout.Append(nil, d.Now, nil))))
	}
	head := record[:min(len(record), headMost)]
	if at := bytes.IndexByte(head, '\n'); at >= 0 {
		head = head[:at]
	}
	for range skippedMost {
		head = bytes.TrimLeft(head, " \t[(<\"'")
		stamp := bytes.TrimRight(firstWords(head, d.words), "])>\"':,;|-")
		if len(stamp) == 0 {
			return nil
		}
		if _, ok := d.Layout.ParseBytes(stamp, nil, d.Now); ok {
			return stamp
		}
		head = head[len(firstWords(head, 1)):]
	}
	return nil
}

// firstWords is the head of text with n words and the spaces between them.
func firstWords(text []byte, n int) []byte {
	end := 0
	for range n {
		for end < len(text) && (text[end] == ' ' || text[end] == '\t') {
			end++
		}
		for end < len(text) && text[end] != ' ' && text[end] != '\t' {
			end++
		}
	}
	return text[:end]
}
