package expr

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"strings"

	"github.com/plumbline/plumbline/internal/row"
)

// askHex asks about ids that are kept as bytes. A test for one text compares
// bytes, one for a list looks them up in a set of bytes; one for a text in them
// looks for its digits among all bytes first; any other looks at each text.
func (ev *Evaluator) askHex(q *question, c *row.Column, rows, out row.Bitmap) {
	if t, ok := q.test.(whole); ok {
		if text, exact, ok := t.whole(); ok {
			askBytes(c, text, exact, rows, out)
			return
		}
	}
	if t, ok := q.test.(*setTest); ok {
		if ids, ok := t.idsOf(c); ok {
			mark(rows, out, func(i int) bool {
				_, in := ids[string(c.Bytes[i*c.Width:(i+1)*c.Width])]
				return in
			})
			return
		}
	}
	if t, ok := q.test.(shaped); ok {
		ev.shape.readColumn(c)
		if t.shape(&ev.shape) == never {
			return
		}
	}
	if t, ok := q.test.(fragmented); ok {
		if digits := digitsOf(t.fragment(), c); len(digits) >= minScan {
			rows = holding(digits, c, rows)
		}
	}
	mark(rows, out, func(i int) bool {
		ev.text = c.AppendText(ev.text[:0], i)
		return q.text(view(ev.text))
	})
}

func askBytes(c *row.Column, text string, exact bool, rows, out row.Bitmap) {
	want, ok := hexBytes(c, text, exact)
	if !ok {
		return
	}
	width := c.Width
	for at := 0; ; at += width {
		i := indexID(c.Bytes[at:], want)
		if i < 0 {
			return
		}
		// A place that is no row's start goes back to the start of its row, so
		// that the next one is looked at.
		if at += i; at%width != 0 {
			at -= at % width
			continue
		}
		if i := at / width; rows.Has(i) {
			out.Set(i)
		}
	}
}

// inBlock is how many bytes are compared at once: a line of a processor's cache.
const inBlock = 64

// indexID is bytes.Index where ids lie side by side. Of ids of whole words hardly two
// have one in common, so that most blocks are passed over by it.
func indexID(ids, want []byte) int {
	if len(want)%8 != 0 {
		return bytes.Index(ids, want)
	}
	word := binary.LittleEndian.Uint64(want)
	for at := 0; at < len(ids); at += inBlock {
		if at += firstBlock(ids[at:], word); at == len(ids) {
			break
		}
		end := min(at+inBlock-8+len(want), len(ids)) // of an id that begins in the block
		if i := bytes.Index(ids[at:end], want); i >= 0 {
			return at + i
		}
	}
	return -1
}

// firstBlock is where the first block begins that has a word in it, or may have.
func firstBlock(ids []byte, word uint64) int {
	left := ids
	for ; len(left) >= inBlock; left = left[inBlock:] {
		b := (*[inBlock]byte)(left)
		if binary.LittleEndian.Uint64(b[0:]) == word || binary.LittleEndian.Uint64(b[8:]) == word ||
			binary.LittleEndian.Uint64(b[16:]) == word || binary.LittleEndian.Uint64(b[24:]) == word ||
			binary.LittleEndian.Uint64(b[32:]) == word || binary.LittleEndian.Uint64(b[40:]) == word ||
			binary.LittleEndian.Uint64(b[48:]) == word || binary.LittleEndian.Uint64(b[56:]) == word {
			break
		}
	}
	return len(ids) - len(left)
}

// hexBytes is a text as the bytes of a Hex or UUID column, if it can be one of
// its values.
func hexBytes(c *row.Column, text string, exact bool) ([]byte, bool) {
	prefix, given := []byte(c.Prefix), []byte(text)
	if !exact {
		prefix, given = appendFold(nil, c.Prefix), appendFold(nil, text)
	}
	if c.Kind == row.UUID {
		want := make([]byte, c.Width)
		return want, row.ParseUUID(want, given)
	}
	digits, ok := bytes.CutPrefix(given, prefix)
	if !ok || len(digits) != 2*c.Width || bytes.ContainsAny(digits, "ABCDEF") {
		return nil, false
	}
	want := make([]byte, c.Width)
	_, err := hex.Decode(want, digits)
	return want, err == nil
}

// minScan is the fewest digits worth a scan: they hold at least two whole
// bytes wherever they begin.
const minScan = 5

// digitsOf are the hex digits that a value with the needle in it must have in
// a row among those that are kept as bytes; "" when that is not sure.
func digitsOf(n *needle, c *row.Column) string {
	if n == nil || !n.ascii {
		return ""
	}
	text := n.text
	if c.Kind == row.UUID {
		text = strings.ReplaceAll(text, "-", "")
	}
	best, run := "", 0
	for i := range len(text) + 1 {
		if i < len(text) && isHex(text[i]) {
			run++
			continue
		}
		if run > len(best) {
			best = text[i-run : i]
		}
		run = 0
	}
	prefix := fold(c.Prefix)
	if strings.Contains(prefix, best) || prefix != "" && isHex(prefix[len(prefix)-1]) {
		return "" // the digits may stand in the prefix, or begin there
	}
	return best
}

// isHex holds for the digits that ids are shown in.
func isHex(c byte) bool { return c-'0' <= 9 || c-'a' <= 5 }

// holding are the rows whose bytes have these hex digits in them, and perhaps
// others.
func holding(digits string, c *row.Column, rows row.Bitmap) row.Bitmap {
	found := make(row.Bitmap, len(rows))
	for skip := range 2 { // the digits may begin in the middle of a byte
		inner := digits[skip:]
		want, err := hex.DecodeString(inner[:len(inner)&^1])
		if err != nil {
			return rows
		}
		for at := 0; ; at++ {
			i := bytes.Index(c.Bytes[at:], want)
			if i < 0 {
				break
			}
			at += i
			if i := at / c.Width; rows.Has(i) {
				found.Set(i)
			}
		}
	}
	return found
}
