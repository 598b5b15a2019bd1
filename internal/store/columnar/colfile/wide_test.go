package colfile

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/plumbline/plumbline/internal/row"
)

// wide builds events of 40 to 60 fields out of some 170 names: twelve types of
// event with fields of their own, fields that half of the rows have, and one
// name that is a number here and a text there.
func wide(rows int) *row.Batch {
	r := rand.New(rand.NewPCG(61, 62))
	b := row.NewBuilder("wide")
	verbs := []string{"created", "updated", "deleted", "charged", "refunded", "queued"}
	for i := range rows {
		b.Begin(1_760_000_000_000_000_000 + int64(i)*3_000_000 + int64(r.IntN(3))*1_000_000)
		kind := r.IntN(12)
		text := func(k, v string) { b.Text([]byte(k), []byte(v)) }
		number := func(k, v string) { b.Number([]byte(k), []byte(v)) }
		text("event", fmt.Sprintf("%s.%s", []string{"payment", "message", "account", "webhook"}[kind%4], verbs[kind%6]))
		text("kind", fmt.Sprintf("kind-%02d", kind))
		text("trace_id", fmt.Sprintf("%016x%016x", r.Uint64(), r.Uint64()))
		text("span_id", fmt.Sprintf("%016x", r.Uint64()))
		text(row.FieldMsg, fmt.Sprintf("%s took %d ms for customer %d in step %d", verbs[kind%6], r.IntN(5000), r.IntN(90000), kind))
		for f := range 12 {
			name := fmt.Sprintf("k%02d_f%02d", kind, f)
			switch f % 6 {
			case 0:
				number(name, fmt.Sprint(r.IntN(1000000)))
			case 1:
				text(name, fmt.Sprintf("value-%d", r.IntN(40)))
			case 2:
				number(name, fmt.Sprintf("%.3f", r.ExpFloat64()*100))
			case 3:
				text(name, fmt.Sprintf("/path/%d/part/%s", r.IntN(300), verbs[r.IntN(6)]))
			case 4:
				b.Bool([]byte(name), r.IntN(3) == 0)
			case 5:
				text(name, fmt.Sprintf("cus_%08x", r.Uint32()))
			}
		}
		for f := range 30 {
			if r.IntN(2) == 0 {
				text(fmt.Sprintf("half_%02d", f), fmt.Sprintf("option %d", r.IntN(1+f)))
			}
		}
		if kind%2 == 0 {
			number("code", fmt.Sprint(r.IntN(600)))
		} else {
			text("code", fmt.Sprintf("E%04d", r.IntN(600)))
		}
	}
	return b.Batch()
}

func TestSizeOfWideEvents(t *testing.T) {
	b := wide(PageRows + 100)
	p := openPart(t, partOf(t, b))
	describe(t, p)
	got, err := mustGroup(t, p, 0).Batch(nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	sameBatch(t, b, got)
	g := mustGroup(t, p, 0)
	if n := len(g.header.masks); n > 12+30+2 {
		t.Errorf("%d masks: fields of one kind of event do not share theirs", n)
	}
	if err := Verify(p); err != nil {
		t.Error(err)
	}
}

func mustGroup(t testing.TB, p *Part, i int) *Group {
	t.Helper()
	g, err := p.Group(i)
	if err != nil {
		t.Fatal(err)
	}
	return g
}
