package agg

import (
	"sync"

	"github.com/plumbline/plumbline/internal/row"
)

// Unions are dictionaries that were laid together. The lanes of a question meet
// those of its parts in the same order, so each pair is worked out once for all
// of them. A nil one remembers nothing.
type Unions struct {
	mu     sync.Mutex
	kept   [keptUnions]union
	oldest int
}

// keptUnions is how many pairs lanes may lie apart.
const keptUnions = 4

// union is two dictionaries in one.
type union struct {
	a, b, dict   *row.Dictionary
	fromA, fromB []uint32 // places in dict
}

// of lays two sorted dictionaries together. Who comes second waits.
func (m *Unions) of(a, b *row.Dictionary) union {
	if m == nil {
		return unite(a, b)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range m.kept {
		if m.kept[i].a == a && m.kept[i].b == b {
			return m.kept[i]
		}
	}
	u := unite(a, b)
	m.kept[m.oldest] = u
	m.oldest = (m.oldest + 1) % keptUnions
	return u
}

func unite(a, b *row.Dictionary) union {
	u := union{a: a, b: b}
	u.dict, u.fromA, u.fromB = row.Union(a, b)
	return u
}
