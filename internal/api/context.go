package api

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/row"
)

// context gives the lines around one: those before it and after it in the same
// dataset, or, with the parameter field, among the lines with the same value.
func (s *Server) context(w http.ResponseWriter, r *http.Request) {
	name, seq := r.FormValue("dataset"), r.FormValue("seq")
	before, err := number(r, "before", 20, 1000)
	after := 0
	if err == nil {
		after, err = number(r, "after", 20, 1000)
	}
	if err == nil && name == "" {
		err = fault.New(fault.Invalid, "dataset= is missing: the name of the dataset that the line is in, its _dataset")
	}
	if err == nil {
		err = dataset.CheckName(name)
	}
	if _, bad := strconv.ParseInt(seq, 10, 64); err == nil && bad != nil {
		err = fault.New(fault.Invalid, "seq= is the number of a line, not %q", seq)
	}
	if err != nil {
		fail(w, err)
		return
	}
	line, err := s.lineOf(r, name, seq)
	if err != nil {
		fail(w, err)
		return
	}
	out := struct {
		Before []any `json:"before"`
		Row    any   `json:"row"`
		After  []any `json:"after"`
	}{Before: []any{}, Row: jsonText(line.AppendJSON(nil, 0)), After: []any{}}
	peers := "_dataset==" + name
	if f := r.FormValue("field"); f != "" {
		if v := line.Col(f).Value(0); !v.IsMissing() {
			c := &expr.Compare{Field: f, Op: expr.Is, Pattern: expr.LiteralPattern(v.Text())}
			peers += " " + c.String()
		}
	}
	if out.Before, err = s.around(r, line, peers, before, false); err == nil {
		out.After, err = s.around(r, line, peers, after, true)
	}
	if err != nil {
		fail(w, err)
		return
	}
	answer(w, out)
}

// lineOf is the line of a number.
func (s *Server) lineOf(r *http.Request, name, seq string) (*row.Batch, error) {
	b, _, err := s.within(r, fmt.Sprintf("_dataset==%s _seq=%s | head 1", name, seq), "", "")
	if err != nil {
		return nil, err
	}
	if b.Len == 0 {
		return nil, fault.New(fault.NotFound, "dataset %s has no line %s any more", name, seq)
	}
	return b, nil
}

// aroundWithin are the ranges that are looked through for lines around one,
// the shortest first, so that a busy dataset is not read whole.
var aroundWithin = []time.Duration{time.Minute, time.Hour, 24 * time.Hour, 90 * 24 * time.Hour}

// around are up to n lines before or after a line, nearest last before it and
// nearest first after it.
func (s *Server) around(r *http.Request, line *row.Batch, peers string, n int, later bool) ([]any, error) {
	t := line.Col(row.FieldTime).Value(0).Nums()
	seq := line.Col(row.FieldSeq).Value(0).Nums()
	out := []any{}
	for _, within := range aroundWithin {
		from, to := rfc3339(t-int64(within)), rfc3339(t+1)
		question := fmt.Sprintf("%s | where _time < %s or _seq < %d | head %d", peers, literalTime(t), seq, n)
		if later {
			from, to = rfc3339(t), rfc3339(t+int64(within))
			question = fmt.Sprintf("%s | where _time > %s or _seq > %d | sort %d _time, _seq", peers, literalTime(t), seq, n)
		}
		b, _, err := s.within(r, question, from, to)
		if err != nil {
			return nil, err
		}
		if b.Len < n && within != aroundWithin[len(aroundWithin)-1] {
			continue
		}
		for i := range b.Len {
			k := i
			if !later {
				k = b.Len - 1 - i
			}
			out = append(out, jsonText(b.AppendJSON(nil, k)))
		}
		break
	}
	return out, nil
}

// literalTime is a time as an expression takes it.
func literalTime(ns int64) string { return fmt.Sprintf("strptime(%q, \"rfc3339\")", rfc3339(ns)) }
