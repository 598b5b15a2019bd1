package agg

import "slices"

// A table that was shared stays as it is, so that it can be kept and merged into
// others any number of times, by many goroutines at once. It holds what merging
// reads, and nothing of the batches it was made of.

// sharer is a state that holds more than merging reads, or gives itself up when it is
// merged.
type sharer interface{ share() }

// Share makes the table one that is only merged from now on. It reports false, and
// leaves the table as it is, where a sketch was used: what is in one depends on what
// came before.
func (t *Table) Share() bool {
	if t.Approximate() {
		return false
	}
	for _, k := range t.states {
		if s, ok := k.state.(sharer); ok {
			s.share()
		}
	}
	for i := range t.groups.keys {
		t.groups.keys[i].share()
	}
	for i := range t.groups.pairs {
		t.groups.pairs[i].share()
	}
	t.groups.scratch, t.assigned, t.grouped, t.rows = nil, nil, nil, nil
	t.env.Unions, t.shared = nil, true
	return true
}

// share leaves the forms and their texts, those that were lent as copies.
func (c *coder) share() {
	for i := range c.forms {
		f := &c.forms[i]
		if !f.isLent() {
			continue
		}
		text := c.lent.dict.At(uint32(f.num))
		*f = form{num: c.arena.add(text), size: uint32(len(text)), kind: f.kind}
	}
	*c = coder{forms: slices.Clone(c.forms), arena: c.arena, lists: c.lists, texted: c.texted}
}

func (t *pairTable) share() { *t = pairTable{pairs: slices.Clip(t.pairs)} }

func (s *distinct) share() {
	s.values.share()
	s.codes, s.shared = nil, true
}

func (s *tallies) share() {
	s.values.share()
	s.pairs.share()
	s.codes, s.firsts = nil, nil
}

func (s *quantiles) share() { s.shared = true }

// mergeShared folds in the numbers of o, which keeps them.
func (s *quantiles) mergeShared(o *quantiles, to []uint32) {
	var copied []int64
	add := func(g uint32) {
		if o.floating {
			s.toFloats()
			s.append(copied, []uint32{g})
		} else {
			s.addFixed(copied, o.digits, []uint32{g})
		}
	}
	s.mergeLong(o, to)
	for g := range o.narrow {
		for vals := range o.narrow[g].each {
			copied = copied[:0]
			for _, v := range vals {
				copied = append(copied, int64(v))
			}
			add(to[g])
		}
	}
	for g := range o.piles {
		for vals := range o.piles[g].each {
			copied = append(copied[:0], vals...)
			add(to[g])
		}
	}
	s.bound()
}
