package colfile

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
)

// servedLine is a line of a web server: its parts come again, it does not.
func servedLine(r *rand.Rand) string {
	path := "/" + pick(r, "shop", "cart", "static/js", "Straße", "api/v3")
	switch r.IntN(7) {
	case 0:
		path += fmt.Sprintf("/%s-%s-%d.html", pick(r, "blue", "Red"), pick(r, "shoes", "jacket"), r.IntN(1000))
	case 1:
		path += fmt.Sprintf("?q=%s+%s&sid=%016x", pick(r, "blue", "Red"), pick(r, "shoes", "jacket"), r.Uint64())
	case 2, 3, 4, 5:
		path += fmt.Sprintf("?utm_source=%s&utm_campaign=%s&utm_medium=%s&utm_term=%s&gclid=%s&Page=%d", pick(r, sold...), pick(r, sold...), pick(r, sold...), pick(r, sold...), token(r, 6+r.IntN(6)), r.IntN(30))
	}
	line := fmt.Sprintf(`%d.%d.%d.%d - %s [%02d/Mar/2025:10:%02d:%02d +0000] "%s %s HTTP/1.1" %d %d "%s" "%s" %.2f`,
		r.IntN(4), r.IntN(8), r.IntN(256), r.IntN(8), pick(r, "-", "user1", "İstanbul", ""), 1+r.IntN(30), r.IntN(60), r.IntN(60),
		pick(r, "GET", "POST"), path, 200+r.IntN(4)*100, r.IntN(1e4), pick(r, "-", "https://www.example.com/shop", "https://search.example.org/results/shoes", ""),
		pick(r, "curl/8.1.0", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
			"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0", "Größe (K)"), r.Float64())
	switch r.IntN(30) {
	case 0: // others among them
		return pick(r, "", " ", `"`, `no end of "a quote`, `[`, "()", "\x00\x01", strings.Repeat("a ", 400), strings.Repeat("=", 40), `say "hi"`, token(r, 30))
	case 1:
		return "warn: " + line
	}
	return line
}

func pick(r *rand.Rand, texts ...string) string { return texts[r.IntN(len(texts))] }

var sold = []string{"sale-of-the-year", "winter-jackets", "come-back", "newsletter", "partner", "brand", "spring-is-here"}

// token is n letters and digits of both cases.
func token(r *rand.Rand, n int) string {
	out := make([]byte, n)
	for i := range out {
		out[i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[r.IntN(64)]
	}
	return string(out)
}

// servedOf has lines of a web server, and such that only some rows have.
func servedOf(r *rand.Rand, rows int) *row.Batch {
	b := &row.Batch{Dataset: "test", Len: rows, Cols: order(r, rows)}
	c := row.Column{Name: row.FieldMsg, Kind: row.Text, Offs: []uint32{0}}
	for range rows {
		c.Bytes = append(c.Bytes, servedLine(r)...)
		c.Offs = append(c.Offs, uint32(len(c.Bytes)))
	}
	return b.With(c).With(gappy(r, c, rows))
}

func TestPiecesComeBack(t *testing.T) {
	r := rand.New(rand.NewPCG(71, 72))
	batches := []*row.Batch{servedOf(r, GroupRows/2), servedOf(r, 3*PageRows+77)}
	batches[1] = later(batches[1], 3600e9)
	p := openPart(t, partOf(t, batches...))
	for i, want := range batches {
		g := mustGroup(t, p, i)
		for _, name := range []string{row.FieldMsg, "gaps"} {
			if c := g.chunk(name); c == nil || c.form != formPieces {
				t.Fatalf("group %d does not keep %q in pieces: %+v", i, name, c)
			}
		}
		if !slices.ContainsFunc(g.header.chunks, func(c chunk) bool { return c.form == formPieces && isInner(g.nameOf(&c)) }) {
			t.Error("no piece is in pieces")
		}
		if names := g.Fields(); len(names) != len(want.Cols) {
			t.Errorf("the group has the fields %q", names)
		}
		got, err := g.Batch(nil, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		sameBatch(t, want, got)
		for _, one := range []int{2, 700, want.Len} {
			rows := someRows(r, want.Len, one)
			if got, err = g.Batch(nil, rows, nil); err != nil {
				t.Fatal(err)
			}
			sameBatch(t, want.Keep(rows), got)
		}
	}
	if err := Verify(p); err != nil {
		t.Fatal(err)
	}
	if names, err := p.FieldNames(); err != nil || len(names) != len(batches[0].Cols) {
		t.Errorf("the part has the fields %q: %v", names, err)
	}
	// One group is copied, the other written anew, beside one of other lines.
	merged := mergeAll(t, append(batches, later(canonical(3000), 2*3600e9))...)
	if err := Verify(merged); err != nil {
		t.Fatal(err)
	}
	got := rowsOf(t, merged)
	sameBatch(t, Concat(batches...), got.Slice(0, batches[0].Len+batches[1].Len))
}

// TestPiecesAnswerAsTexts cuts what it looks for out of the texts: words, phrases and
// fragments in a piece and across pieces, in other letters, and expressions.
func TestPiecesAnswerAsTexts(t *testing.T) {
	r := rand.New(rand.NewPCG(73, 74))
	b := servedOf(r, PageRows+1234)
	g := groupOf(t, b)
	found, across, asked := 0, 0, 0
	for range 200 {
		field := pick(r, row.FieldMsg, "gaps")
		e := clauseOf(r, field, b.Col(row.FieldMsg).Value(r.IntN(b.Len)).Str())
		ev := expr.NewEvaluator(expr.Env{})
		for _, among := range []row.Bitmap{nil, someRows(r, b.Len, 2), someRows(r, b.Len, 300), row.NewBitmap(b.Len)} {
			yes, open, ok, err := g.Select(field, e, NewAsker(ev), among, nil)
			if err != nil {
				t.Fatalf("%s: %v", e, err)
			}
			if !ok {
				continue
			}
			asked++
			want := ev.Filter(e, b)
			if among != nil {
				want.And(among)
			}
			sure, missed := yes.Clone(), want.Clone()
			sure.And(want)
			missed.AndNot(yes)
			missed.AndNot(open)
			if !slices.Equal(sure, yes) || missed.Any() {
				t.Fatalf("%s: %d rows selected, of which %d match; %d of %d are missed", e, yes.Count(), sure.Count(), missed.Count(), want.Count())
			}
			found += yes.Count()
			across += open.Count()
		}
	}
	t.Logf("%d asked, %d found, %d open", asked, found, across)
	if asked < 550 || found < 10000 || across < 10000 {
		t.Errorf("only %d questions were answered, %d rows found and %d left open", asked, found, across)
	}
}

// clauseOf is a clause about something that stands in a text.
func clauseOf(r *rand.Rand, field, text string) expr.Expr {
	if text == "" {
		return &expr.Term{Field: field, Pattern: expr.LiteralPattern("nothing")}
	}
	from := r.IntN(len(text))
	some := text[from : from+1+r.IntN(min(len(text)-from, 1+r.IntN(40)))]
	switch r.IntN(4) {
	case 0:
		some = strings.ToUpper(some)
	case 1:
		some = strings.ReplaceAll(some, "1", "2")
	}
	switch r.IntN(8) {
	case 7:
		some = pick(r, "&page=", "&PAGE=1", "q=red", "?Q=BLUE+", "\" 200 ", "\xb6\" ")
		return &expr.Term{Field: field, Pattern: expr.Pattern{Parts: []string{"", some, ""}}, Case: r.IntN(2) == 0}
	case 6:
		word := expr.LiteralPattern(pick(r, "shoes", "curl", "gclid", "10", "user1"))
		return &expr.Terms{Field: field, List: []expr.Pattern{word, {Parts: []string{"", strings.Map(ascii, some) + "x", ""}}}}
	case 0:
		return &expr.Term{Field: field, Pattern: expr.LiteralPattern(some), Case: r.IntN(3) == 0}
	case 1:
		return &expr.Compare{Field: field, Op: []expr.Op{expr.Eq, expr.Ne}[r.IntN(2)], Pattern: expr.Pattern{Parts: []string{"", some, ""}}}
	case 2:
		return &expr.Match{X: &expr.Field{Name: field}, RE: regexp.MustCompile(regexp.QuoteMeta(strings.ToValidUTF8(some, ""))), Not: r.IntN(2) == 0, Search: true}
	case 3:
		return &expr.Term{Field: field, Pattern: expr.Pattern{Parts: []string{"", some[:len(some)/2], some[len(some)/2:], ""}}}
	}
	return &expr.Term{Field: field, Pattern: expr.Pattern{Parts: []string{"", some, ""}}, Case: r.IntN(3) == 0}
}

func ascii(r rune) rune { return r & 0x7f }
