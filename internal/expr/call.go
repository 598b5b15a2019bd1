package expr

import "github.com/plumbline/plumbline/internal/row"

// maxText is the longest text a function gives: what would be longer is
// missing. It is as long as the longest line that intake takes by default.
const maxText = 1 << 20

// maxGrowth is how much text one function may make for one batch, beside four
// times what its arguments hold, and mostGrowth how much in all; values beyond
// are missing. They keep a question from filling the memory (printf("%1000d",
// n) for every row, a text that is doubled again and again) and are far from
// what lines need.
const (
	maxGrowth  = 64 << 20
	mostGrowth = 4 * maxGrowth
)

// call is the value of a function for each row.
func (ev *Evaluator) call(x *Call, b *row.Batch) row.Column {
	args := make([]row.Column, len(x.Args))
	for i, a := range x.Args {
		args[i] = ev.eval(a, b)
	}
	if x.Func.columns != nil {
		return x.Func.columns(ev, x, args, b.Len)
	}
	return ev.mapRows(x, x.Func.value, args, b.Len)
}

// rowFunc is the result of a function for one row.
type rowFunc func(ev *Evaluator, args []row.Value) row.Value

// mapRows calls a function that looks at one row at a time: once when no
// argument varies, once per entry used when a dictionary is all that varies,
// else for every row.
func (ev *Evaluator) mapRows(x *Call, f rowFunc, args []row.Column, n int) row.Column {
	varies, count := -1, 0
	values := make([]row.Value, len(args))
	for i := range args {
		values[i] = args[i].One
		switch {
		case args[i].Kind == row.Missing:
			return row.Column{}
		case !isConst(&args[i]):
			varies = i
			count++
		}
	}
	left := ev.allowance(args)
	if count == 0 {
		return row.ConstColumn("", left.take(f(ev, values)))
	}
	if c := &args[varies]; count == 1 && (c.Kind == row.Dict || c.Kind == row.Shape && x.Func.shapes) {
		return ev.mapDict(x, f, values, varies, c, n, left)
	}
	out := make([]row.Value, n)
rows:
	for i := range out {
		if left.spent() {
			break
		}
		for k := range args {
			if values[k] = args[k].Value(i); values[k].IsMissing() {
				continue rows
			}
		}
		out[i] = left.take(f(ev, values))
	}
	return columnOf(out)
}

// allowance is how many bytes a function may still make for a batch.
type allowance struct {
	bytes int
	more  func(n int) bool // whether n of them may be made now; nil: they may
}

// allowance is that of the whole expression where its value is bounded.
func (ev *Evaluator) allowance(args []row.Column) *allowance {
	if ev.within != nil {
		return ev.within
	}
	return newAllowance(args)
}

func newAllowance(args []row.Column) *allowance {
	a := &allowance{bytes: maxGrowth}
	for i := range args {
		a.bytes += 4 * args[i].MemBytes()
	}
	a.bytes = min(a.bytes, mostGrowth)
	return a
}

// spent reports whether nothing more may be made.
func (a *allowance) spent() bool { return a.bytes == 0 }

// room takes n bytes, and reports whether they may be made.
func (a *allowance) room(n int) bool {
	if n > a.bytes || a.more != nil && !a.more(n) {
		a.bytes = 0
		return false
	}
	a.bytes -= n
	return true
}

// take gives v, or missing when it is too large.
func (a *allowance) take(v row.Value) row.Value {
	n := 0
	switch v.Kind {
	case row.Text:
		n = len(v.Str())
	case row.List:
		n = v.MemBytes()
	default:
		return v
	}
	if v.Kind == row.Text && n > maxText || a.spent() || !a.room(n) {
		return row.Value{}
	}
	return v
}

// mapping is what a function made of the entries of a dictionary.
type mapping struct {
	places  []uint32    // by code: place in results + 1, 0 for entries not asked yet
	results []row.Value // in order of first use
	codes   []uint32    // by place: code of the result among texts
	texts   []string
	byText  map[string]uint32
	mixed   bool // a result is neither text nor missing
	dict    *row.Dictionary
}

// mapDict calls the function once per entry used.
func (ev *Evaluator) mapDict(x *Call, f rowFunc, values []row.Value, varies int, c *row.Column, n int, left *allowance) row.Column {
	m := ev.mappingOf(x, varies, c.Dict)
	ask := func(code uint32) {
		values[varies] = row.TextOf(c.Dict.At(code))
		v := left.take(f(ev, values))
		m.add(code, v)
		ev.memo.bytes += v.MemBytes()
	}
	if c.Kind == row.Shape && len(m.results) == 0 && n >= c.Dict.Len() {
		// All at once, so that the results of further batches have the same
		// dictionary.
		for code := range c.Dict.Len() {
			ask(uint32(code))
		}
	}
	places := make([]uint32, n)
	for i := range places {
		if c.Nulls != nil && c.Nulls.Has(i) {
			continue
		}
		code := c.Codes[i]
		if m.places[code] == 0 {
			ask(code)
		}
		places[i] = m.places[code]
	}
	if left.spent() { // what is missing now need not be the next time
		delete(ev.memo.mapped, entryOf{x, c.Dict})
	}
	if m.mixed {
		return m.spread(places)
	}
	return m.column(places)
}

// mappingOf is kept only where the other arguments stay the same.
func (ev *Evaluator) mappingOf(x *Call, varies int, dict *row.Dictionary) *mapping {
	keep := true
	for i, a := range x.Args {
		keep = keep && (i == varies || fixed(a))
	}
	if keep {
		if m, ok := ev.memo.mapped[entryOf{x, dict}]; ok {
			return m
		}
	}
	m := &mapping{places: make([]uint32, dict.Len()), byText: map[string]uint32{}}
	if keep {
		ev.memo.take(4*dict.Len() + overhead)
		ev.memo.mapped[entryOf{x, dict}] = m
	}
	return m
}

func (m *mapping) add(code uint32, v row.Value) {
	at := uint32(0)
	if v.Kind == row.Text {
		known := false
		if at, known = m.byText[v.Str()]; !known {
			at = uint32(len(m.texts))
			m.byText[v.Str()] = at
			m.texts = append(m.texts, v.Str())
		}
	} else if !v.IsMissing() {
		m.mixed = true
	}
	m.results, m.codes = append(m.results, v), append(m.codes, at)
	m.places[code] = uint32(len(m.results))
}

// column gives the rows their results as a dictionary.
func (m *mapping) column(places []uint32) row.Column {
	if len(m.texts) == 0 {
		return row.Column{}
	}
	// A dictionary that did not grow is handed out again, so that what is found
	// out about it holds for the next batch too. One that grew shares the texts:
	// nobody reads past the end of the shorter one.
	if m.dict == nil || m.dict.Len() != len(m.texts) {
		m.dict = row.NewDictionary(m.texts)
	}
	c := row.Column{Kind: row.Dict, Dict: m.dict, Codes: places}
	for i, p := range places {
		if p == 0 || m.results[p-1].IsMissing() {
			if c.Nulls == nil {
				c.Nulls = row.NewBitmap(len(places))
			}
			c.Nulls.Set(i)
			c.Codes[i] = 0
			continue
		}
		c.Codes[i] = m.codes[p-1]
	}
	return c
}

// spread gives the rows their results one by one.
func (m *mapping) spread(places []uint32) row.Column {
	out := make([]row.Value, len(places))
	for i, p := range places {
		if p > 0 {
			out[i] = m.results[p-1]
		}
	}
	return columnOf(out)
}
