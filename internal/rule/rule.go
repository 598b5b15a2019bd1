package rule

import (
	"strings"
	"time"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/when"
)

// Rule is a question with everything that turns its rows into an alert, as it is
// written in a file.
type Rule struct {
	Name     string   `yaml:"name" json:"name"`         // unique among all rules
	Question string   `yaml:"question" json:"question"` // ends in | where <condition>
	Resolve  string   `yaml:"resolve" json:"resolve,omitempty"`
	Every    Duration `yaml:"every" json:"every"`       // between evaluations
	Over     Duration `yaml:"over" json:"over"`         // lines of this long are asked
	Delay    Duration `yaml:"delay" json:"delay"`       // lines may come so late
	For      Duration `yaml:"for" json:"for"`           // the condition must hold so long
	KeepFor  Duration `yaml:"keep_for" json:"keep_for"` // and must be gone so long
	Severity Severity `yaml:"severity" json:"severity"`
	NoData   NoData   `yaml:"no_data" json:"no_data"`

	Labels  map[string]string   `yaml:"labels" json:"labels,omitempty"`   // for routing; not part of an instance
	Except  []map[string]string `yaml:"except" json:"except,omitempty"`   // instances that are left out
	Summary string              `yaml:"summary" json:"summary,omitempty"` // {{field}} stands for a value of the row
	Why     string              `yaml:"why" json:"why,omitempty"`         // why somebody should care
	Look    string              `yaml:"look" json:"look,omitempty"`       // what to look at first
	Runbook string              `yaml:"runbook" json:"runbook,omitempty"`

	Burn *SLO `yaml:"-" json:"slo,omitempty"` // set on rules that an SLO makes
}

const (
	// defaultEvery is how soon people want to know, and what a person can read
	// off a chart.
	defaultEvery = Duration(time.Minute)
	// defaultDelay covers a sender that batches for a second or two.
	defaultDelay = Duration(5 * time.Second)
	// shortestEvery keeps a slip of the pen from asking all the time.
	shortestEvery = Duration(time.Second)
	// longestOver bounds what one evaluation reads.
	longestOver = Duration(31 * 24 * time.Hour)
)

// fill gives what was left out its default.
func (r *Rule) fill() {
	if r.Every == 0 {
		r.Every = defaultEvery
	}
	if r.Over == 0 {
		r.Over = r.Every
	}
	if r.Delay == 0 {
		r.Delay = defaultDelay
	}
}

// Check says what is wrong with the rule beside its question, which only the
// language can judge.
func (r *Rule) Check() error {
	r.fill()
	switch {
	case r.Name == "":
		return fault.New(fault.Invalid, "a rule wants a name")
	case !named(r.Name):
		return fault.New(fault.Invalid, "rule %q: a name is made of letters, digits, - _ . and is at most 100 long", r.Name)
	case strings.TrimSpace(r.Question) == "":
		return fault.New(fault.Invalid, "rule %s: it wants a question", r.Name)
	case r.Every < shortestEvery:
		return fault.New(fault.Invalid, "rule %s: every %s is too often; at least 1s", r.Name, r.Every)
	case r.Over > longestOver:
		return fault.New(fault.Invalid, "rule %s: over %s is too long; at most 31d", r.Name, r.Over)
	}
	for _, d := range []struct {
		key   string
		value Duration
	}{{"every", r.Every}, {"over", r.Over}, {"delay", r.Delay}, {"for", r.For}, {"keep_for", r.KeepFor}} {
		if d.value < 0 {
			return fault.New(fault.Invalid, "rule %s: %s is negative", r.Name, d.key)
		}
	}
	return nil
}

// named reports whether a name can stand in a URL and a file as it is.
func named(name string) bool {
	if len(name) > 100 {
		return false
	}
	for _, c := range name {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("-_.", c) {
			return false
		}
	}
	return name != "." && name != ".."
}

// Severity says what an alert does to people.
type Severity uint8

// The severities, the least first.
const (
	Info     Severity = iota // a lamp to look at while repairing; never notifies
	Warning                  // work for this week
	Critical                 // worth leaving the metro for
)

var severityNames = []string{"info", "warning", "critical"}

func (s Severity) String() string { return severityNames[min(int(s), len(severityNames)-1)] }

// MarshalText is the word.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the word.
func (s *Severity) UnmarshalText(text []byte) error {
	return word(text, severityNames, "severity", (*uint8)(s))
}

// NoData says what it means that an instance has no row any more.
type NoData uint8

// Meanings of no row.
const (
	NoDataClear NoData = iota // nothing was found, so all is well: right for counts of bad things
	NoDataKeep                // nothing is known: the state stays as it is
	NoDataFire                // what was there is gone: an alert of its own
)

var noDataNames = []string{"clear", "keep", "fire"}

func (n NoData) String() string { return noDataNames[min(int(n), len(noDataNames)-1)] }

// MarshalText is the word.
func (n NoData) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// UnmarshalText reads the word.
func (n *NoData) UnmarshalText(text []byte) error {
	return word(text, noDataNames, "no_data", (*uint8)(n))
}

// word reads one of some words.
func word(text []byte, names []string, what string, to *uint8) error {
	for i, n := range names {
		if n == string(text) {
			*to = uint8(i)
			return nil
		}
	}
	return fault.New(fault.Invalid, "%s is %s, not %q", what, strings.Join(names, ", "), text)
}

// Duration is a length of time, written 30s, 5m, 1h30m, 7d.
type Duration time.Duration

// String is the length as it is written.
func (d Duration) String() string { return string(when.AppendDuration(nil, int64(d))) }

// MarshalText is the length as it is written.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads a length.
func (d *Duration) UnmarshalText(text []byte) error {
	ns, err := when.ParseDuration(string(text))
	if err != nil {
		return err
	}
	*d = Duration(ns)
	return nil
}
