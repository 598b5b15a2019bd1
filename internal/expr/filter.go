package expr

import (
	"time"

	"github.com/plumbline/plumbline/internal/row"
)

// Evaluator evaluates expressions on batches. It keeps scratch memory and what
// it worked out about dictionaries, so it serves one goroutine, for the length
// of one question.
type Evaluator struct {
	env Env
}

// Env is what an expression may ask of the question it stands in.
type Env struct {
	Now  int64         // nanoseconds since the Unix epoch: now()
	Zone *time.Location // for texts without a zone and for calendar steps
}

// NewEvaluator returns an evaluator for one goroutine.
func NewEvaluator(env Env) *Evaluator { return &Evaluator{env: env} }

// Filter is the set of rows of b for which e is true.
func (ev *Evaluator) Filter(e Expr, b *row.Batch) row.Bitmap { return nil }

// Eval is the value of e for each row of b. The column has no name.
func (ev *Evaluator) Eval(e Expr, b *row.Batch) row.Column { return row.Column{} }
