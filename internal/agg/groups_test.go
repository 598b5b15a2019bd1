package agg

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/plumbline/plumbline/internal/row"
)

func randomKeys(r *rand.Rand, keys, n int) []row.Column {
	cols := make([]row.Column, keys)
	for k := range cols {
		cols[k] = randomColumn(r, kinds[1+r.IntN(len(kinds)-1)], n)
		if r.IntN(20) == 0 {
			cols[k] = row.Column{}
		}
	}
	return cols
}

// Rows share a group exactly when they share the key of the model; groups are
// numbered by first sight; the values shown have the key of their rows.
func TestGroupsAsModel(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		keys := 1 + r.IntN(4)
		g := NewGroups(keys)
		model := map[string]uint32{}
		var first []string
		for range 1 + r.IntN(6) {
			n := 1 + r.IntN(100)
			cols := randomKeys(r, keys, n)
			for i, got := range g.Assign(cols, n, nil) {
				k := key(cols, i)
				want, known := model[k]
				switch {
				case k == "":
					want = row.None
				case !known:
					want = uint32(len(model))
					model[k] = want
					first = append(first, k)
				}
				if got != want {
					t.Fatalf("seed %d: row %d (%s) is in group %d, want %d", seed, i, show(cols, i), got, want)
				}
			}
		}
		if g.Len() != len(model) {
			t.Fatalf("seed %d: %d groups, want %d", seed, g.Len(), len(model))
		}
		checkColumns(t, g, first)
	}
}

func checkColumns(t *testing.T, g *Groups, want []string) {
	t.Helper()
	cols := g.Columns(make([]string, len(g.keys)))
	for i, k := range want {
		if got := key(cols, i); got != k {
			t.Fatalf("group %d shows %s, key %q, want %q", i, show(cols, i), got, k)
		}
	}
}

func show(cols []row.Column, i int) string {
	var vals []string
	for c := range cols {
		vals = append(vals, fmt.Sprintf("%s %q", cols[c].Kind, cols[c].Value(i).Text()))
	}
	return fmt.Sprint(vals)
}

// Merging maps every group of the other to the group of the same key.
func TestGroupsMerge(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 2))
		keys := 1 + r.IntN(3)
		parts := [2]*Groups{NewGroups(keys), NewGroups(keys)}
		for i := range parts {
			for range 1 + r.IntN(4) {
				n := 1 + r.IntN(60)
				parts[i].Assign(randomKeys(r, keys, n), n, nil)
			}
		}
		names := make([]string, keys)
		a, b := parts[0].Columns(names), parts[1].Columns(names)
		known := map[string]uint32{}
		for i := range parts[0].Len() {
			known[key(a, i)] = uint32(i)
		}
		before := parts[1].Len()
		to := parts[0].Merge(parts[1])
		for i := range before {
			want, ok := known[key(b, i)]
			if !ok {
				want = uint32(len(known))
				known[key(b, i)] = want
			}
			if to[i] != want {
				t.Fatalf("seed %d: group %d (%s) went to %d, want %d", seed, i, show(b, i), to[i], want)
			}
		}
		if parts[0].Len() != len(known) {
			t.Fatalf("seed %d: %d groups after merging, want %d", seed, parts[0].Len(), len(known))
		}
	}
}

func TestGroupsWithoutKeys(t *testing.T) {
	g := NewGroups(0)
	if got := g.Assign(nil, 2, nil); g.Len() != 1 || got[0] != 0 || got[1] != 0 {
		t.Errorf("no keys: groups %v of %d", got, g.Len())
	}
}

func TestGroupsShowTheSameForm(t *testing.T) {
	v := []row.Value{
		row.TextOf("1.50"), row.DecimalOf(150, 2), row.DecimalOf(15, 1), row.IntOf(200), row.TextOf("200.0"), row.FloatOf(200),
		row.TextOf("7.0"), row.TextOf("7.00"), row.BoolOf(true), row.TextOf("true"),
		row.ListOf([]row.Value{row.IntOf(1)}), row.TextOf("[1]"),
	}
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 1))
		r.Shuffle(len(v), func(i, k int) { v[i], v[k] = v[k], v[i] })
		g := NewGroups(1)
		g.Assign([]row.Column{{Kind: row.Mixed, Values: v}}, len(v), nil)
		c := g.Columns([]string{"k"})[0]
		var got []string
		for i := range g.Len() {
			got = append(got, c.Value(i).Kind.String()+" "+c.Value(i).Text())
		}
		slices.Sort(got)
		if want := []string{"bool true", "decimal 1.5", "int 200", "list [1]", "text 7.0"}; !slices.Equal(got, want) {
			t.Fatalf("seed %d: keys shown: %q, want %q", seed, got, want)
		}
	}
}

// Keys whose codes stand for places in a dictionary make the groups that the places
// themselves make, and a place that no row has makes none.
func TestPlacedKeysAsPlain(t *testing.T) {
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 21))
		keys := 1 + r.IntN(3)
		dicts := make([]*row.Dictionary, 1+r.IntN(4))
		for i := range dicts {
			dicts[i] = placedDictionary(r, seed%40 == 0)
		}
		got, want := NewGroups(keys), NewGroups(keys)
		for range 1 + r.IntN(5) {
			n := 1 + r.IntN(100)
			cols, plain, places := make([]row.Column, keys), make([]row.Column, keys), make([][]uint32, keys)
			for k := range cols {
				if r.IntN(3) == 0 {
					cols[k] = randomColumn(r, kinds[1+r.IntN(len(kinds)-1)], n)
					plain[k] = cols[k]
					continue
				}
				cols[k], places[k], plain[k] = placedColumn(r, dicts[r.IntN(len(dicts))], n)
			}
			a, b := got.AssignPlaced(cols, places, n, nil), want.Assign(plain, n, nil)
			if !slices.Equal(a, b) {
				t.Fatalf("seed %d: %d keys: groups %v, want %v", seed, keys, a, b)
			}
		}
		names := make([]string, keys)
		a, b := &row.Batch{Len: got.Len(), Cols: got.Columns(names)}, &row.Batch{Len: want.Len(), Cols: want.Columns(names)}
		if a, b := shown(a), shown(b); a != b {
			t.Fatalf("seed %d: %d keys:\n%s\nwant\n%s", seed, keys, a, b)
		}
	}
}

// placedDictionary has texts of which some are one number; a large one makes pairs of
// two keys be hashed.
func placedDictionary(r *rand.Rand, large bool) *row.Dictionary {
	if !large && r.IntN(2) == 0 {
		var c row.Column
		randomDict(r, &c, 1)
		return c.Dict
	}
	texts := make([]string, 1+r.IntN(20))
	if large {
		texts = make([]string, 3000)
	}
	for i := range texts {
		texts[i] = fmt.Sprintf("t%04d", i)
	}
	return row.NewSortedDictionary(texts)
}

// placedColumn is a column whose codes stand for places in a dictionary, and the same
// one as it is mostly kept.
func placedColumn(r *rand.Rand, d *row.Dictionary, n int) (placed row.Column, places []uint32, plain row.Column) {
	for range 1 + r.IntN(2*d.Len()) {
		places = append(places, uint32(r.IntN(d.Len())))
	}
	if r.IntN(2) == 0 {
		places = append(places, row.None)
	}
	placed, plain = row.Column{Kind: row.Dict, Dict: d}, row.Column{Kind: row.Dict, Dict: d}
	for i := range n {
		code := uint32(r.IntN(len(places)))
		placed.Codes = append(placed.Codes, code)
		place := places[code]
		if place == row.None {
			if plain.Nulls == nil {
				plain.Nulls = row.NewBitmap(n)
			}
			plain.Nulls.Set(i)
			place = 0
		}
		plain.Codes = append(plain.Codes, place)
	}
	return placed, places, plain
}
