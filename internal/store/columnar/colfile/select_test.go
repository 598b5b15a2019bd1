package colfile

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/row"
)

// messages are asked of shapes, of ids, of texts with letters of both cases, and of
// fields that only some rows have.
var messages = []string{
	`_msg="took 7*"`, `msg=took`, `msg~"took [0-9]+7 ms"`, `msg!~"user"`, `msg=*ms`, `msg!=*ms`, `msg=User*`, `name=straße`, `name=ANNA`, `name==Anna`, `name!=anna`,
	`msg=*00*`, `msg=*12345*`, `msg=7777`, `msg=*a0*`, `msg=*0.9*`, `msg=*9F*`, `msg="10.0.1*"`, `msg=*1234567890123456789*`, `msg~"from 10.*9"`, `msg!~"99"`, `msg=*17*4*`, `msg~"[0-9]00"`,
	`trace_id=*a1b*`, `trace_id!=*a1b*`, `request_id=REQ_*`, `request_id!=x`, `request_id~"^req_[0-9]{3}"`, `request_id=*77`,
	`name in (anna, "Bert", 42)`, `name=42`, `name=42.0`, `name=a*`, `name~"^[aB]"`, `nobody=1`, `nobody!=1`,
	`user_id=usr_7`, `user_id!=USR_7`, `user_id==usr_7`, `user_id!==usr_7`, `user_id=usr_nobody`, `user_id!=usr_nobody`,
}

// Select finds the rows that asking about each value finds, and is open only
// about shapes.
func TestSelectAgreesWithTheRows(t *testing.T) {
	r := rand.New(rand.NewPCG(61, 62))
	b := canonical(PageRows + 3000)
	b = b.With(sparse(r, b.Len)).With(namesOf(r, b.Len)).With(messagesOf(r, b.Len)).With(gappy(r, messagesOf(r, b.Len), b.Len))
	prose := proseOf(r, b.Len)
	some, ids := prose, *b.Col("trace_id")
	some.Name, some.Nulls = "some", someRows(r, b.Len, 3)
	ids.Name, ids.Nulls = "ids", someRows(r, b.Len, 3)
	b = b.With(prose).With(some).With(ids)
	g := groupOf(t, b)
	for name, want := range map[string]form{"prose": formText, "some": formText, "ids": formFixed} {
		if c := g.chunk(name); c == nil || c.form != want {
			t.Fatalf("%s is kept as %s", name, c.form)
		}
	}
	asked := 0
	var more []string
	for _, text := range messages {
		if rest, ok := strings.CutPrefix(text, "msg"); ok {
			more = append(more, "gaps"+rest)
		}
		if rest, ok := strings.CutPrefix(text, "trace_id"); ok {
			more = append(more, "ids"+rest)
		}
	}
	for _, rest := range []string{"=*ab*", "=*AB*", "!=*ab*", "=a*", `~"b[c-e]+f"`, `!~"b[c-e]"`, "=*", "!=*", "=*zzzzzzzzz*", `="b*c"`, "=abc", "!=abc"} {
		more = append(more, "prose"+rest, "some"+rest)
	}
	for _, text := range slices.Concat(searches, messages, more) {
		e, err := expr.NewReader(text, nil).Search()
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		names, all := expr.Fields(e)
		if all || len(names) != 1 {
			continue
		}
		for _, among := range []row.Bitmap{nil, someRows(r, b.Len, 2), someRows(r, b.Len, 500), row.NewBitmap(b.Len)} {
			ev := expr.NewEvaluator(expr.Env{})
			yes, open, ok, err := g.Select(names[0], e, NewAsker(ev), among, nil)
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			if !ok {
				if among == nil && g.chunk(names[0]) != nil && g.chunk(names[0]).form.plain() {
					t.Errorf("%s: not answered", text)
				}
				continue
			}
			asked++
			want := ev.Filter(e, b)
			if among != nil {
				want.And(among)
			}
			sure := yes.Clone()
			sure.And(want)
			missed := want.Clone()
			missed.AndNot(yes)
			missed.AndNot(open)
			if !slices.Equal(sure, yes) || missed.Any() {
				t.Errorf("%s: %d rows selected, of which %d match; %d of %d are missed", text, yes.Count(), sure.Count(), missed.Count(), want.Count())
			}
			if g.Facts(names[0]).Kind != row.Shape && open.Any() {
				t.Errorf("%s: open about %d rows", text, open.Count())
			}
		}
	}
	if asked < 80 {
		t.Errorf("only %d questions are answered by codes", asked)
	}
}

// someRows is a random set with one in so many rows.
func someRows(r *rand.Rand, rows, one int) row.Bitmap {
	set := row.NewBitmap(rows)
	for i := range rows {
		if r.IntN(one) == 0 {
			set.Set(i)
		}
	}
	return set
}

func namesOf(r *rand.Rand, rows int) row.Column {
	names := []string{"Anna", "BERT", "Straße", "anna", "bert", "straSSe", "42", "42.0"}
	slices.Sort(names)
	c := row.Column{Name: "name", Kind: row.Dict, Dict: row.NewDictionary(names), Nulls: someRows(r, rows, 9)}
	for range rows {
		c.Codes = append(c.Codes, uint32(r.IntN(len(names))))
	}
	return c
}

// proseOf are texts without a digit.
func proseOf(r *rand.Rand, rows int) row.Column {
	c := row.Column{Name: "prose", Kind: row.Text, Offs: []uint32{0}}
	for range rows {
		for range r.IntN(30) {
			c.Bytes = append(c.Bytes, "abcdefABzä "[r.IntN(12)])
		}
		c.Offs = append(c.Offs, uint32(len(c.Bytes)))
	}
	return c
}

// gappy is a column of texts under another name, of which a third is missing.
func gappy(r *rand.Rand, c row.Column, rows int) row.Column {
	c.Name, c.Nulls = "gaps", someRows(r, rows, 3)
	return c
}

func messagesOf(r *rand.Rand, rows int) row.Column {
	c := row.Column{Name: "msg", Kind: row.Text, Offs: []uint32{0}}
	for range rows {
		switch r.IntN(6) {
		case 0:
			c.Bytes = fmt.Appendf(c.Bytes, "request took %d ms", r.IntN(100000))
		case 1:
			c.Bytes = fmt.Appendf(c.Bytes, "User %d logged in from 10.0.%d.%d", r.IntN(1000), r.IntN(256), r.IntN(256))
		case 2:
			c.Bytes = fmt.Appendf(c.Bytes, "%d%d blocks id %08X in %030d", r.IntN(90)+10, r.Uint64(), r.Uint32(), r.IntN(1e9))
		case 3:
			c.Bytes = append(c.Bytes, "no digits here"...)
		case 4:
			c.Bytes = fmt.Appendf(c.Bytes, "aa%x", r.Uint32())
		default:
			c.Bytes = fmt.Appendf(c.Bytes, "session %016x closed", r.Uint64())
		}
		c.Offs = append(c.Offs, uint32(len(c.Bytes)))
	}
	return c
}

// A page that is damaged, or of which its checksum tells nothing, is an error, whoever
// asks about the values in it.
func TestDamagedPagesAreNotAsked(t *testing.T) {
	r := rand.New(rand.NewPCG(63, 64))
	b := canonical(PageRows + 3000)
	prose, ids := proseOf(r, b.Len), *b.Col("trace_id")
	prose.Nulls = row.NewBitmap(b.Len)
	for i := range PageRows - 10 { // the second page holds more values than the first
		prose.Nulls.Set(i)
	}
	ids.Name, ids.Nulls = "ids", prose.Nulls
	data := partOf(t, b.With(prose).With(ids))
	for _, field := range []string{"prose", "ids"} {
		for page := range 2 {
			for _, trusting := range []bool{false, true} {
				p := openPart(t, slices.Clone(data))
				g, err := p.Group(0)
				if err != nil {
					t.Fatal(err)
				}
				at := &g.chunk(field).pages.pages[page]
				if p.trusting = trusting; trusting {
					at.size, at.stored, at.coder = 3, 3, asIs
				} else {
					at.sum++
				}
				e, err := expr.NewReader(field+"=*ab*", nil).Search()
				if err != nil {
					t.Fatal(err)
				}
				if _, _, _, err := g.Select(field, e, NewAsker(expr.NewEvaluator(expr.Env{})), nil, nil); !fault.Is(err, fault.Corrupt) {
					t.Errorf("%s, page %d, trusting %t: %v", field, page, trusting, err)
				}
			}
		}
	}
}

// The codes of a group stand for what its columns of texts hold.
func TestCodesStandForTheirTexts(t *testing.T) {
	r := rand.New(rand.NewPCG(63, 64))
	b := canonical(PageRows + 3000)
	b = b.With(namesOf(r, b.Len)).With(gappy(r, *b.Col("team"), b.Len))
	g := groupOf(t, b)
	var dst row.Column
	var places []uint32
	forms := map[form]int{}
	for _, name := range g.Fields() {
		if g.Facts(name).Kind != row.Dict {
			if _, err := g.CodesInto(&dst, nil, name, nil, nil); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		forms[g.chunk(name).form]++
		for _, rows := range []row.Bitmap{nil, someRows(r, b.Len, 2), someRows(r, b.Len, 500)} {
			want, err := g.Column(name, rows, nil)
			if err != nil {
				t.Fatal(err)
			}
			if places, err = g.CodesInto(&dst, places[:0], name, rows, nil); err != nil {
				t.Fatal(err)
			}
			n := b.Len
			if rows != nil {
				n = rows.Count()
			}
			for i := range n {
				place := places[dst.Codes[i]]
				if (place == row.None) != !want.Has(i) {
					t.Fatalf("%s: row %d: place %d, want %q", name, i, place, want.Value(i).Text())
				}
				if place != row.None && dst.Dict.At(place) != want.Value(i).Text() {
					t.Fatalf("%s: row %d: %q, want %q", name, i, dst.Dict.At(place), want.Value(i).Text())
				}
			}
		}
	}
	if forms[formCodes] == 0 || forms[formMapped] == 0 {
		t.Errorf("no field of some form: %v", forms)
	}
}
