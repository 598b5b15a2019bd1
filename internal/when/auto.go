package when

// ladder holds the steps that people read off an axis without thinking.
var ladder = [...]Span{
	{1, UnitMicrosecond}, {10, UnitMicrosecond}, {100, UnitMicrosecond},
	{1, UnitMillisecond}, {5, UnitMillisecond}, {10, UnitMillisecond}, {50, UnitMillisecond},
	{100, UnitMillisecond}, {500, UnitMillisecond},
	{1, UnitSecond}, {5, UnitSecond}, {10, UnitSecond}, {30, UnitSecond},
	{1, UnitMinute}, {5, UnitMinute}, {10, UnitMinute}, {30, UnitMinute},
	{1, UnitHour}, {3, UnitHour}, {6, UnitHour}, {12, UnitHour},
	{1, UnitDay}, {1, UnitWeek}, {1, UnitMonth}, {1, UnitQuarter},
	{1, UnitYear}, {5, UnitYear}, {10, UnitYear}, {50, UnitYear}, {100, UnitYear},
}

// AutoSpan picks the shortest human step that cuts [from, to) into at most
// maxBuckets buckets, counting the parts at both ends.
func AutoSpan(from, to int64, maxBuckets int) Span {
	length := max(0, sub(to, from))
	for _, s := range ladder {
		// The shortest February, quarter and year decide how many buckets there are.
		shortest := s.Nanos()
		if s.Unit == UnitMonth {
			shortest = s.N * 28 * nominalDay
		} else if s.Unit == UnitQuarter {
			shortest = s.N * 90 * nominalDay
		}
		if ceilDiv(length, shortest)+1 <= int64(max(maxBuckets, 2)) {
			return s
		}
	}
	return ladder[len(ladder)-1]
}

func ceilDiv(a, b int64) int64 { return -floorDiv(-a, b) }
