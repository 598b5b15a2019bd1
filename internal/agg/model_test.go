package agg

import (
	"fmt"
	"math/rand/v2"

	"github.com/plumbline/plumbline/internal/row"
)

// Random columns of every kind, and the loop-and-map model that the package is
// compared with.

// kinds are the kinds of column a random column may have.
var kinds = []row.Kind{row.Missing, row.Const, row.Dict, row.Text, row.Int, row.Decimal, row.Float, row.Bool, row.Time, row.Hex, row.UUID, row.Shape, row.List, row.Mixed}

// randomValue is a value that others often equal, in some form or other.
func randomValue(r *rand.Rand, kind row.Kind) row.Value {
	n := r.Int64N(12) - 3
	switch kind {
	case row.Int:
		if r.IntN(8) == 0 {
			return row.IntOf(n * 1_000_000_007)
		}
		return row.IntOf(n)
	case row.Decimal:
		return row.DecimalOf(n*25, uint8(r.IntN(4)))
	case row.Float:
		return row.FloatOf([]float64{0.1, 0.25, 2, -3, 1e30, 1e-9, 1.5}[r.IntN(7)])
	case row.Bool:
		return row.BoolOf(n > 0)
	case row.Time:
		return row.TimeOf(1_700_000_000_000_000_000 + n*1_000_000)
	case row.List:
		return row.ListOf([]row.Value{row.IntOf(n), row.TextOf("x")})
	}
	switch r.IntN(4) {
	case 0:
		return row.TextOf(fmt.Sprint(n))
	case 1:
		return row.TextOf(fmt.Sprintf("%d.%02d", n&3, r.IntN(4)*25))
	case 2:
		return row.TextOf([]string{"true", "false", "", "007", "1e3", "-0", "+1"}[r.IntN(7)])
	}
	return row.TextOf("user_" + fmt.Sprint(n))
}

// randomColumn is n rows of the kind, some of them missing.
func randomColumn(r *rand.Rand, kind row.Kind, n int) row.Column {
	c := row.Column{Name: "x", Kind: kind}
	if gaps := r.IntN(8); gaps < 4 && kind != row.Const && kind != row.Missing {
		c.Nulls = row.NewBitmap(n)
		for i := range n {
			if r.IntN(5) == 0 {
				c.Nulls.Set(i)
			}
		}
		if gaps == 0 { // and nothing else
			c.Nulls.Fill(n)
		}
	}
	switch kind {
	case row.Missing:
	case row.Const:
		return row.ConstColumn("x", randomValue(r, scalars[r.IntN(len(scalars))]))
	case row.Dict:
		randomDict(r, &c, n)
	case row.Text:
		c.Offs = []uint32{0}
		for range n {
			c.Bytes = append(c.Bytes, randomValue(r, row.Text).Str()...)
			c.Offs = append(c.Offs, uint32(len(c.Bytes)))
		}
	case row.Shape:
		randomShapes(r, &c, n)
	case row.Hex:
		c.Width, c.Prefix = 4, []string{"", "req_"}[r.IntN(2)]
		for range n {
			c.Bytes = append(c.Bytes, 0x12, 0x34, byte(r.IntN(3)), []byte{0x56, 0xab}[r.IntN(2)])
		}
	case row.UUID:
		c.Width, c.Bytes = 16, make([]byte, 16*n)
		for i := range n {
			c.Bytes[16*i+3] = byte(r.IntN(5))
		}
	case row.Bool:
		c.Bits = row.NewBitmap(n)
		for i := range n {
			if r.IntN(2) == 0 {
				c.Bits.Set(i)
			}
		}
	case row.Mixed, row.List:
		c.Values = make([]row.Value, n)
		for i := range n {
			if c.Nulls.Has(i) {
				continue
			}
			k := kind
			if kind == row.Mixed {
				k = scalars[r.IntN(len(scalars))]
			}
			c.Values[i] = randomValue(r, k)
		}
		c.Nulls = nil
	default:
		randomNumbers(r, &c, n)
	}
	return c
}

var scalars = []row.Kind{row.Text, row.Int, row.Decimal, row.Float, row.Bool, row.Time, row.List}

func randomNumbers(r *rand.Rand, c *row.Column, n int) {
	for range n {
		v := randomValue(r, c.Kind)
		switch c.Kind {
		case row.Float:
			f, _ := v.Float()
			c.Floats = append(c.Floats, f)
		case row.Decimal:
			c.Digits = append(c.Digits, v.Digits)
			fallthrough
		default:
			c.Nums = append(c.Nums, v.Nums())
		}
	}
}

func randomDict(r *rand.Rand, c *row.Column, n int) {
	if c.Nulls != nil && c.Nulls.Count() == n {
		c.Dict, c.Codes = row.NewDictionary(nil), make([]uint32, n)
		return
	}
	seen := map[string]bool{}
	var texts []string
	for range 1 + r.IntN(20) {
		if t := randomValue(r, row.Text).Str(); !seen[t] {
			seen[t] = true
			texts = append(texts, t)
		}
	}
	c.Dict = row.NewDictionary(texts)
	for range n {
		c.Codes = append(c.Codes, uint32(r.IntN(len(texts))))
	}
}

func randomShapes(r *rand.Rand, c *row.Column, n int) {
	var texts []string
	codes := map[string]uint32{}
	c.Offs = []uint32{0}
	for range n {
		msg := []byte(randomValue(r, row.Text).Str())
		shape, fill := row.SplitShape(nil, nil, msg)
		code, ok := codes[string(shape)]
		if !ok {
			code = uint32(len(texts))
			codes[string(shape)] = code
			texts = append(texts, string(shape))
		}
		c.Codes = append(c.Codes, code)
		c.Bytes = append(c.Bytes, fill...)
		c.Offs = append(c.Offs, uint32(len(c.Bytes)))
	}
	c.Dict = row.NewDictionary(texts)
}

// key is the tuple of row i as the model tells tuples apart; "" when one is
// missing.
func key(cols []row.Column, i int) string {
	var k []byte
	for c := range cols {
		v := cols[c].Value(i)
		if v.IsMissing() {
			return ""
		}
		k = v.AppendKey(k)
	}
	return "k" + string(k)
}
