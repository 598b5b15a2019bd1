package colfile

import (
	"bytes"
	"encoding/hex"
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/row"
)

// Holders are the rows of the group whose value in a field, or an element of it
// where it is a list, is one of the texts, letter for letter; nil when there is
// none.
//
// What the index lets pass is looked up in the dictionary, from the few blocks that hold it, or compared with ids as
// they lie there; values of other forms are made out.
func (g *Group) Holders(field string, at *Located, use *Usage) (rows row.Bitmap, err error) {
	chunks := g.chunks(field)
	for i := range chunks {
		c := &chunks[i]
		few := at.want.texts
		if c.indexed {
			few = at.in(g.index)
		}
		if len(few) == 0 {
			continue
		}
		var found row.Bitmap
		var err error
		switch {
		case (c.form == formCodes || c.form == formMapped) && c.kind == row.Dict:
			found, err = g.codesHolding(c, few, use)
		case c.form == formFixed:
			found, err = g.fixedHolding(c, few, use)
		default:
			found, err = g.valuesHolding(c, few, use)
		}
		if err != nil {
			return nil, err
		}
		if rows == nil {
			rows = found
		} else {
			rows.Or(found)
		}
	}
	return rows, nil
}

// codesHolding are the rows whose code stands for one of the texts.
func (g *Group) codesHolding(c *chunk, texts []string, use *Usage) (row.Bitmap, error) {
	e := g.entryOf(c)
	list, err := g.list(c)
	if err != nil {
		return nil, err
	}
	found := row.NewBitmap(c.count)
	any := false
	for _, t := range texts {
		rank, ok, err := g.part.rankOf(&e.texts, t, e.name)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		code := int(rank)
		if list != nil {
			if code, ok = slices.BinarySearch(list, rank); !ok {
				continue
			}
		}
		if code < c.count {
			found.Set(code)
			any = true
		}
	}
	rows := row.NewBitmap(g.Rows)
	if !any {
		return rows, nil
	}
	d, err := g.decoder(c, nil, nil, use)
	if err != nil {
		return nil, err
	}
	codes, err := d.localCodes(nil)
	if err != nil {
		return nil, err
	}
	for i, code := range codes { // the code of no value is beyond the set
		if found.Has(int(code)) {
			rows.Set(i)
		}
	}
	return rows, nil
}

// rankOf looks a text up in a dictionary, reading the blocks it may be in.
func (p *Part) rankOf(d *dictEntry, text, name string) (rank uint32, ok bool, err error) {
	lo, hi := 0, len(d.blocks) // the block is in [lo, hi)
	for hi > lo {
		mid := lo + (hi-lo)/2
		texts, err := p.blockOf(d, mid, name)
		if err != nil {
			return 0, false, err
		}
		switch {
		case text < texts.At(0):
			hi = mid
		case text > texts.At(uint32(texts.Len()-1)):
			lo = mid + 1
		default:
			at, ok := texts.Search(text)
			return uint32(mid*dictionaryBlock + at), ok, nil
		}
	}
	return 0, false, nil
}

// fixedHolding are the rows whose id is one of the texts, compared as bytes.
func (g *Group) fixedHolding(c *chunk, texts []string, use *Usage) (row.Bitmap, error) {
	var ids [][]byte
	for _, t := range texts {
		if id, ok := c.packed(t); ok {
			ids = append(ids, id)
		}
	}
	rows := row.NewBitmap(g.Rows)
	if len(ids) == 0 {
		return rows, nil
	}
	d, err := g.decoder(c, nil, nil, use)
	if err != nil {
		return nil, err
	}
	if d.set, err = g.maskOf(c, use); err != nil {
		return nil, err
	}
	find := eachOf(ids, c.width)
	err = d.eachPage(&c.pages, func(p int, page []byte, n int, _ []uint32) error {
		if len(page) != n*c.width {
			return fault.New(fault.Corrupt, "%d bytes for %d values of %d", len(page), n, c.width)
		}
		find(page, func(k int) { rows.Set(p*PageRows + d.nth(p, k)) })
		return nil
	})
	return rows, err
}

// nth is the row, within page p, of its k-th value.
func (d *decoder) nth(p, k int) int {
	if d.set == nil {
		return k
	}
	for w, word := range d.set[p*PageRows/64:] {
		if n := bits.OnesCount64(word); k >= n {
			k -= n
			continue
		}
		for range k {
			word &= word - 1
		}
		return 64*w + bits.TrailingZeros64(word)
	}
	return 0 // no page has more values than its rows
}

// fewIDs are sought one by one, which compares many bytes at once.
const fewIDs = 8

// eachOf calls found for each of the ids' places in a page of ids of one width.
func eachOf(ids [][]byte, width int) func(page []byte, found func(k int)) {
	if len(ids) <= fewIDs {
		return func(page []byte, found func(k int)) {
			for _, id := range ids {
				for from := 0; ; {
					at := bytes.Index(page[from:], id)
					if at < 0 {
						break
					}
					if at += from; at%width == 0 {
						found(at / width)
					}
					from = at + 1
				}
			}
		}
	}
	heads := headsOf(ids)
	known := make(map[string]bool, len(ids))
	for _, id := range ids {
		known[string(id)] = true
	}
	return func(page []byte, found func(k int)) {
		for k := range len(page) / width {
			if id := page[k*width : (k+1)*width]; heads.may(id) && known[string(id)] {
				found(k)
			}
		}
	}
}

// valuesHolding are the rows that hold one of the texts, from their values.
func (g *Group) valuesHolding(c *chunk, texts []string, use *Usage) (row.Bitmap, error) {
	rows := row.NewBitmap(g.Rows)
	ints := map[int64]bool{}
	known := make(map[string]bool, len(texts))
	for _, t := range texts {
		known[t] = true
		if n, err := strconv.ParseInt(t, 10, 64); err == nil && strconv.FormatInt(n, 10) == t {
			ints[n] = true
		}
	}
	if c.kind == row.Int && len(ints) == 0 {
		return rows, nil
	}
	d, err := g.decoder(c, nil, nil, use)
	if err != nil {
		return nil, err
	}
	var col row.Column
	if err := d.column(&col); err != nil {
		return nil, err
	}
	if col.Kind == row.Int {
		for i, n := range col.Nums {
			if ints[n] && !col.Nulls.Has(i) {
				rows.Set(i)
			}
		}
		return rows, nil
	}
	var text []byte
	for i := range g.Rows {
		if col.Kind == row.List {
			if slices.ContainsFunc(col.Value(i).List(), func(v row.Value) bool { return known[v.Text()] }) {
				rows.Set(i)
			}
			continue
		}
		if text = col.AppendText(text[:0], i); known[string(text)] && col.Has(i) {
			rows.Set(i)
		}
	}
	return rows, nil
}

// packed is a text as the chunk keeps ids; ok is false when it cannot be one of
// them.
func (c *chunk) packed(text string) (id []byte, ok bool) {
	if c.kind == row.UUID {
		id = make([]byte, 16)
		return id, row.ParseUUID(id, []byte(text))
	}
	digits, ok := strings.CutPrefix(text, c.prefix)
	if !ok || len(digits) != 2*c.width || strings.ToLower(digits) != digits {
		return nil, false
	}
	id, err := hex.DecodeString(digits)
	return id, err == nil
}

// idHeads tells most ids that are not wanted by some of their bits.
type idHeads [64]uint64

func headsOf(ids [][]byte) *idHeads {
	h := &idHeads{}
	for _, id := range ids {
		at := headOf(id)
		h[at>>6] |= 1 << (at & 63)
	}
	return h
}

func (h *idHeads) may(id []byte) bool {
	at := headOf(id)
	return h[at>>6]>>(at&63)&1 != 0
}

// headOf is twelve bits of an id: of its last bytes, for the first may be a time.
func headOf(id []byte) uint32 {
	n := len(id)
	if n < 4 {
		return uint32(id[n-1])
	}
	x := uint32(id[n-1]) | uint32(id[n-2])<<8 | uint32(id[n-3])<<16 | uint32(id[n-4])<<24
	return (x ^ bits.RotateLeft32(x, 12)) & 0xfff
}
