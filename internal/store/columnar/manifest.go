package columnar

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path"

	"github.com/zeebo/xxh3"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/disk"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/frame"
	"github.com/plumbline/plumbline/internal/journal"
)

// The manifest of a dataset says which parts it consists of. It is replaced as
// a whole by a rename, and holds its content twice, so that one damaged sector
// does not cost a dataset.
//
//	MANIFEST                      copy
//	┌──────┬──────┐               ┌──────────┬─────────┬────────┬──────┬────────┐
//	│ copy │ copy │               │ magic    │ version │ size   │ body │ xxh3   │  of all before
//	└──────┴──────┘               │ 8 bytes  │ 4       │ 4      │ size │ 8      │
//	                              └──────────┴─────────┴────────┴──────┴────────┘
//	body
//	┌─────────┬──────────┬───────────┬──────┬───────┬──────┬───┬───────┬───────┬───┐
//	│ dataset │ last seq │ next part │ log  │ slots │ slot │ … │ graves│ grave │ … │
//	│ text    │ uv       │ uv        │ uv   │ uv    │      │   │ uv    │       │   │
//	└─────────┴──────────┴───────────┴──────┴───────┴──────┴───┴───────┴───────┴───┘
//	slot   start sv · length uv · folder text · mark uv · parts uv, each:
//	       number uv · rows uv · groups uv · bytes uv · min time sv · time span uv · min seq uv · seq span uv
//	grave  start sv · length uv · mark uv
//
//	log    the log has given positions up to here
//	mark   rows of the slot in entries of the log up to here are in its parts
//	grave  a slot that was dropped; rows of it up to its mark are not to come back
const (
	manifestName    = "MANIFEST"
	manifestMagic   = "plummani"
	manifestVersion = 1
	manifestHead    = len(manifestMagic) + 8
	// maxManifestBytes: a part takes some 40 bytes, twice; this holds millions.
	maxManifestBytes = 1 << 30
)

// manifest is what is written down of a dataset.
type manifest struct {
	dataset  string
	lastSeq  int64
	nextPart uint64
	log      journal.Position
	slots    []slotEntry
	graves   []grave
}

type slotEntry struct {
	slot
	folder string
	mark   journal.Position
	parts  []facts
}

type grave struct {
	slot
	mark journal.Position
}

// facts are what the manifest knows of a part, so that it need not be opened
// to be left alone.
type facts struct {
	number           uint64
	rows             int64
	groups           int
	bytes            int64
	minTime, maxTime int64
	minSeq, maxSeq   int64
}

func (m *manifest) encode() []byte {
	dst := append(make([]byte, 0, 64+64*len(m.slots)), manifestMagic...)
	dst = binary.LittleEndian.AppendUint32(dst, manifestVersion)
	dst = append(dst, 0, 0, 0, 0)
	dst = frame.AppendText(dst, m.dataset)
	dst = binary.AppendUvarint(dst, uint64(m.lastSeq))
	dst = binary.AppendUvarint(dst, m.nextPart)
	dst = binary.AppendUvarint(dst, uint64(m.log))
	dst = binary.AppendUvarint(dst, uint64(len(m.slots)))
	for i := range m.slots {
		s := &m.slots[i]
		dst = appendSlot(dst, s.slot)
		dst = frame.AppendText(dst, s.folder)
		dst = binary.AppendUvarint(dst, uint64(s.mark))
		dst = binary.AppendUvarint(dst, uint64(len(s.parts)))
		for _, f := range s.parts {
			dst = f.append(dst)
		}
	}
	dst = binary.AppendUvarint(dst, uint64(len(m.graves)))
	for _, g := range m.graves {
		dst = binary.AppendUvarint(appendSlot(dst, g.slot), uint64(g.mark))
	}
	binary.LittleEndian.PutUint32(dst[manifestHead-4:], uint32(len(dst)-manifestHead))
	dst = binary.LittleEndian.AppendUint64(dst, xxh3.Hash(dst))
	return append(dst, dst...)
}

func appendSlot(dst []byte, s slot) []byte {
	return binary.AppendUvarint(binary.AppendVarint(dst, s.start), uint64(s.length))
}

func (f *facts) append(dst []byte) []byte {
	for _, u := range [...]uint64{f.number, uint64(f.rows), uint64(f.groups), uint64(f.bytes)} {
		dst = binary.AppendUvarint(dst, u)
	}
	dst = binary.AppendUvarint(binary.AppendVarint(dst, f.minTime), uint64(f.maxTime)-uint64(f.minTime))
	return binary.AppendUvarint(binary.AppendUvarint(dst, uint64(f.minSeq)), uint64(f.maxSeq-f.minSeq))
}

// decodeManifest reads the first of the copies that is whole. damaged says why
// another one is not.
func decodeManifest(data []byte) (m *manifest, damaged, err error) {
	half := len(data) / 2
	for _, piece := range [...][]byte{data[:half], data[half:]} {
		m, err := decodeCopy(piece)
		if err == nil {
			return m, damaged, nil
		}
		if fault.Is(err, fault.Invalid) {
			return nil, nil, err
		}
		damaged = err
	}
	return nil, nil, damaged
}

func decodeCopy(data []byte) (*manifest, error) {
	end := len(data) - 8
	if end < manifestHead || string(data[:len(manifestMagic)]) != manifestMagic ||
		xxh3.Hash(data[:end]) != binary.LittleEndian.Uint64(data[end:]) {
		return nil, fault.New(fault.Corrupt, "the manifest does not match its checksum")
	}
	if v := binary.LittleEndian.Uint32(data[len(manifestMagic):]); v > manifestVersion {
		return nil, fault.New(fault.Invalid, "the manifest has version %d, this build knows up to %d", v, manifestVersion)
	}
	r := frame.NewCursor(data[manifestHead:end])
	m := &manifest{dataset: r.Text(), lastSeq: int64(r.Uvarint()), nextPart: r.Uvarint(), log: journal.Position(r.Uvarint())}
	for range r.Count(r.Left()) {
		s := slotEntry{slot: readSlot(r), folder: r.Text(), mark: journal.Position(r.Uvarint())}
		for range r.Count(r.Left()) {
			s.parts = append(s.parts, readFacts(r))
		}
		if r.Err() != nil {
			break
		}
		m.slots = append(m.slots, s)
	}
	for range r.Count(r.Left()) {
		m.graves = append(m.graves, grave{readSlot(r), journal.Position(r.Uvarint())})
	}
	return m, r.End()
}

func readSlot(r *frame.Cursor) slot {
	s := slot{r.Varint(), int64(r.Uvarint())}
	if s.length <= 0 {
		r.Fail("a slot without length")
	}
	return s
}

func readFacts(r *frame.Cursor) facts {
	f := facts{number: r.Uvarint(), rows: int64(r.Uvarint()), groups: r.Count(math.MaxInt32), bytes: int64(r.Uvarint())}
	f.minTime = r.Varint()
	f.maxTime = int64(uint64(f.minTime) + r.Uvarint())
	f.minSeq = int64(r.Uvarint())
	f.maxSeq = f.minSeq + int64(r.Uvarint())
	return f
}

// readManifest reads the manifest of a dataset's folder; nil when there is
// none.
func readManifest(d disk.FS, dir string) (m *manifest, damaged, err error) {
	data, err := disk.ReadFile(d, path.Join(dir, manifestName), maxManifestBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err == nil {
		m, damaged, err = decodeManifest(data)
	}
	if err == nil && dataset.CheckName(m.dataset) != nil {
		err = fault.New(fault.Corrupt, "the manifest names no dataset")
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read %s: %w", path.Join(dir, manifestName), err)
	}
	return m, damaged, nil
}
