package colfile

// lexicon collects the different texts of a field over the groups of a part.
// While only one group has any, its sorted list is the dictionary as it is;
// sealed parts mostly have one group, and are spared the hashing.
type lexicon struct {
	list   []string // the sorted texts of the only group so far
	terms  *terms   // once there are several
	counts []uint64 // by id: the rows that have the text
}

// add adds the sorted texts of a group and the rows that have each, and gives
// their ids.
func (l *lexicon) add(texts []string, rows []uint64) []uint32 {
	if l.terms == nil && l.list == nil {
		l.list, l.counts = texts, append([]uint64(nil), rows...)
		return counting(len(texts))
	}
	ids := make([]uint32, len(texts))
	for i, text := range texts {
		ids[i] = l.id(text)
		l.counts[ids[i]] += rows[i]
	}
	return ids
}

// id is the id of a text.
func (l *lexicon) id(text string) uint32 {
	if l.terms == nil {
		l.terms = newTerms(2 * len(l.list))
		for _, s := range l.list {
			l.terms.idOf(s)
		}
		l.list = nil
	}
	id := l.terms.idOf(text)
	if int(id) == len(l.counts) {
		l.counts = append(l.counts, 0)
	}
	return id
}

// len is the number of texts.
func (l *lexicon) len() int { return len(l.counts) }

// texts are all texts and their rows by id, and the order of the ids.
func (l *lexicon) texts() (texts []string, rows []uint64, order []uint32) {
	if l.terms == nil {
		return l.list, l.counts, counting(len(l.list))
	}
	return l.terms.texts, l.counts, new(sorter).order(nil, l.terms.texts)
}
