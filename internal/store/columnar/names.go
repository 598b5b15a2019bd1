package columnar

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/plumbline/plumbline/internal/disk"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/frame"
	"github.com/plumbline/plumbline/internal/journal"
)

// Names of batches are in the log with the rows. Before the log forgets an
// entry its name goes into a journal of its own, which keeps them for a day. Of
// a name only its hash is kept: names may be long, and nobody asks what they
// were.
//
//	names   one payload of that journal
//	┌─────────┬───────┬──────┬──────────┬─────────┬───┐
//	│ version │ count │ when │ hash     │ receipt │ … │
//	│ 1 byte  │ uv    │ sv   │ 16 bytes │ text    │   │
//	└─────────┴───────┴──────┴──────────┴─────────┴───┘
const namesVersion = 2

const (
	// nameAge is how long a name is remembered: a sender that was cut off for a
	// night still finds out what became of its batch.
	nameAge = 24 * time.Hour
	// defaultNamesBytes is the memory of all names: 280,000 with usual receipts,
	// three a second for a day. Beyond it the oldest are forgotten sooner, for a
	// sender that tries again does so within minutes; a reading says how far back
	// names are known.
	defaultNamesBytes = 64 << 20
	// sightingBytes is what a name takes beside its receipt: the sighting, its
	// place in the order, its entry in the map.
	sightingBytes = 140
	// evictShare of the bound is let go of at once, so that the order is not
	// moved for every name.
	evictShare = 1.0 / 16
	// namesSegmentBytes: some thousand names.
	namesSegmentBytes = 128 << 10
	// namesTogether is how many names go into one payload: some 100 kB.
	namesTogether = 1000
)

// nameHash stands for a name.
type nameHash [16]byte

func hashOf(name string) nameHash {
	sum := sha256.Sum256([]byte(name))
	return nameHash(sum[:16])
}

// names are the batches seen by name.
type names struct {
	fs  disk.FS
	log *journal.Journal
	max int64 // of bytes

	saving sync.Mutex // held by the one who writes to log

	mu     sync.Mutex
	byHash map[nameHash]*sighting
	order  []*sighting // as they came
	saved  int         // of order, how many are in log
	bytes  int64
	early  int64 // names that were forgotten for lack of memory
}

// sighting is a name and what its sender was told.
type sighting struct {
	hash    nameHash
	when    int64
	receipt []byte
	in      journal.Position // in the store's log
	kept    journal.Position // in the journal of names, once it is there
}

func (x *sighting) size() int64 { return sightingBytes + int64(len(x.receipt)) }

func openNames(fs disk.FS, dir string, most int64) (*names, error) {
	log, err := journal.Open(fs, dir, journal.Options{SegmentBytes: namesSegmentBytes})
	if err != nil {
		return nil, err
	}
	n := &names{fs: fs, log: log, max: most, byHash: map[nameHash]*sighting{}}
	var damaged error
	err = log.Replay(0, func(at journal.Position, payload []byte) error {
		list, err := readNames(payload)
		for _, x := range list {
			x.kept = at
			n.put(x)
			n.saved = len(n.order)
		}
		damaged = errors.Join(damaged, err)
		return nil
	})
	if err == nil {
		err = damaged
	}
	if fault.Is(err, fault.Corrupt) { // some names are forgotten, all rows are there
		return n, err
	}
	if err != nil {
		return nil, errors.Join(err, log.Close())
	}
	return n, nil
}

func (n *names) close() error { return n.log.Close() }

// put adds a sighting, the later one of a name winning, and forgets the oldest
// when there are too many. n.mu is held, or nobody else has n yet.
func (n *names) put(x *sighting) {
	n.byHash[x.hash] = x
	n.order = append(n.order, x)
	if n.bytes += x.size(); n.bytes <= n.max {
		return
	}
	gone := 0
	for aim := n.max - int64(evictShare*float64(n.max)); gone < len(n.order)-1 && n.bytes > aim; gone++ {
		n.leave(n.order[gone])
	}
	n.early += int64(gone)
	n.drop(gone)
}

// leave forgets a sighting that is taken out of the order.
func (n *names) leave(x *sighting) {
	n.bytes -= x.size()
	if n.byHash[x.hash] == x {
		delete(n.byHash, x.hash)
	}
}

// drop takes the oldest out of the order.
func (n *names) drop(gone int) {
	n.order = slices.Delete(n.order, 0, gone)
	n.saved = max(0, n.saved-gone)
}

// find gives the receipt of a name seen within a day before now.
func (n *names) find(name string, now int64) (receipt []byte, known bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	x := n.byHash[hashOf(name)]
	if x == nil || x.old(now) {
		return nil, false
	}
	return append([]byte{}, x.receipt...), true
}

func (x *sighting) old(now int64) bool { return now-x.when > int64(nameAge) }

// add remembers the name of an entry of the log.
func (n *names) add(name string, when int64, receipt []byte, in journal.Position) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.put(&sighting{hash: hashOf(name), when: when, receipt: slices.Clone(receipt), in: in})
}

// save makes all names durable that entries of the log before a position have;
// then the log may forget those.
func (n *names) save(before journal.Position) error {
	n.saving.Lock()
	defer n.saving.Unlock()
	n.mu.Lock()
	to := n.saved
	for to < len(n.order) && n.order[to].in < before {
		to++
	}
	list := slices.Clone(n.order[n.saved:to])
	n.mu.Unlock()
	if len(list) == 0 {
		return nil
	}
	var payloads [][]byte
	for some := range slices.Chunk(list, namesTogether) {
		payloads = append(payloads, appendNames(nil, some))
	}
	disk.Point(n.fs, "columnar.names")
	at, err := n.log.Append(context.Background(), payloads...)
	if err != nil {
		return err
	}
	disk.Point(n.fs, "columnar.names-kept")
	n.mu.Lock()
	defer n.mu.Unlock()
	for i, x := range list {
		x.kept = at + journal.Position(i/namesTogether)
	}
	for n.saved < len(n.order) && n.order[n.saved].kept > 0 { // some may be forgotten by now
		n.saved++
	}
	return nil
}

// expire forgets names older than a day, and lets the journal forget those and
// whatever else is not remembered any more.
func (n *names) expire(now int64) error {
	n.saving.Lock()
	defer n.saving.Unlock()
	n.mu.Lock()
	gone := 0
	for gone < n.saved && n.order[gone].old(now) {
		n.leave(n.order[gone])
		gone++
	}
	n.drop(gone)
	var oldest journal.Position
	if n.saved > 0 {
		oldest = n.order[0].kept
	}
	n.mu.Unlock()
	first, next := n.log.Span()
	if oldest == 0 {
		oldest = next
	}
	if oldest <= first {
		return nil
	}
	return n.log.TrimBefore(oldest)
}

// readings are the numbers about names.
func (n *names) readings(now int64) []Reading {
	n.mu.Lock()
	defer n.mu.Unlock()
	span := float64(0)
	if len(n.order) > 0 {
		span = time.Duration(now - n.order[0].when).Seconds()
	}
	return []Reading{
		{"names", "batches remembered by name", "gauge", float64(len(n.byHash))},
		{"names_bytes", "memory of the names of batches", "gauge", float64(n.bytes)},
		{"names_seconds", "age of the oldest name of a batch that is remembered", "gauge", span},
		{"names_early_total", "names of batches forgotten within a day for lack of memory", "counter", float64(n.early)},
	}
}

func appendNames(dst []byte, list []*sighting) []byte {
	dst = binary.AppendUvarint(append(dst, namesVersion), uint64(len(list)))
	for _, x := range list {
		dst = append(binary.AppendVarint(dst, x.when), x.hash[:]...)
		dst = frame.AppendText(dst, string(x.receipt))
	}
	return dst
}

func readNames(payload []byte) ([]*sighting, error) {
	r := frame.NewCursor(payload)
	if v := r.Byte(); v != namesVersion && r.Err() == nil {
		return nil, fault.New(fault.Corrupt, "names of version %d, known is %d", v, namesVersion)
	}
	var list []*sighting
	for range r.Count(r.Left()) {
		x := &sighting{when: r.Varint()}
		copy(x.hash[:], r.Bytes(len(x.hash)))
		if x.receipt = []byte(r.Text()); r.Err() != nil {
			break
		}
		list = append(list, x)
	}
	return list, r.End()
}
