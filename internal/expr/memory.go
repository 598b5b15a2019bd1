package expr

import (
	"unsafe"

	"github.com/plumbline/plumbline/internal/row"
)

// memory keeps what was found out about the entries of dictionaries, node by
// node: the batches of one part share their dictionaries.
type memory struct {
	verdicts map[entryOf][]verdict
	places   map[entryOf][]Places // by code of a shape
	mapped   map[entryOf]*mapping
	soles    map[entryOf][]uint32 // see Evaluator.Sole
	bytes    int
}

// entryOf names what a memory is about.
type entryOf struct {
	node Expr
	dict *row.Dictionary
}

// maxMemory bounds what is remembered: batches that share no dictionaries
// would otherwise fill the memory. It holds a dozen nodes over a million
// entries.
const maxMemory = 16 << 20

// overhead is what one remembered dictionary costs beside its entries; the
// dictionary itself is kept alive too.
const overhead = 4096

// verdicts are what is known of the entries of a dictionary, by code. A
// question without a node holds for this batch only. kind is that of the column:
// entries are texts, or shapes.
func (ev *Evaluator) verdicts(q *question, kind row.Kind, dict *row.Dictionary) []verdict {
	key := entryOf{q.node, dict}
	if q.node == nil {
		return make([]verdict, dict.Len())
	}
	if v, ok := ev.memo.verdicts[key]; ok {
		return v
	}
	ev.memo.take(dict.Len() + overhead)
	v := make([]verdict, dict.Len())
	if kind == row.Dict {
		if entries, ok := lookUp(q.test, dict); ok {
			for i := range v {
				v[i] = never
			}
			for _, i := range entries {
				v[i] = always
			}
		}
	}
	ev.memo.verdicts[key] = v
	return v
}

// placesOf is where a question's needle can stand, by code of a shape.
func (ev *Evaluator) placesOf(q *question, dict *row.Dictionary) []Places {
	key := entryOf{q.node, dict}
	p := ev.memo.places[key]
	if p == nil {
		p = make([]Places, dict.Len())
		if q.node != nil {
			ev.memo.places[key] = p
			ev.memo.bytes += int(unsafe.Sizeof(p[0])) * len(p)
		}
	}
	return p
}

// take makes room for n bytes more, forgetting everything when it is full.
func (m *memory) take(n int) {
	if m.verdicts == nil || m.bytes+n > maxMemory {
		*m = memory{map[entryOf][]verdict{}, map[entryOf][]Places{}, map[entryOf]*mapping{}, map[entryOf][]uint32{}, 0}
	}
	m.bytes += n
}
