package api

import (
	"fmt"
	"slices"
	"time"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/pipe"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/when"
)

// missing is a line that should be in a picture of related ids and is not, or
// is late.
type missing struct {
	ID    int    `json:"id"`    // place in the list of ids
	Since string `json:"since"` // time of the line that lets it be expected
	Due   string `json:"due"`   // when it should be there
	State string `json:"state"` // missing, late, or awaited while it is not due
	Text  string `json:"text"`
}

// expectation is a dataset.Expect, read.
type expectation struct {
	dataset.Expect
	after, want expr.Expr
}

// readExpectations reads the filters of expectations.
func readExpectations(list []dataset.Expect) ([]expectation, error) {
	out := make([]expectation, len(list))
	for i, x := range list {
		after, err := searchFor(x.After)
		if err == nil {
			out[i] = expectation{Expect: x, after: after}
			out[i].want, err = searchFor(x.Want)
		}
		if err != nil {
			return nil, fmt.Errorf("expect number %d: %w", i+1, err)
		}
	}
	return out, nil
}

func searchFor(text string) (expr.Expr, error) {
	q, err := pipe.Parse(text)
	if err != nil {
		return nil, err
	}
	return q.Search, nil
}

// missing holds the lines against what is expected of them. held are the ids of
// each line, which come newest first.
func (s *Server) missing(lines *row.Batch, held [][]int, ids []relatedID) []missing {
	out := []missing{}
	now := s.opts.Now().UnixNano()
	ev := expr.NewEvaluator(expr.Env{Now: now, Zone: time.UTC})
	times := lines.Col(row.FieldTime)
	for _, x := range s.expect {
		after, want := ev.Filter(x.after, lines), ev.Filter(x.want, lines)
		for at := range ids {
			if ids[at].Kind != x.Kind {
				continue
			}
			since, found := int64(-1), int64(-1)
			for i := lines.Len - 1; i >= 0; i-- {
				if !slices.Contains(held[i], at) {
					continue
				}
				if t := times.Value(i).Nums(); after.Has(i) && since < 0 {
					since = t
				} else if want.Has(i) && since >= 0 && found < 0 {
					found = t
				}
			}
			if since >= 0 {
				out = append(out, x.judge(at, since, found, now)...)
			}
		}
	}
	return out
}

// judge says what is wrong with an id of which a line lets another be expected;
// found is the time of that one, -1 when there is none.
func (x *expectation) judge(id int, since, found, now int64) []missing {
	m := missing{ID: id, Since: rfc3339(since), Due: rfc3339(since + int64(x.Within))}
	within := string(when.AppendDuration(nil, int64(x.Within)))
	switch due := since + int64(x.Within); {
	case found >= 0 && found <= due:
		return nil
	case found >= 0:
		m.State, m.Text = "late", fmt.Sprintf("%s, %s only after %s", x.Said, x.Wanted, when.AppendDuration(nil, (found-since)/1e9*1e9))
	case now < due:
		m.State, m.Text = "awaited", fmt.Sprintf("%s, %s is awaited within %s", x.Said, x.Wanted, within)
	default:
		m.State, m.Text = "missing", fmt.Sprintf("%s, no %s after %s", x.Said, x.Wanted, within)
	}
	return []missing{m}
}
