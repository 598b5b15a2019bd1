package rule

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/when"
)

// SLO is a promise: of the lines that Search finds, so many must be good.
type SLO struct {
	Name      string   `json:"name"`
	Objective float64  `json:"objective"` // share of good lines, 0.999
	Search    string   `json:"search"`    // the lines that count
	Over      Duration `json:"over"`      // the period of the budget
	Good      string   `json:"good"`      // the expression that is true of a good line
	Text      string   `json:"text"`      // as it was written
}

// ParseSLO reads "99.9% of canonical-log-line over 30d good http_status<500".
func ParseSLO(name, text string) (*SLO, error) {
	s := &SLO{Name: name, Text: strings.TrimSpace(text)}
	wrong := func(format string, args ...any) error {
		return fault.New(fault.Invalid, "slo %s: %s; write it as 99.9%% of canonical-log-line over 30d good http_status<500", name, fmt.Sprintf(format, args...))
	}
	share, rest, ok := strings.Cut(s.Text, "% of ")
	if !ok {
		return nil, wrong("there is no “%% of”")
	}
	percent, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimPrefix(share, "slo ")), 64)
	if err != nil || percent <= 0 || percent >= 100 {
		return nil, wrong("%q is no percentage between 0 and 100", share)
	}
	s.Objective = percent / 100
	at := strings.LastIndex(rest, " over ")
	if at < 0 {
		return nil, wrong("there is no “over”")
	}
	s.Search = strings.TrimSpace(rest[:at])
	period, good, ok := strings.Cut(rest[at+len(" over "):], " good ")
	if !ok || strings.TrimSpace(good) == "" {
		return nil, wrong("there is no “good” with an expression")
	}
	ns, err := when.ParseDuration(strings.TrimSpace(period))
	if err != nil {
		return nil, wrong("%v", err)
	}
	if s.Over, s.Good = Duration(ns), strings.TrimSpace(good); ns < int64(24*time.Hour) {
		return nil, wrong("a period of %s is too short for a budget; at least 1d", s.Over)
	}
	return s, nil
}

// Window is a pair of windows whose burn rates must both be too high: the long
// one says that it matters, the short one that it still goes on.
type Window struct {
	Long, Short time.Duration
	Share       float64 // of the budget that is spent when the long window burns at this rate
	Severity    Severity
}

// Windows are those of the SRE workbook, for a period of 30 days: 2 % of the
// budget in an hour and 5 % in six wake somebody, 10 % in a day or in three is
// work for the week.
func Windows() []Window {
	return []Window{
		{time.Hour, 5 * time.Minute, 0.02, Critical},
		{6 * time.Hour, 30 * time.Minute, 0.05, Critical},
		{24 * time.Hour, 2 * time.Hour, 0.10, Warning},
		{72 * time.Hour, 6 * time.Hour, 0.10, Warning},
	}
}

// Factor is the burn rate of a window above which so large a share of the
// budget is spent in it: 14.4 for 2 % in an hour of 30 days. It is never below 1,
// the rate that a promise allows.
func (s *SLO) Factor(w Window) float64 {
	return max(1, w.Share*float64(s.Over)/float64(w.Long))
}

// MinBad is how many bad lines a window must have: one error among ten requests
// at night is no budget burnt.
const MinBad = 10

// Rules are the alerts of the promise: one that wakes somebody, one for the
// week. Their rows come from counts of lines and not from a question.
func (s *SLO) Rules(labels map[string]string) []Rule {
	var out []Rule
	for _, severity := range []Severity{Critical, Warning} {
		r := Rule{
			Name: s.Name + "-burns-" + severity.String(), Severity: severity, Burn: s, Labels: labels,
			Question: fmt.Sprintf("%s | stats count as total, count(%s) as good", s.Search, s.Good),
			Summary:  s.Name + ": the budget of " + s.Over.String() + " burns {{burn}} times too fast, {{bad}} bad lines in {{window}}",
			Why:      "at this rate the promise " + s.Text + " is broken",
		}
		r.fill()
		out = append(out, r)
	}
	return out
}

// Counts are the lines of one minute of a promise.
type Counts struct{ Total, Good int64 }

// Burnt is how fast the budget goes: 1 spends it exactly in its period.
func (s *SLO) Burnt(c Counts) float64 {
	if c.Total == 0 {
		return 0
	}
	return float64(c.Total-c.Good) / float64(c.Total) / (1 - s.Objective)
}

// Left is the share of the budget that is left after counts of the whole
// period; negative when the promise is broken.
func (s *SLO) Left(c Counts) float64 { return 1 - s.Burnt(c) }
