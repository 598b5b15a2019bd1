package pipe

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/when"
)

// transaction joins the rows that share an id into one row.
type transaction struct {
	fields   []string
	maxSpan  string
	maxPause string
	span     int64 // nanoseconds; 0: no bound
	pause    int64
}

var transactionKind = &Kind{
	Name:    "transaction",
	Syntax:  "transaction <field> [, <field> …] [maxspan=<length>] [maxpause=<length>]",
	Summary: "joins the rows that share an id into one row",
	Doc: `Two rows belong together when they have the same value in one of the fields; so do
rows that are joined through others. maxspan= bounds a transaction from its first to
its last row, maxpause= the time between two of its rows; what lies beyond begins
another one. Rows that have none of the fields, or no time, leave.

A transaction has the time of its first row, ` + "`duration`" + ` in seconds, ` + "`events`" + `, its number of
rows, ` + "`_msg`" + ` with a line for each row in the order of time, and every other field: its
value, or the list of its different values.

	transaction request_id maxpause=30s | where duration > 5s
`,
	Parse: parseTransaction,
}

func parseTransaction(r *expr.Reader, _ string) (Pipe, error) {
	p := &transaction{}
	for !r.Done() {
		at := r.Offset()
		opts, err := r.Options("maxspan", "maxpause")
		if err != nil {
			return nil, err
		}
		for name, text := range opts {
			ns, err := when.ParseDuration(text)
			if err != nil || ns <= 0 {
				return nil, r.Fail(at, name+"= is a length of time, not “"+text+"”", name+"=30s")
			}
			if name == "maxspan" {
				p.maxSpan, p.span = text, ns
			} else {
				p.maxPause, p.pause = text, ns
			}
		}
		if r.Done() {
			break
		}
		f, err := r.FieldName("the name of a field with ids")
		if err != nil {
			return nil, err
		}
		p.fields = append(p.fields, f)
		r.Take(",")
	}
	if len(p.fields) == 0 {
		return nil, r.Fail(r.Offset(), "expected the name of a field with ids, found "+r.Found(), "transaction request_id")
	}
	return p, nil
}

func (p *transaction) String() string {
	s := "transaction " + expr.QuoteFields(p.fields)
	if p.maxSpan != "" {
		s += " maxspan=" + expr.QuoteValue(p.maxSpan)
	}
	if p.maxPause != "" {
		s += " maxpause=" + expr.QuoteValue(p.maxPause)
	}
	return s
}

func (p *transaction) Reads(after Need) Need {
	if !after.All {
		after = after.Without("duration", "events")
	}
	return after.With(p.fields...).With(row.FieldTime, row.FieldSeq, row.FieldMsg)
}

func (p *transaction) Order() Order { return IgnoresOrder }

func (p *transaction) Run(ctx context.Context, env *Env, in row.Rows) row.Rows {
	return whole(func() ([]*row.Batch, error) {
		b, err := answered(ctx, env, in)
		if err != nil {
			return nil, err
		}
		if err := env.Budget.Take(b.MemBytes() + b.Len*mapEntryBytes); err != nil {
			return nil, err
		}
		b = b.Pick(sortRows(b, []sortKey{{row.FieldTime, false}, {row.FieldDataset, true}, {row.FieldSeq, false}}))
		out := row.NewBuilder("")
		for _, rows := range slices.Backward(p.groups(b)) { // newest first, as lines come
			p.add(out, b, rows)
		}
		return []*row.Batch{out.Batch()}, nil
	})
}

// groups are the rows of each transaction, in the order of time. b is in the
// order of time.
func (p *transaction) groups(b *row.Batch) [][]uint32 {
	boss := make([]int, b.Len) // a row that stands for the transaction of this one
	for i := range boss {
		boss[i] = i
	}
	find := func(i int) int {
		for boss[i] != i {
			boss[i] = boss[boss[i]]
			i = boss[i]
		}
		return i
	}
	timed := b.Col(row.FieldTime).Present(b.Len)
	has := row.NewBitmap(b.Len)
	for _, f := range p.fields {
		c := b.Col(f)
		first := map[string]int{}
		var key []byte
		for i := range b.Len {
			v := c.Value(i)
			if v.IsMissing() {
				continue
			}
			has.Set(i)
			key = v.AppendKey(key[:0])
			if j, ok := first[string(key)]; ok {
				if x, y := find(i), find(j); x != y {
					boss[max(x, y)] = min(x, y)
				}
			} else {
				first[string(key)] = i
			}
		}
	}
	has.And(timed)
	return p.cut(b.Col(row.FieldTime), has, find)
}

// cut collects the rows of each transaction and ends it where it grows too
// long or pauses too long.
func (p *transaction) cut(times *row.Column, has row.Bitmap, find func(int) int) [][]uint32 {
	var out [][]uint32
	open := map[int]int{} // by boss: place in out
	for i := range has.Rows {
		at, known := open[find(i)]
		if known {
			rows := out[at]
			t, first, last := times.Value(i).Nums(), times.Value(int(rows[0])).Nums(), times.Value(int(rows[len(rows)-1])).Nums()
			if p.span > 0 && t-first > p.span || p.pause > 0 && t-last > p.pause {
				known = false
			}
		}
		if !known {
			at = len(out)
			open[find(i)] = at
			out = append(out, nil)
		}
		out[at] = append(out[at], uint32(i))
	}
	return out
}

// add writes the row of one transaction.
func (p *transaction) add(out *row.Builder, b *row.Batch, rows []uint32) {
	times := b.Col(row.FieldTime)
	first, last := times.Value(int(rows[0])), times.Value(int(rows[len(rows)-1]))
	out.BeginBare()
	out.Value([]byte(row.FieldTime), first)
	out.Value([]byte("duration"), seconds(last.Nums()-first.Nums()))
	out.Value([]byte("events"), row.IntOf(int64(len(rows))))
	for k := range b.Cols {
		c := &b.Cols[k]
		switch c.Name {
		case row.FieldTime, row.FieldSeq, "duration", "events":
		case row.FieldMsg:
			var msgs []string
			for _, i := range rows {
				if c.Has(int(i)) {
					msgs = append(msgs, c.Value(int(i)).Text())
				}
			}
			out.Value([]byte(c.Name), row.TextOf(strings.Join(msgs, "\n")))
		default:
			out.Value([]byte(c.Name), different(c, rows))
		}
	}
}

// seconds is a length of time as a number of seconds, exact to the nanosecond.
func seconds(ns int64) row.Value {
	v, ok := expr.ParseNumber(strings.TrimRight(strings.TrimRight(fmt.Sprintf("%d.%09d", ns/1e9, ns%1e9), "0"), "."))
	if !ok {
		return row.FloatOf(float64(ns) / 1e9)
	}
	return v
}

// different is the value that the rows have, or the list of their different
// values in order of first sight.
func different(c *row.Column, rows []uint32) row.Value {
	var values []row.Value
	var seen map[string]bool // by key, when there is more than one value
	var key []byte
	for _, i := range rows {
		v := c.Value(int(i))
		if v.IsMissing() {
			continue
		}
		if len(values) == 1 && seen == nil && row.Equal(v, values[0]) {
			continue
		}
		if seen == nil {
			seen = map[string]bool{}
			for _, v := range values {
				seen[string(v.AppendKey(nil))] = true
			}
		}
		if key = v.AppendKey(key[:0]); !seen[string(key)] {
			seen[string(key)] = true
			values = append(values, v)
		}
	}
	switch len(values) {
	case 0:
		return row.Value{}
	case 1:
		return values[0]
	}
	return row.ListOf(values)
}
