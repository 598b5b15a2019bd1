package colfile

import (
	"math/rand/v2"
	"testing"

	"github.com/plumbline/plumbline/internal/expr"
)

// Where a part counts by its shapes alone, it counts what the rows say.
func TestShapeCountsAgreeWithTheRows(t *testing.T) {
	r := rand.New(rand.NewPCG(71, 72))
	b := canonical(PageRows + 3000)
	b = b.With(messagesOf(r, b.Len))
	p := openPart(t, partOf(t, b, b))
	counted := 0
	for text, by := range map[string]bool{
		`*`: true, `msg=took`: true, `msg=*essio*`: true, `msg=absent`: true, `msg=user msg="logged in"`: true, `msg=took or msg=closed or msg=no`: true,
		`not msg=took`: true, `msg!~"user"`: true, `not (msg=took or not msg=request)`: true,
		`msg=*77*`: false, `msg="request took 7*"`: false,
	} {
		e, err := expr.NewReader(text, nil).Search()
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		ev := expr.NewEvaluator(expr.Env{})
		shapes, rows, ok, err := p.ShapeCounts("msg", e, ev)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if ok != by {
			t.Errorf("%s: counted by shapes %v", text, ok)
		}
		if !ok {
			continue
		}
		counted++
		total := uint64(0)
		for _, n := range rows {
			total += n
		}
		if want := 2 * ev.Filter(e, b).Count(); total != uint64(want) || shapes.Len() != len(rows) {
			t.Errorf("%s: %d rows of %d shapes, want %d", text, total, len(rows), want)
		}
	}
	if counted < 8 {
		t.Errorf("only %d filters are counted by shapes", counted)
	}
	if _, _, ok, err := p.ShapeCounts("level", &expr.Every{}, expr.NewEvaluator(expr.Env{})); ok || err != nil {
		t.Errorf("a field without shapes is counted by them: %v", err)
	}
}
