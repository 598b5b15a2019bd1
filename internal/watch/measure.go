package watch

import (
	"context"

	"github.com/plumbline/plumbline/internal/query"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/when"
)

// Asker answers questions: a *query.Engine.
type Asker interface {
	Ask(ctx context.Context, req query.Request) (*query.Answer, error)
}

// urgent asks what somebody may have to be woken by: what people look at waits for it.
type urgent struct{ Asker }

func (u urgent) Ask(ctx context.Context, req query.Request) (*query.Answer, error) {
	req.Urgent = true
	return u.Asker.Ask(ctx, req)
}

// maxInstances bounds the rows of one evaluation: more than people can look at,
// few enough to be stepped each minute.
const maxInstances = 100_000

// ask gives the rows of a question over a range of time, in one batch.
func ask(ctx context.Context, a Asker, text string, from, to int64, limit int) (*row.Batch, error) {
	answer, err := a.Ask(ctx, query.Request{Text: text, From: rfc3339(from), To: rfc3339(to), Limit: limit, Unread: true})
	if err != nil {
		return nil, err
	}
	defer answer.Close()
	var list []*row.Batch
	for b, err := range answer.Rows() {
		if err != nil {
			return nil, err
		}
		list = append(list, b)
	}
	if len(list) == 0 {
		return &row.Batch{}, nil
	}
	return row.Concat(list), nil
}

// measured gives the rows that a rule judges at a step.
func (c *Ready) measured(ctx context.Context, a Asker, m *meters, step int64) (*row.Batch, error) {
	if c.Rule.Burn != nil {
		return m.rows(ctx, a, c, step)
	}
	return ask(ctx, a, c.text, step-int64(c.Rule.Over), step, maxInstances)
}

func rfc3339(ns int64) string { return string(when.AppendRFC3339(nil, ns)) }

// firstStep is the first step of a rule after a time: steps lie on whole
// multiples of every since the Unix epoch, so that a restart changes none.
func (c *Ready) firstStep(after int64) int64 {
	every := int64(c.Rule.Every)
	return (after/every + 1) * every
}
