package expr

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/row"
)

// chance makes random columns and random questions about them. Values are
// drawn from small stocks, so that questions find something.
type chance struct{ *rand.Rand }

func newChance(seed uint64) chance { return chance{rand.New(rand.NewPCG(seed, 11))} }

func pickOne[T any](c chance, from ...T) T { return from[c.IntN(len(from))] }

var textStock = []string{
	"", "error", "Errors came", "an ERROR: connection reset by peer", "Wi-Fi and PowerShot SD500", "HTTPServer", "com.foo.PaymentServiceImpl",
	"took 1532 ms, id 9f3ab2c1", "took 17 ms, id 9f3ab2c2", "blk_-7017553867379051457 served", "user_id=usr_123 status=200", "200", "200.0", "0200", "-7", "1.50", "404",
	"true", "FALSE", "10.1.2.3", "::ffff:10.1.2.3", "2001:db8::1", "192.168.0.1", "straße STRAẞE", "東京 tower", "café ÉCOLE", "K kelvin ſ",
	"\xff broken \xc3", "GET", "get", "2026-11-21T11:00:00Z", "a1b2c3d4", "A1B2C3D4 00FF00", "x0a1b2cy 12ab34", "1234567890", "v1.2.3-rc4", "[1,2]",
}

func (c chance) text() string {
	if c.IntN(3) > 0 {
		return textStock[c.IntN(len(textStock))]
	}
	return textStock[c.IntN(len(textStock))] + pickOne(c, " ", "", "-", "X") + textStock[c.IntN(len(textStock))]
}

func (c chance) int() int64 {
	return pickOne(c, 0, 1, -1, 7, 200, 404, 499, 500, 1<<53+1, -1<<63, 1<<63-1, c.Int64N(1000))
}

func (c chance) float() float64 {
	return pickOne(c, 0, 0.1, 200, 1.5, -7, 1e-9, 1e300, 0.30000000000000004, 1<<60, c.Float64()*1000)
}

// instant is a time near noon.
func (c chance) instant() int64 {
	return noon + pickOne[int64](c, 0, 1, -3600, 3600, -86400)*int64(time.Second)
}

// of is a value of a kind a Value can have.
func (c chance) of(kind row.Kind) row.Value {
	switch kind {
	case row.Text:
		return row.TextOf(c.text())
	case row.Int:
		return row.IntOf(c.int())
	case row.Decimal:
		return row.DecimalOf(c.int(), uint8(c.IntN(4)))
	case row.Float:
		return row.FloatOf(c.float())
	case row.Bool:
		return row.BoolOf(c.IntN(2) == 0)
	case row.Time:
		return row.TimeOf(c.instant())
	case row.List:
		list := make([]row.Value, c.IntN(4))
		for i := range list {
			list[i] = c.of(pickOne(c, row.Text, row.Int, row.Bool, row.List))
		}
		return row.ListOf(list)
	}
	return row.Value{}
}

// column makes a column of a kind, and what it says.
func (c chance) column(kind row.Kind, n int) (row.Column, []row.Value) {
	col, values := row.Column{Kind: kind}, make([]row.Value, n)
	if c.IntN(2) == 0 {
		col.Nulls = row.NewBitmap(n)
		for i := range n {
			if c.IntN(4) == 0 {
				col.Nulls.Set(i)
			}
		}
	}
	switch kind {
	case row.Missing:
		return row.Column{}, values
	case row.Const:
		col.One = c.of(pickOne(c, row.Text, row.Int, row.Float, row.Bool, row.Time, row.List))
	case row.Dict:
		c.dict(&col, n)
	case row.Shape:
		c.shapes(&col, n)
	case row.Text:
		col.Offs = make([]uint32, 1, n+1)
		for range n {
			col.Bytes = append(col.Bytes, c.text()...)
			col.Offs = append(col.Offs, uint32(len(col.Bytes)))
		}
	case row.Hex, row.UUID:
		if col.Width = 16; kind == row.Hex {
			col.Width, col.Prefix = pickOne(c, 4, 8), pickOne(c, "", "req_", "REQ", "u", "xA")
		}
		for range n * col.Width {
			col.Bytes = append(col.Bytes, pickOne[byte](c, 0x9f, 0x3a, 0x00, 0x12, byte(c.Uint32())))
		}
	case row.Bool:
		col.Bits = row.NewBitmap(n)
	}
	for i := range n {
		c.put(&col, i)
	}
	for i := range n {
		values[i] = col.Value(i)
	}
	return col, values
}

// dict uses some entries of a dictionary; codes of missing rows mean nothing.
func (c chance) dict(col *row.Column, n int) {
	texts := slices.Clone(textStock)
	c.Shuffle(len(texts), func(i, k int) { texts[i], texts[k] = texts[k], texts[i] })
	col.Dict = row.NewDictionary(texts[:1+c.IntN(len(texts))])
	for i := range n {
		code := uint32(c.IntN(col.Dict.Len()))
		if col.Nulls.Has(i) {
			code = 1 << 30
		}
		col.Codes = append(col.Codes, code)
	}
}

func (c chance) shapes(col *row.Column, n int) {
	var texts []string
	codes := map[string]uint32{}
	col.Offs = make([]uint32, 1, n+1)
	for range n {
		shape, fill := row.SplitShape(nil, nil, []byte(c.text()))
		code, known := codes[string(shape)]
		if !known {
			code = uint32(len(texts))
			codes[string(shape)] = code
			texts = append(texts, string(shape))
		}
		col.Codes, col.Bytes = append(col.Codes, code), append(col.Bytes, fill...)
		col.Offs = append(col.Offs, uint32(len(col.Bytes)))
	}
	col.Dict = row.NewDictionary(texts)
}

// put adds row i to the kinds that hold one number or value a row.
func (c chance) put(col *row.Column, i int) {
	switch v := c.of(col.Kind); col.Kind {
	case row.Int, row.Time:
		col.Nums = append(col.Nums, v.Nums())
	case row.Decimal:
		col.Nums, col.Digits = append(col.Nums, v.Nums()), append(col.Digits, uint8(c.IntN(4)))
	case row.Float:
		f, _ := v.Float()
		col.Floats = append(col.Floats, f)
	case row.Bool:
		if v.Nums() != 0 {
			col.Bits.Set(i)
		}
	case row.List:
		col.Values = append(col.Values, v)
	case row.Mixed:
		col.Values = append(col.Values, c.of(pickOne(c, row.Missing, row.Text, row.Int, row.Decimal, row.Float, row.Bool, row.Time, row.List)))
	}
}

var fieldStock = []string{row.FieldMsg, row.FieldTime, "status", "user", "odd name", "absent"}

var allKinds = []row.Kind{row.Missing, row.Const, row.Dict, row.Text, row.Int, row.Decimal, row.Float, row.Bool, row.Time, row.Hex, row.UUID, row.Shape, row.List, row.Mixed}

// batch makes a batch whose columns are of any kinds, and its lines.
func (c chance) batch(n int) (*row.Batch, []line) {
	b, lines := &row.Batch{Dataset: "app", Len: n}, make([]line, n)
	for i := range lines {
		lines[i] = line{row.FieldDataset: row.TextOf("app")}
	}
	for _, name := range fieldStock[:len(fieldStock)-1] {
		col, values := c.column(allKinds[c.IntN(len(allKinds))], n)
		col.Name = name
		b.Cols = append(b.Cols, col)
		for i, v := range values {
			lines[i][name] = v
		}
	}
	return b, lines
}

// nextBatch is a new batch, or rows of the last with one column changed: they
// share dictionaries.
func (c chance) nextBatch(last *row.Batch, lines []line, most int) (*row.Batch, []line) {
	if last == nil || c.IntN(3) == 0 {
		return c.batch(1 + c.IntN(most))
	}
	rows := make([]uint32, 1+c.IntN(most))
	picked := make([]line, len(rows))
	for i := range rows {
		rows[i] = uint32(c.IntN(last.Len))
		picked[i] = maps.Clone(lines[rows[i]])
	}
	col, values := c.column(allKinds[c.IntN(len(allKinds))], len(rows))
	col.Name = last.Cols[c.IntN(len(last.Cols))].Name
	for i, v := range values {
		picked[i][col.Name] = v
	}
	return last.Pick(rows).With(col), picked
}

// needle is a text worth looking for: a piece of the stock, or what a row has.
func (c chance) needle() string {
	text := c.text()
	switch c.IntN(8) {
	case 0:
		return fmt.Sprint(c.int())
	case 1:
		return row.FloatOf(c.float()).Text()
	case 2:
		return "9f3a0012"
	case 3:
		return pickOne(c, "req_9f3a00123a9f3a9f", "9f3a0012-9f3a-0012-9f3a-9f3a00129f3a", "REQ9F3A0012", "12121212", "12121200.0", "12e2", "2E2", "404e0", "-7E+0", "1e-9", "1.0e300", "u9f3a", "9f3a", "0012", "req", "a9f3a0", "f3a00", "3a00123a", "9f3a0012-9f3a", "2-9f3a-0")
	case 4:
		return pickOne(c, "-1h", "now", "2026-11-21T12:00:00Z", "2026-11-21", "1700000000", "true", "false")
	}
	runes := []rune(text)
	if len(runes) == 0 {
		return "x"
	}
	from := c.IntN(len(runes))
	to := from + 1 + c.IntN(len(runes)-from)
	if c.IntN(2) == 0 {
		return strings.ToUpper(string(runes[from:to]))
	}
	return string(runes[from:to])
}

func (c chance) pattern() Pattern {
	if c.IntN(2) == 0 {
		return LiteralPattern(c.needle())
	}
	return ParsePattern(pickOne(c, "*", "") + c.needle() + pickOne(c, "*", "") + pickOne(c, "", c.needle()) + pickOne(c, "*", ""))
}

func (c chance) field() string { return fieldStock[c.IntN(len(fieldStock))] }

var regexpStock = []string{"error", "(?i)ERROR", "^an", "[0-9]+ ms", "id (9f3ab2c1|x)", "(?i)kelvin|K", "^$", "(a|b)+c?", "é", "(?i)É", "blk_-?[0-9]*57", "\\bWi", "(conn)?ection", "x{2,3}", "."}

// clause is a random clause of a search.
func (c chance) clause() Expr {
	switch c.IntN(9) {
	case 0, 1:
		p := c.pattern()
		if text, ok := p.Literal(); ok && strings.TrimSpace(text) == "" {
			p = LiteralPattern("error")
		}
		if c.IntN(4) == 0 {
			return &Term{Field: AnyField, Pattern: p}
		}
		return &Term{Field: row.FieldMsg, Pattern: p, Case: c.IntN(4) == 0}
	case 2:
		return &Exists{c.field()}
	case 3:
		net := netip.MustParsePrefix(pickOne(c, "10.0.0.0/8", "2001:db8::/32", "10.1.2.3/32"))
		return &Within{Field: c.field(), Net: net, Not: c.IntN(2) == 0}
	case 4:
		return &Match{X: &Field{c.field()}, RE: mustRegexp(regexpStock[c.IntN(len(regexpStock))]), Not: c.IntN(2) == 0, Search: true}
	case 5:
		in := &In{X: &Field{c.field()}}
		for range 1 + c.IntN(4) {
			in.List = append(in.List, c.pattern())
		}
		return in
	}
	op := Op(c.IntN(int(IsNot) + 1))
	p := LiteralPattern(c.needle())
	if op <= Ne {
		if p = c.pattern(); p.All() {
			return &Exists{c.field()}
		}
	}
	return &Compare{Field: c.field(), Op: op, Pattern: p}
}

// search is a random search.
func (c chance) search(depth int) Expr {
	if depth == 0 || c.IntN(3) == 0 {
		return c.clause()
	}
	switch c.IntN(5) {
	case 0, 1:
		return &And{[]Expr{c.search(depth - 1), c.search(depth - 1)}}
	case 2, 3:
		return &Or{[]Expr{c.search(depth - 1), c.search(depth - 1)}}
	}
	return &Not{c.search(depth - 1)}
}

// expression is a random expression.
func (c chance) expression(depth int) Expr {
	if depth == 0 || c.IntN(4) == 0 {
		if c.IntN(3) == 0 {
			return &Literal{Value: c.literal()}
		}
		return &Field{c.field()}
	}
	sub := func() Expr { return c.expression(depth - 1) }
	switch c.IntN(9) {
	case 0:
		return &And{[]Expr{sub(), sub()}}
	case 1:
		return &Or{[]Expr{sub(), sub()}}
	case 2:
		return &Not{sub()}
	case 3:
		in := &In{X: sub(), Exact: true}
		for range 1 + c.IntN(3) {
			in.List = append(in.List, LiteralPattern(c.needle()))
		}
		return in
	case 4:
		return &Match{X: sub(), RE: mustRegexp(regexpStock[c.IntN(len(regexpStock))]), Not: c.IntN(2) == 0}
	case 5, 6:
		return &Binary{pickOne(c, "=", "!=", "<", "<=", ">", ">="), sub(), sub()}
	case 7:
		return &Binary{pickOne(c, "+", "-", "*", "/", "%"), sub(), sub()}
	}
	return c.call(depth)
}

func (c chance) literal() row.Value {
	v := c.of(pickOne(c, row.Text, row.Text, row.Int, row.Decimal, row.Bool, row.Missing))
	switch v.Kind {
	case row.Text:
		return row.TextOf(strings.ToValidUTF8(v.Str(), ""))
	case row.Int, row.Decimal: // as many digits as a question can write
		return row.DecimalOf(v.Nums()%1e15, v.Digits)
	}
	return v
}

// call is a call of any function with arguments of any kind.
func (c chance) call(depth int) Expr {
	names := FunctionNames()
	for {
		f, _ := FunctionOf(names[c.IntN(len(names))])
		n := f.Min
		if f.Max < 0 {
			n += c.IntN(3)
		} else if f.Max > f.Min {
			n += c.IntN(f.Max - f.Min + 1)
		}
		args := make([]Expr, n)
		for i := range args {
			args[i] = c.expression(depth - 1)
		}
		if f.wrong(args) == nil {
			return &Call{f, args}
		}
	}
}

func mustRegexp(text string) *regexp.Regexp {
	re, err := CompileRegexp(text)
	if err != nil {
		panic(err)
	}
	return re
}

func TestFiltersAgreeWithTheReference(t *testing.T) {
	for seed := range uint64(25) {
		filtersAgree(t, seed)
	}
}

func FuzzFiltersAgreeWithTheReference(f *testing.F) {
	f.Fuzz(filtersAgree)
}

func filtersAgree(t *testing.T, seed uint64) {
	c := newChance(seed)
	ev := NewEvaluator(Env{Now: noon})
	question := c.search(3)
	if seed%3 == 0 {
		question = c.expression(3)
	}
	var b *row.Batch
	var lines []line
	for range 3 { // what is remembered of one batch must hold for the next
		b, lines = c.nextBatch(b, lines, 400)
		got := ev.Filter(question, b)
		for i, l := range lines {
			if want := (reference{ev.env}).filter(question, l); got.Has(i) != want {
				t.Fatalf("seed %d: %s is %v, want %v for %s", seed, question, got.Has(i), want, b.AppendJSON(nil, i))
			}
		}
		if got.Count() > b.Len || len(got) != len(row.NewBitmap(b.Len)) {
			t.Fatalf("seed %d: %s: %d rows of %d", seed, question, got.Count(), b.Len)
		}
	}
}

func TestExpressionsAgreeWithTheReference(t *testing.T) {
	for seed := range uint64(60) {
		expressionsAgree(t, seed)
	}
}

func FuzzExpressionsAgreeWithTheReference(f *testing.F) {
	f.Fuzz(expressionsAgree)
}

func expressionsAgree(t *testing.T, seed uint64) {
	c := newChance(seed)
	ev := NewEvaluator(Env{Now: noon})
	e := c.expression(3)
	var b *row.Batch
	var lines []line
	for range 3 {
		b, lines = c.nextBatch(b, lines, 60)
		got := ev.Eval(e, b)
		for i, l := range lines {
			want := (reference{ev.env}).value(e, l)
			if v := got.Value(i); v.Text() != want.Text() || v.IsMissing() != want.IsMissing() || got.Has(i) == want.IsMissing() {
				t.Fatalf("seed %d: %s is %s %q, want %s %q for %s", seed, e, v.Kind, v.Text(), want.Kind, want.Text(), b.AppendJSON(nil, i))
			}
		}
	}
}

// The two tests above are only worth something if their questions find some
// rows and leave some.
func TestRandomQuestionsFindSomething(t *testing.T) {
	mixed := 0
	for seed := range uint64(150) {
		c := newChance(seed)
		b, _ := c.batch(100)
		if n := NewEvaluator(Env{Now: noon}).Filter(c.clause(), b).Count(); n > 0 && n < b.Len {
			mixed++
		}
	}
	if mixed < 38 {
		t.Errorf("%d of 150 random clauses split their rows", mixed)
	}
}
