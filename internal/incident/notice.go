package incident

import (
	"fmt"

	"github.com/plumbline/plumbline/internal/rule"
)

// Notice is what is sent to people. Its Key is the same whenever it is sent
// again, so that receivers who know keys show it once.
type Notice struct {
	Key      string            `json:"key"`
	Kind     string            `json:"kind"`
	Severity rule.Severity     `json:"severity"`
	Incident string            `json:"incident,omitempty"`
	At       int64             `json:"at"`
	Since    int64             `json:"since"`
	Title    string            `json:"title"`
	Lines    []string          `json:"lines,omitempty"`
	Rule     string            `json:"rule,omitempty"`
	Labels   map[string]string `json:"labels,omitempty"`
	Episodes int               `json:"episodes,omitempty"`
	Step     int               `json:"step,omitempty"` // of the escalation; 0: the first
	// Group are the labels that tell its incident from others, Alerts what stands in
	// it, of which at most maxAlerts are told, and More more.
	Group  map[string]string `json:"group,omitempty"`
	Alerts []Alert           `json:"alerts,omitempty"`
	More   int               `json:"more,omitempty"`
}

// Alert is one of those that a notice tells of, as receivers of alerts know them.
type Alert struct {
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations,omitempty"`
	From        int64             `json:"from"`
	To          int64             `json:"to,omitempty"` // 0 while it burns
	Link        string            `json:"link,omitempty"`
}

// maxAlerts bounds the alerts of a notice: each channel is handed all of them.
const maxAlerts = 100

// Kinds of notices.
const (
	NoticeOpened  = "opened"
	NoticeGrew    = "grew"
	NoticeEnded   = "ended"
	NoticeWarning = "warning"
	NoticeDigest  = "digest"
	NoticeTest    = "test"
)

// notice is what is to be told of the incident now.
func (i *Incident) notice(kind string, now int64) Notice {
	n := Notice{
		Key: i.ID + "/" + kind, Kind: kind, Severity: rule.Critical, Incident: i.ID,
		At: now, Since: i.Opened, Title: i.Title, Episodes: len(i.Episodes), Rule: i.Labels["rule"], Labels: i.Labels,
	}
	if kind == NoticeEnded {
		n.Lines = append(n.Lines, fmt.Sprintf("burnt for %s, episodes: %d; it waits for its cause", rule.Duration(i.Down(now)), len(i.Episodes)))
	}
	return n
}

// words are how a notice begins.
var words = map[string]string{
	NoticeOpened: "CRITICAL", NoticeGrew: "CRITICAL, more", NoticeEnded: "ENDED", NoticeWarning: "WARNING", NoticeDigest: "WARNINGS", NoticeTest: "TEST",
}

// Subject is the notice in a line: plain text without control characters. It must
// still be escaped for where it goes.
func (n *Notice) Subject() string {
	return words[n.Kind] + ": " + Plain(n.Title)
}

// maxBody bounds the lines of a notice: a person reads twenty.
const maxBody = 20

// Body are the lines below the subject, plain as it is.
func (n *Notice) Body() []string {
	var out []string
	for k, l := range n.Lines {
		if k == maxBody {
			out = append(out, fmt.Sprintf("… and %d more", len(n.Lines)-k))
			break
		}
		out = append(out, Plain(l))
	}
	return out
}
