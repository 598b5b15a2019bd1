package links

import (
	"encoding/binary"
	"encoding/hex"

	"github.com/zeebo/xxh3"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/row"
)

// An id is kept as the code of its kind, a form, and its text in that form:
//
//	┌───────────┬──────┬────────────────────────────┐
//	│ kind      │ form │ asText: the text           │
//	│ varint    │ 1    │ asUUID: 16 bytes           │
//	│           │      │ asHex: half its digits     │
//	└───────────┴──────┴────────────────────────────┘
//
// Forms give the text back exactly, so one text has one form, and the hash of
// these bytes stands for the id.
const (
	asText = iota
	asUUID
	asHex
)

// A line is kept whole as its time and its ids, each but the last behind its
// length:
//
//	┌──────────────┬────────────────────┬──────────┐
//	│ time         │ length uv · id   … │ id       │
//	│ 8, big-endian│                    │          │
//	└──────────────┴────────────────────┴──────────┘
func appendLine(dst []byte, at int64, ids ...[]byte) []byte {
	dst = binary.BigEndian.AppendUint64(dst, uint64(at))
	for i, id := range ids {
		if i < len(ids)-1 {
			dst = binary.AppendUvarint(dst, uint64(len(id)))
		}
		dst = append(dst, id...)
	}
	return dst
}

// readLine reads a line of n ids.
func readLine(data []byte, n int) (at int64, ids [2][]byte, err error) {
	if len(data) < 8 {
		return 0, ids, fault.New(fault.Corrupt, "links: %d bytes are no line", len(data))
	}
	at, data = int64(binary.BigEndian.Uint64(data)), data[8:]
	if n == 2 {
		size, k := binary.Uvarint(data)
		if k <= 0 || size > uint64(len(data)-k) {
			return 0, ids, fault.New(fault.Corrupt, "links: an id beyond the end of its line")
		}
		ids[0], ids[1] = data[k:k+int(size)], data[k+int(size):]
		return at, ids, nil
	}
	ids[0] = data
	return at, ids, nil
}

// spot is where a line lies. As a number it is the place of its links:
//
//	┌──────────┬──────────┬──────────┐
//	│ day      │ dataset  │ number   │   the day counts from 1970 and begins anew
//	│ 8 bits   │ 12       │ 44       │   after 256, of which KeepMost are in use
//	└──────────┴──────────┴──────────┘
type spot struct {
	dataset int32
	seq     int64
}

const (
	seqBits, datasetBits = 44, 12
	dayBits              = seqBits + datasetBits
)

// placeOf is the place of a line of a day.
func placeOf(day int64, s spot) (int64, error) {
	if s.seq < 0 || s.seq >= 1<<seqBits || s.dataset < 0 || s.dataset >= 1<<datasetBits {
		return 0, fault.New(fault.Invalid, "links: line %d of dataset %d has no place: there is room for %d datasets and %d lines of each", s.seq, s.dataset, 1<<datasetBits, int64(1)<<seqBits)
	}
	return firstPlace(day) | int64(s.dataset)<<seqBits | s.seq, nil
}

// firstPlace is the least place of a day.
func firstPlace(day int64) int64 { return int64(uint64(day) << dayBits) }

func spotOf(place int64) spot {
	return spot{int32(place >> seqBits & (1<<datasetBits - 1)), place & (1<<seqBits - 1)}
}

// hashOf is what an index knows an id by, or a line of many ids by its place.
func hashOf(data []byte) int64 { return int64(xxh3.Hash(data)) }

// hashOfLine differs from the hashes of ids, which are never of 8 zero bytes and
// a place.
func hashOfLine(place int64) int64 {
	return hashOf(binary.BigEndian.AppendUint64(make([]byte, 8, 16), uint64(place)))
}

func appendID(dst []byte, kind int32, text string) []byte {
	dst = binary.AppendUvarint(dst, uint64(kind))
	var uuid [16]byte
	if row.ParseUUID(uuid[:], []byte(text)) {
		return append(append(dst, asUUID), uuid[:]...)
	}
	if isHex(text) {
		dst = append(dst, asHex)
		out, _ := hex.AppendDecode(dst, []byte(text)) // isHex has looked
		return out
	}
	return append(append(dst, asText), text...)
}

// isHex reports whether a text is lower-case hex of whole bytes.
func isHex(text string) bool {
	for i := range len(text) {
		if c := text[i]; c-'0' > 9 && c-'a' > 5 {
			return false
		}
	}
	return len(text) > 0 && len(text)%2 == 0
}

func readID(data []byte) (kind int32, text string, err error) {
	k, n := binary.Uvarint(data)
	if n <= 0 || k > 1<<31-1 || len(data) <= n {
		return 0, "", fault.New(fault.Corrupt, "links: %d bytes are no id", len(data))
	}
	body := data[n+1:]
	switch form := data[n]; {
	case form == asText:
		return int32(k), string(body), nil
	case form == asUUID && len(body) == 16:
		return int32(k), string(row.AppendUUID(nil, body)), nil
	case form == asHex:
		return int32(k), hex.EncodeToString(body), nil
	}
	return 0, "", fault.New(fault.Corrupt, "links: an id of form %d with %d bytes", data[n], len(body))
}
