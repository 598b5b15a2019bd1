// Package corpus makes log lines: the same for the same seed and number, so
// that a race can be run again. Lines are JSON in posts of some thousand.
package corpus

import (
	"bytes"
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
	make    func(r *rand.Rand, lines int) func(b *bytes.Buffer, i int)
}

// All are the corpora.
func All() []Corpus {
	return []Corpus{
		{"canonical", "canonical lines of 24 fields, one a request, within one day", "service", 5000, canonical},
		{"text", "messages of a few hundred shapes whose digits vary", "service", 5000, text},
		{"wide", "events of 2 to 3 KB, 40 to 60 of 180 fields, half of them often left out", "event", 1000, wide},
	}
}

// seed is fixed: a race is of the same lines every time.
const seed = 1

// Posts calls yield with one post after the other, until lines are made; the
// bytes are good until yield returns.
func (c Corpus) Posts(lines int, yield func(post []byte) error) error {
	line := c.make(rand.New(rand.NewPCG(seed, uint64(lines))), lines)
	var b bytes.Buffer
	for i := range lines {
		line(&b, i)
		if (i+1)%c.PerPost == 0 || i+1 == lines {
			if err := yield(b.Bytes()); err != nil {
				return err
			}
			b.Reset()
		}
	}
	return nil
}

// day is the day of all lines.
var day = time.Date(2025, time.March, 16, 0, 0, 0, 0, time.UTC)

// at is the time of line i, evenly within the day.
func at(i, lines int) string {
	step := 24 * time.Hour / time.Duration(lines+1)
	return day.Add(time.Duration(i+1) * step).Format("2006-01-02T15:04:05.000000Z")
}

// zipf is a number from 1 to n, the k-th with a chance of 1/k.
func zipf(r *rand.Rand, n int) int { return int(math.Exp(r.Float64() * math.Log(float64(n)))) }

func pick(r *rand.Rand, list []string) string { return list[r.IntN(len(list))] }
