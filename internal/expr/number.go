package expr

import (
	"strconv"

	"github.com/plumbline/plumbline/internal/keyval"
	"github.com/plumbline/plumbline/internal/row"
)

// ParseNumber reads a number as a question writes it: a decimal, which stays
// exact, or any other form, which becomes a float.
func ParseNumber(text string) (row.Value, bool) {
	if m, d, ok := keyval.ParseDecimal(text); ok {
		return row.DecimalOf(m, d), true
	}
	for i := range len(text) {
		if c := text[i]; c-'0' > 9 && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E' {
			return row.Value{}, false
		}
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return row.Value{}, false
	}
	return row.FloatOf(f), true
}
