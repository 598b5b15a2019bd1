package keyval

import "encoding/binary"

// ParseHex reads lower-case hex digits into bytes, eight digits a step, and
// reports whether text was just 2·len(dst) of them. If not, dst holds nothing
// of worth.
func ParseHex(dst, text []byte) bool {
	if len(text) != 2*len(dst) {
		return false
	}
	for ; len(text) >= 8; dst, text = dst[4:], text[8:] {
		four, ok := hexWord(load(text, 0))
		if !ok {
			return false
		}
		binary.LittleEndian.PutUint32(dst, four)
	}
	if len(text) == 0 {
		return true
	}
	eight := [8]byte{'0', '0', '0', '0', '0', '0', '0', '0'}
	copy(eight[:], text)
	four, ok := hexWord(load(eight[:], 0))
	for i := range dst {
		dst[i] = byte(four >> (8 * i))
	}
	return ok
}

// hexWord turns eight hex digits into four bytes. A lane below 0x80 plus
// 0x80-c sets its top bit just when it is at least c, and no lane carries into
// the next: so ranges are tested in all lanes at once.
func hexWord(word uint64) (four uint32, ok bool) {
	const (
		from0   = lowBits * (0x80 - '0')
		beyond9 = lowBits * (0x80 - '9' - 1)
		fromA   = lowBits * (0x80 - 'a')
		beyondF = lowBits * (0x80 - 'f' - 1)
	)
	ascii := word &^ highBits
	digits := (ascii + from0) &^ (ascii + beyond9) & highBits
	letters := (ascii + fromA) &^ (ascii + beyondF) & highBits
	if (digits|letters)&^word != highBits {
		return 0, false
	}
	// The low four bits of a letter count from one: 'a' is 0x61.
	nibbles := word&(lowBits*0x0f) + letters>>7*9
	pairs := (nibbles<<4 | nibbles>>8) & 0x00ff00ff00ff00ff
	pairs = (pairs | pairs>>8) & 0x0000ffff0000ffff
	return uint32(pairs | pairs>>16), true
}
