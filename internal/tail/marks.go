package tail

import "github.com/zeebo/xxh3"

const (
	// headBytes hold some lines, and with them the time a file was begun.
	headBytes = 1 << 10
	// trailBytes hold the line before the position.
	trailBytes = 256
)

// marks are what a file is known by.
type marks struct {
	HeadBytes  int    `json:"head_bytes"`
	Head       uint64 `json:"head,string"`
	TrailBytes int    `json:"trail_bytes"`
	Trail      uint64 `json:"trail,string"` // of the bytes before the position
	last       []byte // those bytes, while the stream is read
}

// stand says whether a file with this head, and these bytes before the position,
// is the one that was marked.
func (m *marks) stand(head, trail []byte) bool {
	return m.headIs(head) && len(trail) == m.TrailBytes && xxh3.Hash(trail) == m.Trail
}

func (m *marks) headIs(head []byte) bool {
	return len(head) >= m.HeadBytes && xxh3.Hash(head[:m.HeadBytes]) == m.Head
}

// grow marks more of the head, up to its full length, and keeps the trail to go
// on from.
func (m *marks) grow(head, trail []byte) {
	if len(head) > m.HeadBytes {
		m.HeadBytes, m.Head = len(head), xxh3.Hash(head)
	}
	if m.last == nil {
		m.last = append([]byte{}, trail...)
	}
}

// passed moves the mark of the trail behind bytes that were taken.
func (m *marks) passed(taken []byte) {
	m.last = append(m.last, taken[max(0, len(taken)-trailBytes):]...)
	m.last = append([]byte(nil), m.last[max(0, len(m.last)-trailBytes):]...)
	m.TrailBytes, m.Trail = len(m.last), xxh3.Hash(m.last)
}

// noMarks are those of a file of which nothing is known.
func noMarks() marks { return marks{Head: xxh3.Hash(nil), Trail: xxh3.Hash(nil)} }
