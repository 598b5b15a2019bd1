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
	r := rand.New(rand.NewPCG(13, 14))
	b := &row.Batch{Dataset: "test", Len: GroupRows + 20_000, Cols: order(r, GroupRows+20_000)}
	b = b.With(sparse(r, b.Len))
	for _, n := range []int{2, mostDeep} { // large ones may lie across each other
		p := mergeAll(t, shuffled(r, b, n)...)
		if p.Groups() != 2 {
			t.Errorf("%d groups for %d rows of %d parts", p.Groups(), b.Len, n)
		}
		sameBatch(t, b, Sorted(rowsOf(t, p)))
	}
}

func TestMergeSortsGroupsThatLieAcrossTooManyOthers(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	rows := (mostDeep + 1) * (copyRows + 1000)
	b := &row.Batch{Dataset: "test", Len: rows, Cols: order(r, rows)}
	b = b.With(sparse(r, b.Len))
	across := shuffled(r, b, mostDeep+1)
	apart := later(canonical(2000), 3*365*24*3600e9)
	alone := &row.Batch{Dataset: "test", Len: copyRows, Cols: order(r, copyRows)}
	alone = later(alone, 365*24*3600e9)
	p := mergeAll(t, append(across, alone, apart)...)
	all := Concat(b, alone, apart)
	all.Dataset = "test"
	sameBatch(t, Sorted(all), rowsOf(t, p))
	spans, err := p.Spans()
	if err != nil {
		t.Fatal(err)
	}
	for i := range spans[1:] {
		if spans[i+1].MinTime < spans[i].MaxTime {
			t.Errorf("group %d begins before the end of the one before", i+1)
		}
	}
}

// TestMergeLeavesOldLinesWhereTheyAre merges groups of which one holds a line
// as old as the first: it lies across all, and none is written anew.
func TestMergeLeavesOldLinesWhereTheyAre(t *testing.T) {
	r := rand.New(rand.NewPCG(23, 24))
	const n, day = 4, 365 * 24 * 3600e9
	var all []*row.Batch
	for i := range n {
		b := &row.Batch{Dataset: "test", Len: copyRows, Cols: order(r, copyRows)}
		all = append(all, later(b, int64(i)*day))
	}
	all[n-1].Col(row.FieldTime).Nums[0] = all[0].Col(row.FieldTime).Nums[0] + 1
	p := mergeAll(t, all...)
	if p.Groups() != n {
		t.Errorf("%d groups of %d", p.Groups(), n)
	}
	sameBatch(t, Sorted(Concat(all...)), Sorted(rowsOf(t, p)))
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

// countRows counts the values of a field by loop.
func countRows(b *row.Batch, field string) map[string]uint64 {
	counts := map[string]uint64{}
	c := b.Col(field)
	for i := range b.Len {
		if c.Has(i) {
			counts[c.Value(i).Text()]++
		}
	}
	return counts
}

func checkCounts(t *testing.T, p *Part, b *row.Batch) {
	t.Helper()
	for i := range b.Cols {
		name := b.Cols[i].Name
		values, rows, ok, err := p.Counts(name)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			continue
		}
		want := countRows(b, name)
		if len(values) != len(want) {
			t.Errorf("%s: %d values, want %d", name, len(values), len(want))
			continue
		}
		for k, v := range values {
			if rows[k] != want[v.Text()] {
				t.Errorf("%s=%s: %d rows, want %d", name, v.Text(), rows[k], want[v.Text()])
			}
		}
	}
}

func TestMergeCopiesLargeGroups(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 18))
	whole := &row.Batch{Dataset: "test", Len: copyRows + 100, Cols: order(r, copyRows+100)}
	for _, name := range []string{"user_id", "team", "http_path", "request_id", "duration", "rate_allowed", "http_status", row.FieldMsg} {
		whole = whole.With(repeated(canonical(2000).Col(name), whole.Len))
	}
	whole = whole.With(sparse(r, whole.Len))
	first, second := whole, later(whole, 365*24*3600e9)
	third := later(canonical(300), 3*365*24*3600e9)
	a, b := openPart(t, partOf(t, first, second)), openPart(t, partOf(t, third))
	var out bytes.Buffer
	if _, err := Merge(&out, "test", b, a); err != nil {
		t.Fatal(err)
	}
	p := openPart(t, out.Bytes())
	if err := Verify(p); err != nil {
		t.Fatal(err)
	}
	all := Concat(first, second, third)
	all.Dataset = "test"
	sameBatch(t, all, rowsOf(t, p))
	checkCounts(t, p, all)
	checkCounts(t, a, Concat(first, second))
	for i := range 2 {
		g, _ := a.Group(i)
		h, _ := p.Group(i)
		for _, name := range g.Fields() {
			from, to := g.chunk(name), h.chunk(name)
			if from.form != to.form || len(from.pages.pages) != len(to.pages.pages) {
				t.Fatalf("group %d: %s was not copied", i, name)
			}
			for k, page := range from.pages.pages {
				if page.sum != to.pages.pages[k].sum {
					t.Errorf("group %d: %s: page %d is not the same", i, name, k)
				}
			}
			if from.indexed != to.indexed {
				t.Errorf("group %d: %s is in no index any more", i, name)
			}
		}
	}
}

// sparse is a field that one row in ten has.
func sparse(r *rand.Rand, rows int) row.Column {
	c := randomColumn(r, row.Dict, rows)
	c.Name, c.Nulls = "sparse", row.NewBitmap(rows)
	for i := range rows {
		if i%10 > 0 {
			c.Nulls.Set(i)
		}
	}
	return c
}

func TestCountsOfRandomParts(t *testing.T) {
	r := rand.New(rand.NewPCG(19, 20))
	b := randomBatch(r, 300)
	checkCounts(t, openPart(t, partOf(t, b.Slice(0, 100), b.Slice(100, 300))), b)
	checkCounts(t, mergeAll(t, shuffled(r, b, 3)...), b)
}

// repeated is a column whose rows are repeated up to n.
func repeated(c *row.Column, n int) row.Column {
	rows := make([]uint32, n)
	for i := range rows {
		rows[i] = uint32(i % 2000)
	}
	return c.Pick(rows)
}
