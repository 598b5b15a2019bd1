package colfile

import (
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
//	row      … 3 1 4 1 5 9 2 6 …    sixteen half bytes, one word, and two more
//	first    … 4 4 4 4 4 4 4 4 …    the first digit, for a run that begins there
//	second   … 1 1 1 1 1 1 1 1 …    the second, to which the row is moved by one
//	               ↑                both are as in the row: here it may stand
//
// The rows of a page go through it in rounds, each for one window of their
// shape, and those of shapes that have more go on: which rows these are nobody
// could foretell, so no step of a round depends on it.

// sought is what a clause wants of the shapes of a part.
type sought struct {
	dict    *row.Dictionary
	spans   []span // by shape
	windows []window
	decimal []probe // by window: the half bytes that are counted modulo ten
	digits  int     // so many at least are compared in every window
}

// span is the windows of a shape.
type span struct {
	from, to uint32
	state    spanState
}

type spanState uint8

const (
	unmade spanState = iota
	made
	vague // some place wants no digit: each row would be looked at only to stay open
)

// of are the windows of a shape.
func (s *sought) of(shape uint32, f *frame.ShapeFill, list expr.Places) span {
	at := &s.spans[shape]
	if at.state != unmade {
		return *at
	}
	at.from, at.state = uint32(len(s.windows)), made
	if list == nil || slices.ContainsFunc(list, func(one expr.Place) bool { return one.Want == "" }) {
		at.state = vague
	} else {
		s.add(f, list)
	}
	at.to = uint32(len(s.windows))
	return *at
}

// add makes windows of places, which are in their order.
func (s *sought) add(f *frame.ShapeFill, list expr.Places) {
	var w *window
	free := 0 // the first half byte of the last window where no run begins yet
	var digits [probed]byte
	for i := range list {
		p := &list[i]
		first := digits[:min(len(p.Want), probed)]
		s.digits = min(s.digits, len(first))
		f.Kept(first, p.Want, p.At, nil)
		for at := p.At; at <= p.At+p.More; {
			if w == nil || at < 2*int(w.at)+free || at >= 2*int(w.at)+inWord {
				if w != nil {
					w.more = 1
				}
				w, free = s.window(f, uint32(at/2)), 0
			}
			from := at - 2*int(w.at)
			places := min(p.At+p.More-at+1, inWord-from)
			w.take(first, from, places)
			at, free = at+places, from+places
		}
	}
}

// window is a new one of a shape.
func (s *sought) window(f *frame.ShapeFill, at uint32) *window {
	from := 2 * int(at)
	decimal := probe{f.Decimals(from), f.Decimals(from + 1), f.Decimals(from + 2)}
	s.windows, s.decimal = append(s.windows, window{at: at}), append(s.decimal, decimal)
	return &s.windows[len(s.windows)-1]
}

// seeker looks into the digits of one chunk.
type seeker struct {
	holes   *holes
	places  []expr.Places // by shape
	digits  int           // so many are compared in every window
	codes   []soughtCode
	windows []window
	left    []seeking // rows of a page
}

// soughtCode is where rows of one code are looked into.
type soughtCode struct {
	size uint32 // bytes of a row
	from uint32 // the first of its windows
	any  uint32 // 0: it has none
}

// seeking is a row that a round looks into.
type seeking struct {
	at     uint32 // in the digits of the page
	window uint32
	row    uint32
}

// seek prepares to look for what a clause wants of the shapes that the table
// leaves open, and takes these out of the table; nil when it does not say.
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
		s = &sought{dict: dict, spans: make([]span, dict.Len()), digits: probed}
		a.sought[e] = s
	}
	k.codes, k.windows = slices.Grow(k.codes[:0], c.count), k.windows[:0]
	for code, shape := range k.holes.ranks {
		at := soughtCode{size: k.holes.sizes[code]}
		if table[code] == codeOpen {
			if of := s.of(shape, k.holes.fills[code], k.places[shape]); of.state == made {
				table[code] = codeNo
				at.from, at.any = k.add(s, of, uint32(code))
			}
		}
		k.codes = append(k.codes, at)
	}
	if k.digits = s.digits; len(k.windows) == 0 {
		return nil, nil
	}
	return k, nil
}

// add takes the windows of a shape, less its usual digits in this group. any is
// 0 when it has none.
func (k *seeker) add(s *sought, of span, code uint32) (from, any uint32) {
	if of.from == of.to {
		return 0, 0
	}
	from = uint32(len(k.windows))
	k.windows = append(k.windows, s.windows[of.from:of.to]...)
	if k.holes.usual != nil {
		usual, decimal := k.holes.usual.packedFrom(code), s.decimal[of.from:of.to]
		for i := range decimal {
			w := &k.windows[int(from)+i]
			w.want = w.want.less(probeOf(usual[w.at:]), decimal[i])
		}
	}
	return from, 1
}

// page adds the rows of a page that have what is wanted.
func (k *seeker) page(yes, open row.Bitmap, codes []uint32, packed []byte) error {
	k.left = slices.Grow(k.left[:0], len(codes))[:len(codes)]
	at, n := uint64(0), 0
	for i, code := range codes {
		c := &k.codes[code]
		k.left[n] = seeking{uint32(at), c.from, uint32(i)}
		n += int(c.any)
		at += uint64(c.size)
	}
	if at != uint64(len(packed)) {
		return fault.New(fault.Corrupt, "%d bytes of digits where the shapes take %d", len(packed), at)
	}
	for k.left = k.left[:n]; len(k.left) > 0; {
		k.round(yes, open, codes, packed)
	}
	return nil
}

// round looks into each row that is left through one window. Those of shapes
// that have another one are left.
func (k *seeker) round(yes, open row.Bitmap, codes []uint32, packed []byte) {
	n := 0
	for _, r := range k.left {
		w := &k.windows[r.window]
		var have probe
		if at := int(r.at + w.at); at+reach <= len(packed) {
			have = probeOf(packed[at:])
		} else {
			have = lastProbe(packed[min(at, len(packed)):])
		}
		if found := have.like(w.want, k.digits) & w.may; found != 0 {
			switch k.look(w, found, codes[r.row], packed[r.at:]) {
			case codeYes:
				yes.Set(int(r.row))
			case codeOpen:
				open.Set(int(r.row))
			}
		}
		r.window++
		k.left[n] = r
		n += int(w.more)
	}
	k.left = k.left[:n]
}

// look looks at all digits of the runs that may begin where found marks it, in
// the row that packed begins with.
func (k *seeker) look(w *window, found uint64, code uint32, packed []byte) byte {
	verdict := codeNo
	for ; found != 0; found &= found - 1 {
		at := 2*int(w.at) + bits.TrailingZeros64(found)/4
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
