package agg

// arena keeps texts one after the other, in chunks that never move: what grows
// is not copied, and a text once handed out stays where it is.
type arena struct {
	chunks [][]byte
	bytes  int // of all chunks
}

const (
	firstChunk = 1 << 10
	mostChunk  = 1 << 20
)

// add keeps a text and gives its place: the chunk in the upper half, what is
// before it there in the lower.
func (a *arena) add(s string) (place int64) {
	last := len(a.chunks) - 1
	if last < 0 || cap(a.chunks[last])-len(a.chunks[last]) < len(s) {
		size := max(min(max(firstChunk, a.bytes), mostChunk), len(s))
		a.chunks = append(a.chunks, make([]byte, 0, size))
		a.bytes += size
		last++
	}
	chunk := &a.chunks[last]
	place = int64(last)<<32 | int64(len(*chunk))
	*chunk = append(*chunk, s...)
	return place
}

// text is the text at a place.
func (a *arena) text(place int64, size uint32) string {
	from := uint32(place)
	return view(a.chunks[place>>32][from : from+size])
}
