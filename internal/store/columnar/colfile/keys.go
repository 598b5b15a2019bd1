package colfile

import (
	"encoding/binary"
	"encoding/hex"
	"strings"

	"github.com/zeebo/xxh3"

	"github.com/plumbline/plumbline/internal/row"
)

// An index pays for itself on ids: values that nearly all differ. Texts longer
// than longestID are prose, and shapes of more than idShapes kinds messages;
// both are answered from their shapes and bytes.
const (
	leastKeys = 64
	longestID = 64
	idShapes  = 16
)

// noteKeys keeps the keys of a vector of ids for the index of the part.
func (s *sheet) noteKeys(v *vector) {
	if v.present < leastKeys || isInner(v.book.name) || !v.identifies() {
		v.book.others++
		return
	}
	v.indexed = true
	var keys []uint32
	switch {
	case v.form == formCodes:
		keys = make([]uint32, 0, v.count)
		for _, text := range v.texts {
			keys = s.appendKey(keys, []byte(text))
		}
	case v.form == formFixed && v.kind == row.Hex:
		keys = v.hexKeys(make([]uint32, 0, v.present))
	default:
		keys = make([]uint32, 0, v.present)
		for i := range v.present {
			s.split = v.appendID(s.split[:0], i)
			keys = s.appendKey(keys, s.split)
		}
	}
	v.book.keys = append(v.book.keys, groupKeys{len(s.w.groups), keys})
}

func (s *sheet) appendKey(keys []uint32, text []byte) []uint32 {
	var hash uint64
	hash, s.fill = idHash(text, s.fill)
	return append(keys, keyOf(hash, keyBits))
}

// Ids that a few rows share are kept as codes, and wanted among many groups as
// those that all differ are: codes of this many values, each of some rows.
const (
	codedIDs = 1024
	rowsOfID = 16
)

// shortTexts reports whether texts are short as ids are, by their sum.
func shortTexts(texts []string) bool {
	sum := 0
	for _, t := range texts {
		sum += len(t)
	}
	return sum <= longestID*len(texts)
}

// hexKeys are the keys of hex ids: all of one length, in lower case
// but for the prefix.
func (v *vector) hexKeys(keys []uint32) []uint32 {
	text := appendFolded(nil, []byte(v.prefix))
	digits := len(text)
	text = append(text, make([]byte, 2*v.width)...)
	short := row.LooksNumeric(v.prefix + strings.Repeat("0", 2*v.width)) // some may read as numbers
	var scratch []byte
	for i := range v.present {
		encodeHex(text[digits:], v.bytes[i*v.width:(i+1)*v.width])
		hash := uint64(0)
		if short {
			hash, scratch = idHash(text, scratch)
		} else {
			hash = xxh3.Hash(text)
		}
		keys = append(keys, keyOf(hash, keyBits))
	}
	return keys
}

// encodeHex is hex.Encode, four bytes in a step.
func encodeHex(dst, id []byte) {
	const each = 0x0101010101010101
	for len(id) >= 4 {
		x := uint64(binary.BigEndian.Uint32(id))
		x = (x | x<<16) & 0x0000ffff0000ffff
		x = (x | x<<8) & 0x00ff00ff00ff00ff
		x = (x | x<<4) & 0x0f0f0f0f0f0f0f0f
		letters := (x + 6*each) >> 4 & each // 10 and more
		binary.BigEndian.PutUint64(dst, x+'0'*each+letters*('a'-'0'-10))
		dst, id = dst[8:], id[4:]
	}
	hex.Encode(dst, id)
}

// identifies reports whether a vector holds ids.
func (v *vector) identifies() bool {
	switch v.form {
	case formCodes:
		return v.kind == row.Dict && v.count >= codedIDs && v.count*rowsOfID >= v.present && shortTexts(v.texts)
	case formFixed:
		return true
	case formText:
		return len(v.bytes) <= longestID*v.present
	case formShape:
		return v.count <= idShapes && len(v.bytes) >= 4*v.present
	}
	return false
}

// appendID appends the text of the i-th value.
func (v *vector) appendID(dst []byte, i int) []byte {
	switch {
	case v.kind == row.UUID:
		return row.AppendUUID(dst, v.bytes[16*i:16*i+16])
	case v.form == formFixed:
		return hex.AppendEncode(append(dst, v.prefix...), v.bytes[i*v.width:(i+1)*v.width])
	case v.form == formShape:
		return row.AppendShape(dst, v.texts[v.dense(i)], v.bytes[v.offs[i]:v.offs[i+1]])
	}
	return append(dst, v.bytes[v.offs[i]:v.offs[i+1]]...)
}
