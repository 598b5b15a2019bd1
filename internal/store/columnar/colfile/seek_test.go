package colfile

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
)

// Stretches of messages, cut out anywhere, are found in the rows that have them,
// and in no others: whether they lie in one run, reach over its border, are
// longer than any, or have their letters in another case.
func TestStretchesAreFoundWhereTheyStand(t *testing.T) {
	r := rand.New(rand.NewPCG(71, 72))
	b := grown(t, PageRows+1500)
	b = b.With(messagesOf(r, b.Len)).With(gappy(r, messagesOf(r, b.Len), b.Len)).With(runsOf(r, b.Len))
	g := groupOf(t, b)
	ev := expr.NewEvaluator(expr.Env{})
	asker := NewAsker(ev)
	found, sure := 0, 0
	for _, field := range []string{row.FieldMsg, "msg", "gaps", "runs"} {
		if g.Facts(field).Kind != row.Shape {
			t.Fatalf("%s is no shapes", field)
		}
		for range 150 {
			e := pieceOf(r, field, b.Col(field).Value(r.IntN(b.Len)).Text())
			want := ev.Filter(e, b)
			among := stretchOf(r, b.Len)
			if among != nil {
				want.And(among)
			}
			yes, open, ok, err := g.Select(field, e, asker, among, nil)
			if err != nil || !ok {
				t.Fatalf("%s: %t, %v", e, ok, err)
			}
			found, sure = found+want.Count(), sure+yes.Count()
			wrong := yes.Clone()
			wrong.AndNot(want)
			missed := want.Clone()
			missed.AndNot(yes)
			missed.AndNot(open)
			if wrong.Any() || missed.Any() {
				t.Errorf("%s: of %d rows %d are missed; %d others selected", e, want.Count(), missed.Count(), wrong.Count())
			}
		}
	}
	if sure < found*3/4 {
		t.Errorf("of %d rows only %d are sure", found, sure)
	}
}

// stretchOf is rows side by side, as a range of time leaves them: of the page at its
// end it may hold few. nil: all.
func stretchOf(r *rand.Rand, rows int) row.Bitmap {
	if r.IntN(2) == 0 {
		return nil
	}
	set := row.NewBitmap(rows)
	from, to := r.IntN(PageRows/2), PageRows+r.IntN(rows-PageRows)>>r.IntN(6)
	for i := from; i < to; i++ {
		set.Set(i)
	}
	return set
}

// pieceOf asks for some bytes of a text, as a fragment or as a word, in any case
// or as written; sometimes a byte is another.
func pieceOf(r *rand.Rand, field, text string) expr.Expr {
	from := r.IntN(len(text) + 1)
	cut := []byte(text[from:min(from+r.IntN(28), len(text))])
	if len(cut) > 0 && r.IntN(4) == 0 {
		cut[r.IntN(len(cut))] = "0123456789abcdefABCDEF"[r.IntN(22)]
	}
	if r.IntN(3) == 0 {
		for i, c := range cut {
			if c|0x20-'a' < 26 && r.IntN(2) == 0 {
				cut[i] ^= 0x20
			}
		}
	}
	parts := []string{"", string(cut), ""}
	switch r.IntN(4) {
	case 0:
		parts = parts[1:2]
	case 1:
		half := r.IntN(len(cut) + 1)
		parts = []string{"", string(cut[:half]), string(cut[half:]), ""}
	}
	return &expr.Term{Field: field, Pattern: expr.Pattern{Parts: parts}, Case: r.IntN(2) == 0}
}

// runsOf are messages of runs side by side, decimal and hex, short and longer
// than a hole can be, of which a part is the same in most rows.
func runsOf(r *rand.Rand, rows int) row.Column {
	c := row.Column{Name: "runs", Kind: row.Text, Offs: []uint32{0}}
	for range rows {
		switch r.IntN(5) {
		case 0:
			c.Bytes = fmt.Appendf(c.Bytes, "%d-%d:%d.%04d,%02d", 2026, r.IntN(12), r.IntN(100000), r.IntN(10), r.IntN(100))
		case 1:
			c.Bytes = fmt.Appendf(c.Bytes, "a%x %X b%08x1 0x%x", r.Uint32(), r.Uint64(), r.IntN(1e6), r.Uint64()>>20)
		case 2:
			c.Bytes = fmt.Appendf(c.Bytes, "%0260d end", r.Uint64())
		case 3:
			c.Bytes = fmt.Appendf(c.Bytes, "%032x/%019d", r.Uint64(), r.Uint64()>>1)
		default:
			c.Bytes = fmt.Appendf(c.Bytes, "%d", r.Uint64()>>r.IntN(64))
		}
		c.Bytes = wordy(c.Bytes, int(c.Offs[len(c.Offs)-1]))
		c.Offs = append(c.Offs, uint32(len(c.Bytes)))
	}
	return c
}

// wordy appends as much text as a message has digits from a place on, so that it
// is kept as a shape.
func wordy(msg []byte, from int) []byte {
	for range (len(msg) - from) / 8 {
		msg = append(msg, " and text"...)
	}
	return msg
}

// Half bytes are taken from each other as digits are.
func TestHalvesAreTakenAway(t *testing.T) {
	r := rand.New(rand.NewPCG(73, 74))
	for range 1000 {
		a, b, decimal := r.Uint64(), r.Uint64(), uint64(0)
		if r.IntN(2) == 0 {
			decimal = r.Uint64() & 0x1111111111111111 * 15
		}
		for i := range inWord {
			if decimal>>(4*i)&15 != 0 {
				a, b = a&^(6<<(4*i)), b&^(6<<(4*i)) // 8 and 9 at most
			}
		}
		got := lessHalves(a, b, decimal)
		for i := range inWord {
			x, y, modulo := a>>(4*i)&15, b>>(4*i)&15, uint64(16)
			if decimal>>(4*i)&15 != 0 {
				modulo = 10
			}
			if have, want := got>>(4*i)&15, (x+modulo-y)%modulo; have != want {
				t.Fatalf("%d less %d modulo %d is %d, not %d", x, y, modulo, have, want)
			}
		}
	}
}

// Rows with runs that begin at any place of a window are found, at the end of a
// page too.
func TestRunsBeginAnywhere(t *testing.T) {
	const digits = 45
	r := rand.New(rand.NewPCG(75, 76))
	b := row.NewBuilder("runs")
	rows := 2 * shapeTrial
	for i := range rows {
		line := make([]byte, digits)
		for k := range line {
			line[k] = "024568"[r.IntN(6)]
		}
		copy(line[i%(digits-3):], "7391")
		b.Begin(int64(i))
		b.Text([]byte("msg"), wordy(line, 0))
	}
	batch := b.Batch()
	g := groupOf(t, batch)
	if g.Facts("msg").Kind != row.Shape {
		t.Fatal("no shapes")
	}
	ev := expr.NewEvaluator(expr.Env{})
	for n := 1; n <= 4; n++ {
		e := &expr.Term{Field: "msg", Pattern: expr.Pattern{Parts: []string{"", "7391"[:n], ""}}}
		yes, open, ok, err := g.Select("msg", e, NewAsker(ev), nil, nil)
		if err != nil || !ok || open.Any() || !slices.Equal(yes, ev.Filter(e, batch)) {
			t.Errorf("%d digits: %d rows and %d left open of %d: %t, %v", n, yes.Count(), open.Count(), rows, ok, err)
		}
	}
}
