package agg

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/row"
)

// numberRuns are runs of numbers as fields have them, and as nobody wishes.
var numberRuns = map[string]func(r *rand.Rand) int64{
	"small":    func(r *rand.Rand) int64 { return r.Int64N(50) },
	"one":      func(*rand.Rand) int64 { return 7 },
	"two":      func(r *rand.Rand) int64 { return r.Int64N(2) * math.MaxInt64 },
	"wide":     func(r *rand.Rand) int64 { return int64(r.Uint64()) },
	"latency":  func(r *rand.Rand) int64 { return int64(math.Exp(10 + 2*r.NormFloat64())) },
	"negative": func(r *rand.Rand) int64 { return -int64(math.Exp(5 + r.NormFloat64())) },
	"outlier":  func(r *rand.Rand) int64 { return []int64{1, 2, 3, math.MinInt64}[min(3, r.IntN(5000))] },
	"times":    func(r *rand.Rand) int64 { return 1_700_000_000_000_000_000 + r.Int64N(3600)*1e9 },
}

// The picker finds what sorting finds, also where the numbers that ranks fall
// on lie all together, because they rise.
func TestPickerAsSort(t *testing.T) {
	for name, next := range numberRuns {
		r := rand.New(rand.NewPCG(5, 5))
		var p picker[int64]
		for _, n := range []int{1, 2, 100, sortBelow - 1, sortBelow, 1000, 20_000, sharedFrom + 1} {
			vals := make([]int64, n)
			for i := range vals {
				vals[i] = next(r)
			}
			sorted := slices.Sorted(slices.Values(vals))
			var asked []rankAsked
			for _, q := range []string{"0", "0.01", "7", "29", "50", "50", "95", "99", "99.9", "100"} {
				f, _ := parsePercent(q)
				num, digits := exactQuantile(f)
				asked = append(asked, rankAsked{num, digits})
			}
			for _, vals := range [][]int64{vals, sorted} {
				for k, got := range p.pick([][]int64{vals[:n/2+1], vals[n/2+1:]}[:min(n, 2)], n, asked) {
					if want := sorted[asked[k].rank(n)]; got != want {
						t.Errorf("%s, %d numbers, rank %d: %d, want %d", name, n, asked[k].rank(n), got, want)
					}
				}
			}
		}
	}
}

// Ranks are ⌈q·n⌉ in whole numbers: 7 % of 100 is the 7th, though 0.07·100 is
// more than 7 in floats.
func TestRank(t *testing.T) {
	for _, c := range []struct {
		p    string
		n    int
		want int
	}{
		{"0", 10, 1}, {"100", 10, 10}, {"50", 10, 5}, {"50", 11, 6}, {"7", 100, 7}, {"29", 100, 29}, {"58", 100, 58},
		{"99.9", 1000, 999}, {"99.9", 1001, 1000}, {"99.99", 10, 10}, {"0.1", 1000, 1}, {"0.1", 1001, 2}, {"99", math.MaxInt32, 2126008811},
	} {
		q, ok := parsePercent(c.p)
		num, digits := exactQuantile(q)
		if got := (rankAsked{num, digits}).rank(c.n) + 1; !ok || got != c.want {
			t.Errorf("p%s of %d numbers is number %d, want %d", c.p, c.n, got, c.want)
		}
	}
}

// Numbers that do not fit 32 bits change how all are held, in every order and
// when states that hold them differently merge.
func TestPercentilesOfBothWidths(t *testing.T) {
	p, _ := Lookup("p50")
	small, large := []int64{math.MinInt32, 7, math.MaxInt32}, []int64{math.MinInt32 - 1, math.MaxInt32 + 1, 9}
	for _, lanes := range [][][]int64{{small, large}, {large, small}, {slices.Concat(small, large)}, {slices.Concat(large, small)}} {
		s := p.New(Env{})
		s.Grow(2)
		for _, vals := range lanes {
			o := p.New(Env{})
			o.Grow(1)
			for i := range vals {
				o.Add([]row.Column{intColumn(vals[i : i+1])}, 1, nil)
			}
			s.Merge(o, []uint32{1})
		}
		if got := s.Finish(2)[0].Value(1).Text(); got != "7" {
			t.Errorf("p50 is %s, want 7", got)
		}
	}
}

func intColumn(vals []int64) row.Column { return row.Column{Kind: row.Int, Nums: vals} }

// Beyond the bound percentiles are within 1 % of the number at the nearest
// rank, also when they were merged, and the table says that they are near.
func TestPercentilesBeyondBound(t *testing.T) {
	asked := []string{"p0", "p1", "p50", "p95", "p99.9", "p100"}
	for name, next := range numberRuns {
		r := rand.New(rand.NewPCG(6, 6))
		var calls []Call
		for _, p := range asked {
			c, _ := Lookup(p)
			c.Args = "x"
			calls = append(calls, c)
		}
		var all []int64
		var tables []*Table
		for range 4 {
			tb := NewTable(nil, calls, asked, Env{MaxBytes: 100_000})
			for range 10 {
				vals := make([]int64, 1+r.IntN(4000))
				for i := range vals {
					vals[i] = next(r)
				}
				all = append(all, vals...)
				x := []row.Column{intColumn(vals)}
				tb.Add(nil, [][]row.Column{x, x, x, x, x, x}, len(vals))
			}
			tables = append(tables, tb)
		}
		for _, o := range tables[1:] {
			tables[0].Merge(o)
		}
		if !tables[0].Approximate() || tables[0].MemBytes() > 100_000 {
			t.Errorf("%s: approximate %v, %d bytes", name, tables[0].Approximate(), tables[0].MemBytes())
		}
		slices.Sort(all)
		for k, c := range tables[0].Aggregates() {
			num, digits := exactQuantile(calls[k].Quantile)
			want := float64(all[rankAsked{num, digits}.rank(len(all))])
			got, _ := c.Value(0).Float()
			if math.Abs(got-want) > 0.01*math.Abs(want) {
				t.Errorf("%s: %s is %v, want %v", name, asked[k], got, want)
			}
		}
	}
}

// Groups of few numbers stay exact when others are sketched.
func TestSmallGroupsStayExact(t *testing.T) {
	p, _ := Lookup("p50")
	tb := NewTable([]string{"k"}, []Call{p}, []string{"p50"}, Env{MaxBytes: 50_000})
	for i := range 100 {
		vals, keys := make([]int64, 1000), make([]int64, 1000)
		for k := range vals {
			vals[k], keys[k] = int64(k*1013%1000)+1, 0
		}
		vals[0], keys[0] = int64(i), 1
		tb.Add([]row.Column{intColumn(keys)}, [][]row.Column{{intColumn(vals)}}, 1000)
	}
	out := tb.Batch()
	if got := out.Cols[1].Value(0).Text(); got != "49" || !tb.Approximate() {
		t.Errorf("p50 of the small group is %s, want 49; approximate %v", got, tb.Approximate())
	}
}

// Numbers that fit no common scale are compared as floats.
func TestPercentilesOfAllSizes(t *testing.T) {
	p, _ := Lookup("p100")
	s := p.New(Env{})
	s.Grow(1)
	s.Add([]row.Column{intColumn([]int64{math.MaxInt64 / 2})}, 1, nil)
	s.Add([]row.Column{{Kind: row.Decimal, Nums: []int64{15, 1}, Digits: []uint8{1, 18}}}, 2, nil)
	if got, _ := s.Finish(1)[0].Value(0).Float(); got != math.MaxInt64/2 {
		t.Errorf("largest is %v", got)
	}
}

func TestLookup(t *testing.T) {
	for _, name := range []string{"count", "p0", "p5", "p50", "p99.9", "p99.999", "p0.1", "p100", "median", "stdev"} {
		c, ok := Lookup(name)
		if !ok || c.String() != name {
			t.Errorf("Lookup(%q) is %v, %v", name, c, ok)
		}
	}
	for _, name := range []string{"", "p", "p101", "p-1", "p1e1", "px", "p 5", "p05", "perc95", "p99.9999999999999", "counts", "P50"} {
		if c, ok := Lookup(name); ok {
			t.Errorf("Lookup(%q) found %v", name, c)
		}
	}
	if c, ok := Lookup("distinct_count"); !ok || c.String() != "dc" {
		t.Errorf("distinct_count is %v", c)
	}
	for _, name := range Names() {
		if _, ok := Lookup(name); !ok {
			t.Errorf("Names has %q, Lookup has not", name)
		}
	}
	if c, _ := Lookup("p99.9"); fmt.Sprint(c.Quantile) != "0.999" {
		t.Errorf("p99.9 is quantile %v", c.Quantile)
	}
}

// What a helper of together panics with is the caller's, with the helper's stack.
func TestTogetherPanics(t *testing.T) {
	defer func() {
		c := fault.Crashed(recover())
		if c == nil || c.Value != "mine" || !strings.Contains(string(c.Stack), "stumble") {
			t.Errorf("recovered %v", c)
		}
	}()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	together(8, stumble)
	t.Error("no panic")
}

func stumble(from, _ int) {
	if from > 0 {
		panic("mine")
	}
}
