package colfile

import "github.com/plumbline/plumbline/internal/row"

// vector is one field of the group that is being written: its chunk, and its
// values in the form they will be kept in. Codes stand one a row; everything
// else side by side, for the rows that have a value.
type vector struct {
	chunk
	book *book
	set  row.Bitmap // rows that have a value; nil: all

	codes  []uint32 // coded: ranks in the list, count where there is no value
	packed []uint32 // coded, when some rows have no value: only those that do
	texts  []string // the list of codes of texts, or of shapes
	list   []int64  // the list of codes of numbers
	rows   []uint64 // by code: how many rows have it
	nums   []int64
	digits []uint8 // digitsEach
	bytes  []byte  // fixed, text, shape
	offs   []uint32
	floats []float64
	values []row.Value

	by     *vector  // formMapped: what decides it
	mapped []uint32 // formMapped: by's code → own code
	place  int      // among the chunks of the header
}

// has reports whether row i has a value.
func (v *vector) has(i int) bool { return v.set == nil || v.set.Has(i) }

// mostDistinct is the share of different values up to which a dictionary is
// cheaper than the texts: beyond, nearly each value stands for itself.
const mostDistinct = 0.5

// vectorOf brings a column into the form its values suit; nil when no row has
// a value.
func (s *sheet) vectorOf(c *row.Column) *vector {
	v := &vector{book: s.w.book(c.Name)}
	v.field = v.book.id
	v.present = s.rows
	if c.Kind == row.Missing {
		return nil
	}
	if c.Nulls != nil || c.Kind == row.List {
		set := c.Present(s.rows)
		set.AndNot(c.Nulls)
		if v.present = set.Count(); v.present < s.rows {
			v.set = set
		}
	}
	if v.present == 0 {
		return nil
	}
	switch c.Kind {
	case row.Const:
		if c.One.IsMissing() {
			return nil
		}
		v.constant(c.One)
	case row.Dict:
		s.dict(v, c)
	case row.Text:
		s.text(v, c)
	case row.Shape:
		s.shape(v, c)
	case row.Bool:
		s.bools(v, c)
	case row.Int:
		s.integers(v, c)
	case row.Time:
		v.numbers(row.Time, near(&s.room.nums, c.Nums, v.set, s.rows))
	case row.Decimal:
		s.decimals(v, c)
	case row.Hex, row.UUID:
		s.fixed(v, c)
	case row.Float:
		v.form, v.kind, v.floats = formFloats, row.Float, near(&s.room.floats, c.Floats, v.set, s.rows)
	default:
		v.form, v.kind = formValues, row.List
		v.values = near(new(slabs[row.Value]), c.Values, v.set, s.rows)
	}
	return v
}

// near is the values of the rows that have one, side by side.
func near[T any](in *slabs[T], all []T, set row.Bitmap, rows int) []T {
	if set == nil {
		return all[:rows]
	}
	out := in.some(set.Count())
	for i := range set.Rows {
		out = append(out, all[i])
	}
	return out
}

func (v *vector) constant(one row.Value) {
	v.form, v.kind, v.value = formConst, row.Const, one
}

func (v *vector) numbers(kind row.Kind, nums []int64) {
	v.form, v.kind, v.nums = formNums, kind, nums
}

func (s *sheet) decimals(v *vector, c *row.Column) {
	nums, digits := near(&s.room.nums, c.Nums, v.set, s.rows), near(&s.room.bytes, c.Digits, v.set, s.rows)
	if v.set == nil {
		nums = s.room.nums.copied(nums) // they are brought to one scale
	}
	v.numbers(row.Decimal, nums)
	v.chunk.digits = ruleOf(v.nums, digits)
	if v.chunk.digits.kind == digitsEach {
		v.digits = digits
	}
}

// integers keeps few different numbers as codes, so that they count, group and
// decide about other fields like the texts of a dictionary.
func (s *sheet) integers(v *vector, c *row.Column) {
	nums := near(&s.room.nums, c.Nums, v.set, s.rows)
	list, place, codes, ok := distinctNumbers(s.room.codes.some(len(nums)), nums)
	if !ok || keepsNumbers(c.Name) {
		v.numbers(row.Int, nums)
		return
	}
	if len(list) == 1 {
		v.constant(row.IntOf(list[0]))
		return
	}
	v.form, v.kind, v.list, v.count = formCodes, row.Int, list, len(list)
	s.code(v, codes, place)
}

// keepsNumbers tells the fields that order rows: their numbers are read
// without asking for their form.
func keepsNumbers(name string) bool { return name == row.FieldTime || name == row.FieldSeq }

// bools are codes into false and true.
func (s *sheet) bools(v *vector, c *row.Column) {
	set := v.set
	if set == nil {
		set = s.room.bitmap(s.rows)
		set.Fill(s.rows)
	}
	codes := s.room.codes.some(v.present)
	n := uint32(0)
	for i := range set.Rows {
		code := uint32(flag(c.Bits.Has(i)))
		codes = append(codes, code)
		n += code
	}
	if n == 0 || int(n) == v.present {
		v.constant(row.BoolOf(n > 0))
		return
	}
	v.form, v.kind, v.count = formCodes, row.Bool, 2
	s.code(v, codes, nil)
}

// dense is the code of the i-th value among those that rows have.
func (v *vector) dense(i int) uint32 {
	if v.set == nil {
		return v.codes[i]
	}
	return v.packed[i]
}

// code takes the codes of the rows that have a value, for its own, and counts
// them. place says which code each becomes; nil: they stay.
func (s *sheet) code(v *vector, codes, place []uint32) {
	v.rows = s.room.words.take(v.count)
	if place != nil {
		for i, c := range codes {
			c = place[c]
			codes[i] = c
			v.rows[c]++
		}
	} else {
		for _, c := range codes {
			v.rows[c]++
		}
	}
	if v.set == nil {
		v.codes = codes
		return
	}
	v.packed, v.codes = codes, s.overRows(v.set, codes, uint32(v.count))
}

// overRows moves codes to their rows; the others have the code none.
func (s *sheet) overRows(set row.Bitmap, codes []uint32, none uint32) []uint32 {
	out := s.room.codes.some(s.rows)[:s.rows]
	for i := range out {
		out[i] = none
	}
	n := 0
	for i := range set.Rows {
		out[i] = codes[n]
		n++
	}
	return out
}

// fixed keeps a column of ids.
func (s *sheet) fixed(v *vector, c *row.Column) {
	own := row.Column{Kind: c.Kind, Width: c.Width, Prefix: c.Prefix}
	if c.Kind == row.UUID {
		own.Width = 16
	}
	if v.set == nil {
		own.Bytes = c.Bytes[:s.rows*own.Width]
	} else {
		own.Bytes = s.room.bytes.some(v.present * own.Width)
		for i := range v.set.Rows {
			own.Bytes = append(own.Bytes, c.Bytes[i*own.Width:(i+1)*own.Width]...)
		}
	}
	s.ids(v, &own)
}

// maxFixed bounds the width of ids kept as bytes.
const maxFixed = 1 << 10

// dict keeps a column of few different texts as codes, and gives up on a
// dictionary that holds nearly every row's own text.
func (s *sheet) dict(v *vector, c *row.Column) {
	all := c.Dict.Values()
	codes := near(&s.room.codes, c.Codes, v.set, s.rows)
	if len(all) > 4*GroupRows { // a list of all would cost more than looking up each
		all, codes = cut(all, codes)
	}
	values, ids := s.used(all, codes)
	single := len(values) > smallDictionary && float64(len(values)) > mostDistinct*float64(v.present)
	if single {
		offs, text := s.joined(all, codes)
		if !s.fixedTexts(v, offs, text) && !s.shapes(v, offs, text) && !s.pieces(v, offs, text) {
			v.plain(offs, text)
		}
		return
	}
	s.few(v, values, ids, s.own(v, codes))
}

// few keeps texts of which each stands for several rows.
func (s *sheet) few(v *vector, values []string, ids, codes []uint32) {
	switch {
	case len(values) == 1:
		v.constant(row.TextOf(values[0]))
	case s.shapely(values) && s.shapesOf(v, values, ids, codes):
	default:
		s.terms(v, values, ids, codes)
	}
}

// own is codes that near gave, to be written: without gaps they are those of
// the column itself.
func (s *sheet) own(v *vector, codes []uint32) []uint32 {
	if v.set == nil {
		return s.room.codes.copied(codes)
	}
	return codes
}

// smallDictionary is the size up to which it does not matter what share of the
// rows have a text of their own.
const smallDictionary = 256

// used are the texts that codes point to, and their codes.
func (s *sheet) used(values []string, codes []uint32) (kept []string, ids []uint32) {
	in := s.room.bitmap(len(values))
	for _, c := range codes {
		in[c>>6] |= 1 << (c & 63)
	}
	n := in.Count()
	ids = in.Append(s.room.codes.some(n))
	if n == len(values) {
		return values, ids
	}
	kept = s.room.texts.some(n)
	for _, c := range ids {
		kept = append(kept, values[c])
	}
	return kept, ids
}

// cut cuts a dictionary to the texts that codes point to.
func cut(values []string, codes []uint32) ([]string, []uint32) {
	place := map[uint32]uint32{}
	var kept []string
	out := make([]uint32, len(codes))
	for i, c := range codes {
		at, ok := place[c]
		if !ok {
			at = uint32(len(kept))
			place[c] = at
			kept = append(kept, values[c])
		}
		out[i] = at
	}
	return kept, out
}

// terms takes texts, the codes they have, and the codes of rows; and sorts the
// texts.
func (s *sheet) terms(v *vector, values []string, ids, codes []uint32) {
	order := s.sorter.order(s.room.codes.some(len(values)), values)
	v.form, v.kind, v.count = formCodes, row.Dict, len(values)
	v.texts = make([]string, len(values))
	place := s.room.codes.take(int(ids[len(ids)-1]) + 1)
	for rank, i := range order {
		v.texts[rank] = values[i]
		place[ids[i]] = uint32(rank)
	}
	s.code(v, codes, place)
}

// joined writes out what codes stand for.
func (s *sheet) joined(values []string, codes []uint32) ([]uint32, []byte) {
	size := 0
	for _, c := range codes {
		size += len(values[c])
	}
	offs, all := append(s.room.codes.some(len(codes)+1), 0), s.room.bytes.some(size)
	for _, c := range codes {
		all = append(all, values[c]...)
		offs = append(offs, uint32(len(all)))
	}
	return offs, all
}

// text keeps a column of texts.
func (s *sheet) text(v *vector, c *row.Column) {
	if v.set == nil {
		s.texts(v, c.Offs[:s.rows+1], c.Bytes)
		return
	}
	offs, all := s.textsOf(c, v)
	s.texts(v, offs, all)
}

// textsOf are the texts of the rows that have one, side by side.
func (s *sheet) textsOf(c *row.Column, v *vector) (offs []uint32, all []byte) {
	offs = append(s.room.codes.some(v.present+1), 0)
	end := uint32(0)
	for i := range v.set.Rows {
		end += c.Offs[i+1] - c.Offs[i]
		offs = append(offs, end)
	}
	last := len(c.Offs) - 1
	if c.Offs[0] == 0 && end == c.Offs[last] { // nothing lies between them
		return offs, c.Bytes[:end]
	}
	all = s.room.bytes.some(int(end))
	for i := range v.set.Rows {
		all = append(all, c.Bytes[c.Offs[i]:c.Offs[i+1]]...)
	}
	return offs, all
}

// texts keeps texts as ids of one width, as codes, as shapes, in pieces, or as they are.
func (s *sheet) texts(v *vector, offs []uint32, all []byte) {
	switch {
	case s.fixedTexts(v, offs, all):
	case s.seemFew(offs, all) && s.coded(v, offs, all, fewShare):
	case s.shapes(v, offs, all):
	case s.coded(v, offs, all, 1):
	case s.pieces(v, offs, all):
	default:
		v.plain(offs, all)
	}
}

// fewShare: of so many rows at least each text of few stands for one, so that it does not
// matter whether shapes would take less.
const fewShare = 16

// seemFew looks at some texts.
func (s *sheet) seemFew(offs []uint32, all []byte) bool {
	t := &s.trial
	t.restart(trialRows)
	looked := 0
	for i := range spread(len(offs)-1, trialRows) {
		t.id(all[offs[i]:offs[i+1]])
		looked++
	}
	return 4*len(t.texts) <= looked
}

// coded tries to keep texts as codes, if each stands for so many rows or more.
func (s *sheet) coded(v *vector, offs []uint32, all []byte, rows int) bool {
	values, codes, ok := s.distinctTexts(offs, all)
	if !ok || len(values)*rows > len(codes) {
		return false
	}
	s.few(v, values, counting(len(values)), codes)
	return true
}

// fixedTexts tries to keep texts as ids of one width.
func (s *sheet) fixedTexts(v *vector, offs []uint32, all []byte) bool {
	c, ok := s.asFixed(offs, all)
	if ok {
		s.ids(v, &c)
	}
	return ok
}

// plain keeps texts as they are.
func (v *vector) plain(offs []uint32, all []byte) {
	v.form, v.kind, v.offs, v.bytes = formText, row.Text, offs, all
}
