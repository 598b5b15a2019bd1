package colfile

import (
	"encoding/binary"
	"maps"
	"math/bits"
	"slices"

	"github.com/zeebo/xxh3"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/frame"
)

// The index of a field of ids tells for a part in which of its groups an id may
// be, and for nearly all ids that are in none, that they are in none. It is the
// sorted list of what the ids hash to, each with its group, cut into cells of
// about cellKeys. A key falls into the cell, and the bucket of the cell, that lie
// at the same share of all as the key does among all keys, so that nothing is
// searched: one cell is read.
//
//	cell
//	┌──────────┬─────────────────────┬──────────────┬──────────────┬──────┐
//	│ count uv │ buckets: a one for  │ low bits of  │ group of     │ xxh3 │
//	│          │ each key, a zero    │ each key     │ each key     │ 8    │
//	│          │ behind each bucket  │ packed       │ packed       │      │
//	└──────────┴─────────────────────┴──────────────┴──────────────┴──────┘
//
// Keys keep keyBits bits, however many there are. So a merge joins the lists of
// its parts without a look at a single id.
const (
	// keyBits: of a million keys, one stranger in 64 is taken for one of them, and
	// costs a look at the ids of one group. Each bit is an eighth of a byte an id.
	keyBits  = 26
	cellKeys = 256 // with groups about 500 bytes
)

// keyBitsOf is the width of keys in parts of a version.
func keyBitsOf(version uint32) int {
	if version == 2 {
		return 30
	}
	return keyBits
}

// indexEntry is where the index of a field lies.
type indexEntry struct {
	count  int   // keys, each once for each group that holds it; 0: no index
	off    int64 // of the first cell; one follows the other
	cells  block // their lengths, uv each
	others int   // groups that have the field, and some of its values not in the index
}

// cellCount is how many cells a list of keys is cut into.
func cellCount(keys int) int { return max(1, keys/cellKeys) }

// cellShape is how keys are laid out in the cells of an index.
type cellShape struct {
	cells   uint64
	key     int // width of a key
	low     int // width of its low bits
	buckets int // in each cell
	group   int // width of a group
}

func shapeOf(keys, groups, width int) cellShape {
	s := cellShape{cells: uint64(cellCount(keys)), key: width, group: codeBits(groups)}
	most := (uint64(1)<<width)/s.cells + 1 // keys that can fall into one cell
	s.low = max(0, bits.Len64(most)-bits.Len(cellKeys))
	s.buckets = int(most>>s.low) + 1
	return s
}

// cellOf is the cell that a key falls into, and first the least key of a cell.
func (s cellShape) cellOf(key uint32) int { return int(uint64(key) * s.cells >> s.key) }

func (s cellShape) first(cell int) uint32 {
	return uint32((uint64(cell)<<s.key + s.cells - 1) / s.cells)
}

// keyOf is what an index keeps of a hash.
func keyOf(hash uint64, width int) uint32 { return uint32(hash >> (64 - width)) }

// indexed is a key and a group, as one number that sorts by key.
type indexed uint64

func (x indexed) key() uint32 { return uint32(x >> 32) }
func (x indexed) group() int  { return int(uint32(x)) }

func indexedOf(key uint32, group int) indexed {
	return indexed(key)<<32 | indexed(group)
}

// groupKeys are the keys of a group that was not copied.
type groupKeys struct {
	group int // place among Writer.groups
	keys  []uint32
}

// indexer writes the indices of a part, field by field, its memory used again.
type indexer struct {
	list, other []indexed
	bins        []uint32
	keys, of    []uint32
	cell        []byte
	ones        []byte
}

// storeIndex writes the index of a field. order says which group of the part
// became of which that was written.
func (w *Writer) storeIndex(b *book, order []int) (indexEntry, error) {
	x := &w.tools.indexer
	most := 0
	for _, g := range b.keys {
		most += len(g.keys)
	}
	for part := range w.copied {
		f, err := part.footer()
		if err != nil {
			return indexEntry{}, err
		}
		if id, ok := f.byName[b.name]; ok {
			most += f.fields[id].index.count
		}
	}
	x.list = slices.Grow(x.list[:0], most)
	for _, g := range b.keys {
		for _, k := range g.keys {
			x.list = append(x.list, indexedOf(k, order[g.group]))
		}
	}
	for _, part := range w.inOrder(order) {
		if err := x.take(part, b.name, w.copied[part], order); err != nil {
			return indexEntry{}, err
		}
	}
	e := indexEntry{count: 0, others: b.others, off: w.off}
	if len(x.list) == 0 {
		return e, nil
	}
	x.sort()
	x.list = slices.Compact(x.list)
	e.count = len(x.list)
	shape := shapeOf(e.count, len(order), keyBits)
	var lengths []byte
	for rest, c := x.list, 0; c < int(shape.cells); c++ {
		n, next := 0, shape.first(c+1)
		for n < len(rest) && rest[n].key() < next {
			n++
		}
		cell := x.pack(shape, c, rest[:n])
		rest = rest[n:]
		if _, err := w.write(cell, len(cell), asIs); err != nil {
			return e, err
		}
		lengths = binary.AppendUvarint(lengths, uint64(len(cell)))
	}
	var err error
	e.cells, err = w.put(lengths, tryHuffman)
	return e, err
}

// inOrder are the parts of which groups were copied, by the first of these: so the keys
// that several parts have come by their groups.
func (w *Writer) inOrder(order []int) []*Part {
	first := func(p *Part) int {
		for _, at := range w.copied[p] {
			if at > 0 {
				return order[at-1]
			}
		}
		return len(order)
	}
	return slices.SortedFunc(maps.Keys(w.copied), func(a, b *Part) int { return first(a) - first(b) })
}

// take adds the keys that a field has in another part, of the groups that were
// copied from there: moved says where to, and order where that is now.
func (x *indexer) take(p *Part, name string, moved, order []int) error {
	f, err := p.footer()
	if err != nil {
		return err
	}
	from, err := p.indexOf(f, name)
	if from == nil || err != nil {
		return err
	}
	for i := range from.ends {
		c, err := from.cell(i, true)
		if err != nil {
			return err
		}
		x.keys, x.of = slices.Grow(x.keys[:0], c.count), slices.Grow(x.of[:0], c.count)
		at := len(x.list)
		x.list = c.appendAll(x.list, x.keys, x.of)
		taken := x.list[:at]
		for _, k := range x.list[at:] {
			if g := k.group(); g < len(moved) && moved[g] > 0 {
				taken = append(taken, indexedOf(k.key()>>(from.shape.key-keyBits), order[moved[g]-1]))
			}
		}
		x.list = taken
	}
	return nil
}

const (
	// binBits: by their first bits keys go to bins of no more than about 1<<binBits.
	binBits = 7
	// slotBits of a key say where in its bin it stands, but for a place or two.
	slotBits = 8
	// mostMoves of a key in its bin are fewer than sorting it takes. Only keys that many
	// groups share move farther.
	mostMoves = 8
)

// sort sorts the list: first into bins, and then each bin, which lies in the fastest
// cache. The keys of a part come in order, and go to bins that lie side by side.
func (x *indexer) sort() {
	width := min(max(bits.Len(uint(len(x.list)))-binBits, 0), keyBits)
	shift := 32 + keyBits - width
	x.bins = append(x.bins[:0], make([]uint32, 1<<width)...)
	for _, k := range x.list {
		x.bins[k>>shift]++
	}
	begins(x.bins)
	x.other = slices.Grow(x.other[:0], len(x.list))[:len(x.list)]
	for _, k := range x.list {
		at := &x.bins[k>>shift]
		x.other[*at] = k
		*at++
	}
	from := uint32(0)
	for _, end := range x.bins {
		sortBin(x.list[from:end], x.other[from:end], shift-slotBits)
		from = end
	}
}

// sortBin sorts a bin into a list as long: by the bits from shift on, and then each key
// past those before it that are greater.
func sortBin(list, bin []indexed, shift int) {
	var slots [1 << slotBits]uint32
	for _, k := range bin {
		slots[k>>shift&(1<<slotBits-1)]++
	}
	begins(slots[:])
	for _, k := range bin {
		at := &slots[k>>shift&(1<<slotBits-1)]
		list[*at] = k
		*at++
	}
	moves := mostMoves * len(list)
	for i := 1; i < len(list); i++ {
		k, at := list[i], i
		for ; at > 0 && list[at-1] > k; at-- {
			list[at] = list[at-1]
		}
		list[at] = k
		if moves -= i - at; moves < 0 {
			slices.Sort(list)
			return
		}
	}
}

// begins makes of the sizes of places that lie side by side where each begins.
func begins(sizes []uint32) {
	sum := uint32(0)
	for i, n := range sizes {
		sizes[i], sum = sum, sum+n
	}
}

// pack is a cell of sorted keys.
func (x *indexer) pack(s cellShape, cell int, list []indexed) []byte {
	first, n := s.first(cell), len(list)
	x.ones = append(x.ones[:0], make([]byte, (n+s.buckets+7)/8)...)
	x.keys, x.of = slices.Grow(x.keys[:0], n)[:n], slices.Grow(x.of[:0], n)[:n]
	for i, k := range list {
		rel := k.key() - first
		at := i + int(rel>>s.low)
		x.ones[at/8] |= 1 << (at % 8)
		x.keys[i], x.of[i] = rel&(1<<s.low-1), uint32(k.group())
	}
	x.cell = append(binary.AppendUvarint(x.cell[:0], uint64(n)), x.ones...)
	x.cell = frame.Pack(frame.Pack(x.cell, x.keys, s.low), x.of, s.group)
	return binary.LittleEndian.AppendUint64(x.cell, xxh3.Hash(x.cell))
}

// cell is a cell as it is read.
type cell struct {
	cellShape
	first             uint32
	count             int
	ones, lows, group []byte
}

// readCell checks and reads a cell.
func (s cellShape) readCell(data []byte, at int) (cell, bool) {
	n := len(data) - 8
	if n < 0 || !checks(data[:n], binary.LittleEndian.Uint64(data[n:])) {
		return cell{}, false
	}
	return s.cell(data[:n], at)
}

// cell reads a cell; ok is false when its lengths do not fit its count.
func (s cellShape) cell(data []byte, at int) (c cell, ok bool) {
	n, k := binary.Uvarint(data)
	if k <= 0 || n > uint64(len(data))*8 {
		return c, false
	}
	c, data = cell{cellShape: s, first: s.first(at), count: int(n)}, data[k:]
	ones := (c.count + s.buckets + 7) / 8
	lows := ones + frame.PackedLen(c.count, s.low)
	if len(data) != lows+frame.PackedLen(c.count, s.group) {
		return c, false
	}
	c.ones, c.lows, c.group = data[:ones], data[ones:lows], data[lows:]
	return c, true
}

// find calls found with each group that may hold a key.
func (c *cell) find(key uint32, found func(group int)) {
	rel := key - c.first
	bucket, low := int(rel>>c.low), rel&(1<<c.low-1)
	at := 0 // behind the zero that ends the bucket before
	if bucket > 0 {
		at = c.zero(bucket-1) + 1
	}
	for i := at - bucket; i < c.count && at/8 < len(c.ones) && c.ones[at/8]>>(at%8)&1 == 1; i, at = i+1, at+1 {
		if bitsAt(c.lows, i, c.cellShape.low) == low {
			found(int(bitsAt(c.group, i, c.cellShape.group)))
		}
	}
}

// zero is the place of the n-th zero.
func (c *cell) zero(n int) int {
	at := 0
	for ; at+8 <= len(c.ones); at += 8 {
		zeros := 64 - bits.OnesCount64(binary.LittleEndian.Uint64(c.ones[at:]))
		if n < zeros {
			break
		}
		n -= zeros
	}
	for ; at < len(c.ones); at++ {
		b := ^c.ones[at]
		zeros := bits.OnesCount8(b)
		if n >= zeros {
			n -= zeros
			continue
		}
		for range n {
			b &= b - 1
		}
		return at*8 + bits.TrailingZeros8(b)
	}
	return at * 8
}

// appendAll appends every key of the cell, in their order. keys and groups are
// memory for what is packed.
func (c *cell) appendAll(dst []indexed, keys, groups []uint32) []indexed {
	keys, groups = keys[:c.count], groups[:c.count]
	frame.Unpack(keys, c.lows, c.low)
	frame.Unpack(groups, c.group, c.cellShape.group)
	i := 0
	for at := 0; at < len(c.ones) && i < c.count; at++ {
		for ones := c.ones[at]; ones != 0 && i < c.count; ones &= ones - 1 {
			bucket := uint32(at*8 + bits.TrailingZeros8(ones) - i)
			dst = append(dst, indexedOf(c.first+bucket<<c.low+keys[i], int(groups[i])))
			i++
		}
	}
	return dst
}

// bitsAt is the i-th of values packed at a width of up to 32 bits.
func bitsAt(packed []byte, i, width int) uint32 {
	if width == 0 {
		return 0
	}
	from := i * width
	at := from / 8
	var word uint64
	if at+8 <= len(packed) {
		word = binary.LittleEndian.Uint64(packed[at:])
	} else {
		for k, b := range packed[at:] {
			word |= uint64(b) << (8 * k)
		}
	}
	return uint32(word >> (from % 8) & (1<<width - 1))
}

// index reads cells of the index of a field.
type index struct {
	part  *Part
	name  string
	entry *indexEntry
	shape cellShape
	ends  []int64 // of the cells, in the file
	// ahead is a stretch of the file that was read at once.
	ahead    []byte
	aheadOff int64
}

// indexOf is the index of a field; nil when it has none.
func (p *Part) indexOf(f *footer, name string) (*index, error) {
	id, ok := f.byName[name]
	if !ok || f.fields[id].index.count == 0 {
		return nil, nil
	}
	e := &f.fields[id].index
	x := &index{part: p, name: name, entry: e, shape: shapeOf(e.count, len(f.groups), keyBitsOf(p.version))}
	var err error
	x.ends, err = cached(p, e.cells.off, whatIndex, func() ([]int64, int64, error) {
		data, err := p.load(e.cells)
		if err != nil {
			return nil, 0, err
		}
		r := frame.NewCursor(data)
		ends, at := make([]int64, 0, min(int(x.shape.cells), len(data))), e.off
		for range cap(ends) {
			at += int64(r.Count(maxBlock))
			ends = append(ends, at)
		}
		if err := r.End(); err != nil {
			return nil, 0, err
		}
		if len(ends) != int(x.shape.cells) || at > p.size {
			return nil, 0, fault.New(fault.Corrupt, "%d cells up to byte %d", len(ends), at)
		}
		return ends, int64(8 * len(ends)), nil
	})
	if err != nil {
		return nil, x.corrupt(err)
	}
	return x, nil
}

func (x *index) corrupt(err error) error {
	return x.part.corrupt("read the index of %q: %v", x.name, err)
}

// begin is where a cell begins.
func (x *index) begin(cell int) int64 {
	if cell == 0 {
		return x.entry.off
	}
	return x.ends[cell-1]
}

// aheadIndex is how much of an index is read at once when most of it is wanted.
const aheadIndex = 256 << 10

// cell reads a cell; with much, what follows too.
func (x *index) cell(at int, much bool) (cell, error) {
	from, to := x.begin(at), x.ends[at]
	if from < x.aheadOff || to > x.aheadOff+int64(len(x.ahead)) {
		end := to
		if much {
			end = max(to, min(from+aheadIndex, x.ends[len(x.ends)-1]))
		}
		x.ahead = slices.Grow(x.ahead[:0], int(end-from))[:end-from]
		x.aheadOff = from
		if _, err := x.part.file.ReadAt(x.ahead, from); err != nil {
			x.ahead = nil
			return cell{}, err
		}
	}
	c, ok := x.shape.readCell(x.ahead[from-x.aheadOff:to-x.aheadOff], at)
	if !ok {
		return c, x.part.corrupt("cell %d of the index of %q does not check", at, x.name)
	}
	return c, nil
}
