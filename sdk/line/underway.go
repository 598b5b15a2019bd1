package line

import (
	"sync"
	"time"
)

// Lines under way stand in bays, so that beginning one rarely meets another: a
// handful, as there are more processors than requests that begin in the same
// hundred nanoseconds.
const bays = 8

type bay struct {
	mu    sync.Mutex
	first *body
	count int
	_     [40]byte // a cache line each, or neighbours slow each other
}

// enter adds a line to those under way.
func (s *Source) enter(l *Line, b *body) {
	b.line, b.bay = l, l.trace.Span[0]%bays
	at := &s.bays[b.bay]
	at.mu.Lock()
	if b.next = at.first; b.next != nil {
		b.next.prev = b
	}
	at.first = b
	at.count++
	at.mu.Unlock()
}

func (s *Source) leave(b *body) {
	at := &s.bays[b.bay]
	at.mu.Lock()
	if b.prev != nil {
		b.prev.next = b.next
	} else {
		at.first = b.next
	}
	if b.next != nil {
		b.next.prev = b.prev
	}
	b.next, b.prev, b.line = nil, nil, nil
	at.count--
	at.mu.Unlock()
}

// UnderWay are the lines that have begun and not ended.
func (s *Source) UnderWay() (lines []*Line) {
	for i := range s.bays {
		at := &s.bays[i]
		at.mu.Lock()
		for b := at.first; b != nil; b = b.next {
			lines = append(lines, b.line)
		}
		at.mu.Unlock()
	}
	return lines
}

// Interrupt ends all lines under way as interrupted, for a program that ends
// before its work.
func (s *Source) Interrupt() {
	for _, l := range s.UnderWay() {
		l.Finish(Interrupted)
	}
}

// Interim hands on what lines that have been under way for longer than age hold
// so far. Such a line has no outcome yet, carries the field interim, and its
// message begins with InterimMark, so that whoever counts canonical lines counts
// each unit of work once.
func (s *Source) Interim(age time.Duration) {
	for _, l := range s.UnderWay() {
		if out := l.soFar(age); out != nil {
			s.handOn(out)
		}
	}
}

// soFar encodes a line under way, nil where it is too young or over.
func (l *Line) soFar(age time.Duration) (out []byte) {
	l.read(func(b *body) {
		now := l.source.since(b.start)
		if took := now.Sub(b.start); !b.sealed && took >= age {
			b.interims++
			b.put(&field{key: Duration.key, bits: int64(took)})
			out = l.source.encode(nil, l, b, now)
		}
	})
	return out
}

func (s *Source) handOn(out []byte) {
	defer func() {
		if recover() != nil {
			s.failed.Add(1)
		}
	}()
	s.options.Put(out)
	s.interim.Add(1)
}
