package gelf

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"time"
)

// A message that does not fit a datagram comes in chunks:
//
//	1e 0f │ id, 8 bytes │ number, from 0 │ count │ part of the payload
const (
	chunkMark0, chunkMark1 = 0x1e, 0x0f
	chunkHead              = 12
)

// What the specification allows, and what a stranger can make us hold: there is
// no handshake, so anyone can begin messages that never end.
const (
	chunksMost     = 128             // of a message, by the specification
	pendingFor     = 5 * time.Second // by the specification
	pendingMost    = 4096            // messages
	pendingOfOne   = 64              // messages of one sender
	pendingBytes   = 16 << 20        // of all
	bytesPerRecord = 256             // about what an empty pending message takes
)

// Assembler puts chunked messages together, for one goroutine. The zero
// Assembler is ready.
type Assembler struct {
	// Lost counts messages of which a chunk did not come in time, or for which
	// there was no room.
	Lost int

	pending map[messageID]*pending
	oldest  []messageID // in the order they began; ones that are done are skipped
	of      map[netip.Addr]int
	bytes   int
}

type messageID struct {
	source netip.Addr
	id     uint64
}

type pending struct {
	parts [][]byte
	have  int
	size  int
	begun time.Time
}

// Add takes a datagram and gives the payload that is whole with it, nil while
// chunks are missing. A datagram that is no chunk is a payload itself. The
// payload may share memory with the datagram. The error says what is wrong with
// a chunk.
func (a *Assembler) Add(datagram []byte, source netip.Addr, now time.Time) ([]byte, error) {
	a.Expire(now)
	if len(datagram) < 2 || datagram[0] != chunkMark0 || datagram[1] != chunkMark1 {
		return datagram, nil
	}
	if len(datagram) < chunkHead {
		return nil, fmt.Errorf("chunk of %d bytes: its head has %d", len(datagram), chunkHead)
	}
	number, count := int(datagram[10]), int(datagram[11])
	if count == 0 || count > chunksMost || number >= count {
		return nil, fmt.Errorf("chunk %d of %d: there may be 1 to %d, numbered from 0", number, count, chunksMost)
	}
	part := datagram[chunkHead:]
	if count == 1 { // gelf-pro sends every message so
		return part, nil
	}
	id := messageID{source, binary.BigEndian.Uint64(datagram[2:])}
	p := a.pending[id]
	if p == nil {
		if p = a.begin(id, count, now); p == nil {
			if number == 0 { // each message has one first chunk: count it once
				a.Lost++
			}
			return nil, nil
		}
	}
	if len(p.parts) != count {
		return nil, fmt.Errorf("chunk %d of %d belongs to a message of %d", number, count, len(p.parts))
	}
	return a.put(id, p, number, part), nil
}

// begin notes a new message, unless there is no room for it.
func (a *Assembler) begin(id messageID, count int, now time.Time) *pending {
	if len(a.pending) >= pendingMost || a.of[id.source] >= pendingOfOne || a.bytes >= pendingBytes {
		return nil
	}
	if a.pending == nil {
		a.pending, a.of = map[messageID]*pending{}, map[netip.Addr]int{}
	}
	p := &pending{parts: make([][]byte, count), begun: now}
	a.pending[id] = p
	a.of[id.source]++
	a.oldest = append(a.oldest, id)
	a.bytes += bytesPerRecord
	return p
}

// put adds a part and gives the payload when it was the last one missing.
func (a *Assembler) put(id messageID, p *pending, number int, part []byte) []byte {
	if p.parts[number] != nil {
		return nil // a datagram may come twice
	}
	p.parts[number] = append(make([]byte, 0, len(part)), part...)
	p.have++
	p.size += len(part)
	a.bytes += len(part)
	if p.have < len(p.parts) {
		return nil
	}
	whole := make([]byte, 0, p.size)
	for _, part := range p.parts {
		whole = append(whole, part...)
	}
	a.forget(id, p)
	return whole
}

func (a *Assembler) forget(id messageID, p *pending) {
	delete(a.pending, id)
	a.bytes -= p.size + bytesPerRecord
	if a.of[id.source]--; a.of[id.source] == 0 {
		delete(a.of, id.source)
	}
}

// Expire gives up messages that have waited too long.
func (a *Assembler) Expire(now time.Time) {
	for len(a.oldest) > 0 {
		p := a.pending[a.oldest[0]]
		if p != nil && now.Sub(p.begun) < pendingFor {
			return
		}
		if p != nil {
			a.forget(a.oldest[0], p)
			a.Lost++
		}
		a.oldest = a.oldest[1:]
	}
}
