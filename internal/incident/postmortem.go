package incident

import (
	"fmt"
	"strings"
	"time"

	"github.com/plumbline/plumbline/internal/rule"
)

// Postmortem is the incident as a document in Markdown, times in zone.
func (i *Incident) Postmortem(zone *time.Location, now int64) string {
	var b strings.Builder
	at := func(ns int64) string { return time.Unix(0, ns).In(zone).Format("2006-01-02 15:04:05 MST") }
	fmt.Fprintf(&b, "# %s\n\n", escape(i.Title))
	fmt.Fprintf(&b, "| | |\n|---|---|\n| Incident | %s |\n| Status | %s |\n| Opened | %s |\n", i.ID, i.Status, at(i.Opened))
	fmt.Fprintf(&b, "| Burnt for | %s in %d episodes |\n", rule.Duration(i.Down(now).Round(time.Second)), len(i.Episodes))
	if i.Acked != 0 {
		fmt.Fprintf(&b, "| Acknowledged | %s by %s |\n", at(i.Acked), escape(i.AckedBy))
	}
	fmt.Fprintf(&b, "| Class | %s |\n\n## Cause\n\n%s\n\n", escape(orNone(i.Class)), escape(orNone(i.Cause)))
	b.WriteString("## What burnt\n\n| severity | alert | from | to | times |\n|---|---|---|---|---|\n")
	for _, l := range i.Lamps {
		to := "still"
		if l.To != 0 {
			to = at(l.To)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %d |\n", l.Severity, escape(l.Title), at(l.From), to, l.Times)
	}
	b.WriteString("\n## Time line\n\n")
	for _, e := range i.Line {
		who := ""
		if e.By != "" {
			who = " " + escape(e.By) + ":"
		}
		fmt.Fprintf(&b, "- %s **%s**%s %s\n", at(e.At), e.Kind, who, escape(e.Text))
	}
	b.WriteString("\n## What will be done\n\n")
	for _, t := range i.Tasks {
		mark := " "
		if t.Done != 0 {
			mark = "x"
		}
		fmt.Fprintf(&b, "- [%s] %s – %s, due %s\n", mark, escape(t.Text), escape(t.Owner), time.Unix(0, t.Due).In(zone).Format("2006-01-02"))
	}
	if i.FollowUp != "" {
		b.WriteString(escape(i.FollowUp) + "\n")
	}
	return b.String()
}

func orNone(text string) string {
	if text == "" {
		return "not known yet"
	}
	return text
}

// escape makes a text plain in Markdown, on one line: what lines bring along
// must not become links, tables or HTML.
func escape(text string) string {
	var b strings.Builder
	for _, c := range Plain(text) {
		if strings.ContainsRune("\\`*_{}[]()<>#+!|&~", c) {
			b.WriteByte('\\')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// Plain is a text without what moves cursors, hides or turns letters round: it
// stays on its line.
func Plain(text string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == '\n' || c == '\r' || c == '\t':
			return ' '
		case c < 0x20 || c == 0x7f || c >= 0x80 && c < 0xa0, c >= 0x200b && c <= 0x200f, c >= 0x2028 && c <= 0x202e, c >= 0x2060 && c <= 0x206f, c == 0xfeff:
			return -1
		}
		return c
	}, text)
}
