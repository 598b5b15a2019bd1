// Package related finds everything that belongs together, though it was joined
// later: from some rows it walks to all rows that share an id with one of them,
// and on from those. The lines are the adjacency list; nothing is kept beside
// them.
//
// Two rows are neighbours when both hold the same id and lie no further apart
// in time than Caps.Within. A walk goes in breadth, a hop at a time, and asks
// its Need for all ids of a hop at once. The same rows give the same answer in
// whatever order they are found.
package related

import (
	"context"
	"fmt"
)

// ID is an id of a kind. Two ids are the same when kind and text are.
type ID struct{ Kind, Text string }

// String is the id as _via shows it: message_id=abc.
func (d ID) String() string { return d.Kind + "=" + d.Text }

// MaxIDBytes bounds the text of an id: a longer one is a document that slipped
// into an id's field. The longest ids met are signed tokens of some 800 bytes.
const MaxIDBytes = 1024

// Links reports whether a text can be an id at all: nothing, a dash, the words
// programs write for nothing, and ids of zeros only, join strangers.
func Links(text string) bool {
	switch text {
	case "", "null", "NULL", "nil", "none", "None", "undefined", "unknown", "n/a", "N/A":
		return false
	}
	for i := range len(text) {
		if c := text[i]; c != '0' && c != '-' {
			return len(text) <= MaxIDBytes
		}
	}
	return false
}

// Row is a row as a walk sees it.
type Row struct {
	Time    int64 // nanoseconds since the Unix epoch
	Dataset string
	Seq     int64 // number within the dataset; 0: it has none, and is a row of its own
	Last    int64 // not 0: the row has no time of its own and stands for all from Time to Last
	IDs     []ID  // that link; any order, doubles allowed
	Ref     int   // whatever the one who offers it knows it by
}

// place tells rows apart.
type place struct {
	dataset string
	seq     int64
}

// Need is what a walk asks of whoever keeps the rows.
type Need interface {
	// Find offers every row that holds one of hop.IDs with hop.From ≤ time <
	// hop.To, in any order; it may offer more. It returns early when hop.Enough.
	Find(ctx context.Context, hop *Hop) error
}

// Caps bound a walk. All are positive.
type Caps struct {
	Depth  int   // hops
	IDs    int   // ids known
	Rows   int   // rows given, those at the start included
	Degree int   // an id that more rows hold is a hub and not followed
	Within int64 // nanoseconds between two rows that share an id
	// Late reports whether the time for the walk is over; nil: never.
	Late func() bool
}

// Step is a row of the answer.
type Step struct {
	Ref      int
	Distance int // hops from the start
	Via      ID  // the id by which it was reached; none at the start
}

// Found is an id of the answer.
type Found struct {
	ID
	Distance    int   // of the nearest row that holds it
	Rows        int   // of the answer that hold it: its degree; of a hub there are more
	First, Last int64 // times of those rows; First > Last when none has a time
	Hub         bool  // more than Caps.Degree rows hold it, so it was not followed
}

// Cap names a bound that a walk ran into.
type Cap string

// The bounds.
const (
	Depth  Cap = "depth"
	IDs    Cap = "max"
	Rows   Cap = "rows"
	Degree Cap = "degree"
	Time   Cap = "time"
)

// Cut says that something was left out, and why.
type Cut struct {
	Cap  Cap
	IDs  []ID // Degree: the first hubs, at most fewHubs
	More int  // Degree: hubs beyond those
}

// fewHubs are named; of more, their number is said.
const fewHubs = 5

// Answer is what a walk found.
type Answer struct {
	Steps []Step  // by distance, then time
	IDs   []Found // by first sight
	Cuts  []Cut
}

// Say is the cut as one sentence, with the option that moves the bound.
func (c Cut) Say(caps Caps) string {
	switch c.Cap {
	case Depth:
		return fmt.Sprintf("more is related beyond %d hops: depth= sets how far", caps.Depth)
	case IDs:
		return fmt.Sprintf("more than %d ids are related: max= sets how many are followed", caps.IDs)
	case Rows:
		return fmt.Sprintf("more than %d rows are related: rows= sets how many are given", caps.Rows)
	case Time:
		return "the time for finding related rows was over before all were found: time= sets it"
	}
	text := ""
	for i, d := range c.IDs {
		if i > 0 {
			text += ", "
		}
		text += short(d.String())
	}
	if c.More > 0 {
		text += fmt.Sprintf(" and %d more", c.More)
	}
	return fmt.Sprintf("not followed, as more than %d rows hold it: %s; degree= sets how many may", caps.Degree, text)
}

// short keeps an id readable in a sentence.
func short(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	return fmt.Sprintf("%q…", s[:most])
}
