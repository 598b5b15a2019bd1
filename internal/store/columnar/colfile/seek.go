package colfile

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/frame"
	"github.com/plumbline/plumbline/internal/row"
)

// Where a shape leaves a clause open, the clause says which digits must stand
// at which of its places. They are looked for in the pages as these lie in
// memory, two digits to a byte: what is wanted is kept less the usual digits, as
// the rows are, so that no digit of a row is made out.
//
//	row      … 3 1 4 1 5 9 2 6 …    sixteen half bytes, one word
//	want[0]  … 4 4 4 4 4 4 4 4 …    the first digit, for a run that begins there
//	want[1]  … 1 1 1 1 1 1 1 1 …    the second, to which the row is moved by one
//	               ↑                both are as in the row: here it may stand

// window is what is wanted in sixteen digits of a shape.
type window struct {
	want [probed]uint64 // by digit of the run
	at   uint32         // in bytes of the row
	may  uint16         // by half byte: a run may begin there
	n    uint16         // digits that are compared
}

// probed digits of a run are compared in all places of a window at once. Three
// let one place in a thousand pass, which are then looked at one by one.
const (
	probed = 3
	inWord = 16 // half bytes
)

// sought is what a clause wants of the shapes of a part.
type sought struct {
	dict    *row.Dictionary
	spans   []span // by shape
	windows []window
	decimal []uint64 // by window: the half bytes that are counted modulo ten
}

// span is the windows of a shape; to is 0 before they were made.
type span struct{ from, to uint32 }

// of are the windows of a shape.
func (s *sought) of(shape uint32, f *frame.ShapeFill, list expr.Places) span {
	if s.spans[shape].to == 0 {
		from := len(s.windows)
		if from == 0 { // so that no span ends at 0
			s.windows, s.decimal, from = append(s.windows, window{}), append(s.decimal, 0), 1
		}
		s.add(f, list)
		s.spans[shape] = span{uint32(from), uint32(len(s.windows))}
	}
	return s.spans[shape]
}

// add makes windows of places, which are in their order.
func (s *sought) add(f *frame.ShapeFill, list expr.Places) {
	free := 0 // the first half byte of the last window where no run begins yet
	var digits [probed]byte
	for i := range list {
		p := &list[i]
		first := digits[:min(len(p.Want), probed)]
		f.Kept(first, p.Want, p.At, nil)
		for at := p.At; at <= p.At+p.More; {
			w := &s.windows[len(s.windows)-1]
			from := at - 2*int(w.at)
			if i == 0 && at == p.At || from < free || from+max(len(first), 1) > inWord {
				s.windows = append(s.windows, window{at: uint32(at / 2), n: probed})
				s.decimal = append(s.decimal, f.Decimals(at&^1))
				w, from = &s.windows[len(s.windows)-1], at&1
			}
			places := min(p.At+p.More-at+1, inWord-max(len(first), 1)-from+1)
			w.take(first, from, places)
			at, free = at+places, from+places
		}
	}
}

// take lets runs that begin so begin at some places side by side.
func (w *window) take(first []byte, from, places int) {
	const each = 0x1111111111111111
	those := uint64(1)<<(4*places) - 1
	if places == inWord {
		those = ^uint64(0)
	}
	for d, half := range first {
		w.want[d] |= uint64(half) * each & those << (4 * from)
	}
	w.may |= uint16((1<<places - 1) << from)
	w.n = min(w.n, uint16(len(first)))
}

// seeker looks into the digits of one chunk.
type seeker struct {
	holes   *holes
	places  []expr.Places // by shape
	codes   []soughtCode
	windows []window
}

// soughtCode is what rows of one code are asked.
type soughtCode struct {
	size    uint32 // bytes of a row
	from    uint32 // the first of the windows to look into
	windows uint16
	verdict byte // without them
}

// seek prepares to look for what a clause wants of the shapes that the table
// leaves open; nil when it does not say.
func (a *Asker) seek(g *Group, c *chunk, e expr.Expr, table []byte) (*seeker, error) {
	if c.form != formShape {
		return nil, nil
	}
	entry := g.entryOf(c)
	dict, err := g.part.dictionary(&entry.shapes, entry.name)
	if err != nil {
		return nil, err
	}
	k := &a.seeker
	if k.places = a.ev.Places(e, dict); k.places == nil {
		return nil, nil
	}
	if k.holes, err = g.holesOf(c); err != nil {
		return nil, err
	}
	s := a.sought[e]
	if s == nil || s.dict != dict {
		s = &sought{dict: dict, spans: make([]span, dict.Len())}
		a.sought[e] = s
	}
	k.codes, k.windows = slices.Grow(k.codes[:0], c.count), k.windows[:0]
	for code, shape := range k.holes.ranks {
		at := soughtCode{size: k.holes.sizes[code], from: uint32(len(k.windows)), verdict: table[code]}
		if p := k.places[shape]; at.verdict == codeOpen && narrow(p) {
			of := s.of(shape, k.holes.fills[code], p)
			if n := of.to - of.from; n <= math.MaxUint16 {
				k.add(s, of, uint32(code))
				at.windows, at.verdict = uint16(n), codeNo
			}
		}
		k.codes = append(k.codes, at)
	}
	if len(k.windows) == 0 {
		return nil, nil
	}
	return k, nil
}

// narrow reports whether every place wants a digit: without, each row would be
// looked at only to stay open.
func narrow(p expr.Places) bool {
	return p != nil && !slices.ContainsFunc(p, func(one expr.Place) bool { return one.Want == "" })
}

// add takes the windows of a shape, less its usual digits in this group.
func (k *seeker) add(s *sought, of span, code uint32) {
	from := len(k.windows)
	k.windows = append(k.windows, s.windows[of.from:of.to]...)
	if k.holes.usual == nil {
		return
	}
	usual := k.holes.usual.packedFrom(code)
	for i := range k.windows[from:] {
		w := &k.windows[from+i]
		word, decimal := binary.LittleEndian.Uint64(usual[w.at:]), s.decimal[int(of.from)+i]
		for d := range w.want {
			w.want[d] = lessHalves(w.want[d], word>>(4*d), decimal>>(4*d))
		}
	}
}

// lessHalves takes the half bytes of b from those of a, modulo ten where decimal
// marks them, else modulo sixteen.
func lessHalves(a, b, decimal uint64) uint64 {
	return lessLow(a, b, decimal) | lessLow(a>>4, b>>4, decimal>>4)<<4
}

// lessLow does so for the low half of each byte.
func lessLow(a, b, decimal uint64) uint64 {
	const each, low = 0x0101010101010101, 0x0f0f0f0f0f0f0f0f
	more := a&low + 16*each - b&low // bit 4: nothing was borrowed
	borrowed := ^more >> 4 & each
	return more&low - 6*borrowed&decimal
}

// page adds the rows of a page that have what is wanted.
func (k *seeker) page(yes, open row.Bitmap, codes []uint32, packed []byte) error {
	at := 0
	for i, code := range codes {
		c := &k.codes[code]
		verdict := c.verdict
		for i := range uint32(c.windows) {
			w := &k.windows[c.from+i]
			if found := w.in(packed, at); found != 0 {
				verdict |= k.look(w, found, code, packed[min(at, len(packed)):])
			}
		}
		switch {
		case verdict&codeYes != 0:
			yes.Set(i)
		case verdict == codeOpen:
			open.Set(i)
		}
		at += int(c.size)
	}
	if at != len(packed) {
		return fault.New(fault.Corrupt, "%d bytes of digits where the shapes take %d", len(packed), at)
	}
	return nil
}

// in marks the half bytes of the window, by their top bits, from which the first
// digits are wanted ones, in a row that begins at a place.
func (w *window) in(packed []byte, at int) uint64 {
	at += int(w.at)
	var word uint64
	if at+8 <= len(packed) {
		word = binary.LittleEndian.Uint64(packed[at:])
	} else {
		word = lastWord(packed[min(at, len(packed)):])
	}
	found := ^uint64(0)
	if w.n > 0 {
		found = zeroHalves(word ^ w.want[0])
	}
	if found != 0 && w.n > 1 {
		found &= zeroHalves(word>>4 ^ w.want[1])
	}
	if found != 0 && w.n > 2 {
		found &= zeroHalves(word>>8 ^ w.want[2])
	}
	return found
}

// lastWord is fewer than eight bytes as a word, zeros behind them.
func lastWord(b []byte) uint64 {
	var word [8]byte
	copy(word[:], b)
	return binary.LittleEndian.Uint64(word[:])
}

// zeroHalves marks the half bytes of a word that are zero by their top bits.
func zeroHalves(word uint64) uint64 {
	const low = 0x7777777777777777
	return ^(word&low + low | word) &^ low
}

// look looks at all digits of the runs that may begin where found marks it, in
// the row that packed begins with.
func (k *seeker) look(w *window, found uint64, code uint32, packed []byte) byte {
	verdict := codeNo
	for ; found != 0; found &= found - 1 {
		half := bits.TrailingZeros64(found) / 4
		if w.may>>half&1 == 0 {
			continue
		}
		at := 2*int(w.at) + half
		for i := range k.places[k.holes.ranks[code]] {
			p := &k.places[k.holes.ranks[code]][i]
			if at < p.At || at > p.At+p.More || !k.holes.have(packed, code, at, p.Want) {
				continue
			}
			if p.Sure {
				return codeYes
			}
			verdict = codeOpen
		}
	}
	return verdict
}

// have reports whether these digits stand at a place of a row.
func (h *holes) have(packed []byte, code uint32, at int, digits string) bool {
	if (at+len(digits)+1)/2 > len(packed) {
		return false
	}
	var usual []byte
	if h.usual != nil {
		usual = h.usual.of(code)
	}
	var few [64]byte
	kept := append(few[:0], digits...)
	h.fills[code].Kept(kept, digits, at, usual)
	for i, half := range kept {
		if frame.At(packed, at+i, 4) != uint64(half) {
			return false
		}
	}
	return true
}
