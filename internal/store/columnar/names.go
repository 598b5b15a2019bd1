package columnar

import (
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/plumbline/plumbline/internal/disk"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/frame"
	"github.com/plumbline/plumbline/internal/journal"
)

// Names of batches are in the log with the rows. Before the log forgets an
// entry its name goes into a journal of its own, which keeps them for a day.
//
//	names   one payload of that journal
//	┌─────────┬───────┬──────┬──────┬─────────┬───┐
//	│ version │ count │ when │ name │ receipt │ … │
//	│ 1 byte  │ uv    │ sv   │ text │ text    │   │
//	└─────────┴───────┴──────┴──────┴─────────┴───┘
const namesVersion = 1

const (
	// nameAge is how long a name is remembered: a sender that was cut off for a
	// night still finds out what became of its batch.
	nameAge = 24 * time.Hour
	// mostNames bounds the memory: about 200 MB. Ten batches a second for a
	// day stay below; beyond, the oldest are forgotten sooner.
	mostNames = 1 << 20
	// namesSegmentBytes: some thousand names.
	namesSegmentBytes = 128 << 10
)

// names are the batches seen by name.
type names struct {
	log *journal.Journal

	saving sync.Mutex // held by the one who writes to log

	mu     sync.Mutex
	byName map[string]*sighting
	order  []*sighting // as they came
	saved  int         // of order, how many are in log
}

// sighting is a name and what its sender was told.
type sighting struct {
	name    string
	when    int64
	receipt []byte
	in      journal.Position // in the store's log
	kept    journal.Position // in the journal of names, once it is there
}

func openNames(fs disk.FS, dir string) (*names, error) {
	log, err := journal.Open(fs, dir, journal.Options{SegmentBytes: namesSegmentBytes})
	if err != nil {
		return nil, err
	}
	n := &names{log: log, byName: map[string]*sighting{}}
	var damaged error
	err = log.Replay(0, func(at journal.Position, payload []byte) error {
		list, err := readNames(payload)
		for _, x := range list {
			x.kept = at
			n.put(x)
		}
		damaged = errors.Join(damaged, err)
		return nil
	})
	n.saved = len(n.order)
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

// put adds a sighting, the later one of a name winning.
func (n *names) put(x *sighting) {
	n.byName[x.name] = x
	n.order = append(n.order, x)
}

// find gives the receipt of a name seen within a day before now.
func (n *names) find(name string, now int64) (receipt []byte, known bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	x := n.byName[name]
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
	n.put(&sighting{name: strings.Clone(name), when: when, receipt: slices.Clone(receipt), in: in})
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
	at, err := n.log.Append(context.Background(), appendNames(nil, list))
	if err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, x := range list {
		x.kept = at
	}
	n.saved += len(list)
	return nil
}

// expire forgets names older than a day, and what is beyond the bound.
func (n *names) expire(now int64) error {
	n.saving.Lock()
	defer n.saving.Unlock()
	n.mu.Lock()
	gone := 0
	for gone < n.saved && (n.order[gone].old(now) || len(n.order)-gone > mostNames) {
		if x := n.order[gone]; n.byName[x.name] == x {
			delete(n.byName, x.name)
		}
		gone++
	}
	n.order = slices.Delete(n.order, 0, gone)
	n.saved -= gone
	var oldest journal.Position
	if n.saved > 0 {
		oldest = n.order[0].kept
	}
	n.mu.Unlock()
	if gone == 0 {
		return nil
	}
	if oldest == 0 {
		_, oldest = n.log.Span()
	}
	return n.log.TrimBefore(oldest)
}

func appendNames(dst []byte, list []*sighting) []byte {
	dst = binary.AppendUvarint(append(dst, namesVersion), uint64(len(list)))
	for _, x := range list {
		dst = frame.AppendText(frame.AppendText(binary.AppendVarint(dst, x.when), x.name), string(x.receipt))
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
		x := &sighting{when: r.Varint(), name: r.Text(), receipt: []byte(r.Text())}
		if r.Err() != nil {
			break
		}
		list = append(list, x)
	}
	return list, r.End()
}
