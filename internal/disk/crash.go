package disk

import (
	"maps"
	"math/rand/v2"
	"slices"
)

// Crash is a file system in memory that remembers what was synced. Its Clone is the disk that the next start would find if the power went now.
type Crash struct{ *Mem }

// Crashable is an empty file system whose power can be cut.
func Crashable() *Crash {
	m := Memory()
	m.noting = true
	return &Crash{m}
}

// Clone cuts the power of a copy. The copy holds everything that was synced and, of the rest, a share drawn from rng: of each file's writes
// nothing, all, those up to a moment with the last one torn, or any mixture of old and new sectors; of each folder's names nothing, all, those
// up to a moment, or any subset. Files and folders are drawn apart, for a disk keeps no order between them. What the copy holds counts as
// synced, and no lock is held in it. The original goes on undisturbed.
func (c *Crash) Clone(rng *rand.Rand) *Crash {
	c.mu.Lock()
	defer c.mu.Unlock()
	fresh := Crashable()
	fresh.total = c.total
	cut := powerCut{rng: rng, mem: fresh.Mem, seen: map[*node]*node{}}
	fresh.root = cut.node(c.root)
	return fresh
}

// powerCut copies a tree; a file that lies in two folders, its Rename half lost, stays one file.
type powerCut struct {
	rng  *rand.Rand
	mem  *Mem
	seen map[*node]*node
}

func (p *powerCut) node(n *node) *node {
	if copied := p.seen[n]; copied != nil {
		return copied
	}
	copied := &node{}
	p.seen[n] = copied
	if n.names == nil {
		copied.base = p.bytes(n)
		copied.data = slices.Clone(copied.base)
		p.mem.used += int64(len(copied.data))
		return copied
	}
	copied.names = map[string]*node{}
	kept := p.names(n)
	for _, name := range slices.Sorted(maps.Keys(kept)) { // sorted, so that one seed gives one disk
		copied.names[name] = p.node(kept[name])
	}
	copied.synced = maps.Clone(copied.names)
	return copied
}

// names draws which changes of a folder reached the disk.
func (p *powerCut) names(n *node) map[string]*node {
	kept := map[string]*node{}
	maps.Copy(kept, n.synced)
	way, until := p.rng.IntN(4), p.rng.IntN(len(n.renames)+1)
	for i, c := range n.renames {
		switch {
		case way == 0, way == 2 && i >= until, way == 3 && p.rng.IntN(2) == 0:
			continue
		}
		for name, child := range c {
			if child == nil {
				delete(kept, name)
			} else {
				kept[name] = child
			}
		}
	}
	return kept
}

// bytes draws which writes of a file reached the disk.
func (p *powerCut) bytes(n *node) []byte {
	switch way := p.rng.IntN(4); {
	case way == 0 || len(n.writes) == 0:
		return slices.Clone(n.base)
	case way == 1:
		data := slices.Clone(n.base)
		for _, w := range n.writes {
			data = w.apply(data)
		}
		return data
	case way == 2:
		return p.interrupted(n)
	default:
		return p.mixed(n)
	}
}

// interrupted keeps the writes up to a moment, and of the last one only a beginning.
func (p *powerCut) interrupted(n *node) []byte {
	data, until := slices.Clone(n.base), p.rng.IntN(len(n.writes))
	for _, w := range n.writes[:until] {
		data = w.apply(data)
	}
	torn := n.writes[until]
	if len(torn.data) == 0 {
		return data
	}
	torn.data = torn.data[:p.rng.IntN(len(torn.data))]
	if len(torn.data) == 0 {
		return data
	}
	return torn.apply(data)
}

// mixed lets every sector, or every page, have reached the disk at a moment of its own: it then holds all writes to it up to that moment.
// The size is that of a moment too, so that zeros may stand where the data did not arrive.
func (p *powerCut) mixed(n *node) []byte {
	grain := int64(512) // what a drive writes whole; and the 4 KB that the page cache hands to it
	if p.rng.IntN(2) == 0 {
		grain = 4096
	}
	draw := func() int { return p.rng.IntN(len(n.writes) + 1) }
	until, sizeUntil := map[int64]int{}, draw()
	data := slices.Clone(n.base)
	for i, w := range n.writes {
		if w.data == nil {
			if i < sizeUntil {
				data = w.apply(data)
			}
			continue
		}
		if i < sizeUntil {
			data = resized(data, max(int64(len(data)), w.at+int64(len(w.data))))
		}
		for from, end := w.at, w.at+int64(len(w.data)); from < end; {
			sector := from / grain
			to := min(end, (sector+1)*grain)
			if _, drawn := until[sector]; !drawn {
				until[sector] = draw()
			}
			if i < until[sector] {
				data = write{from, w.data[from-w.at : to-w.at]}.apply(data)
			}
			from = to
		}
	}
	return data
}

func (w write) apply(data []byte) []byte {
	if w.data == nil {
		return resized(data, w.at)
	}
	data = resized(data, max(int64(len(data)), w.at+int64(len(w.data))))
	copy(data[w.at:], w.data)
	return data
}

// flush makes a file's bytes durable.
func (n *node) flush() {
	for _, w := range n.writes {
		n.base = w.apply(n.base)
	}
	n.writes = nil
}

// settle makes one name of a folder durable.
func (n *node) settle(name string, child *node) {
	if n.synced == nil {
		n.synced = map[string]*node{}
	}
	n.synced[name] = child
	for _, c := range n.renames {
		delete(c, name)
	}
}

// lose is what a failed Sync does: the unsynced bytes can still be read, as from pages that the system has marked clean, but they never reach
// the disk, whatever later Syncs say, unless they are written again.
func (f *memFile) lose() {
	f.mem.mu.Lock()
	defer f.mem.mu.Unlock()
	f.node.writes = nil
}
