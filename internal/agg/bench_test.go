package agg

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/plumbline/plumbline/internal/row"
)

// benchRows is a row group of the store.
const benchRows = 64 << 10

func dictColumn(r *rand.Rand, name string, texts, n int) row.Column {
	values := make([]string, texts)
	for i := range values {
		values[i] = fmt.Sprintf("%s_%06d", name, i*7919)
	}
	c := row.Column{Name: name, Kind: row.Dict, Dict: row.NewDictionary(values), Codes: make([]uint32, n)}
	for i := range c.Codes {
		c.Codes[i] = uint32(min(r.IntN(texts), r.IntN(texts)))
	}
	return c
}

// durations are log-normal, in milliseconds with three digits.
func durations(r *rand.Rand, n int) row.Column {
	c := row.Column{Name: "duration", Kind: row.Decimal, Nums: make([]int64, n), Digits: make([]uint8, n)}
	for i := range c.Nums {
		x := 12 + r.NormFloat64()
		c.Nums[i], c.Digits[i] = int64(1<<uint(max(0, int(x))))+int64(r.IntN(3000)), 3
	}
	return c
}

func steps(n, of int) row.Column {
	c := row.Column{Name: row.FieldTime, Kind: row.Time, Nums: make([]int64, n)}
	for i := range c.Nums {
		c.Nums[i] = 1_700_000_000_000_000_000 + int64(i*of/n)*300_000_000_000
	}
	return c
}

func bench(b *testing.B, keys []row.Column, names []string, arg *row.Column, rows int) {
	calls := make([]Call, len(names))
	args := make([][]row.Column, len(names))
	for i, name := range names {
		calls[i], _ = Lookup(name)
		if arg != nil {
			calls[i].Args, args[i] = "x", []row.Column{*arg}
		}
	}
	t := NewTable(make([]string, len(keys)), calls, names, Env{})
	t.Add(keys, args, rows)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		if n++; n%32 == 0 {
			b.StopTimer()
			t = NewTable(make([]string, len(keys)), calls, names, Env{})
			t.Add(keys, args, rows)
			b.StartTimer()
		}
		t.Add(keys, args, rows)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(rows), "ns/row")
}

func BenchmarkCountByDict(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	bench(b, []row.Column{dictColumn(r, "usr", 14_000, benchRows)}, []string{"count"}, nil, benchRows)
}

// A new dictionary in each batch: every text in it is looked up once.
func BenchmarkCountByNewDict(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	c := dictColumn(r, "usr", 14_000, benchRows)
	count, _ := Lookup("count")
	t := NewTable([]string{"usr"}, []Call{count}, []string{"count"}, Env{})
	for b.Loop() {
		c.Dict = row.NewDictionary(c.Dict.Values())
		t.Add([]row.Column{c}, [][]row.Column{nil}, benchRows)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRows, "ns/row")
}

// Two lanes take turns at the row groups of many parts, each with a dictionary in
// order of the users of a day, and hand their tables on as a store does.
func BenchmarkManyParts(b *testing.B) {
	const parts, groups = 16, 4
	columns := daysOfUsers(rand.New(rand.NewPCG(1, 1)), parts, groups)
	for _, x := range []struct{ key, name string }{{"usr", "count"}, {"", "dc"}} {
		b.Run(x.name+x.key, func(b *testing.B) {
			call, _ := Lookup(x.name)
			table := func() *Table {
				if x.key == "" {
					return NewTable(nil, []Call{call}, []string{"n"}, Env{})
				}
				return NewTable([]string{x.key}, []Call{call}, []string{"n"}, Env{})
			}
			for b.Loop() {
				all, lanes := table(), [2]*Table{table(), table()}
				for i := range columns {
					lane := lanes[i%2]
					if x.key == "" {
						lane.Add(nil, [][]row.Column{{columns[i]}}, benchRows)
					} else {
						lane.Add([]row.Column{columns[i]}, [][]row.Column{nil}, benchRows)
					}
					if lane.MemBytes() > 8<<20 {
						all.Merge(lane)
						lanes[i%2] = table()
					}
				}
				all.Merge(lanes[0])
				all.Merge(lanes[1])
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(parts*groups*benchRows), "ns/row")
		})
	}
}

// daysOfUsers are the row groups of parts, one after the other.
func daysOfUsers(r *rand.Rand, parts, groups int) []row.Column {
	const users = 170_000
	out := make([]row.Column, 0, parts*groups)
	for range parts {
		drawn := make([]int, groups*benchRows)
		place := make([]uint32, users+1)
		for i := range drawn {
			drawn[i] = int(math.Exp(r.Float64()*math.Log(users))) * 7919 % users
			place[drawn[i]] = 1
		}
		var texts []string
		for u := range place {
			if place[u] == 1 {
				place[u] = uint32(len(texts))
				texts = append(texts, fmt.Sprintf("usr_%06d", u))
			}
		}
		dict := row.NewSortedDictionary(texts)
		for g := range groups {
			c := row.Column{Kind: row.Dict, Dict: dict, Codes: make([]uint32, benchRows)}
			for i := range c.Codes {
				c.Codes[i] = place[drawn[g*benchRows+i]]
			}
			out = append(out, c)
		}
	}
	return out
}

func BenchmarkCountByTwoKeys(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	status := row.Column{Kind: row.Int, Nums: make([]int64, benchRows)}
	for i := range status.Nums {
		status.Nums[i] = []int64{200, 200, 200, 201, 404, 500}[r.IntN(6)]
	}
	b.Run("small", func(b *testing.B) {
		bench(b, []row.Column{dictColumn(r, "route", 40, benchRows), status}, []string{"count"}, nil, benchRows)
	})
	b.Run("large", func(b *testing.B) {
		bench(b, []row.Column{dictColumn(r, "usr", 14_000, benchRows), status}, []string{"count"}, nil, benchRows)
	})
}

func BenchmarkCountByText(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	c := row.Column{Kind: row.Text, Offs: []uint32{0}}
	for range benchRows {
		c.Bytes = fmt.Appendf(c.Bytes, "/v1/charges/%d/refunds", r.IntN(10_000))
		c.Offs = append(c.Offs, uint32(len(c.Bytes)))
	}
	bench(b, []row.Column{c}, []string{"count"}, nil, benchRows)
}

func BenchmarkSumByDict(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	d := durations(r, benchRows)
	bench(b, []row.Column{dictColumn(r, "usr", 14_000, benchRows)}, []string{"sum", "max"}, &d, benchRows)
}

// Addresses begin like numbers, and are none.
func BenchmarkMaxOfAddresses(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	c := dictColumn(r, "ip", 200, benchRows)
	texts := make([]string, 200)
	for i := range texts {
		texts[i] = fmt.Sprintf("10.0.%d.%d", i/16, i%16)
	}
	c.Dict = row.NewDictionary(texts)
	bench(b, []row.Column{steps(benchRows, 288)}, []string{"min", "max"}, &c, benchRows)
}

func BenchmarkPercentilesOf288Groups(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	d := durations(r, benchRows)
	bench(b, []row.Column{steps(benchRows, 288)}, []string{"p50", "p95", "p99"}, &d, benchRows)
}

// The select of three percentiles out of 2 M numbers in 288 groups.
func BenchmarkPercentilesFinish(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	var calls []Call
	for _, p := range []string{"p50", "p95", "p99"} {
		c, _ := Lookup(p)
		calls = append(calls, c)
	}
	s := newQuantiles(calls, Env{})
	s.Grow(288)
	groups := make([]uint32, benchRows)
	for i := range groups {
		groups[i] = uint32(i * 288 / benchRows)
	}
	for range 32 {
		s.Add([]row.Column{durations(r, benchRows)}, benchRows, groups)
	}
	for b.Loop() {
		s.Finish(288)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(32*benchRows), "ns/number")
}

func BenchmarkDistinct(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	users := dictColumn(r, "usr", 14_000, benchRows)
	b.Run("one", func(b *testing.B) { bench(b, nil, []string{"dc"}, &users, benchRows) })
	b.Run("288", func(b *testing.B) {
		bench(b, []row.Column{steps(benchRows, 288)}, []string{"dc"}, &users, benchRows)
	})
	b.Run("14000", func(b *testing.B) {
		bench(b, []row.Column{dictColumn(r, "id", 14_000, benchRows)}, []string{"dc"}, &users, benchRows)
	})
}
