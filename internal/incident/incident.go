package incident

import (
	"slices"
	"time"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/rule"
)

// Status is where an incident stands in its life.
type Status uint8

// The statuses, in the order of a life.
const (
	Burning Status = iota
	Ended          // may still burn again
	NeedsCause
	NeedsClass
	NeedsFollowUp
	Done
)

var statusNames = []string{"burning", "ended", "needs cause", "needs class", "needs follow-up", "done"}

func (s Status) String() string { return statusNames[min(int(s), len(statusNames)-1)] }

// MarshalText is the word.
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the word.
func (s *Status) UnmarshalText(text []byte) error {
	at := slices.Index(statusNames, string(text))
	if at < 0 {
		return fault.New(fault.Invalid, "there is no status %q of an incident", text)
	}
	*s = Status(at)
	return nil
}

// Incident is a time in which something that users feel was broken. Times are
// nanoseconds since the Unix epoch, 0 for never.
type Incident struct {
	ID       string            `json:"id"`
	Status   Status            `json:"status"`
	Title    string            `json:"title"`
	Group    string            `json:"group,omitempty"`
	Labels   map[string]string `json:"labels,omitempty"` // of what opened it, and of its rule
	Opened   int64             `json:"opened"`
	Ended    int64             `json:"ended,omitempty"`
	Episodes []Episode         `json:"episodes"`
	Lamps    []Lamp            `json:"lamps"` // what opened it first, then the evidence
	AckedBy  string            `json:"acked_by,omitempty"`
	Acked    int64             `json:"acked,omitempty"`
	Cause    string            `json:"cause,omitempty"`
	Class    string            `json:"class,omitempty"`
	FollowUp string            `json:"follow_up,omitempty"`
	Tasks    []Task            `json:"tasks,omitempty"`
	Line     []Entry           `json:"timeline"`
	Told     int64             `json:"told"`            // when a notice of it was made last
	Grown    []string          `json:"grown,omitempty"` // alerts that joined since

	places map[string]int  // of lamps, by their keys
	rules  map[string]bool // that have a lamp here
}

// Episode is one stretch of burning; To is 0 while it lasts.
type Episode struct {
	From int64 `json:"from"`
	To   int64 `json:"to,omitempty"`
}

// Task is something to do, so that it does not come back.
type Task struct {
	Text  string `json:"text"`
	Owner string `json:"owner"`
	Due   int64  `json:"due"`
	Done  int64  `json:"done,omitempty"`
}

// Entry is a line of the time line; By is empty for what happened by itself.
type Entry struct {
	At   int64  `json:"at"`
	By   string `json:"by,omitempty"`
	Kind string `json:"kind"`
	Text string `json:"text"`
}

// Kinds of entries.
const (
	KindOpened = "opened"
	KindAgain  = "again"
	KindLit    = "lit"
	KindOff    = "off"
	KindCalm   = "calm"
	KindEnded  = "ended"
	KindAcked  = "acknowledged"
	KindNote   = "note"
	KindCause  = "cause"
	KindClass  = "class"
	KindTask   = "task"
	KindDone   = "done"
	KindWrong  = "wrong trigger"
)

// maxLine bounds the time line of an incident that flaps for days: the first
// and the last are what people read.
const maxLine = 2000

func (i *Incident) say(at int64, by, kind, text string) {
	if len(i.Line) >= maxLine && (kind == KindLit || kind == KindOff || kind == KindCalm || kind == KindAgain) {
		return
	}
	i.Line = append(i.Line, Entry{at, by, kind, text})
}

// maxLamps bounds the evidence of an incident; a storm of ten thousand alerts is
// told by its number.
const maxLamps = 500

// stand puts a lamp beside the incident, or lights it again, and reports whether
// its rule was not there before.
func (i *Incident) stand(l *Lamp, at int64) (fresh bool) {
	i.index()
	fresh = !i.rules[l.Rule]
	i.rules[l.Rule] = true
	if k, known := i.places[l.Key()]; known {
		o := &i.Lamps[k]
		if o.To != 0 {
			o.To, o.Times = 0, o.Times+1
			i.say(at, "", KindLit, l.Title)
		}
		o.Value, o.Status, o.Said = l.Value, l.Status, l.Said
		return false
	}
	if len(i.Lamps) < maxLamps {
		i.places[l.Key()] = len(i.Lamps)
		i.Lamps = append(i.Lamps, *l)
		i.say(at, "", KindLit, l.Title)
	}
	return fresh
}

// index finds lamps by key; one that was read from the database has none yet.
func (i *Incident) index() {
	if i.places != nil {
		return
	}
	i.places, i.rules = map[string]int{}, map[string]bool{}
	for k := range i.Lamps {
		i.places[i.Lamps[k].Key()], i.rules[i.Lamps[k].Rule] = k, true
	}
}

// off notes that a lamp went out. When it was the last critical one, the
// incident has ended, for now.
func (i *Incident) off(l *Lamp, c rule.Change) bool {
	i.index()
	k, known := i.places[l.Key()]
	if !known || i.Lamps[k].To != 0 {
		return false
	}
	i.Lamps[k].To, i.Lamps[k].Status, i.Lamps[k].Said = c.At, rule.Quiet, l.Said
	burns := slices.ContainsFunc(i.Lamps, func(o Lamp) bool { return o.To == 0 && o.Severity == rule.Critical })
	text := l.Title
	if c.Reason != "" {
		text += ": " + c.Reason
	}
	i.say(c.At, "", KindOff, text)
	if !burns && i.Status == Burning {
		i.Status, i.Ended = Ended, c.At
		i.Episodes[len(i.Episodes)-1].To = c.At
		i.say(c.At, "", KindCalm, "nothing critical burns")
	}
	return true
}

// again begins one more episode.
func (i *Incident) again(at int64) {
	i.Status, i.Ended = Burning, 0
	i.Episodes = append(i.Episodes, Episode{From: at})
	i.say(at, "", KindAgain, "it burns again")
}

// Down is how long the incident burnt, until now while it does.
func (i *Incident) Down(now int64) time.Duration {
	var sum int64
	for _, e := range i.Episodes {
		to := e.To
		if to == 0 {
			to = max(now, e.From)
		}
		sum += to - e.From
	}
	return time.Duration(sum)
}
