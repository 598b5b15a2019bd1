package agg

import (
	"math"
	"math/big"
	"slices"
	"strings"

	"github.com/plumbline/plumbline/internal/row"
)

// sample is one row as the model sees it.
type sample struct {
	x    row.Value
	time row.Value
}

// naive answers a call by a loop over the rows of a group. The second result
// says that rounding may differ: floats were among the numbers.
func naive(call Call, hasArg bool, rows []sample, env Env) (row.Value, bool) {
	xs := present(rows)
	switch call.Func {
	case &countFunc:
		return row.IntOf(int64(countNaive(rows, hasArg))), false
	case &sumFunc, &avgFunc:
		return sumNaive(call, xs)
	case &minFunc, &maxFunc:
		return extremeNaive(call, xs), false
	case &rangeFunc:
		return rangeNaive(xs), true
	case &stdevFunc, &varFunc:
		return spreadNaive(call, xs), true
	case &percentileFunc, &medianFunc:
		return percentileNaive(call, xs)
	case &distinctFunc:
		return row.IntOf(int64(len(tallyNaive(xs)))), false
	case &valuesFunc, &modeFunc:
		return tallied(call, xs), false
	case &firstFunc, &lastFunc, &listFunc:
		return orderNaive(call, xs), false
	case &earliestFunc, &latestFunc:
		return momentNaive(call, rows), false
	case &rateFunc:
		return rateNaive(rows, hasArg, env), true
	}
	return sparkNaive(rows, hasArg, env), false
}

func present(rows []sample) (xs []row.Value) {
	for _, r := range rows {
		if !r.x.IsMissing() {
			xs = append(xs, r.x)
		}
	}
	return xs
}

func countNaive(rows []sample, hasArg bool) (n int) {
	for _, r := range rows {
		if !hasArg || !r.x.IsMissing() && (r.x.Kind != row.Bool || r.x.Bool()) {
			n++
		}
	}
	return n
}

// asRat is a number exactly; times are seconds.
func asRat(v row.Value) (r *big.Rat, exact, ok bool) {
	n := v.Number()
	switch n.Kind {
	case row.Int, row.Decimal:
		return ratOf(n.Nums(), n.Digits), true, true
	case row.Time:
		return ratOf(n.Nums(), 9), true, true
	case row.Float:
		f, _ := n.Float()
		return new(big.Rat).SetFloat64(f), false, true
	}
	return nil, false, false
}

func sumNaive(call Call, xs []row.Value) (row.Value, bool) {
	sum, n, loose, times := new(big.Rat), int64(0), false, true
	for _, x := range xs {
		if r, exact, ok := asRat(x); ok {
			sum.Add(sum, r)
			n++
			loose = loose || !exact
			times = times && x.Kind == row.Time
		}
	}
	if n == 0 {
		return row.Value{}, false
	}
	if call.Func == &avgFunc {
		sum.Quo(sum, new(big.Rat).SetInt64(n))
		f, _ := sum.Float64()
		return row.FloatOf(f), loose || times
	}
	if v, ok := decimalOfRat(sum); ok && !loose {
		return v, false
	}
	f, _ := sum.Float64()
	return row.FloatOf(f), loose
}

func extremeNaive(call Call, xs []row.Value) row.Value {
	if len(xs) == 0 {
		return row.Value{}
	}
	if call.Func == &minFunc {
		return slices.MinFunc(xs, row.Compare)
	}
	return slices.MaxFunc(xs, row.Compare)
}

func sortedNumbers(xs []row.Value) (out []row.Value) {
	for _, x := range xs {
		if n := x.Number(); !n.IsMissing() {
			out = append(out, n)
		}
	}
	slices.SortFunc(out, row.Compare)
	return out
}

func percentileNaive(call Call, xs []row.Value) (row.Value, bool) {
	n := sortedNumbers(xs)
	if len(n) == 0 {
		return row.Value{}, false
	}
	loose := slices.ContainsFunc(n, func(v row.Value) bool { return v.Kind == row.Float || v.Kind == row.Time })
	at := int(math.Ceil(call.Quantile*float64(len(n))-1e-9)) - 1
	return n[min(max(at, 0), len(n)-1)], loose
}

func rangeNaive(xs []row.Value) row.Value {
	n := sortedNumbers(xs)
	if len(n) == 0 {
		return row.Value{}
	}
	hi, _, _ := asRat(n[len(n)-1])
	lo, _, _ := asRat(n[0])
	f, _ := hi.Sub(hi, lo).Float64()
	return row.FloatOf(f)
}

func spreadNaive(call Call, xs []row.Value) row.Value {
	n, sum, squares := int64(0), new(big.Rat), new(big.Rat)
	for _, x := range xs {
		if r, _, ok := asRat(x); ok {
			n++
			sum.Add(sum, r)
			squares.Add(squares, new(big.Rat).Mul(r, r))
		}
	}
	if n < 2 {
		return row.Value{}
	}
	mean := new(big.Rat).Quo(sum, new(big.Rat).SetInt64(n))
	squares.Sub(squares, mean.Mul(mean, sum))
	f, _ := squares.Quo(squares, new(big.Rat).SetInt64(n-1)).Float64()
	if call.Func == &stdevFunc {
		f = math.Sqrt(f)
	}
	return row.FloatOf(f)
}

func tallyNaive(xs []row.Value) map[string]int {
	n := map[string]int{}
	for _, x := range xs {
		n[string(x.AppendKey(nil))]++
	}
	return n
}

func tallied(call Call, xs []row.Value) row.Value {
	n := tallyNaive(xs)
	var list []row.Value
	seen := map[string]bool{}
	for _, x := range xs {
		if k := string(x.AppendKey(nil)); !seen[k] {
			seen[k] = true
			list = append(list, x)
		}
	}
	if len(list) == 0 {
		return row.Value{}
	}
	slices.SortFunc(list, row.Compare)
	if call.Func == &valuesFunc {
		return row.ListOf(list)
	}
	best := list[0]
	for _, v := range list {
		if n[string(v.AppendKey(nil))] > n[string(best.AppendKey(nil))] {
			best = v
		}
	}
	return best
}

func orderNaive(call Call, xs []row.Value) row.Value {
	switch {
	case len(xs) == 0:
		return row.Value{}
	case call.Func == &firstFunc:
		return xs[0]
	case call.Func == &lastFunc:
		return xs[len(xs)-1]
	}
	return row.ListOf(xs)
}

func momentNaive(call Call, rows []sample) row.Value {
	var list []sample
	for _, r := range rows {
		if !r.x.IsMissing() && !r.time.IsMissing() {
			list = append(list, r)
		}
	}
	if len(list) == 0 {
		return row.Value{}
	}
	order := func(a, b sample) int {
		if c := row.Compare(a.time, b.time); c != 0 {
			return c
		}
		return row.Compare(a.x, b.x)
	}
	if call.Func == &earliestFunc {
		return slices.MinFunc(list, order).x
	}
	return slices.MaxFunc(list, order).x
}

func rateNaive(rows []sample, hasArg bool, env Env) row.Value {
	seconds := float64(env.To-env.From) / 1e9
	if !hasArg {
		return row.FloatOf(float64(len(rows)) / seconds)
	}
	sum, _ := sumNaive(Call{Func: &sumFunc}, present(rows))
	f, _ := sum.Float()
	return row.FloatOf(f / seconds)
}

func sparkNaive(rows []sample, hasArg bool, env Env) row.Value {
	var counts [20]int
	for _, r := range rows {
		if r.time.IsMissing() || hasArg && (r.x.IsMissing() || r.x.Kind == row.Bool && !r.x.Bool()) {
			continue
		}
		counts[(r.time.Nums()-env.From)/((env.To-env.From)/20)]++
	}
	most := max(1, slices.Max(counts[:]))
	var b strings.Builder
	for _, n := range counts {
		b.WriteRune([]rune("▁▂▃▄▅▆▇█")[int(math.Ceil(float64(7*n)/float64(most)))])
	}
	return row.TextOf(b.String())
}

// same reports whether an answer is that of the model.
func same(got, want row.Value, loose bool) bool {
	switch {
	case got.IsMissing() || want.IsMissing():
		return got.IsMissing() && want.IsMissing()
	case got.Kind == row.List:
		return slices.EqualFunc(got.List(), want.List(), func(a, b row.Value) bool {
			return string(a.AppendKey(nil)) == string(b.AppendKey(nil))
		})
	case row.Compare(got, want) == 0:
		return true
	case !loose:
		return false
	}
	a, _ := got.Float()
	b, _ := want.Float()
	return math.Abs(a-b) <= 1e-9*max(math.Abs(a), math.Abs(b)) || math.Abs(a-b) < 1e-12
}
