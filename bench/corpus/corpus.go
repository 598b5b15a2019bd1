// Package corpus makes log lines: the same for the same seed and number, so
// that a race can be run again. Lines are JSON in posts of some thousand.
package corpus

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"time"
)

// Corpus is one kind of lines.
type Corpus struct {
	Name    string
	Doc     string
	Stream  string // the field that a store with streams parts lines by
	PerPost int    // lines of a post: what a busy agent sends
	Weight  int    // one of these lines has the bytes of so many canonical ones
	Fields  []Field
	perDay  int // lines within a day; 0: all of them
	make    maker
}

// maker readies a generator: it writes line i, whose time is at.
type maker func(r *rand.Rand) func(b *bytes.Buffer, i int, at string)

// Field is what a store that wants a schema must be told.
type Field struct {
	Name string
	Kind Kind
}

// Kind is what the values of a field are.
type Kind int

// The kinds. A path, or a trace, is also searched for parts.
const (
	Moment  Kind = iota // a time
	Word                // a text of few values
	Label               // a text of many values that come again
	ID                  // a text that hardly comes twice
	Trace               // an ID, searched for parts
	Text                // a message or a path
	Whole               // a number without digits after the point
	Decimal             // one with at most six
	Flag                // true or false
	Object              // an object with any fields
)

// All are the corpora.
func All() []Corpus {
	return []Corpus{
		{Name: "canonical", Doc: "canonical lines of 24 fields, one a request, within one day", Stream: "service", PerPost: 5000, Weight: 1, Fields: canonicalFields, make: canonical},
		{Name: "text", Doc: textDoc(), Stream: "service", PerPost: 5000, Weight: 1, Fields: textFields, make: text},
		{Name: "wide", Doc: "events of 2 to 3 KB, 40 to 60 of 180 fields, half of them often left out", Stream: "event", PerPost: 1000, Weight: 4, Fields: wideFields(), make: wide},
		{Name: "access", Doc: "a web server's combined lines as messages, IPv6 among the addresses, long URLs", Stream: "service", PerPost: 5000, Weight: 1, Fields: textFields, make: access},
		{Name: "cluster", Doc: "what a cluster's agent sends: nested objects with nulls, messages of many programs, stack traces", Stream: "stream", PerPost: 2000, Weight: 2, Fields: clusterFields, make: cluster},
		{Name: "days", Doc: "canonical lines, a million a day", Stream: "service", PerPost: 5000, Weight: 1, Fields: canonicalFields, perDay: 1_000_000, make: canonical},
	}
}

// Named is the corpus of a name.
func Named(name string) (Corpus, error) {
	var names []string
	for _, c := range All() {
		if c.Name == name {
			return c, nil
		}
		names = append(names, c.Name)
	}
	return Corpus{}, fmt.Errorf("no corpus %q; there are %q", name, names)
}

// seed is fixed: a race is of the same lines every time.
const seed = 1

// Posts calls yield with one post after the other, until lines are made; the
// bytes are good until yield returns.
func (c Corpus) Posts(lines int, yield func(post []byte) error) error {
	line := c.make(rand.New(rand.NewPCG(seed, uint64(lines))))
	perDay := lines
	if c.perDay > 0 {
		perDay = c.perDay
	}
	step := 24 * time.Hour / time.Duration(perDay)
	var b bytes.Buffer
	var at []byte
	for i := range lines {
		at = Start.Add(time.Duration(i)*step+step/2).AppendFormat(at[:0], "2006-01-02T15:04:05.000000Z")
		line(&b, i, string(at))
		if (i+1)%c.PerPost == 0 || i+1 == lines {
			if err := yield(b.Bytes()); err != nil {
				return err
			}
			b.Reset()
		}
	}
	return nil
}

// Start is the first moment of the first day.
var Start = time.Date(2025, time.March, 16, 0, 0, 0, 0, time.UTC)

// zipf is a number from 1 to n, the k-th with a chance of 1/k.
func zipf(r *rand.Rand, n int) int { return int(math.Exp(r.Float64() * math.Log(float64(n)))) }

func pick(r *rand.Rand, list []string) string { return list[r.IntN(len(list))] }
