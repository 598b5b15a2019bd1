package colfile

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"
	"unsafe"

	"github.com/plumbline/plumbline/internal/keyval"
)

// terms gives each different text an id in order of first sight. Open addressing over ids costs a half to a ninth of a
// Go map.
type terms struct {
	slots []termSlot // a power of two, at most half full
	seen  []keyval.Sight
	texts []string // by id
	arena []byte   // where the next texts are copied to
}

type termSlot struct {
	tag uint32 // of the hash, what does not find the slot
	id  uint32 // id+1, 0 is free
}

func tagOf(hash uint64) uint32 { return uint32(hash >> 32) }

// restart forgets all texts and makes room for about n others, in the same
// memory: texts that stay in use must be kept first.
func (t *terms) restart(n int) {
	slots := firstSlots
	for slots < 2*n {
		slots *= 2
	}
	if slots > cap(t.slots) {
		t.slots = make([]termSlot, slots)
	} else {
		t.slots = t.slots[:slots]
		clear(t.slots)
	}
	t.seen, t.texts, t.arena = slices.Grow(t.seen[:0], n), slices.Grow(t.texts[:0], n), t.arena[:0]
}

// keep leaves the texts where they are.
func (t *terms) keep() []string {
	t.arena = nil
	return t.texts
}

const (
	firstSlots = 64
	arenaBytes = 64 << 10 // texts are copied in runs of this size
)

// id is the id of a text, which is copied when it is new.
func (t *terms) id(text []byte) uint32 {
	n := len(t.texts)
	id := t.idOf(view(text))
	if int(id) == n {
		t.texts[id] = t.copied(t.texts[id])
	}
	return id
}

// idOf is the id of a text that stays as it is.
func (t *terms) idOf(text string) uint32 {
	if 2*len(t.texts) >= len(t.slots) {
		t.grow()
	}
	seen := keyval.SightOf(bytesOf(text))
	h := seen.Hash()
	mask := uint64(len(t.slots) - 1)
	for p := h & mask; ; p = (p + 1) & mask {
		s := t.slots[p]
		if s.id == 0 {
			t.seen, t.texts = append(t.seen, seen), append(t.texts, text)
			t.slots[p] = termSlot{tagOf(h), uint32(len(t.texts))}
			return uint32(len(t.texts)) - 1
		}
		if s.tag == tagOf(h) && t.seen[s.id-1] == seen && (seen.Whole() || t.texts[s.id-1] == text) {
			return s.id - 1
		}
	}
}

// find is the id of a text that may not be there.
func (t *terms) find(text string) (id uint32, ok bool) {
	seen := keyval.SightOf(bytesOf(text))
	h := seen.Hash()
	mask := uint64(len(t.slots) - 1)
	for p := h & mask; t.slots[p].id != 0; p = (p + 1) & mask {
		if id := t.slots[p].id - 1; t.slots[p].tag == tagOf(h) && t.seen[id] == seen && (seen.Whole() || t.texts[id] == text) {
			return id, true
		}
	}
	return 0, false
}

func (t *terms) grow() {
	t.slots = make([]termSlot, max(firstSlots, 2*len(t.slots)))
	mask := uint64(len(t.slots) - 1)
	for id, seen := range t.seen {
		h := seen.Hash()
		p := h & mask
		for t.slots[p].id != 0 {
			p = (p + 1) & mask
		}
		t.slots[p] = termSlot{tagOf(h), uint32(id) + 1}
	}
}

func (t *terms) copied(text string) string {
	if len(text) > arenaBytes/4 {
		return strings.Clone(text)
	}
	if len(text) > cap(t.arena)-len(t.arena) {
		t.arena = make([]byte, 0, arenaBytes)
	}
	at := len(t.arena)
	t.arena = append(t.arena, text...)
	return view(t.arena[at:])
}

// sorter sorts texts, in memory that it uses again.
type sorter struct{ heads, spare []head }

// order is the places of texts in their order; good until the next call.
func (s *sorter) order(dst []uint32, texts []string) []uint32 {
	skip := len(sharedPrefix(texts))
	s.heads = slices.Grow(s.heads[:0], len(texts))[:len(texts)]
	for i, text := range texts {
		s.heads[i] = head{bigEndian(text[skip:]), uint32(i)}
	}
	s.sort()
	heads := s.heads
	for i := 0; i < len(heads); { // texts alike in their heads
		k := i + 1
		for k < len(heads) && heads[k].key == heads[i].key {
			k++
		}
		if k > i+1 {
			slices.SortFunc(heads[i:k], func(a, b head) int { return strings.Compare(texts[a.id], texts[b.id]) })
		}
		i = k
	}
	for _, h := range heads {
		dst = append(dst, h.id)
	}
	return dst
}

// head is a text by the eight bytes after what all share: nearly always enough
// to tell it from others.
type head struct {
	key uint64
	id  uint32
}

// radixHeads is the number from which sorting byte by byte beats comparing.
const radixHeads = 256

// sort sorts the heads by their keys.
func (s *sorter) sort() {
	if len(s.heads) < radixHeads {
		slices.SortFunc(s.heads, func(a, b head) int { return cmp.Compare(a.key, b.key) })
		return
	}
	var same, any uint64 = ^uint64(0), 0 // bits that are set in all keys, in any
	for _, h := range s.heads {
		same, any = same&h.key, any|h.key
	}
	s.spare = slices.Grow(s.spare[:0], len(s.heads))[:len(s.heads)]
	for shift := 0; shift < 64; shift += 8 { // the lowest byte first; each pass keeps the order of the last
		if byte((same^any)>>shift) == 0 {
			continue
		}
		var next [256]int
		for i := range s.heads {
			next[byte(s.heads[i].key>>shift)]++
		}
		at := 0
		for b, n := range next {
			next[b] = at
			at += n
		}
		for _, h := range s.heads {
			b := byte(h.key >> shift)
			s.spare[next[b]] = h
			next[b]++
		}
		s.heads, s.spare = s.spare, s.heads
	}
}

// bigEndian is the first eight bytes of a text as a number that orders alike.
func bigEndian(s string) uint64 {
	if len(s) >= 8 {
		return binary.BigEndian.Uint64([]byte(s[:8]))
	}
	var b [8]byte
	copy(b[:], s)
	return binary.BigEndian.Uint64(b[:])
}

// sharedPrefix is what all texts begin with.
func sharedPrefix(texts []string) string {
	if len(texts) == 0 {
		return ""
	}
	prefix := texts[0]
	for _, s := range texts[1:] {
		if prefix = prefix[:sharedLen(prefix, s)]; prefix == "" {
			break
		}
	}
	return prefix
}

// sharedLen is how long two texts are alike from their beginning.
func sharedLen(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// counting is the ids 0 to n − 1.
func counting(n int) []uint32 {
	ids := make([]uint32, n)
	for i := range ids {
		ids[i] = uint32(i)
	}
	return ids
}

// inverse gives for every id its place in the order.
func inverse(order []uint32) []uint32 {
	place := make([]uint32, len(order))
	for i, id := range order {
		place[id] = uint32(i)
	}
	return place
}

// view is the bytes as a text, without a copy.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// bytesOf is the text as bytes, without a copy; they are not to be written.
func bytesOf(text string) []byte { return unsafe.Slice(unsafe.StringData(text), len(text)) }
