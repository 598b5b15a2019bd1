package rule

import (
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
)

// Machine steps the states of a rule's instances.
type Machine struct {
	Rule  *Rule
	Fire  expr.Expr // the condition; nil: every row fires
	Clear expr.Expr // the condition that ends it; nil: not Fire
	By    []string  // fields that tell instances apart; nil: all that are texts
	Value string    // the field that a chart of the rule draws; "": the first number
}

// Status is where an instance stands.
type Status uint8

// The statuses.
const (
	Quiet   Status = iota
	Pending        // the condition holds, not yet for long enough
	Firing
	Missing // its rows stopped coming
)

var statusNames = []string{"quiet", "pending", "firing", "no data"}

func (s Status) String() string { return statusNames[min(int(s), len(statusNames)-1)] }

// MarshalText is the word.
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the word.
func (s *Status) UnmarshalText(text []byte) error {
	return word(text, statusNames, "status", (*uint8)(s))
}

// Burning reports whether the status is an alert.
func (s Status) Burning() bool { return s == Firing || s == Missing }

// State is what is remembered of an instance. Times are nanoseconds since the
// Unix epoch.
type State struct {
	Labels Labels  `json:"labels"`
	Status Status  `json:"status"`
	Since  int64   `json:"since"` // when the status began
	Held   int64   `json:"held"`  // when the condition held last
	Seen   int64   `json:"seen"`  // when there was a row last
	Value  float64 `json:"value"`
	Values []Pair  `json:"values,omitempty"`
}

// Change is an alert that began or ended.
type Change struct {
	Rule     string   `json:"rule"`
	Labels   Labels   `json:"labels"`
	Severity Severity `json:"severity"`
	At       int64    `json:"at"` // the step at which it was found
	From     Status   `json:"from"`
	To       Status   `json:"to"`
	Value    float64  `json:"value"`
	Values   []Pair   `json:"values,omitempty"`
	Reason   string   `json:"reason,omitempty"` // when it is not the condition
	Said     *Said    `json:"said,omitempty"`   // nil: a rule of ours found it

	Key string `json:"-"` // Labels as text, where it is known already
}

// Said is an alert in the words of the program that found it, as it sends them to
// Alertmanager.
type Said struct {
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	StartsAt    time.Time         `json:"startsAt"`
	EndsAt      time.Time         `json:"endsAt"`
	Link        string            `json:"generatorURL"`
}

// Fingerprint is how Prometheus and Alertmanager tell alerts apart: FNV-1a of the
// names and values of all labels, in the order of their names.
func Fingerprint(labels map[string]string) string {
	h := fnv.New64a()
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		_, _ = io.WriteString(h, name+"\xff"+labels[name]+"\xff") // a hash takes it all
	}
	return fmt.Sprintf("%016x", h.Sum64())
}

// Sight is what one step sees of an instance.
type Sight uint8

// The sights.
const (
	Absent  Sight = iota // no row
	Cleared              // the resolve condition holds
	Between              // neither condition holds: a firing alert goes on, a quiet one stays so
	Fires
)

// forgetAfter is how long an instance whose rows stopped is remembered: a route
// nobody has called for a day is gone, not silent.
const forgetAfter = 24 * int64(Duration(3600e9))

// Next moves one instance by one step and reports whether an alert began or
// ended. It is the whole of the state machine, for live rules and backtests.
func (m *Machine) Next(s *State, seen Sight, now int64) bool {
	switch {
	case seen != Absent:
		s.Seen = now
	case m.Rule.NoData == NoDataKeep:
		return false
	case m.Rule.NoData == NoDataFire:
		return m.missing(s, now)
	default:
		seen = Cleared
	}
	switch s.Status {
	case Quiet, Pending:
		return m.rise(s, seen, now)
	case Missing:
		s.to(Quiet, now)
		m.rise(s, seen, now)
		return !s.Status.Burning()
	}
	if seen != Cleared {
		s.Held = now
		return false
	}
	if now-s.Held < int64(m.Rule.KeepFor) {
		return false
	}
	s.to(Quiet, now)
	return true
}

// rise takes a quiet or pending instance towards firing.
func (m *Machine) rise(s *State, seen Sight, now int64) bool {
	if seen != Fires {
		s.to(Quiet, now)
		return false
	}
	s.Held = now
	if s.Status == Quiet {
		s.to(Pending, now)
	}
	if now-s.Since < int64(m.Rule.For) {
		return false
	}
	s.to(Firing, now)
	return true
}

// missing waits for so long as the condition would have to hold.
func (m *Machine) missing(s *State, now int64) bool {
	gone := now - s.Seen
	switch {
	case s.Seen == 0:
		return false
	case s.Status == Missing && gone >= forgetAfter:
		s.to(Quiet, now)
		return true
	case s.Status != Missing && gone >= max(int64(m.Rule.For), int64(m.Rule.Every)) && gone < forgetAfter:
		was := s.Status
		s.to(Missing, now)
		return was != Firing
	}
	return false
}

func (s *State) to(status Status, now int64) {
	if s.Status != status {
		s.Status, s.Since = status, now
	}
}

// idle reports whether nothing need be remembered of an instance.
func (m *Machine) idle(s *State, now int64) bool {
	if s.Status != Quiet {
		return false
	}
	return m.Rule.NoData != NoDataFire || now-s.Seen >= forgetAfter
}

// Step moves all instances by one step: batch holds the rows of the measuring
// question at the time now. It changes states, whose keys are the labels as
// text, and gives the alerts that began or ended, in the order of their keys.
func (m *Machine) Step(states map[string]*State, batch *row.Batch, now int64) []Change {
	sights := m.look(states, batch, now)
	var out []Change
	for _, key := range slices.Sorted(maps.Keys(states)) {
		s := states[key]
		from := s.Status
		if m.Next(s, sights[key], now) {
			out = append(out, m.Change(s, key, from, now))
		}
		if m.idle(s, now) {
			delete(states, key)
		}
	}
	return out
}

// look takes the values of the rows into states, new ones too, and gives what
// is seen of each.
func (m *Machine) look(states map[string]*State, batch *row.Batch, now int64) map[string]Sight {
	sights := map[string]Sight{}
	if batch == nil || batch.Len == 0 {
		return sights
	}
	judged := m.Judge(batch, now)
	r := m.Rows(batch)
	for i, sight := range judged {
		labels := r.LabelsOf(i)
		if m.Excepted(labels) {
			continue
		}
		key := labels.String()
		s := states[key]
		if s == nil {
			if sight != Fires && m.Rule.NoData != NoDataFire {
				continue
			}
			s = &State{Labels: labels}
			states[key] = s
		}
		if before, twice := sights[key]; twice && before >= sight {
			continue
		}
		s.Value, _ = r.ValueOf(i)
		s.Values = r.ValuesOf(i)
		sights[key] = sight
	}
	return sights
}

// Judge says of each row of a batch what it shows.
func (m *Machine) Judge(b *row.Batch, now int64) []Sight {
	out := make([]Sight, b.Len)
	ev := expr.NewEvaluator(expr.Env{Now: now})
	var fire, clear row.Bitmap
	if m.Fire != nil {
		fire = ev.Filter(m.Fire, b)
	}
	if m.Clear != nil {
		clear = ev.Filter(m.Clear, b)
	}
	for i := range out {
		switch {
		case m.Fire == nil || fire.Has(i):
			out[i] = Fires
		case m.Clear == nil || clear.Has(i):
			out[i] = Cleared
		default:
			out[i] = Between
		}
	}
	return out
}

// Excepted reports whether an exception of the rule names the instance.
func (m *Machine) Excepted(l Labels) bool {
	return slices.ContainsFunc(m.Rule.Except, func(want map[string]string) bool {
		return Matches(want, l.Get)
	})
}

// Change is the alert that an instance began or ended by its last step; key is its
// labels as text.
func (m *Machine) Change(s *State, key string, from Status, now int64) Change {
	c := Change{
		Rule: m.Rule.Name, Key: key, Labels: s.Labels, Severity: m.Rule.Severity, At: now,
		From: from, To: s.Status, Value: s.Value, Values: s.Values,
	}
	if s.Status == Missing {
		c.Reason = "its lines stopped coming"
	}
	return c
}

// End gives the end of every alert that burns, for a rule that is taken away,
// and forgets the states.
func (m *Machine) End(states map[string]*State, now int64, reason string) []Change {
	var out []Change
	for _, key := range slices.Sorted(maps.Keys(states)) {
		s := states[key]
		if s.Status.Burning() {
			from := s.Status
			s.to(Quiet, now)
			c := m.Change(s, key, from, now)
			c.Reason = reason
			out = append(out, c)
		}
		delete(states, key)
	}
	return out
}
