package row

import "github.com/plumbline/plumbline/internal/keyval"

// asHex turns a column of text into bytes when every value is a UUID, or the
// same prefix and the same number of lower-case hex digits: ids then take half
// their size and compare as bytes.
func asHex(c *Column, n int) (Column, bool) {
	first := -1
	for i := range n {
		if !c.Nulls.Has(i) {
			first = i
			break
		}
	}
	if first < 0 {
		return Column{}, false
	}
	text := c.Bytes[c.Offs[first]:c.Offs[first+1]]
	if len(text) == 36 && text[8] == '-' {
		return asUUID(c, n)
	}
	prefix := hexPrefix(text)
	digits := len(text) - len(prefix)
	if digits < minHexDigits || digits%2 != 0 {
		return Column{}, false
	}
	out := Column{Name: c.Name, Kind: Hex, Nulls: c.Nulls, Width: digits / 2, Prefix: string(prefix), Bytes: make([]byte, n*digits/2)}
	for i := range n {
		if c.Nulls.Has(i) {
			continue
		}
		v := c.Bytes[c.Offs[i]:c.Offs[i+1]]
		if len(v) != len(text) || string(v[:len(prefix)]) != out.Prefix || !keyval.ParseHex(out.Bytes[i*out.Width:(i+1)*out.Width], v[len(prefix):]) {
			return Column{}, false
		}
	}
	return out, true
}

// minHexDigits keeps short words out; shorter ids gain little.
const minHexDigits = 8

// hexPrefix is what stands before the hex digits at the end: "req_" of
// "req_9f3a…". It ends with a byte that is no hex digit.
func hexPrefix(text []byte) []byte {
	for i := len(text) - 1; i >= 0; i-- {
		if classes[text[i]]&(classDigit|classLower) == 0 {
			return text[:i+1]
		}
	}
	return nil
}

func asUUID(c *Column, n int) (Column, bool) {
	out := Column{Name: c.Name, Kind: UUID, Nulls: c.Nulls, Width: 16, Bytes: make([]byte, 16*n)}
	for i := range n {
		if !c.Nulls.Has(i) && !ParseUUID(out.Bytes[16*i:16*i+16], c.Bytes[c.Offs[i]:c.Offs[i+1]]) {
			return Column{}, false
		}
	}
	return out, true
}

// ParseUUID reads 8-4-4-4-12 lower-case hex into 16 bytes.
func ParseUUID(dst, text []byte) bool {
	return len(text) == 36 && text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-' &&
		keyval.ParseHex(dst[:4], text[:8]) && keyval.ParseHex(dst[4:6], text[9:13]) && keyval.ParseHex(dst[6:8], text[14:18]) &&
		keyval.ParseHex(dst[8:10], text[19:23]) && keyval.ParseHex(dst[10:16], text[24:])
}
