package row

import (
	"math"
	"testing"
)

// The text of a row is that of its value, whatever column holds it.
func TestTextOfColumns(t *testing.T) {
	nums := []int64{0, 1, -1, 200, 1_500_000, math.MaxInt64, math.MinInt64, 1 << 53}
	digits := []uint8{0, 3, 1, 0, 6, 18, 18, 2}
	nulls := NewBitmap(len(nums))
	nulls.Set(3)
	for _, c := range []Column{
		{Kind: Int, Nums: nums}, {Kind: Int, Nums: nums, Nulls: nulls},
		{Kind: Decimal, Nums: nums, Digits: digits}, {Kind: Decimal, Nums: nums, Digits: digits, Nulls: nulls},
		{Kind: Time, Nums: nums}, {Kind: Time, Nums: nums, Nulls: nulls},
		{Kind: Dict, Codes: make([]uint32, len(nums)), Nulls: FullBitmap(len(nums))}, // whose dictionary is empty
	} {
		for i := range nums {
			if got, want := string(c.AppendText([]byte("a"), i)), "a"+c.Value(i).Text(); got != want {
				t.Errorf("%s: row %d is %q, its value %q", c.Kind, i, got, want)
			}
		}
	}
}
