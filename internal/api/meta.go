package api

import (
	"encoding/json"
	"math"
	"strings"
	"unicode/utf16"

	"github.com/plumbline/plumbline/internal/query"
	"github.com/plumbline/plumbline/internal/scan"
	"github.com/plumbline/plumbline/internal/when"
)

// meta is what is said beside the rows of an answer.
type meta struct {
	Kind        string      `json:"kind"`                  // lines, table or timechart
	Fields      []string    `json:"fields"`                // names of columns in their order
	FieldsMore  int         `json:"fields_more,omitempty"` // that a trailer has no room for
	From        string      `json:"from,omitempty"`        // the range that was asked, RFC 3339
	To          string      `json:"to,omitempty"`
	Rows        int64       `json:"rows"`
	Partial     bool        `json:"partial"`
	Truncated   bool        `json:"truncated"`
	Approximate bool        `json:"approximate"`
	Notes       []string    `json:"notes"`
	Read        readMeta    `json:"read"`
	ElapsedMS   float64     `json:"elapsed_ms"`
	Extent      *extentMeta `json:"extent,omitempty"` // where lines lie, when there is no row
}

type readMeta struct {
	Groups      int64  `json:"groups"`
	GroupsTotal int64  `json:"groups_total"`
	Columns     int64  `json:"columns"`
	Bytes       int64  `json:"bytes"`
	Rows        int64  `json:"rows"`
	Text        string `json:"text"`
}

type extentMeta struct {
	From string `json:"from"`
	To   string `json:"to"`
	Rows int64  `json:"rows"`
}

func metaOf(a *query.Answer) meta {
	m := a.Meta()
	out := meta{
		Kind: string(a.Shape), Fields: m.Fields, Rows: m.Rows, Partial: m.Partial, Truncated: m.Truncated,
		Approximate: m.Approximate, Notes: m.Notes, ElapsedMS: float64(m.Elapsed.Microseconds()) / 1000,
		Read: readMeta{m.Groups, m.GroupsTotal, m.Columns, m.Bytes, m.RowsRead, m.Read()},
	}
	if out.Fields == nil {
		out.Fields = []string{}
	}
	if out.Notes == nil {
		out.Notes = []string{}
	}
	if a.Range.From != math.MinInt64 && a.Range.To != math.MaxInt64 {
		out.From, out.To = rfc3339(a.Range.From), rfc3339(a.Range.To)
	}
	if m.Rows == 0 {
		out.Extent = extentOf(m.Extent)
	}
	return out
}

// trailerNames is how many bytes of names go into a trailer: Go's client takes one of
// 4 KiB at most.
const trailerNames = 2 << 10

// trailer is meta with so many names of fields as have room in a trailer.
func (m meta) trailer() meta {
	left := trailerNames
	for i, name := range m.Fields {
		if left -= trailerBytes(name) + len(","); left < 0 {
			m.Fields, m.FieldsMore = m.Fields[:i:i], len(m.Fields)-i
			break
		}
	}
	return m
}

// trailerBytes is what a name takes in a trailer; most are letters alone.
func trailerBytes(name string) int {
	if !strings.ContainsFunc(name, func(r rune) bool { return r != '_' && r != '.' && (r < '0' || r > '9') && (r < 'a' || r > 'z') }) {
		return len(name) + len(`""`)
	}
	text, _ := json.Marshal(name) // a text always can be written
	return len(asciiJSON(text))
}

func extentOf(x scan.Extent) *extentMeta {
	if x.Rows == 0 {
		return &extentMeta{}
	}
	return &extentMeta{From: rfc3339(x.From), To: rfc3339(x.To), Rows: x.Rows}
}

func rfc3339(ns int64) string { return string(when.AppendRFC3339(nil, ns)) }

func utf16Of(r rune) []uint16 { return utf16.AppendRune(nil, r) }
