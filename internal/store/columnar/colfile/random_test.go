package colfile

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/plumbline/plumbline/internal/row"
)

// order is the columns that every row has.
func order(r *rand.Rand, rows int) []row.Column {
	t, s := row.Column{Name: row.FieldTime, Kind: row.Time}, row.Column{Name: row.FieldSeq, Kind: row.Int}
	now, seq := int64(1_760_000_000_000_000_000), int64(r.IntN(1000))
	for range rows {
		now += int64(r.IntN(3)) * 1_000_000
		seq += int64(1 + r.IntN(3))
		t.Nums, s.Nums = append(t.Nums, now), append(s.Nums, seq)
	}
	return []row.Column{t, s}
}

// randomBatch has a column of every kind, with and without gaps.
func randomBatch(r *rand.Rand, rows int) *row.Batch {
	b := &row.Batch{Dataset: "test", Len: rows, Cols: order(r, rows)}
	for kind := row.Missing; kind <= row.Mixed; kind++ {
		for _, gaps := range []float64{0, 0.3, 0.99} {
			c := randomColumn(r, kind, rows)
			c.Name = fmt.Sprintf("%s-%v", kind, gaps)
			if gaps > 0 && rows > 0 {
				c.Nulls = row.NewBitmap(rows)
				for i := range rows {
					if r.Float64() < gaps {
						c.Nulls.Set(i)
					}
				}
			}
			b.Cols = append(b.Cols, c)
		}
	}
	return b
}

var words = []string{"", "a", "GET", "payments", "ünïcode", "\x00\x01\x02\x03\x04", "9f3ab2c1", "-12.50", strings.Repeat("long ", 10)}

func pickText(r *rand.Rand) string { return words[r.IntN(len(words))] }

func randomNum(r *rand.Rand) int64 {
	switch r.IntN(4) {
	case 0:
		return int64(r.IntN(10))
	case 1:
		return int64(r.Uint64())
	case 2:
		return 1_700_000_000_000_000_000 + int64(r.IntN(1000))*1e6
	}
	return []int64{0, -1, math.MaxInt64, math.MinInt64}[r.IntN(4)]
}

func randomValue(r *rand.Rand, depth int) row.Value {
	switch r.IntN(8) {
	case 0:
		return row.Value{}
	case 1:
		return row.TextOf(pickText(r))
	case 2:
		return row.IntOf(randomNum(r))
	case 3:
		return row.DecimalOf(randomNum(r), uint8(r.IntN(20)))
	case 4:
		return row.FloatOf(r.NormFloat64())
	case 5:
		return row.BoolOf(r.IntN(2) == 0)
	case 6:
		return row.TimeOf(randomNum(r))
	}
	return randomList(r, depth)
}

func randomList(r *rand.Rand, depth int) row.Value {
	var list []row.Value
	for range r.IntN(4) {
		if depth > 0 {
			list = append(list, randomValue(r, depth-1))
		}
	}
	return row.ListOf(list)
}

func randomColumn(r *rand.Rand, kind row.Kind, rows int) row.Column {
	c := row.Column{Kind: kind}
	switch kind {
	case row.Const:
		for c.One.IsMissing() {
			c.One = randomValue(r, 2)
		}
	case row.Dict:
		texts, distinct := append([]string{"unused"}, words...), 1+r.IntN(len(words))
		for i := range r.IntN(2) * 5000 {
			texts = append(texts, fmt.Sprintf("user-%d", i))
			distinct = len(texts) - 1
		}
		c.Dict = row.NewDictionary(texts)
		for range rows {
			c.Codes = append(c.Codes, uint32(1+r.IntN(distinct)))
		}
	case row.Text:
		c.Offs = []uint32{0}
		for range rows {
			c.Bytes = append(c.Bytes, pickText(r)...)
			c.Offs = append(c.Offs, uint32(len(c.Bytes)))
		}
	case row.Int, row.Time, row.Decimal:
		base, by := randomNum(r), int64(1+r.IntN(5))
		wild, few := r.IntN(2) == 0, r.IntN(2) == 0
		for i := range rows {
			n := base + int64(i)*by*1000
			if few {
				n = base + int64(r.IntN(1+i%200))
			} else if wild {
				n = randomNum(r)
			}
			c.Nums = append(c.Nums, n)
			c.Digits = append(c.Digits, uint8(r.IntN(3)*r.IntN(9)))
		}
	case row.Float:
		for range rows {
			c.Floats = append(c.Floats, r.NormFloat64()*math.Pow10(r.IntN(60)-30))
		}
	case row.Bool:
		c.Bits = row.NewBitmap(rows)
		for i := range rows {
			if r.IntN(3) == 0 {
				c.Bits.Set(i)
			}
		}
	case row.Hex, row.UUID:
		c.Width = 16
		if kind == row.Hex {
			c.Width, c.Prefix = 1+r.IntN(20), pickText(r)
		}
		for range rows * c.Width {
			c.Bytes = append(c.Bytes, byte(r.Uint32()))
		}
	case row.Shape:
		shapes(r, &c, rows)
	case row.List, row.Mixed:
		for range rows {
			v := randomValue(r, 3)
			if kind == row.List && r.IntN(10) > 0 {
				v = randomList(r, 3)
			} else if kind == row.List {
				v = row.Value{}
			}
			c.Values = append(c.Values, v)
		}
	}
	return c
}

func shapes(r *rand.Rand, c *row.Column, rows int) {
	codes := map[string]uint32{}
	var texts []string
	c.Offs = []uint32{0}
	for range rows {
		msg := fmt.Sprintf("%s took %d ms, id %08x%08X \x01 %s", pickText(r), r.IntN(100000), r.Uint32(), r.Uint32(), strings.Repeat("7", r.IntN(2)*r.IntN(2)*r.IntN(600)))
		shape, fill := row.SplitShape(nil, nil, []byte(msg))
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
