package api

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/pipe"
	"github.com/plumbline/plumbline/internal/query"
	"github.com/plumbline/plumbline/internal/row"
)

// What the page asks beside a question – its histogram, fields and values – are
// questions too: the search of the question and a pipe of the language.

// searchOf is the search of a question, without its pipes.
func searchOf(text string) (string, error) {
	q, err := pipe.Parse(text)
	if err != nil {
		return "", err
	}
	q.Pipes, q.Explain = nil, false
	return q.String(), nil
}

// whole answers a question as one batch.
func (s *Server) whole(r *http.Request, text string) (*row.Batch, *query.Answer, error) {
	req := s.request(r)
	return s.within(r, text, req.From, req.To)
}

// within is whole with a range of its own.
func (s *Server) within(r *http.Request, text, from, to string) (*row.Batch, *query.Answer, error) {
	req := s.request(r)
	req.Text, req.From, req.To = text, from, to
	a, err := s.opts.Query.Ask(r.Context(), req)
	if err != nil {
		return nil, nil, err
	}
	defer a.Close()
	defer tellAnswer(r.Context(), a)
	list := []*row.Batch{{}}
	for b, err := range a.Rows() {
		if err != nil {
			return nil, nil, err
		}
		list = append(list, b)
	}
	return row.Concat(list), a, nil
}

// number reads a parameter that is a whole number from 1 to most.
func number(r *http.Request, name string, otherwise, most int) (int, error) {
	text := r.FormValue(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, fault.New(fault.Invalid, "%s is a whole number from 1 to %d, not %q", name, most, text)
	}
	return n, nil
}

type bucket struct {
	T       string `json:"t"`
	Count   int64  `json:"count"`
	Partial bool   `json:"partial,omitempty"`
}

// histogram counts the lines of a question's search by steps of time.
func (s *Server) histogram(w http.ResponseWriter, r *http.Request) {
	bins, err := number(r, "buckets", 60, 1000)
	if err != nil {
		fail(w, err)
		return
	}
	search, err := searchOf(r.FormValue("q"))
	if err != nil {
		fail(w, err)
		return
	}
	b, a, err := s.whole(r, fmt.Sprintf("%s | timechart bins=%d count", search, bins))
	if err != nil {
		fail(w, err)
		return
	}
	out := struct {
		From    string   `json:"from"`
		To      string   `json:"to"`
		SpanMS  int64    `json:"span_ms"`
		Buckets []bucket `json:"buckets"`
		Total   int64    `json:"total"`
	}{From: rfc3339(a.Range.From), To: rfc3339(a.Range.To), Buckets: []bucket{}}
	times, counts, partial := b.Col(row.FieldTime), b.Col("count"), b.Col(pipe.FieldPartial)
	for i := range b.Len {
		t, n := times.Value(i).Nums(), counts.Value(i).Nums()
		out.Buckets = append(out.Buckets, bucket{rfc3339(t), n, partial.Value(i).Bool()})
		out.Total += n
	}
	if b.Len > 1 {
		out.SpanMS = (times.Value(1).Nums() - times.Value(0).Nums()) / 1e6
	}
	answer(w, out)
}

// fieldsOf is how many of the newest lines the fields are taken from: enough
// to know them, few enough to be read while somebody looks.
const fieldsOf = 50_000

type fieldTop struct {
	Value any   `json:"value"`
	Count int64 `json:"count"`
}

type fieldInfo struct {
	Name     string     `json:"name"`
	Kind     string     `json:"kind"`
	Count    int64      `json:"count"`
	Distinct int64      `json:"distinct,omitempty"` // missing when there are very many
	Top      []fieldTop `json:"top"`
}

// fields gives the fields of the lines of a question's search, with their most
// frequent values.
func (s *Server) fields(w http.ResponseWriter, r *http.Request) {
	search, err := searchOf(r.FormValue("q"))
	if err != nil {
		fail(w, err)
		return
	}
	b, a, err := s.whole(r, fmt.Sprintf("%s | head %d | facets 10", search, fieldsOf))
	if err != nil {
		fail(w, err)
		return
	}
	list := []*fieldInfo{}
	byName := map[string]*fieldInfo{}
	rows := int64(0)
	for i := range b.Len {
		name := b.Col("field").Value(i).Text()
		f := byName[name]
		if f == nil {
			f = &fieldInfo{Name: name, Kind: kindOf(b.Col("value").Value(i)), Count: b.Col("rows").Value(i).Nums(), Distinct: b.Col("distinct").Value(i).Nums()}
			byName[name] = f
			list = append(list, f)
			rows = max(rows, f.Count)
		}
		f.Top = append(f.Top, fieldTop{jsonOf(b.Col("value").Value(i)), b.Col("count").Value(i).Nums()})
	}
	answer(w, struct {
		Rows   int64        `json:"rows"` // lines looked at
		Of     int64        `json:"of"`   // at most
		Read   int64        `json:"read"` // rows the store looked at
		Fields []*fieldInfo `json:"fields"`
	}{rows, fieldsOf, a.Meta().RowsRead, list})
}

func kindOf(v row.Value) string {
	switch v.Kind {
	case row.Int, row.Decimal, row.Float:
		return "number"
	}
	return v.Kind.String()
}

// jsonOf is a value as encoding/json writes it.
func jsonOf(v row.Value) any { return jsonText(v.AppendJSON(nil)) }

type jsonText []byte

func (t jsonText) MarshalJSON() ([]byte, error) { return t, nil }

// values gives the values of a field, for completion.
func (s *Server) values(w http.ResponseWriter, r *http.Request) {
	limit, err := number(r, "limit", 20, 1000)
	field := r.FormValue("field")
	if err == nil && field == "" {
		err = fault.New(fault.Invalid, "field= says of which field the values are wanted")
	}
	search := ""
	if err == nil {
		search, err = searchOf(r.FormValue("q"))
	}
	if err != nil {
		fail(w, err)
		return
	}
	if prefix := r.FormValue("prefix"); prefix != "" {
		start := &expr.Compare{Field: field, Op: expr.Eq, Pattern: expr.Pattern{Parts: []string{prefix, ""}}}
		search += " | search " + start.String()
	}
	b, _, err := s.whole(r, fmt.Sprintf("%s | top %d %s", strings.TrimSpace(search), limit+1, expr.QuoteField(field)))
	if err != nil {
		fail(w, err)
		return
	}
	out := struct {
		Field     string     `json:"field"`
		Values    []fieldTop `json:"values"`
		Truncated bool       `json:"truncated"`
	}{Field: field, Values: []fieldTop{}, Truncated: b.Len > limit}
	for i := range min(b.Len, limit) {
		out.Values = append(out.Values, fieldTop{jsonOf(b.Col(field).Value(i)), b.Col("count").Value(i).Nums()})
	}
	answer(w, out)
}
