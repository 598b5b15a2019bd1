package dataset

import (
	"time"

	"github.com/plumbline/plumbline/internal/fault"
)

// Expect says what should follow: when a line with an id of the kind passes the
// filter After, another line with the same id that passes Want should come
// Within. Said and Wanted are what people call the two.
type Expect struct {
	Kind   string
	After  string // a search of the language
	Said   string // "sent"
	Want   string // a search of the language
	Wanted string // "delivery report"
	Within time.Duration
}

// checkExpect says what is wrong with the expectations; whether the filters
// read is found out by who reads them.
func (d Dataset) checkExpect() error {
	for i, x := range d.Expect {
		if x.Kind == "" || x.After == "" || x.Want == "" || x.Said == "" || x.Wanted == "" || x.Within <= 0 {
			return fault.New(fault.Invalid, "dataset %s: expect: number %d wants kind, after, said, want, wanted and within", d.Name, i+1)
		}
	}
	return nil
}
