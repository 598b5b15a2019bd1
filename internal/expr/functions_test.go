package expr

import (
	"strings"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/row"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC).UnixNano()

// valueOfText evaluates an expression over one row without fields.
func valueOfText(t testing.TB, text string) row.Value {
	t.Helper()
	c := NewEvaluator(Env{Now: noon}).Eval(expressed(t, text), &row.Batch{Len: 1})
	return c.Value(0)
}

// The documentation shows these examples.
func TestExamplesGiveTheirResults(t *testing.T) {
	for _, name := range FunctionNames() {
		f, _ := FunctionOf(name)
		if got := valueOfText(t, f.Example).Text(); got != f.Result {
			t.Errorf("%s is %q, the documentation says %q", f.Example, got, f.Result)
		}
		if !strings.HasPrefix(f.Example, name+"(") || !strings.HasSuffix(f.Summary, ".") {
			t.Errorf("%s: the example calls it first, the summary is a sentence", name)
		}
	}
}
