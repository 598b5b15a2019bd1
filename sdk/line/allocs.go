package line

import "runtime/metrics"

// Allocs is how many objects the process has allocated since the work began,
// where the Source counts them. It is counted once: the line says the same.
func (l *Line) Allocs() (n int64, counted bool) {
	if !l.source.options.Allocs {
		return 0, false
	}
	l.read(func(b *body) { n, counted = b.countAllocs(), true })
	return n, counted
}

func (b *body) countAllocs() int64 {
	if f := b.find(AllocCount.key); f != nil {
		return f.bits
	}
	n := allocatedObjects() - b.allocs
	b.put(&field{key: AllocCount.key, bits: n})
	return n
}

// allocatedObjects counts what the process has allocated so far. Go keeps no
// count of one request: what the rest of the process allocates meanwhile is in the
// difference, and small objects are counted late, by the span. So one line says
// little; the median of many says what a route costs, and in_flight beside it says
// which lines are exact.
func allocatedObjects() int64 {
	sample := [1]metrics.Sample{{Name: "/gc/heap/allocs:objects"}}
	metrics.Read(sample[:])
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return int64(sample[0].Value.Uint64())
}
