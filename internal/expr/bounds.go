package expr

import (
	"math"
	"math/big"

	"github.com/plumbline/plumbline/internal/row"
)

// bounds are the numbers, or the times, on one side of a limit, or equal to
// it. They give the same answer as row.Compare, in the column's own integers.
type bounds struct {
	op     Op // Eq, Lt, Le, Gt or Ge
	limit  row.Value
	scaled [maxScale + 1]*ends
}

// maxScale is the most digits after the point for which ends are kept.
const maxScale = 18

// ends are the least and the greatest integer inside bounds; least > greatest
// when there is none.
type ends struct{ least, greatest int64 }

func (e *ends) has(n int64) bool { return n >= e.least && n <= e.greatest }

func newBounds(op Op, limit row.Value) *bounds { return &bounds{op: op, limit: limit} }

// has reports whether a number or time is inside.
func (b *bounds) has(v row.Value) bool { return ordered(row.Compare(v, b.limit), b.op) }

// ordered reports whether an order of two values is what op asks.
func ordered(order int, op Op) bool {
	switch op {
	case Eq, Is:
		return order == 0
	case Ne, IsNot:
		return order != 0
	case Lt:
		return order < 0
	case Le:
		return order <= 0
	case Gt:
		return order > 0
	}
	return order >= 0
}

// at gives the ends for integers that count in steps of 10^-digits.
func (b *bounds) at(digits uint8) *ends {
	if digits > maxScale {
		return nil
	}
	if b.scaled[digits] == nil {
		b.scaled[digits] = b.compute(digits)
	}
	return b.scaled[digits]
}

func (b *bounds) compute(digits uint8) *ends {
	x := exactly(b.limit)
	x.Mul(x, new(big.Rat).SetInt(powerOfTen(digits)))
	floor := new(big.Int).Div(x.Num(), x.Denom()) // Euclidean: towards -∞, as the denominator is positive
	whole := x.IsInt()
	next := new(big.Int).Add(floor, big.NewInt(1))
	lowest, highest := big.NewInt(math.MinInt64), big.NewInt(math.MaxInt64)
	least, greatest := lowest, highest
	switch b.op {
	case Eq:
		if least, greatest = floor, floor; !whole {
			least = next
		}
	case Lt:
		if greatest = floor; whole {
			greatest = new(big.Int).Sub(floor, big.NewInt(1))
		}
	case Le:
		greatest = floor
	case Gt:
		least = next
	case Ge:
		if least = floor; !whole {
			least = next
		}
	}
	if least.Cmp(greatest) > 0 || least.Cmp(highest) > 0 || greatest.Cmp(lowest) < 0 {
		return &ends{1, 0}
	}
	if least.Cmp(lowest) < 0 {
		least = lowest
	}
	if greatest.Cmp(highest) > 0 {
		greatest = highest
	}
	return &ends{least.Int64(), greatest.Int64()}
}

// exactly is a number as a fraction; a time is its Unix seconds.
func exactly(v row.Value) *big.Rat {
	x := new(big.Rat)
	if v.Kind == row.Time {
		return x.SetFrac(big.NewInt(v.Nums()), powerOfTen(9))
	}
	x.SetString(v.Text())
	return x
}

func powerOfTen(n uint8) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
}
