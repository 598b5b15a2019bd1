package api

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/related"
	"github.com/plumbline/plumbline/internal/row"
)

// relatedOptions are the parameters handed on to the pipe.
const relatedOptions = "depth within max rows degree time"

// relatedID is an id of a picture of related ids.
type relatedID struct {
	Kind     string   `json:"kind"`
	ID       string   `json:"id"`
	Degree   int64    `json:"degree"`          // lines that hold it; of a hub there are more
	First    jsonText `json:"first,omitempty"` // time of the first of them
	Last     jsonText `json:"last,omitempty"`
	Distance int64    `json:"distance"`
	Hub      bool     `json:"hub,omitempty"` // too many lines hold it, so it was not followed
}

// relatedLine is a line, and the ids it holds as places in the list of ids.
type relatedLine struct {
	Row jsonText `json:"row"`
	IDs []int    `json:"ids"`
}

type relatedAnswer struct {
	Question string        `json:"question"` // that gives these lines
	IDs      []relatedID   `json:"ids"`
	Lines    []relatedLine `json:"lines"` // oldest first
	Missing  []missing     `json:"missing"`
	Meta     meta          `json:"meta"`
}

// related gives everything that belongs together with an id: two questions of
// the language, and which line holds which id.
func (s *Server) related(w http.ResponseWriter, r *http.Request) {
	search, err := s.startOf(r)
	if err != nil {
		fail(w, err)
		return
	}
	options := optionsOf(r.Form)
	out := relatedAnswer{Question: search + " | related" + options, Lines: []relatedLine{}, Missing: []missing{}}
	lines, a, err := s.whole(r, out.Question)
	if err != nil {
		fail(w, err)
		return
	}
	ids, _, err := s.whole(r, search+" | related ids"+options)
	if err != nil {
		fail(w, err)
		return
	}
	out.Meta = metaOf(a)
	place := map[related.ID]int{}
	out.IDs = idsOf(ids, place)
	held := s.held(lines, place)
	for i := lines.Len - 1; i >= 0; i-- { // the question gives the newest first
		out.Lines = append(out.Lines, relatedLine{lines.AppendJSON(nil, i), held[i]})
	}
	out.Missing = s.missing(lines, held, out.IDs)
	answer(w, out)
}

// startOf is the search for the lines that hold the id asked for.
func (s *Server) startOf(r *http.Request) (string, error) {
	id, kind := r.FormValue("id"), r.FormValue("kind")
	switch {
	case id == "":
		return "", fault.New(fault.Invalid, "id= holds the id to begin with; kind= says of which kind it is where that matters")
	case len(id) > related.MaxIDBytes:
		return "", fault.New(fault.Invalid, "id= holds %d bytes; an id has at most %d", len(id), related.MaxIDBytes)
	case !related.Links(id):
		return "", fault.New(fault.Invalid, "%q stands for no id and joins no lines", id)
	}
	readable := callerOf(r).datasets
	names, err := s.opts.Store.FieldNames(r.Context(), readable)
	if err != nil {
		return "", err
	}
	var clauses []string
	kinds := map[string]bool{}
	for _, name := range names {
		k := s.kindIn(readable, name)
		if k == "" {
			continue
		}
		if kinds[k] = true; kind == "" || kind == k {
			clauses = append(clauses, (&expr.Compare{Field: name, Op: expr.Eq, Pattern: expr.LiteralPattern(id)}).String())
		}
	}
	if len(clauses) == 0 && kind != "" {
		known := make([]string, 0, len(kinds))
		for k := range kinds {
			known = append(known, k)
		}
		slices.Sort(known)
		return "", fault.New(fault.NotFound, "no line holds ids of kind %q; there are %s", kind, strings.Join(known, ", "))
	}
	if len(clauses) == 0 {
		return "", fault.New(fault.NotFound, "no line holds an id; fields named id, *_id or *.id are ids, and those a dataset declares")
	}
	return strings.Join(clauses, " or "), nil
}

// kindIn is the kind of a field in the first of the datasets where it has one.
func (s *Server) kindIn(readable []string, field string) string {
	for _, x := range s.opts.Store.Extents(readable) {
		if k := s.opts.Dataset(x.Dataset).Kind(field); k != "" {
			return k
		}
	}
	return ""
}

// optionsOf writes the options of the pipe; it says what is wrong with them.
func optionsOf(form url.Values) string {
	text := ""
	for name := range strings.FieldsSeq(relatedOptions) {
		if v := form.Get(name); v != "" {
			text += " " + name + "=" + expr.QuoteValue(v)
		}
	}
	return text
}

// idsOf reads the rows of related ids, and notes where each is.
func idsOf(b *row.Batch, place map[related.ID]int) []relatedID {
	out := make([]relatedID, b.Len)
	for i := range out {
		x := relatedID{
			Kind: b.Col("kind").Value(i).Text(), ID: b.Col("id").Value(i).Text(),
			Degree: b.Col("degree").Value(i).Nums(), Distance: b.Col("distance").Value(i).Nums(),
			Hub: b.Col("hub").Value(i).Bool(),
		}
		if first := b.Col("first").Value(i); !first.IsMissing() {
			x.First, x.Last = first.AppendJSON(nil), b.Col("last").Value(i).AppendJSON(nil)
		}
		out[i] = x
		place[related.ID{Kind: x.Kind, Text: x.ID}] = i
	}
	return out
}

// held are, for each line, the places of its ids, in the order of the list.
func (s *Server) held(lines *row.Batch, place map[related.ID]int) [][]int {
	out := make([][]int, lines.Len)
	var ids []related.ID
	names := lines.Col(row.FieldDataset)
	for i := range out {
		d := s.opts.Dataset(names.Value(i).Text())
		ids = ids[:0]
		for k := range lines.Cols {
			c := &lines.Cols[k]
			if kind := d.Kind(c.Name); kind != "" {
				ids, _ = related.AppendIDs(ids, kind, c.Value(i))
			}
		}
		out[i] = []int{}
		for _, id := range ids {
			if at, known := place[id]; known {
				out[i] = append(out[i], at)
			}
		}
		slices.Sort(out[i])
		out[i] = slices.Compact(out[i])
	}
	return out
}
