package colfile

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/plumbline/plumbline/internal/row"
)

// shuffled deals the rows of a batch out to n batches, in order.
func shuffled(r *rand.Rand, b *row.Batch, n int) []*row.Batch {
	rows := make([][]uint32, n)
	for i := range b.Len {
		k := r.IntN(n)
		rows[k] = append(rows[k], uint32(i))
	}
	var out []*row.Batch
	for _, list := range rows {
		if len(list) > 0 {
			out = append(out, b.Pick(list))
		}
	}
	return out
}

func mergeAll(t *testing.T, batches ...*row.Batch) *Part {
	t.Helper()
	var parts []*Part
	for _, b := range batches {
		parts = append(parts, openPart(t, partOf(t, b)))
	}
	var out bytes.Buffer
	if _, err := Merge(&out, "test", parts...); err != nil {
		t.Fatal(err)
	}
	return openPart(t, out.Bytes())
}

// rowsOf reads a whole part.
func rowsOf(t *testing.T, p *Part) *row.Batch {
	t.Helper()
	var all []*row.Batch
	for i := range p.Groups() {
		g, err := p.Group(i)
		if err != nil {
			t.Fatal(err)
		}
		b, err := g.Batch(nil, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b)
	}
	return Concat(all...)
}

func TestMergeGivesTheRowsInOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	for _, n := range []int{1, 2, 5} {
		b := randomBatch(r, 600)
		sameBatch(t, b, rowsOf(t, mergeAll(t, shuffled(r, b, n)...)))
	}
}

func TestMergeOfManyGroups(t *testing.T) {
	b := canonical(GroupRows + 20_000)
	seq := row.Column{Name: row.FieldSeq, Kind: row.Int}
	for i := range b.Len {
		seq.Nums = append(seq.Nums, int64(i))
	}
	b = b.With(seq)
	b.Dataset = "test"
	r := rand.New(rand.NewPCG(13, 14))
	p := mergeAll(t, shuffled(r, b, 2)...)
	if p.Groups() != 2 {
		t.Errorf("%d groups for %d rows", p.Groups(), b.Len)
	}
	sameBatch(t, b, rowsOf(t, p))
}

func TestConcatKeepsEveryKind(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 16))
	for range 20 {
		whole := randomBatch(r, 40)
		// Any column beside any other under one name.
		a, b := &row.Batch{Len: 40}, &row.Batch{Len: 40}
		for i := range whole.Cols {
			c, d := whole.Cols[i], whole.Cols[r.IntN(len(whole.Cols))]
			c.Name, d.Name = string(rune('A'+i)), string(rune('A'+i))
			a.Cols, b.Cols = append(a.Cols, c), append(b.Cols, d)
		}
		got := Concat(a, b)
		sameBatch(t, a, got.Slice(0, 40))
		sameBatch(t, b, got.Slice(40, 80))
	}
}
