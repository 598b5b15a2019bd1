package line

// maxHeld is how many records a line holds back at most, and maxHeldBytes how
// many bytes of each: the last moments of a request that failed, not its story.
const (
	maxHeld      = 64
	maxHeldBytes = 4 << 10
)

// ring keeps the last records that came, each with where it goes once it is
// wanted.
type ring struct {
	records []record
	next    int // the oldest, once the ring is full
	count   int
}

type record struct {
	bytes []byte
	put   func([]byte)
}

func (r *ring) push(b []byte, put func([]byte)) {
	if r.count < maxHeld {
		if r.count == len(r.records) {
			r.records = append(r.records, record{})
		}
		at := &r.records[r.count]
		at.bytes, at.put = append(at.bytes[:0], b...), put
		r.count++
		return
	}
	at := &r.records[r.next]
	at.bytes, at.put = append(at.bytes[:0], b...), put
	r.next = (r.next + 1) % maxHeld
}

// release hands the records on, oldest first.
func (r *ring) release() {
	for i := range r.count {
		at := &r.records[(r.next+i)%r.count]
		at.put(at.bytes)
	}
}

func (r *ring) clear() { r.next, r.count = 0, 0 }

// Hold keeps an ordinary line, as it was encoded, until the work has ended. If it
// failed or was slow the line is put then, else it is forgotten; the oldest make
// room for the newest. False says that the line is over and holds nothing.
func (l *Line) Hold(encoded []byte, put func([]byte)) (held bool) {
	if len(encoded) > maxHeldBytes {
		return true // held, and at once forgotten
	}
	l.read(func(b *body) {
		if held = !b.sealed; held {
			b.held.push(encoded, put)
		}
	})
	return held
}

// Logged counts an ordinary line of level warn, or worse, that was written with
// the context of this work.
func (l *Line) Logged(isError bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.body == nil || l.body.sealed {
		return
	}
	k := LogWarnings.key
	if isError {
		k = LogErrors.key
	}
	if f := l.slot(k); f != nil {
		f.bits++
	}
}
