package row

import (
	"slices"

	"github.com/plumbline/plumbline/internal/keyval"
)

// texts are the texts of a field while it is built, in the form that suited
// those of the batch before.
type texts struct {
	form   textForm
	terms  interner
	codes  []uint32 // asTerms
	offs   []uint32 // asBytes: where each text ends, behind a zero
	bytes  []byte   // asBytes, asDigits, asUUIDs
	width  int      // asDigits: bytes of an id
	prefix string   // asDigits
}

// textForm says how texts are kept. It is remembered from batch to batch: a
// batch of some hundred rows is too short to find out anew.
type textForm uint8

const (
	asTerms  textForm = iota // codes into a dictionary
	asBytes                  // one after the other: too many different ones for a dictionary
	asDigits                 // a prefix and the bytes that hex digits stand for
	asUUIDs                  // 16 bytes each
)

const (
	// A dictionary is given up when nearly every value of the first trialRows is
	// new: at 50 % different the ids of users, which are worth a dictionary,
	// would be lost.
	trialRows = 512
	// leastTrial values of a short batch say as much, when all of them differ.
	leastTrial = 64
)

// tooMany reports whether nearly all of n values differ.
func tooMany(distinct, n int) bool { return distinct*100 > n*95 }

func (t *texts) add(text []byte) {
	switch t.form {
	case asTerms:
		t.codes = append(t.codes, t.terms.code(text))
		t.try()
		return
	case asDigits:
		if t.addDigits(text) {
			return
		}
		t.toBytes()
	case asUUIDs:
		if ParseUUID(t.more(uuidBytes), text) {
			return
		}
		t.bytes = t.bytes[:len(t.bytes)-uuidBytes]
		t.toBytes()
	}
	if len(t.offs) == 0 {
		t.offs = append(t.offs, 0)
	}
	t.bytes = append(t.bytes, text...)
	t.offs = append(t.offs, uint32(len(t.bytes)))
}

// take adds texts of a sheet.
func (t *texts) take(sheet []byte, run []cell) int {
	cells := run
	for len(cells) > 0 && t.form == asTerms {
		n := len(cells)
		if left := trialRows - len(t.codes); left > 0 {
			n = min(n, left)
		}
		t.codes = t.terms.take(t.codes, sheet, cells[:n])
		t.try()
		cells = cells[n:]
	}
	for i := range cells {
		t.add(cells[i].text(sheet))
	}
	return len(run)
}

// try ends the trial of a dictionary.
func (t *texts) try() {
	if len(t.codes) == trialRows && tooMany(t.terms.len(), trialRows) {
		t.toBytes()
	}
}

const uuidBytes = 16

// addDigits takes an id of the usual form; false when it is none.
func (t *texts) addDigits(text []byte) bool {
	p := len(t.prefix)
	if len(text) != p+2*t.width || string(text[:p]) != t.prefix {
		return false
	}
	if keyval.ParseHex(t.more(t.width), text[p:]) {
		return true
	}
	t.bytes = t.bytes[:len(t.bytes)-t.width]
	return false
}

// more is n further bytes.
func (t *texts) more(n int) []byte {
	at := len(t.bytes)
	t.bytes = slices.Grow(t.bytes, n)[:at+n]
	return t.bytes[at:]
}

// toBytes turns a form that does not suit the values into plain text.
func (t *texts) toBytes() {
	var c Column
	n := t.column(&c)
	offs, all := make([]uint32, 1, n+1), make([]byte, 0, 2*len(t.bytes))
	for i := range n {
		all = c.AppendText(all, i)
		offs = append(offs, uint32(len(all)))
	}
	t.form, t.offs, t.bytes = asBytes, offs, all
	t.codes = t.codes[:0]
	t.terms.reset()
}

// settle ends a batch: one that was too short for the trial is judged by what
// there is of it.
func (t *texts) settle() {
	if n := len(t.codes); n >= leastTrial && tooMany(t.terms.len(), n) {
		t.toBytes()
	}
}

// likeHex remembers the form of ids for the next batch.
func (t *texts) likeHex(c *Column) {
	t.form, t.width, t.prefix = asDigits, c.Width, c.Prefix
	if c.Kind == UUID {
		t.form = asUUIDs
	}
}

// column lends the texts to c and gives their number.
func (t *texts) column(c *Column) int {
	switch t.form {
	case asTerms:
		c.Kind, c.Codes, c.Dict = Dict, t.codes, t.terms.dictionary()
		return len(t.codes)
	case asBytes:
		c.Kind, c.Offs, c.Bytes = Text, t.offs, t.bytes
		return max(len(t.offs), 1) - 1
	case asDigits:
		c.Kind, c.Width, c.Prefix = Hex, t.width, t.prefix
	default:
		c.Kind, c.Width = UUID, uuidBytes
	}
	c.Bytes = t.bytes
	return len(c.Bytes) / c.Width
}

func (t *texts) memBytes() int {
	return 4*len(t.codes) + len(t.terms.arena) + 12*t.terms.len() + 4*len(t.offs) + len(t.bytes)
}

// placeBytes is what a row without a text takes.
func (t *texts) placeBytes() int {
	switch {
	case t.form == asDigits:
		return t.width
	case t.form == asUUIDs:
		return uuidBytes
	case t.form == asTerms && t.terms.len() == 1: // a constant
		return 0
	}
	return 4
}

func (t *texts) reset() {
	t.terms.reset()
	t.codes, t.offs, t.bytes = t.codes[:0], t.offs[:0], t.bytes[:0]
}
