package agg

// Rank is the place, from 0, of a percentile among n sorted numbers; n is
// above 0.
func (c Call) Rank(n int) int {
	num, digits := exactQuantile(c.Quantile)
	return rankAsked{num, digits}.rank(n)
}
