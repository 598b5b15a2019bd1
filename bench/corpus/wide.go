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
	least  = 60  // fields of a kind; a third of them is left out of each event
	spread = 20
)

var (
	subjects = strings.Fields("http db cache queue user order cart payment grpc pod node region zone build feature flag retry trace span auth token session device browser geo search ad email sms job worker cron disk net")
	aspects  = strings.Fields("id name count ms bytes status kind version size total rate code path key type host")
)

// attribute is a field of wide events.
type attribute struct {
	name    string
	kind    int
	values  int // how many different ones, by Zipf
	partial bool
}

// wide events come in kinds, each with its own fields in its own order.
func wide(r *rand.Rand, lines int) func(*bytes.Buffer, int) {
	all := make([]attribute, names)
	for i := range all {
		all[i] = attribute{
			name: fmt.Sprintf("%s.%s_%d", subjects[i%len(subjects)], aspects[(i*7+i/len(subjects))%len(aspects)], i/30),
			kind: r.IntN(len(makers)), values: []int{3, 12, 60, 400, 5000, 50_000}[r.IntN(6)], partial: r.IntN(2) == 0,
		}
	}
	kinds := make([][]int, shapes)
	for i := range kinds {
		kinds[i] = r.Perm(names)[:least+r.IntN(spread)]
	}
	return func(b *bytes.Buffer, i int) {
		k := zipf(r, shapes+1) - 1
		fmt.Fprintf(b, `{"_time":%q,"_msg":"request finished","event":"kind-%d"`, at(i, lines), k)
		for _, place := range kinds[k] {
			a := &all[place]
			if a.partial && r.IntN(2) == 0 {
				continue
			}
			fmt.Fprintf(b, ",%q:", a.name)
			makers[a.kind](b, r, zipf(r, a.values))
		}
		b.WriteString("}\n")
	}
}

// makers write a value; v is the one that was drawn.
var makers = []func(b *bytes.Buffer, r *rand.Rand, v int){
	func(b *bytes.Buffer, r *rand.Rand, _ int) { fmt.Fprintf(b, `"%016x%016x"`, r.Uint64(), r.Uint64()) },
	func(b *bytes.Buffer, _ *rand.Rand, v int) { fmt.Fprintf(b, `"%s-%s-%d"`, subject(v), aspect(v), v) },
	func(b *bytes.Buffer, _ *rand.Rand, v int) { fmt.Fprintf(b, "%d", v) },
	func(b *bytes.Buffer, r *rand.Rand, _ int) { fmt.Fprintf(b, "%.3f", math.Exp(3+r.NormFloat64())) },
	func(b *bytes.Buffer, _ *rand.Rand, v int) { fmt.Fprintf(b, "%t", v > 1) },
	func(b *bytes.Buffer, r *rand.Rand, v int) {
		fmt.Fprintf(b, `"/api/v2/%s/%s/%08x/%s?limit=100&expand=data"`, subject(v), aspect(v), r.Uint32(), subject(v/3))
	},
	func(b *bytes.Buffer, r *rand.Rand, _ int) { fmt.Fprintf(b, "%d", r.IntN(1_000_000)) },
	func(b *bytes.Buffer, r *rand.Rand, v int) {
		fmt.Fprintf(b, `"%s %s of the %s was finished and took %d ms after %d tries on worker %d of the second pool"`,
			subject(v), aspect(v), subject(v*7), r.IntN(5000), r.IntN(5), v%64)
	},
}

func subject(v int) string { return subjects[v%len(subjects)] }
func aspect(v int) string  { return aspects[v%len(aspects)] }
