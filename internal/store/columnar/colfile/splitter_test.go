package colfile

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/plumbline/plumbline/internal/row"
)

// TestSplitterRemembers: what a splitter has seen of other texts, and what it
// has forgotten, changes nothing in how it splits the next ones; shapes are
// numbered in order of first sight.
func TestSplitterRemembers(t *testing.T) {
	r := rand.New(rand.NewPCG(71, 72))
	var p splitter
	for round := range 40 {
		if round%7 == 6 {
			p.seen = mostSeen + 1
		}
		p.begin()
		var shapes []string // by number
		var fill []byte
		for range r.IntN(300) {
			text := []byte([]string{"", "no digit", fmt.Sprint("took ", r.IntN(1e6), " ms"), fmt.Sprintf("id %08x of \x02 %d", r.Uint32(), r.IntN(10)),
				fmt.Sprintf("%x", r.Uint64())}[r.IntN(5)])
			at := len(fill)
			var number uint32
			number, fill = p.split(fill, text)
			shape, digits := row.SplitShape(nil, nil, text)
			if int(number) == len(shapes) {
				shapes = append(shapes, string(shape))
			}
			if int(number) >= len(shapes) || shapes[number] != string(shape) || string(fill[at:]) != string(digits) {
				t.Fatalf("round %d: %q is number %d, filled by %q", round, text, number, fill[at:])
			}
		}
		if found := p.found(); fmt.Sprint(found) != fmt.Sprint(shapes) {
			t.Fatalf("round %d: %q, not %q", round, found, shapes)
		}
	}
}
