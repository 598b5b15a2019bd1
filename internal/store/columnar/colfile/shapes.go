package colfile

import (
	"bytes"

	"github.com/plumbline/plumbline/internal/frame"
	"github.com/plumbline/plumbline/internal/row"
)

// What makes shapes worth their while, found by looking at some rows spread
// over the group. Few rows show mostly shapes of their own even when the group
// has few: of 5,800 shapes, 512 rows show 400.
const (
	shapeTrial   = 4096
	mostShapes   = 0.6  // of the rows looked at
	longText     = 24   // bytes; shorter texts of a dictionary gain nothing as shapes
	manyMessages = 2048 // texts of a dictionary from which a look at their shapes pays
)

// The texts of a dictionary shrink to about a third under zstd, those of shapes
// too, and digits to less than half a byte, of which there are ten.
func shapesCost(shapeBytes, shapes, rows, digits int) int {
	return termsCost(shapeBytes, shapes, rows) + digits*7/16
}

func termsCost(bytes, terms, rows int) int { return bytes/3 + rows*codeBits(terms)/8 }

// shorterWhole reports whether texts take less as they are, or as a dictionary, than
// cost as shapes. Prose shrinks to a third, so less than that is shorter as shapes. What
// looks random shrinks to three quarters: of texts with few shapes, and of long ones, a
// stretch is tried. Short ones of many shapes are ids, which an index finds as texts.
func (s *sheet) shorterWhole(offs []uint32, all []byte, shapes, cost int) bool {
	n := len(offs) - 1
	whole := int(offs[n] - offs[0])
	switch {
	case cost <= whole/3:
		return false
	case cost >= whole, shapes > idShapes && whole <= longestID*n, s.worthTerms(offs, all):
		return true
	}
	size := min(trialBytes, whole)
	from := min(int(offs[n/2]), int(offs[n])-size)
	some := all[from : from+size]
	out, _ := s.w.tools.enc.shrink(some, tryZstd)
	// What cost counts for digits is the most: those that rarely change take less.
	return 3*(whole*len(out)/len(some)+n*codeBits(whole/n)/8) < 2*cost
}

// shapely reports whether the texts of a dictionary are messages that had
// better be kept as shapes: many, long, and alike but for their digits.
func (s *sheet) shapely(values []string) bool {
	if len(values) < manyMessages || s.sameForm(values) {
		return false
	}
	size := 0
	for _, v := range values {
		size += len(v)
	}
	if size < longText*len(values) {
		return false
	}
	p := &s.splitter
	p.begin()
	n := 0
	for i := range spread(len(values), shapeTrial) {
		_, s.fill = p.split(s.fill[:0], bytesOf(values[i]))
		n++
	}
	return float64(len(p.ids)) <= mostShapes*float64(n)
}

// sameForm reports whether texts are ids, which are better kept as bytes.
func (s *sheet) sameForm(values []string) bool {
	offs, all := s.joined(values, counting(min(len(values), trialRows)))
	_, ok := s.asFixed(offs, all)
	return ok
}

// shapesOf tries to keep the texts of a dictionary as shapes: each is split
// once, however many rows have it.
func (s *sheet) shapesOf(v *vector, values []string, ids, codes []uint32) bool {
	p := &s.splitter
	p.begin()
	most := int(ids[len(ids)-1])
	shape, from := s.room.codes.take(most+1), s.room.codes.take(most+2)
	fill := s.fill[:0]
	whole := 0
	for i, text := range values {
		from[ids[i]] = uint32(len(fill))
		shape[ids[i]], fill = p.split(fill, bytesOf(text))
		from[ids[i]+1] = uint32(len(fill)) // until the next text says it again
		whole += len(text)
	}
	s.fill = fill
	whichever := 0
	for _, c := range codes {
		whichever += int(from[c+1] - from[c])
	}
	out, offs, fills := s.room.codes.some(len(codes))[:len(codes)], append(s.room.codes.some(len(codes)+1), 0), s.room.bytes.some(whichever)
	for i, c := range codes {
		out[i] = shape[c]
		fills = append(fills, fill[from[c]:from[c+1]]...)
		offs = append(offs, uint32(len(fills)))
	}
	if shapesCost(p.size(), len(p.ids), len(codes), len(fills)) > termsCost(whole, len(values), len(codes)) {
		return false
	}
	texts := p.found()
	s.shaped(v, texts, counting(len(texts)), out, offs, fills)
	return true
}

// shapes tries to keep texts as shapes.
func (s *sheet) shapes(v *vector, offs []uint32, all []byte) bool {
	n := len(offs) - 1
	if !s.worthSplitting(offs, all) {
		return false
	}
	p := &s.splitter
	p.begin()
	codes, fillOffs, fill := s.room.codes.some(n), append(s.room.codes.some(n+1), 0), s.room.bytes.some(int(offs[n]-offs[0])/8)
	for i := range n {
		var code uint32
		code, fill = p.split(fill, all[offs[i]:offs[i+1]])
		codes = append(codes, code)
		fillOffs = append(fillOffs, uint32(len(fill)))
	}
	s.room.bytes.grown(fill)
	if s.shorterWhole(offs, all, len(p.ids), shapesCost(p.size(), len(p.ids), n, len(fill))) {
		return false
	}
	texts := p.found()
	s.shaped(v, texts, counting(len(texts)), codes, fillOffs, fill)
	return true
}

// worthSplitting looks at texts spread over the group, at the first few for
// a start: shapes that repeat among those surely do so among more.
func (s *sheet) worthSplitting(offs []uint32, all []byte) bool {
	n := len(offs) - 1
	for _, trial := range [...]int{trialRows, shapeTrial} {
		p := &s.splitter
		p.begin()
		looked, digits := 0, 0
		for i := range spread(n, trial) {
			_, s.fill = p.split(s.fill[:0], all[offs[i]:offs[i+1]])
			looked++
			digits += len(s.fill)
		}
		if digits > 0 && float64(len(p.ids)) <= max(mostShapes*float64(looked), 1) {
			return true
		}
		if n <= trial {
			break
		}
	}
	return false
}

// shaped takes shapes, codes into them and what fills them.
func (s *sheet) shaped(v *vector, shapes []string, ids, codes, offs []uint32, fill []byte) {
	s.terms(v, shapes, ids, codes)
	v.form, v.kind = formShape, row.Shape
	v.offs, v.bytes = offs, fill
}

// shape keeps a column that comes as shapes, if its digits come back.
func (s *sheet) shape(v *vector, c *row.Column) {
	all, codes := c.Dict.Values(), near(&s.room.codes, c.Codes, v.set, s.rows)
	if len(all) > 4*GroupRows {
		all, codes = cut(all, codes)
	}
	values, ids := s.used(all, codes)
	offs, fill := s.fillBytes(c, v)
	if fit(values, ids, codes, offs, fill) {
		s.shaped(v, values, ids, s.own(v, codes), offs, fill)
		return
	}
	textOffs, text := make([]uint32, 1, v.present+1), []byte(nil)
	for i := range s.rows {
		if v.has(i) {
			text = c.AppendText(text, i)
			textOffs = append(textOffs, uint32(len(text)))
		}
	}
	s.texts(v, textOffs, text)
}

// fit reports whether what fills each row comes back from its half bytes.
func fit(shapes []string, ids, codes, offs []uint32, fill []byte) bool {
	fills, ok := fillsOf(shapes)
	if !ok {
		return false
	}
	place := make([]*frame.ShapeFill, ids[len(ids)-1]+1)
	for i, id := range ids {
		place[id] = &fills[i]
	}
	for i, c := range codes {
		if !place[c].Fits(fill[offs[i]:offs[i+1]]) {
			return false
		}
	}
	return true
}

func (s *sheet) fillBytes(c *row.Column, v *vector) (offs []uint32, fill []byte) {
	if v.set == nil && c.Offs[0] == 0 {
		return c.Offs[:s.rows+1], c.Bytes
	}
	if v.set != nil {
		return s.textsOf(c, v)
	}
	offs = append(s.room.codes.some(s.rows+1), 0)
	fill = s.room.bytes.some(int(c.Offs[s.rows] - c.Offs[0]))
	for i := range s.rows {
		fill = append(fill, c.Bytes[c.Offs[i]:c.Offs[i+1]]...)
		offs = append(offs, uint32(len(fill)))
	}
	return offs, fill
}

// asFixed turns texts into bytes when all are UUIDs, or one prefix and the same
// number of lower-case hex digits.
func (s *sheet) asFixed(offs []uint32, all []byte) (row.Column, bool) {
	if len(offs) < 2 {
		return row.Column{}, false
	}
	size := offs[1] - offs[0]
	first := all[offs[0]:offs[1]]
	for i := 1; i < len(offs); i++ {
		if offs[i]-offs[i-1] != size {
			return row.Column{}, false
		}
	}
	c := row.Column{Kind: row.UUID, Width: 16}
	if size != 36 || first[8] != '-' {
		c.Kind, c.Prefix = row.Hex, string(hexPrefix(first))
		digits := int(size) - len(c.Prefix)
		if digits < minHexDigits || digits%2 != 0 || digits > 2*maxFixed {
			return row.Column{}, false
		}
		c.Width = digits / 2
	}
	c.Bytes = s.room.bytes.some((len(offs) - 1) * c.Width)
	for i := 1; i < len(offs); i++ {
		text := all[offs[i-1]:offs[i]]
		if !bytes.HasPrefix(text, []byte(c.Prefix)) {
			return row.Column{}, false
		}
		var ok bool
		if c.Bytes, ok = appendID(c.Bytes, text[len(c.Prefix):], c.Kind); !ok {
			return row.Column{}, false
		}
	}
	return c, true
}

// minHexDigits keeps words out; shorter ids gain little.
const minHexDigits = 8

// hexPrefix is what stands before the hex digits at the end of a text.
func hexPrefix(text []byte) []byte {
	i := len(text)
	for i > 0 && hexValue(text[i-1]) < 16 {
		i--
	}
	return text[:i]
}

func hexValue(c byte) byte {
	switch {
	case c-'0' <= 9:
		return c - '0'
	case c-'a' <= 5:
		return c - 'a' + 10
	}
	return 16
}

// appendID appends the bytes of hex digits, or of a UUID.
func appendID(dst, text []byte, kind row.Kind) ([]byte, bool) {
	if kind == row.UUID {
		var id [16]byte
		ok := row.ParseUUID(id[:], text)
		return append(dst, id[:]...), ok
	}
	bad := byte(0)
	for i := 0; i+1 < len(text); i += 2 {
		hi, lo := hexValue(text[i]), hexValue(text[i+1])
		bad |= hi | lo
		dst = append(dst, hi<<4|lo&15)
	}
	return dst, bad < 16
}
