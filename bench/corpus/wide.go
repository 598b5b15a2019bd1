package corpus

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
)

const (
	names  = 180 // fields there are
	shapes = 12  // kinds of events
	least  = 54  // fields of a kind; a quarter of them is left out of each event
	spread = 20
)

var (
	subjects = strings.Fields("http db cache queue user order cart payment grpc pod node region zone build feature flag retry trace span auth token session device browser geo search ad email sms job worker cron disk net")
	aspects  = strings.Fields("id name count ms bytes status kind version size total rate code path key type host")
)

// attribute is a field of wide events.
type attribute struct {
	name    string
	maker   int
	values  int // how many different ones, by Zipf
	partial bool
}

// attributes are the fields of all wide events, and what kinds of events have,
// each in its own order. They have a seed of their own: however many lines are
// made, the fields are these.
func attributes() (all []attribute, kinds [][]int) {
	r := rand.New(rand.NewPCG(seed, names))
	all = make([]attribute, names)
	for i := range all {
		all[i] = attribute{
			name:  fmt.Sprintf("%s.%s_%d", subjects[i%len(subjects)], aspects[(i*7+i/len(subjects))%len(aspects)], i/30),
			maker: makerOf(r.IntN(100)), values: []int{2, 5, 12, 60, 400, 5000}[zipf(r, 6)-1], partial: r.IntN(2) == 0,
		}
	}
	kinds = make([][]int, shapes)
	for i := range kinds {
		kinds[i] = r.Perm(names)[:least+r.IntN(spread)]
	}
	return all, kinds
}

func wideFields() []Field {
	out := []Field{{"_time", Moment}, {"_msg", Word}, {"event", Word}}
	all, _ := attributes()
	for _, a := range all {
		kind := makers[a.maker].kind
		if kind == Label && a.values <= 400 {
			kind = Word
		}
		out = append(out, Field{a.name, kind})
	}
	return out
}

// wide events come in kinds, each with its own fields in its own order.
func wide(r *rand.Rand) func(*bytes.Buffer, int, string) {
	all, kinds := attributes()
	return func(b *bytes.Buffer, _ int, at string) {
		k := zipf(r, shapes+1) - 1
		fmt.Fprintf(b, `{"_time":"%s","_msg":"request finished","event":"kind-%d"`, at, k)
		for _, place := range kinds[k] {
			a := &all[place]
			if a.partial && r.IntN(2) == 0 {
				continue
			}
			fmt.Fprintf(b, `,"%s":`, a.name)
			makers[a.maker].write(b, r, zipf(r, a.values))
		}
		b.WriteString("}\n")
	}
}

// makers write a value of a kind; v is the one that was drawn. Most fields of
// wide events say the same few things at length; ids and measures are few.
var makers = []struct {
	share int // in a hundred fields
	kind  Kind
	write func(b *bytes.Buffer, r *rand.Rand, v int)
}{
	{2, ID, func(b *bytes.Buffer, r *rand.Rand, _ int) { fmt.Fprintf(b, `"%016x%016x"`, r.Uint64(), r.Uint64()) }},
	{30, Label, func(b *bytes.Buffer, _ *rand.Rand, v int) {
		fmt.Fprintf(b, `"%s.%s of the %s in front of %s, release 2025.%d (stable channel)"`, subject(v), aspect(v), subject(v*7), subject(v*3), v)
	}},
	{15, Label, func(b *bytes.Buffer, _ *rand.Rand, v int) { fmt.Fprintf(b, `"%s-%s-%d"`, subject(v), aspect(v), v) }},
	{12, Label, func(b *bytes.Buffer, _ *rand.Rand, v int) {
		fmt.Fprintf(b, `"https://internal.example.com/api/v2/%s/%s/%d/%s?limit=100&expand=data"`, subject(v), aspect(v), v, subject(v/3))
	}},
	{20, Whole, func(b *bytes.Buffer, _ *rand.Rand, v int) { fmt.Fprintf(b, "%d", v) }},
	{14, Flag, func(b *bytes.Buffer, _ *rand.Rand, v int) { fmt.Fprintf(b, "%t", v > 1) }},
	{2, Whole, func(b *bytes.Buffer, r *rand.Rand, _ int) { fmt.Fprintf(b, "%d", r.IntN(1_000_000)) }},
	{3, Decimal, func(b *bytes.Buffer, r *rand.Rand, _ int) { fmt.Fprintf(b, "%.3f", math.Exp(3+r.NormFloat64())) }},
	{2, Text, func(b *bytes.Buffer, r *rand.Rand, v int) {
		fmt.Fprintf(b, `"%s %s of the %s was finished and took %d ms after %d tries on worker %d of the second pool"`,
			subject(v), aspect(v), subject(v*7), r.IntN(5000), r.IntN(5), v%64)
	}},
}

// makerOf is the maker of the n-th of a hundred fields.
func makerOf(n int) int {
	for i, m := range makers {
		if n -= m.share; n < 0 {
			return i
		}
	}
	panic("shares of makers do not add up to a hundred")
}

func subject(v int) string { return subjects[v%len(subjects)] }
func aspect(v int) string  { return aspects[v%len(aspects)] }
