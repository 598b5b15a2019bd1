package links

import (
	"encoding/binary"
	"encoding/hex"

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
// Forms give the text back exactly, so one text has one form. A line's own key
// has kind 0, which no word has, and 4 bytes of its dataset and 8 of its number.
const (
	asText = iota
	asUUID
	asHex
	asLine
)

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

// appendLine is the key of a line with more than two ids.
func appendLine(dst []byte, dataset int32, seq int64) []byte {
	dst = append(dst, 0, asLine)
	dst = binary.BigEndian.AppendUint32(dst, uint32(dataset))
	return binary.BigEndian.AppendUint64(dst, uint64(seq))
}

func isLine(data []byte) bool { return len(data) == 14 && data[0] == 0 && data[1] == asLine }
