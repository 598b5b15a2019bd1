package row

import (
	"math/rand/v2"
	"testing"
)

func TestConcatKeepsEveryRow(t *testing.T) {
	for seed := range uint64(8) {
		rng := rand.New(rand.NewPCG(seed, 9))
		var batches []*Batch
		var want model
		for range 1 + rng.IntN(5) {
			b := NewBuilder("app") // of its own, so that columns differ in form
			m := randomRows(rng, b, rng.IntN(300))
			batch := b.Batch()
			if rng.IntN(3) == 0 && batch.Len > 0 {
				batch, m = batch.Slice(0, batch.Len/2), m[:batch.Len/2]
			}
			batches, want = append(batches, batch), append(want, m...)
		}
		all := Concat(batches)
		agreeLoosely(t, want, all)
		if all.Dataset != "app" {
			t.Errorf("seed %d: dataset %q", seed, all.Dataset)
		}
	}
}

func TestConcatOfDatasetsSaysWhichRowIsWhose(t *testing.T) {
	var batches []*Batch
	for _, name := range []string{"app", "comm"} {
		b := NewBuilder(name)
		b.Begin(1)
		batches = append(batches, b.Batch())
	}
	all := Concat(batches)
	c := all.Col(FieldDataset)
	if all.Dataset != "" || c.Value(0).Text() != "app" || c.Value(1).Text() != "comm" {
		t.Errorf("%q: %s, %s", all.Dataset, c.Value(0).Text(), c.Value(1).Text())
	}
	if empty := Concat(nil); empty.Len != 0 || len(empty.Cols) != 0 {
		t.Error("nothing concatenated is something")
	}
}

func TestColumnsOfABatch(t *testing.T) {
	b := NewBuilder("app")
	b.Begin(1)
	b.Text([]byte("a"), []byte("x"))
	batch := b.Batch()
	more := batch.With(ConstColumn("b", IntOf(7)))
	if batch.Find("b") != nil || more.Find("b") == nil || more.Col("b").Value(0).Nums() != 7 {
		t.Error("With adds to the result and not to the batch")
	}
	other := more.With(ConstColumn("b", IntOf(8)))
	if more.Col("b").Value(0).Nums() != 7 || other.Col("b").Value(0).Nums() != 8 || len(other.Cols) != len(more.Cols) {
		t.Error("With puts a column in place of its namesake in the result alone")
	}
	if c := batch.Col("absent"); c.Has(0) || !c.Value(0).IsMissing() || c.Name != "absent" {
		t.Error("a column that is not there is missing everywhere")
	}
	if c := ConstColumn("x", Value{}); c.Kind != Missing {
		t.Error("a constant that is missing is a missing column")
	}
	if got := string(other.AppendJSON(nil, 0)); got != `{"_time":"1970-01-01T00:00:00.000000001Z","a":"x","b":8}` {
		t.Error(got)
	}
}
