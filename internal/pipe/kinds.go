package pipe

import (
	"slices"
	"sync"
)

// kinds is the table of pipes: to add one, write it in a file of its own and
// add its line here.
func kinds() []*Kind {
	return []*Kind{
		appendKind,
		binKind,
		compareKind,
		dedupKind,
		evalKind,
		eventstatsKind,
		facetsKind,
		fieldsKind,
		fillnullKind,
		formatKind,
		headKind,
		joinKind,
		jsonKind,
		kvKind,
		logfmtKind,
		lookupKind,
		parseKind,
		patternsKind,
		rareKind,
		relatedKind,
		renameKind,
		replaceKind,
		rexKind,
		sampleKind,
		searchKind,
		sortKind,
		statsKind,
		streamstatsKind,
		tableKind,
		tailKind,
		timechartKind,
		topKind,
		transactionKind,
		unionKind,
		unrollKind,
		whereKind,
	}
}

// byName is the table by name and alias.
var byName = sync.OnceValue(func() map[string]*Kind {
	m := map[string]*Kind{}
	for _, k := range kinds() {
		m[k.Name] = k
		for _, a := range k.Aliases {
			m[a] = k
		}
	}
	return m
})

// KindOf is the pipe of a lower-case name, nil when there is none.
func KindOf(name string) *Kind { return byName()[name] }

// Kinds are all pipes by name, for documentation and completion.
func Kinds() []*Kind {
	return slices.SortedFunc(slices.Values(kinds()), func(a, b *Kind) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
}

// Names are the names of all pipes and their aliases, sorted.
func Names() []string {
	var names []string
	for name := range byName() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
