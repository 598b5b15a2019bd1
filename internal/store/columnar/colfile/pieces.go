package colfile

import (
	"bytes"
	"iter"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/plumbline/plumbline/internal/row"
)

// A text that repeats neither as a whole nor as a shape may be put together of
// pieces that do: a web server's line is an address, a time, a URL, a status and a
// browser, and only all of them together are new.
//
//	10.2.3.4 - [18/Mar/2025] "GET /shop?id=7" 200      the text
//	◦ ◦ [◦] "◦" ◦                                      its template: ◦ is a hole
//	10.2.3.4 │ - │ 18/Mar/2025 │ GET /shop?id=7 │ 200  its pieces
//
// Templates are a field of few texts, and each hole of each template is a field, with
// the form that suits its values. They are fields of the part like all others – they
// have dictionaries, follow from each other, and are copied by a merge – but for their
// names, which nobody outside of this room sees. A piece may be in pieces in turn.

// innerMark stands in the names of fields that hold pieces. No UTF-8 has this byte,
// and so no name of a field.
const innerMark = "\xff"

// hole stands in a template for a piece; all else there is ASCII.
const hole = 0xff

// isInner reports whether a field holds pieces of another.
func isInner(name string) bool { return strings.Contains(name, innerMark) }

// templatesOf is the name of the field that holds the templates of another.
func templatesOf(field string) string { return field + innerMark }

// holeField is the name of the field that holds what stands in a hole; holes are
// counted through all templates of a group, which are in their order.
func holeField(field string, hole int) string { return field + innerMark + strconv.Itoa(hole) }

const (
	// leastCut is the fewest texts that are cut into pieces: to find out whether it pays
	// takes as long for few.
	leastCut = 4096
	// templateTrial is how many texts spread over a group say which templates there are.
	templateTrial = 1024
	// A template is one that one of templateShare texts has, or more. Texts of others are
	// not cut, which may be no more than one of otherShare; and one of cutShare has to be.
	templateShare = 64
	otherShare    = 4
	cutShare      = 4
	// mostHoles bounds the fields that one becomes, and longestTemplate what stands
	// between the pieces of a text.
	mostHoles       = 96
	longestTemplate = 256
	longestName     = 64 // of a parameter in a template
	mostTemplate    = longestTemplate + longestName
	mostTemplates   = templateShare + 2 // whole texts and none among them
	// mostInner fields of pieces, about, are made for one part, of the maxInner that it
	// can have: a merge copies those of many.
	mostInner = maxInner / 16
	// pieceTrial bytes of texts show whether pieces take less: by a cutSaves-th at least, and
	// by what the directory takes for each field. Pieces of which each text stands for
	// fewTexts or more are counted as codes, all others by what zstd leaves of them.
	pieceTrial = 64 << 10
	cutSaves   = 10
	fieldTakes = 40
	fewTexts   = 4
	// mostKept pieces are the most for which memory is kept for the next group.
	mostKept = 1 << 20
)

const (
	// wholeTemplate is that of texts which are not cut.
	wholeTemplate = "\xff"
	// noText is that of rows without a text; texts are not cut at this byte.
	noText = "\x00"
)

// cutter cuts texts at the signs of one grain.
type cutter struct {
	grain    grain
	template []byte
	pieces   []span32
	seen     terms    // templates of the texts looked at
	all      []span32 // pieces of all texts of a field
}

// span32 is a stretch of a text.
type span32 struct{ from, to uint32 }

// grain says where texts are cut. The coarse come first: what stands between quotes is
// one piece, which is cut in turn where that helps.
type grain uint8

const (
	atQuotes  grain = iota // words, and what stands in quotes or brackets
	atSpaces               // words
	atNames                // parameters of a URL, whose names stand in the template
	atParams               // such, and their names
	atSlashes              // steps of a path
	grains
)

// parting are the signs that part the pieces of a grain.
var parting = func() (t [grains][256]bool) {
	for g, signs := range [grains]string{" \t,;|\"[(", " \t", "?&=", "?&=", "/"} {
		for _, c := range []byte(signs) {
			t[g][c] = true
		}
	}
	return t
}()

// closing is what ends a piece that one of these signs begins.
var closing = [256]byte{'"': '"', '[': ']', '(': ')'}

// cut finds the template of a text and its pieces, good until the next cut; false when
// it has too many.
func (k *cutter) cut(text []byte) bool {
	k.template, k.pieces = k.template[:0], k.pieces[:0]
	parts := &parting[k.grain]
	for i := 0; i < len(text); {
		if len(k.template) >= longestTemplate || len(k.pieces) >= mostHoles {
			return false
		}
		c := text[i]
		if !parts[c] {
			from := i
			for i++; i < len(text) && !parts[text[i]]; i++ {
			}
			if k.grain == atNames && isName(text, from, i) {
				k.template = append(k.template, text[from:i]...)
			} else {
				k.piece(from, i)
			}
			continue
		}
		k.template = append(k.template, c)
		i++
		if last := closing[c]; k.grain == atQuotes && last != 0 {
			from := i
			if i = bytes.IndexByte(text[from:], last); i < 0 {
				i = len(text) - from
			}
			if i += from; i > from {
				k.piece(from, i)
			}
			if i < len(text) {
				k.template = append(k.template, last)
				i++
			}
		}
	}
	return true
}

// isName reports whether a stretch of a URL is the name of a parameter.
func isName(text []byte, from, to int) bool {
	return from > 0 && to-from < longestName && text[from-1] != '=' && to < len(text) && text[to] == '=' &&
		!slices.ContainsFunc(text[from:to], func(c byte) bool { return c >= utf8.RuneSelf })
}

func (k *cutter) piece(from, to int) {
	k.template, k.pieces = append(k.template, hole), append(k.pieces, span32{uint32(from), uint32(to)})
}

// pieces tries to keep texts in pieces.
func (s *sheet) pieces(v *vector, offs []uint32, all []byte) bool {
	n := len(offs) - 1
	short := int(offs[n]-offs[0]) <= longestID*n // an index would find them as they are
	if n < leastCut || s.w.inner > mostInner || short && !isInner(v.book.name) {
		return false
	}
	for g := range grains {
		s.cutter.grain = g
		if list := s.templatesFound(offs, all); list != nil {
			if templates := newTemplates(list); s.worthCutting(templates, offs, all) {
				s.cutAll(v, templates, offs, all)
				return true
			}
		}
	}
	return false
}

// templatesFound are the templates that many of some texts spread over the group have, in
// their order, and that of all others among them; nil when these would be too many.
func (s *sheet) templatesFound(offs []uint32, all []byte) []string {
	k := &s.cutter
	k.seen.restart(templateTrial)
	var counts []int
	looked := 0
	for i := range spread(len(offs)-1, templateTrial) {
		looked++
		if !k.cut(all[offs[i]:offs[i+1]]) {
			continue
		}
		id := int(k.seen.id(k.template))
		if id == len(counts) {
			counts = append(counts, 0)
		}
		counts[id]++
	}
	order := counting(len(counts))
	slices.SortStableFunc(order, func(a, b uint32) int { return counts[b] - counts[a] })
	var templates []string
	holes, known, cut := 0, 0, 0
	for _, id := range order {
		template := k.seen.texts[id]
		if counts[id]*templateShare < looked || holes+holesOf(template) > mostHoles {
			break
		}
		known += counts[id]
		if template != wholeTemplate {
			cut += counts[id]
			templates = append(templates, strings.Clone(template))
			holes += holesOf(template)
		}
	}
	if (looked-known)*otherShare > looked || cut*cutShare < looked {
		return nil
	}
	templates = append(templates, wholeTemplate)
	slices.Sort(templates)
	return templates
}

// spread yields some n of all numbers below a size, evenly.
func spread(size, n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		step := max(size/n, 1)
		for i := 0; i < size && yield(i); i += step {
		}
	}
}

func holesOf(template string) int { return strings.Count(template, wholeTemplate) }

// templates are those that the texts of a field have in a group, in their order.
type templates struct {
	list  []template
	place map[string]int
	holes int // of all
}

// template is what stands between the pieces of texts: before each and behind the last.
type template struct {
	text    string
	between []string
	first   int // its first hole, among those of all templates
}

func newTemplates(texts []string) *templates {
	t := &templates{place: make(map[string]int, len(texts))}
	for _, text := range texts {
		t.place[text] = len(t.list)
		one := template{text, strings.Split(text, wholeTemplate), t.holes}
		t.list = append(t.list, one)
		t.holes += one.pieces()
	}
	return t
}

// pieces is how many a text of this template has.
func (t *template) pieces() int { return len(t.between) - 1 }

// cut cuts a text and says which of the templates it has. One of no template is a single
// piece, in that of whole texts.
func (t *templates) cut(k *cutter, text []byte) int {
	if k.cut(text) {
		if i, ok := t.place[string(k.template)]; ok {
			return i
		}
	}
	k.pieces = append(k.pieces[:0], span32{0, uint32(len(text))})
	return t.place[wholeTemplate]
}

// worthCutting cuts some texts and reports whether their pieces take less than the texts
// as they are.
func (s *sheet) worthCutting(templates *templates, offs []uint32, all []byte) bool {
	columns := make([]filling, templates.holes)
	for h := range columns {
		columns[h].offs = make([]uint32, 1, 64)
	}
	whole := filling{offs: make([]uint32, 1, 64)}
	n := len(offs) - 1
	for i := range spread(n, max(pieceTrial*n/int(offs[n]-offs[0]+1), 1)) {
		text := all[offs[i]:offs[i+1]]
		whole.add(text)
		at := templates.list[templates.cut(&s.cutter, text)].first
		for h, p := range s.cutter.pieces {
			columns[at+h].add(text[p.from:p.to])
		}
	}
	looked := whole.count()
	taken := looked * codeBits(len(templates.list)) / 8
	var cut []byte
	for h := range columns {
		c := &columns[h]
		if bytes, few := s.asTerms(c); few {
			taken += bytes
			continue
		}
		cut = append(cut, c.bytes...) // those of a hole side by side
		taken += c.lengths()
	}
	taken += s.shrunk(cut)
	before := s.shrunk(whole.bytes) + whole.lengths()
	saved := before - taken
	return saved*cutSaves >= before && saved*n/looked > len(columns)*fieldTakes
}

// shrunk is what zstd leaves of bytes.
func (s *sheet) shrunk(data []byte) int {
	out, _ := s.w.tools.enc.shrink(data, tryZstd)
	return len(out)
}

// asTerms is what the pieces of a hole take as codes, if each stands for several rows.
func (s *sheet) asTerms(c *filling) (bytes int, few bool) {
	t := &s.trial
	n := c.count()
	t.restart(n)
	for i := range n {
		t.id(c.bytes[c.offs[i]:c.offs[i+1]])
	}
	size := 0
	for _, text := range t.texts {
		size += len(text)
	}
	return termsCost(size, len(t.texts), n), len(t.texts)*fewTexts <= n
}

// cutAll makes a vector one of pieces: templates, and what fills each of their holes,
// become vectors of their own.
func (s *sheet) cutAll(v *vector, templates *templates, offs []uint32, all []byte) {
	codes, rows, holes := s.fillings(templates, offs, all)
	v.form, v.kind = formPieces, row.Text
	sets := s.rowsOfTemplates(v, codes, rows)
	s.templated(v, templates, codes, rows)
	hole := 0 // of the templates that texts have
	for t, n := range rows {
		if n == 0 {
			continue
		}
		one := &templates.list[t]
		for _, f := range holes[one.first : one.first+one.pieces()] {
			s.texts(s.inner(holeField(v.book.name, hole), sets[t], n), f.offs, f.bytes)
			hole++
		}
	}
}

// fillings cuts all texts: codes are the templates they have, rows how many have each, and
// holes what fills those of all.
func (s *sheet) fillings(templates *templates, offs []uint32, all []byte) (codes []uint32, rows []int, holes []filling) {
	n := len(offs) - 1
	codes, rows, holes = s.room.codes.some(n), make([]int, len(templates.list)), make([]filling, templates.holes)
	pieces, sizes := s.cutter.all[:0], make([]int, templates.holes)
	for i := range n {
		t := templates.cut(&s.cutter, all[offs[i]:offs[i+1]])
		codes = append(codes, uint32(t))
		rows[t]++
		for h, p := range s.cutter.pieces {
			sizes[templates.list[t].first+h] += int(p.to - p.from)
		}
		pieces = append(pieces, s.cutter.pieces...)
	}
	if s.cutter.all = pieces; len(pieces) > mostKept {
		s.cutter.all = nil
	}
	for t, n := range rows {
		for h := range templates.list[t].pieces() {
			h += templates.list[t].first
			holes[h] = filling{append(s.room.codes.some(n+1), 0), s.room.bytes.some(sizes[h])}
		}
	}
	for i, t := range codes {
		one, text := &templates.list[t], all[offs[i]:offs[i+1]]
		for h, p := range pieces[:one.pieces()] {
			holes[one.first+h].add(text[p.from:p.to])
		}
		pieces = pieces[one.pieces():]
	}
	return codes, rows, holes
}

// filling is what fills a hole, row after row.
type filling struct {
	offs  []uint32
	bytes []byte
}

func (c *filling) count() int { return len(c.offs) - 1 }

// lengths is about what those of the texts take: half of their bits, as zstd mostly leaves.
func (c *filling) lengths() int {
	longest := uint32(0)
	for i := range c.count() {
		longest = max(longest, c.offs[i+1]-c.offs[i])
	}
	return c.count() * codeBits(int(longest)+1) / 16
}

func (c *filling) add(piece []byte) {
	c.bytes = append(c.bytes, piece...)
	c.offs = append(c.offs, uint32(len(c.bytes)))
}

// inner is a new vector of the group for a field that holds pieces.
func (s *sheet) inner(name string, set row.Bitmap, present int) *vector {
	v := &vector{book: s.w.book(name), set: set}
	v.field, v.present = v.book.id, present
	s.vectors = append(s.vectors, v)
	return v
}

// templated makes the vector of templates; codes are places among them. All rows of the
// group have one, so that it decides which rows have a piece: no bits are kept for that.
func (s *sheet) templated(v *vector, templates *templates, codes []uint32, rows []int) {
	in := s.inner(templatesOf(v.book.name), nil, s.rows)
	var used []string
	var ids []uint32
	for t, n := range rows {
		if n > 0 {
			used, ids = append(used, templates.list[t].text), append(ids, uint32(t))
		}
	}
	if v.set != nil {
		none := uint32(len(templates.list))
		used, ids = append(used, noText), append(ids, none)
		codes = s.overRows(v.set, codes, none)
	}
	if len(used) == 1 {
		in.constant(row.TextOf(used[0]))
		return
	}
	s.terms(in, used, ids, codes)
}

// rowsOfTemplates is for each template the rows of the group whose text has it, of those
// for which v has one.
func (s *sheet) rowsOfTemplates(v *vector, codes []uint32, rows []int) []row.Bitmap {
	sets := make([]row.Bitmap, len(rows))
	for t, n := range rows {
		if n == v.present {
			sets[t] = v.set // all of them
			return sets
		}
		sets[t] = s.room.bitmap(s.rows)
	}
	if v.set == nil {
		for i, t := range codes {
			sets[t].Set(i)
		}
		return sets
	}
	k := 0
	for i := range v.set.Rows {
		sets[codes[k]].Set(i)
		k++
	}
	return sets
}
