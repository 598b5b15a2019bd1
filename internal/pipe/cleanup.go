package pipe

import (
	"fmt"
	"slices"
	"strings"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/fault"
)

// ParseCleanup reads the pipes that the lines of a dataset go through on their
// way in:
//
//	rename lvl as level | where level != "debug" | replace "\d{16}" with "…" in card
//
// A | may stand in front. Each pipe must be one that looks at every row alone and
// makes one row of it or none. Nor may a pipe read a field by an alias, which is
// a way of asking: a line has the names it was sent with. Errors are *fault.At:
// they name the pipe and its column.
func ParseCleanup(text string, aliases map[string]string) ([]Pipe, error) {
	r := expr.NewReader(text, IsAggregate)
	r.Sub = func(sub string) error {
		return fault.AtOffset(sub, 0, "lines on their way in cannot wait for another question", "")
	}
	var list []Pipe
	r.Take("|")
	for {
		r.Space()
		at := r.Offset()
		p, err := parsePipe(r)
		if err != nil {
			return nil, err
		}
		ahead := expr.NewReader(text[at:], nil)
		if err := mayCleanUp(strings.ToLower(ahead.Word()), p, aliases); err != nil {
			return nil, r.Fail(at, err.Error(), "")
		}
		if list = append(list, p); r.End() {
			return list, nil
		}
		if !r.Take("|") {
			return nil, r.Fail(r.Offset(), "expected | and a pipe, found "+r.Found(), "")
		}
	}
}

// mayCleanUp says why a pipe may not stand among those of a dataset.
func mayCleanUp(name string, p Pipe, aliases map[string]string) error {
	if !KindOf(name).Cleanup {
		return fmt.Errorf("%s cannot stand here: it does not look at each line alone; use %s", name, strings.Join(cleanupNames(), ", "))
	}
	if lane, rest := p.(Splitter).Split(); lane == nil || rest != nil {
		return fmt.Errorf("%s must name its fields here, for it would look at other lines to find them", name)
	}
	for _, field := range p.Reads(Everything()).Fields {
		if stands := aliases[field]; stands != "" {
			return fmt.Errorf("%s reads %s, which is an alias of %s and no field of lines: write %s, or switch the alias off", name, field, stands, stands)
		}
	}
	return nil
}

func cleanupNames() []string {
	var names []string
	for _, k := range Kinds() {
		if k.Cleanup {
			names = append(names, k.Name)
		}
	}
	slices.Sort(names)
	return names
}
