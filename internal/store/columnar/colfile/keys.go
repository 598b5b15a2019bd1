package colfile

import (
	"encoding/hex"
	"slices"
	"strings"

	"github.com/zeebo/xxh3"

	"github.com/plumbline/plumbline/internal/row"
)

// A filter pays for itself on ids: values that nearly all differ. Texts longer
// than longestID are prose, and shapes of more than idShapes kinds messages;
// both are answered from their shapes and bytes.
const (
	leastKeys = 64
	longestID = 64
	idShapes  = 16
)

// storeFilter writes the filter of a vector of ids.
func (s *sheet) storeFilter(v *vector) error {
	if v.present < leastKeys || !v.identifies() {
		return nil
	}
	if v.form == formCodes {
		return s.storeCodesFilter(v)
	}
	f := &s.w.filters
	f.keys = slices.Grow(f.keys[:0], v.present)
	if v.form == formFixed && v.kind == row.Hex {
		f.keys = v.hexKeys(f.keys)
	} else {
		var key uint64
		for i := range v.present {
			s.split = v.appendID(s.split[:0], i)
			key, s.fill = filterKey(s.split, s.fill)
			f.keys = append(f.keys, key)
		}
	}
	return s.putFilter(v)
}

// putFilter writes the filter of the keys collected.
func (s *sheet) putFilter(v *vector) error {
	bytes, place, err := s.w.filters.append(s.page[:0])
	if s.page = bytes; err != nil {
		return nil // too many keys hash alike; the group is read instead
	}
	place.off = s.w.off
	if _, err := s.w.write(bytes, len(bytes), asIs); err != nil {
		return err
	}
	v.filter = place
	return nil
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

// storeCodesFilter writes the filter of the values of codes.
func (s *sheet) storeCodesFilter(v *vector) error {
	f := &s.w.filters
	f.keys = slices.Grow(f.keys[:0], v.count)
	var key uint64
	for _, text := range v.texts {
		key, s.fill = filterKey([]byte(text), s.fill)
		f.keys = append(f.keys, key)
	}
	return s.putFilter(v)
}

// hexKeys are the filter keys of hex ids: all of one length, in lower case
// but for the prefix.
func (v *vector) hexKeys(keys []uint64) []uint64 {
	text := appendFolded(nil, []byte(v.prefix))
	digits := len(text)
	text = append(text, make([]byte, 2*v.width)...)
	short := row.LooksNumeric(v.prefix + strings.Repeat("0", 2*v.width)) // some may read as numbers
	var scratch []byte
	for i := range v.present {
		hex.Encode(text[digits:], v.bytes[i*v.width:(i+1)*v.width])
		key := uint64(0)
		if short {
			key, scratch = filterKey(text, scratch)
		} else {
			key = xxh3.Hash(text)
		}
		keys = append(keys, key)
	}
	return keys
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
