package columnar

import (
	"encoding/binary"
	"time"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/frame"
	"github.com/plumbline/plumbline/internal/row"
)

// An entry is what one append puts into the log, in one frame of the journal,
// so that after a crash all of it is there or nothing.
//
//	entry
//	┌─────────┬──────┬──────┬─────────┬───────┬────────┬────────┬───┐
//	│ version │ when │ name │ receipt │ count │ piece  │ piece  │ … │
//	│ 1 byte  │ sv   │ text │ text    │ uv    │        │        │   │
//	└─────────┴──────┴──────┴─────────┴───────┴────────┴────────┴───┘
//	piece
//	┌───────────┬────────┬──────┬───────┐
//	│ first seq │ period │ size │ frame │   rows of one dataset, numbered one by one from first seq;
//	│ 8 bytes   │ 8, ns  │ 4    │ size  │   period is that of the dataset when they came
//	└───────────┴────────┴──────┴───────┘
//
// name and receipt are empty for an append without a name. First numbers and
// sizes stand in fixed width because they are known when all else is written.
const entryVersion = 1

// entry is one append on its way into the log or out of it.
type entry struct {
	when    int64
	name    string
	receipt []byte
	pieces  []piece
}

// piece is one batch of an entry.
type piece struct {
	batch  *row.Batch
	period time.Duration
	first  int64 // number of the first row
	at     int   // where it stands in the encoded entry
}

// encode appends the entry and notes where the first numbers go.
func (e *entry) encode(dst []byte) []byte {
	dst = append(dst, entryVersion)
	dst = binary.AppendVarint(dst, e.when)
	dst = frame.AppendText(dst, e.name)
	dst = frame.AppendText(dst, string(e.receipt))
	dst = binary.AppendUvarint(dst, uint64(len(e.pieces)))
	for i := range e.pieces {
		p := &e.pieces[i]
		p.at = len(dst)
		dst = binary.LittleEndian.AppendUint64(dst, 0)
		dst = binary.LittleEndian.AppendUint64(dst, uint64(p.period))
		dst = append(dst, 0, 0, 0, 0)
		from := len(dst)
		dst = frame.Append(dst, p.batch)
		binary.LittleEndian.PutUint32(dst[from-4:], uint32(len(dst)-from))
	}
	return dst
}

// number writes the first number of a piece into the encoded entry.
func (p *piece) number(encoded []byte, first int64) {
	p.first = first
	binary.LittleEndian.PutUint64(encoded[p.at:], uint64(first))
}

// decodeEntry reads an entry. It shares no memory with data.
func decodeEntry(data []byte) (entry, error) {
	r := frame.NewCursor(data)
	if v := r.Byte(); v != entryVersion && r.Err() == nil {
		return entry{}, fault.New(fault.Corrupt, "an entry of version %d, known is %d", v, entryVersion)
	}
	e := entry{when: r.Varint(), name: r.Text(), receipt: []byte(r.Text())}
	for range r.Count(r.Left()) {
		p := piece{first: int64(r.Uint64()), period: time.Duration(r.Uint64())}
		var body []byte
		if size := r.Bytes(4); size != nil {
			body = r.Bytes(int(binary.LittleEndian.Uint32(size)))
		}
		if r.Err() != nil {
			break
		}
		if p.first < 1 || p.period < leastPeriod {
			r.Fail("a piece without numbers or period")
			break
		}
		var err error
		if p.batch, err = frame.Read(body); err != nil {
			return entry{}, err
		}
		e.pieces = append(e.pieces, p)
	}
	return e, r.End()
}
