package query_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/plumbline/plumbline/internal/intake"
	"github.com/plumbline/plumbline/internal/query"
	"github.com/plumbline/plumbline/internal/row"
)

// Whole numbers of an int64 are numbers to the last digit, from the line that
// brings them to the answer: held against math/big, on every store.

// whole is a value as the oracle sees it: a number, or a text where there is none.
type whole struct {
	number *big.Rat
	text   string
}

var plainDecimal = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]{1,18})?$`)

// wholeOf is what a text is: a number when it is a plain decimal whose digits
// are an int64.
func wholeOf(text string) whole {
	digits, ok := new(big.Int).SetString(strings.Replace(text, ".", "", 1), 10)
	if !plainDecimal.MatchString(text) || !ok || !digits.IsInt64() || text[0] == '-' && digits.Sign() == 0 {
		return whole{text: text}
	}
	r, _ := new(big.Rat).SetString(text)
	return whole{number: r, text: text}
}

// wholeOfJSON is what a number of JSON is: beside plain decimals the float that
// is nearest to it, as its shortest text. A whole one beyond an int64 is a text.
func wholeOfJSON(raw string) whole {
	v := wholeOf(raw)
	if v.number == nil && json.Valid([]byte(raw)) && strings.ContainsAny(raw, ".eE") {
		v = nearest(raw)
	}
	return v
}

func nearest(text string) whole {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		panic(err)
	}
	shown := string(row.AppendFloat(nil, f))
	r, _ := new(big.Rat).SetString(shown)
	return whole{r, shown}
}

// wholeOfAnswer is a value of an answer.
func wholeOfAnswer(v any) whole {
	switch x := v.(type) {
	case json.Number:
		r, ok := new(big.Rat).SetString(x.String())
		if !ok {
			panic(x)
		}
		return whole{r, x.String()}
	case string:
		return wholeOf(x)
	}
	return whole{text: "missing"}
}

func (w whole) compare(o whole) int {
	switch {
	case w.number != nil && o.number != nil:
		return w.number.Cmp(o.number)
	case w.number != nil:
		return -1
	case o.number != nil:
		return 1
	}
	return strings.Compare(w.text, o.text)
}

func (w whole) key() string {
	if w.number != nil {
		return w.number.RatString()
	}
	return "text " + w.text
}

// awkwardInts lie where digits are lost: beside 2^53, at both ends of an int64,
// where a number becomes one digit longer, and beyond.
func awkwardInts(r *rand.Rand) *big.Int {
	edges := []*big.Int{
		big.NewInt(1 << 53), big.NewInt(1 << 54), big.NewInt(math.MaxInt64), new(big.Int).Lsh(big.NewInt(1), 63), new(big.Int).Lsh(big.NewInt(1), 64),
		big.NewInt(1e16), big.NewInt(1e17), big.NewInt(1e18), new(big.Int).Mul(big.NewInt(10), big.NewInt(1e18)), big.NewInt(0), big.NewInt(1767225600123456789),
	}
	n := new(big.Int).Add(edges[r.IntN(len(edges))], big.NewInt(r.Int64N(7)-3))
	if r.IntN(2) == 0 {
		n.SetInt64(r.Int64() >> r.IntN(63))
	}
	if r.IntN(3) == 0 {
		n.Neg(n)
	}
	return n
}

func awkwardInt64(r *rand.Rand) int64 {
	for {
		if n := awkwardInts(r); n.IsInt64() {
			return n.Int64()
		}
	}
}

// awkwardRaw is a value of a line as JSON: mostly numbers.
func awkwardRaw(r *rand.Rand) string {
	n := awkwardInts(r)
	switch r.IntN(10) {
	case 0:
		return n.String() + "." + []string{"0", "5", "25", "000000001"}[r.IntN(4)]
	case 1:
		return strconv.FormatFloat(float64(n.Int64()), 'e', -1, 64)
	case 2:
		return strconv.FormatFloat(float64(n.Int64())/float64(int64(1)<<r.IntN(62)), 'f', -1, 64)
	case 3:
		return `"` + n.String() + `"`
	case 4:
		return []string{`"word"`, `"12x"`, `"-"`, `"007"`}[r.IntN(4)]
	case 5:
		return strconv.Itoa(r.IntN(5))
	}
	return n.String()
}

// wholeLine is one line: x is anything, y whole numbers and fractions, i whole
// numbers, o such as texts, as parts have them that were written when a number had 18
// digits, c few numbers, t nanoseconds as clocks give them.
type wholeLine struct {
	line   string
	fields map[string]whole
}

func wholeLines(r *rand.Rand, n int) (jsonl, logfmt []wholeLine) {
	few := make([]int64, 9)
	for k := range few {
		few[k] = awkwardInt64(r)
	}
	few[0], few[1], few[2] = math.MinInt64, math.MaxInt64, 0
	at := int64(1767225600000000000)
	for k := range n {
		at += r.Int64N(2e9)
		raw := map[string]string{
			"x": awkwardRaw(r), "i": strconv.FormatInt(awkwardInt64(r), 10), "c": strconv.FormatInt(few[r.IntN(len(few))], 10), "t": strconv.FormatInt(at, 10),
			"y": strconv.FormatInt(awkwardInt64(r), 10), "n": strconv.Itoa(k), "o": `"` + strconv.FormatInt(awkwardInt64(r), 10) + `"`,
		}
		if r.IntN(5) == 0 {
			raw["y"] = string(row.DecimalOf(awkwardInt64(r), uint8(1+r.IntN(18))).AppendText(nil))
			if wholeOf(raw["y"]).number == nil {
				raw["y"] = "0.5"
			}
		}
		l := wholeLine{fields: map[string]whole{}}
		if asJSON := r.IntN(4) > 0; asJSON {
			var b strings.Builder
			fmt.Fprintf(&b, `{"_time":%d`, at)
			for _, f := range []string{"n", "x", "y", "i", "o", "c", "t"} {
				fmt.Fprintf(&b, `,%q:%s`, f, raw[f])
				if l.fields[f] = wholeOfJSON(raw[f]); raw[f][0] == '"' {
					l.fields[f] = wholeOf(strings.Trim(raw[f], `"`))
				}
			}
			l.line = b.String() + "}"
			jsonl = append(jsonl, l)
			continue
		}
		l.line = fmt.Sprintf("_time=%d", at)
		for _, f := range []string{"n", "x", "y", "i", "o", "c", "t"} {
			text := strings.Trim(raw[f], `"`)
			l.line += " " + f + "=" + text
			l.fields[f] = wholeOfJSON(text)
		}
		logfmt = append(logfmt, l)
	}
	return jsonl, logfmt
}

// wholeSink keeps what intake hands on.
type wholeSink struct{ batches []*row.Batch }

func (s *wholeSink) Append(_ context.Context, batches ...*row.Batch) error {
	s.batches = append(s.batches, batches...)
	return nil
}

func (s *wholeSink) AppendOnce(ctx context.Context, _ string, _ []byte, batches ...*row.Batch) ([]byte, error) {
	return nil, s.Append(ctx, batches...)
}

// takenIn are the lines as intake makes batches of them.
func takenIn(t *testing.T, r *rand.Rand, format string, lines []wholeLine) []*row.Batch {
	t.Helper()
	sink := &wholeSink{}
	in := intake.New(intake.Options{Store: sink})
	for len(lines) > 0 {
		n := min(1+r.IntN(120), len(lines))
		var body strings.Builder
		for _, l := range lines[:n] {
			body.WriteString(l.line + "\n")
		}
		got, err := in.Ingest(t.Context(), intake.Request{Format: format, Dataset: "app", Body: strings.NewReader(body.String())})
		if err != nil || int(got.Accepted) != n {
			t.Fatalf("%d lines taken as %+v, %v", n, got, err)
		}
		lines = lines[n:]
	}
	return sink.batches
}

func TestWholeNumbersToTheLastDigit(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 9))
	jsonl, logfmt := wholeLines(r, 300)
	batches := append(takenIn(t, r, "jsonl", jsonl), takenIn(t, r, "logfmt", logfmt)...)
	o := &wholeOracle{r: r, lines: append(jsonl, logfmt...)}
	for range 3 {
		o.ask(o.filters())
	}
	o.ask(o.wholes())
	for _, stage := range append(specStages(), awkwardStages()...) {
		t.Run(stage.name, func(t *testing.T) {
			e := specEngine(stage.open(t, batches), 1+r.IntN(4))
			for _, q := range o.asked {
				q.check(t, e)
			}
		})
	}
}

// wholeQuestion is a question, and what its rows are held against.
type wholeQuestion struct {
	text string
	want func(rows []map[string]any) error
}

func (q *wholeQuestion) check(t *testing.T, e *query.Engine) {
	t.Helper()
	lines, _, err := answer(t.Context(), e, q.text)
	if err != nil {
		t.Errorf("%s: %v", q.text, err)
		return
	}
	rows := make([]map[string]any, len(lines))
	for i, l := range lines {
		d := json.NewDecoder(strings.NewReader(l))
		d.UseNumber()
		if err := d.Decode(&rows[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := q.want(rows); err != nil {
		t.Errorf("%s: %v", q.text, err)
	}
}

type wholeOracle struct {
	r     *rand.Rand
	lines []wholeLine
	asked []wholeQuestion
}

func (o *wholeOracle) ask(list []wholeQuestion) { o.asked = append(o.asked, list...) }

// literal is a number as a question writes it, near one of a field.
func (o *wholeOracle) literal(field string) string {
	near := o.lines[o.r.IntN(len(o.lines))].fields[field]
	if near.number == nil || !near.number.IsInt() || o.r.IntN(6) == 0 {
		if text := awkwardInts(o.r).String(); text != "-0" {
			return text
		}
	}
	n := new(big.Int).Set(near.number.Num())
	text := n.Add(n, big.NewInt(o.r.Int64N(3)-1)).String()
	if fraction := text + "." + []string{"5", "0", "25"}[o.r.IntN(3)]; o.r.IntN(4) == 0 && wholeOf(fraction).number != nil {
		return fraction
	}
	return text
}

var wholeOps = map[string]func(order int) bool{
	"=": func(o int) bool { return o == 0 }, "!=": func(o int) bool { return o != 0 }, "==": func(o int) bool { return o == 0 },
	"<": func(o int) bool { return o < 0 }, "<=": func(o int) bool { return o <= 0 }, ">": func(o int) bool { return o > 0 }, ">=": func(o int) bool { return o >= 0 },
}

// passes says whether a comparison with a literal holds.
func passes(v whole, op, literal string) bool {
	limit := wholeOf(literal)
	if op == "=" || op == "==" || op == "!=" {
		same := v.key() == limit.key() || limit.number == nil && v.text == literal // a float is what it is shown as
		return same == (op != "!=")
	}
	if limit.number == nil {
		limit = nearest(literal)
	}
	return v.number != nil && wholeOps[op](v.compare(limit))
}

// filters are one question for each operator, in both languages.
func (o *wholeOracle) filters() (list []wholeQuestion) {
	for _, field := range []string{"x", "y", "i", "o", "c", "t"} {
		literal := o.literal(field)
		for op := range wholeOps {
			yes := func(f map[string]whole) bool { return passes(f[field], op, literal) }
			list = append(list, o.passing(field+op+literal, yes))
			if op != "==" {
				list = append(list, o.passing("* | where "+field+" "+op+" "+literal, yes))
			}
		}
		others := []string{literal, o.literal(field), o.literal(field)}
		any := func(f map[string]whole) bool {
			return slices.ContainsFunc(others, func(l string) bool { return passes(f[field], "=", l) })
		}
		in := field + " in (" + strings.Join(others, ", ") + ")"
		list = append(list, o.passing(in, any), o.passing("* | where "+in, any))
	}
	list = append(list, o.passing("* | where x < y", func(f map[string]whole) bool {
		return f["x"].number != nil && f["x"].compare(f["y"]) < 0
	}), o.passing("* | where x = i", func(f map[string]whole) bool { return f["x"].key() == f["i"].key() }))
	return list
}

// passing wants the lines for which yes holds.
func (o *wholeOracle) passing(search string, yes func(map[string]whole) bool) wholeQuestion {
	var want []string
	for _, l := range o.lines {
		if yes(l.fields) {
			want = append(want, l.fields["n"].text+" "+l.fields["x"].key())
		}
	}
	slices.Sort(want)
	return wholeQuestion{search + " | fields n, x", func(rows []map[string]any) error {
		var got []string
		for _, r := range rows {
			got = append(got, wholeOfAnswer(r["n"]).text+" "+wholeOfAnswer(r["x"]).key())
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			return fmt.Errorf("%d rows, want %d: %s", len(got), len(want), apart(got, want))
		}
		return nil
	}}
}

// wholes are questions that make something of all lines.
func (o *wholeOracle) wholes() (list []wholeQuestion) {
	for _, field := range []string{"x", "y", "i", "o", "c", "t"} {
		list = append(list, o.sorted(field, false), o.sorted(field, true), o.counted(field), o.binned(field, "1000"), o.binned(field, "0.1"))
		for _, numbers := range []string{"*", "n<40", "n<3", "n=5", "c>0"} {
			list = append(list, o.summed(field, numbers))
		}
		list = append(list, o.medians(field))
		for _, op := range []string{"+", "-", "*"} {
			list = append(list, o.computed(field, op, "3"), o.computed(field, op, "9223372036854775807"))
		}
	}
	return list
}

// of are the values of a field in the lines of a search that are numbers.
func (o *wholeOracle) of(field, search string) (numbers []whole) {
	for _, l := range o.lines {
		n, _ := l.fields["n"].number.Float64()
		in := map[string]bool{"*": true, "n<40": n < 40, "n<3": n < 3, "n=5": n == 5, "c>0": l.fields["c"].number.Sign() > 0}[search]
		if v := l.fields[field]; in && v.number != nil {
			numbers = append(numbers, v)
		}
	}
	slices.SortFunc(numbers, whole.compare)
	return numbers
}

func (o *wholeOracle) sorted(field string, falling bool) wholeQuestion {
	var want []string
	for _, l := range o.lines {
		want = append(want, l.fields[field].key())
	}
	slices.Sort(want)
	sign := 1
	text := "* | sort 0 " + field
	if falling {
		sign, text = -1, "* | sort 0 -"+field
	}
	return wholeQuestion{text + " | fields " + field, func(rows []map[string]any) error {
		var got []string
		for i, r := range rows {
			v := wholeOfAnswer(r[field])
			got = append(got, v.key())
			if i > 0 && sign*wholeOfAnswer(rows[i-1][field]).compare(v) > 0 {
				return fmt.Errorf("%s stands before %s", rows[i-1][field], v.text)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			return fmt.Errorf("other values: %s", apart(got, want))
		}
		return nil
	}}
}

// counted groups, and counts what differs.
func (o *wholeOracle) counted(field string) wholeQuestion {
	want := map[string]int{}
	for _, l := range o.lines {
		want[l.fields[field].key()]++
	}
	return wholeQuestion{"* | stats count by " + field + " | eventstats dc(" + field + ") as d", func(rows []map[string]any) error {
		for _, r := range rows {
			v := wholeOfAnswer(r[field])
			if r["count"].(json.Number).String() != strconv.Itoa(want[v.key()]) || r["d"].(json.Number).String() != strconv.Itoa(len(want)) {
				return fmt.Errorf("%s: %v of %v, want %d of %d", v.text, r["count"], r["d"], want[v.key()], len(want))
			}
		}
		if len(rows) != len(want) {
			return fmt.Errorf("%d groups, want %d", len(rows), len(want))
		}
		return nil
	}}
}

func (o *wholeOracle) summed(field, search string) wholeQuestion {
	numbers := o.of(field, search)
	sum := new(big.Rat)
	for _, v := range numbers {
		sum.Add(sum, v.number)
	}
	text := fmt.Sprintf("%s %s>=-99999999999999999999 | stats min(%[2]s) as min, max(%[2]s) as max, sum(%[2]s) as sum, avg(%[2]s) as avg, median(%[2]s) as median, p0(%[2]s) as p0, p100(%[2]s) as p100, p90(%[2]s) as p90, dc(%[2]s) as dc, count", search, field)
	return wholeQuestion{text, func(rows []map[string]any) error {
		if n := len(numbers); n == 0 || rows[0]["count"].(json.Number).String() != strconv.Itoa(n) {
			if n > 0 {
				return fmt.Errorf("%v numbers, want %d", rows[0]["count"], n)
			}
			return nil
		}
		rank := func(percent int) whole { return numbers[max((percent*len(numbers)+99)/100, 1)-1] }
		for name, want := range map[string]whole{
			"min": numbers[0], "max": numbers[len(numbers)-1], "p0": numbers[0], "p100": numbers[len(numbers)-1], "median": rank(50), "p90": rank(90),
		} {
			if got := wholeOfAnswer(rows[0][name]); got.key() != want.key() {
				return fmt.Errorf("%s is %s, want %s", name, got.text, want.text)
			}
		}
		if err := nearlyOrExactly(wholeOfAnswer(rows[0]["sum"]), sum, field != "x"); err != nil {
			return fmt.Errorf("sum: %w", err)
		}
		mean := new(big.Rat).Quo(sum, new(big.Rat).SetInt64(int64(len(numbers))))
		if err := nearlyOrExactly(wholeOfAnswer(rows[0]["avg"]), mean, false); err != nil {
			return fmt.Errorf("avg: %w", err)
		}
		return nil
	}}
}

// medians are those of groups.
func (o *wholeOracle) medians(field string) wholeQuestion {
	groups := map[string][]whole{}
	for _, l := range o.lines {
		if c := l.fields["c"].key(); l.fields[field].number != nil {
			groups[c] = append(groups[c], l.fields[field])
		}
	}
	return wholeQuestion{"* | stats median(" + field + ") as m by c", func(rows []map[string]any) error {
		for _, r := range rows {
			numbers := groups[wholeOfAnswer(r["c"]).key()]
			slices.SortFunc(numbers, whole.compare)
			if want := numbers[(len(numbers)-1)/2]; wholeOfAnswer(r["m"]).key() != want.key() {
				return fmt.Errorf("of %v: %v, want %s", r["c"], r["m"], want.text)
			}
		}
		if len(rows) != len(groups) {
			return fmt.Errorf("%d groups, want %d", len(rows), len(groups))
		}
		return nil
	}}
}

// nearlyOrExactly: what an int64 of digits holds is exact, what it does not is the
// nearest float, give or take what floats among the numbers cost.
func nearlyOrExactly(got whole, want *big.Rat, exact bool) error {
	if got.number == nil {
		return fmt.Errorf("no number: %s", got.text)
	}
	if digits, finite := want.FloatPrec(); exact && finite {
		m := new(big.Rat).Mul(want, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil)))
		if m.Num().IsInt64() {
			if got.number.Cmp(want) != 0 {
				return fmt.Errorf("%s, want %s", got.text, want.RatString())
			}
			return nil
		}
	}
	g, _ := got.number.Float64()
	w, _ := want.Float64()
	if diff := math.Abs(g - w); diff > 1e-12*math.Abs(w) && (exact || diff > 1e6) {
		return fmt.Errorf("%v, want %v", g, w)
	}
	return nil
}

// computed is arithmetic: exact where an int64 of digits holds the result, else a float.
func (o *wholeOracle) computed(field, op, by string) wholeQuestion {
	with, fractions := wholeOf(by).number, field == "x" || field == "y" // which two scales may keep apart
	want := map[string]*big.Rat{}
	for _, l := range o.lines {
		if v := l.fields[field].number; v != nil {
			z := new(big.Rat)
			switch op {
			case "+":
				z.Add(v, with)
			case "-":
				z.Sub(v, with)
			default:
				z.Mul(v, with)
			}
			want[l.fields["n"].text] = z
		}
	}
	return wholeQuestion{"* | eval z = " + field + " " + op + " " + by + " | fields n, z", func(rows []map[string]any) error {
		for _, r := range rows {
			z := want[wholeOfAnswer(r["n"]).text]
			if (z == nil) != (r["z"] == nil) {
				return fmt.Errorf("line %v: %v, want %v", r["n"], r["z"], z)
			}
			if z != nil {
				if err := nearlyOrExactly(wholeOfAnswer(r["z"]), z, !fractions); err != nil {
					return fmt.Errorf("line %v: %w", r["n"], err)
				}
			}
		}
		return nil
	}}
}

// binned rounds down.
func (o *wholeOracle) binned(field, span string) wholeQuestion {
	step, _ := new(big.Rat).SetString(span)
	want := map[string]*big.Rat{}
	for _, l := range o.lines {
		if v := l.fields[field].number; v != nil {
			q := new(big.Rat).Quo(v, step)
			times := new(big.Int).Div(q.Num(), q.Denom()) // Euclidean: down, as the denominator is positive
			want[l.fields["n"].text] = new(big.Rat).Mul(step, new(big.Rat).SetInt(times))
		}
	}
	return wholeQuestion{"* | bin span=" + span + " " + field + " | fields n, " + field, func(rows []map[string]any) error {
		for _, r := range rows {
			if z := want[wholeOfAnswer(r["n"]).text]; z != nil {
				if err := nearlyOrExactly(wholeOfAnswer(r[field]), z, true); err != nil {
					return fmt.Errorf("line %v: %w", r["n"], err)
				}
			}
		}
		return nil
	}}
}
