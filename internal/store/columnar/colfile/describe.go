package colfile

import (
	"cmp"
	"slices"
	"strings"

	"github.com/plumbline/plumbline/internal/row"
)

// FieldSize says how a field is kept in a part and what it takes there, in
// bytes of the file.
type FieldSize struct {
	Name       string
	Rows       int64          // that have a value
	Kinds      []row.Kind     // as what it is handed out
	Forms      map[string]int // form of its pages → groups
	Values     int            // in its dictionaries
	Pages      int64          // pages, maps and lists
	Index      int64
	Dictionary int64
}

// Total is all bytes of the field.
func (f FieldSize) Total() int64 { return f.Pages + f.Index + f.Dictionary }

// Description is what inspect shows of a part.
type Description struct {
	Meta   Meta
	Groups []Span
	Fields []FieldSize // the largest first
	Masks  int64       // bytes of the sets of rows that have a field
	Rest   int64       // bytes of directories, footer and trailer
}

// shown is the name of a field as people see it: _msg⟨4⟩ is a piece of _msg, _msg⟨⟩ its
// templates.
func shown(name string) string {
	parts := strings.Split(name, innerMark)
	for i := 1; i < len(parts); i++ {
		parts[i] = "⟨" + parts[i] + "⟩"
	}
	return strings.Join(parts, "")
}

// Describe reads the directories of a part, and no page.
func Describe(p *Part) (Description, error) {
	d := Description{Meta: p.meta, Rest: p.size}
	f, err := p.footer()
	if err != nil {
		return d, err
	}
	for i := range f.fields {
		e := &f.fields[i]
		size := FieldSize{Name: shown(e.name), Rows: e.rows, Kinds: e.facts().Kinds, Forms: map[string]int{}, Values: e.texts.count + e.shapes.count + e.nums.count}
		for _, dict := range [...]dictEntry{e.texts, e.shapes, e.nums} {
			size.Dictionary += int64(dict.rows.stored)
			for _, b := range dict.blocks {
				size.Dictionary += int64(b.stored)
			}
		}
		if x, err := p.indexOf(f, e.name); err != nil {
			return d, err
		} else if x != nil {
			size.Index = x.ends[len(x.ends)-1] - x.entry.off + int64(x.entry.cells.stored)
		}
		d.Fields = append(d.Fields, size)
	}
	for i := range f.groups {
		g, err := p.Group(i)
		if err != nil {
			return d, err
		}
		d.Groups = append(d.Groups, g.Span)
		for _, m := range g.header.masks {
			d.Masks += int64(m.table.stored)
			for _, b := range m.pages.pages {
				d.Masks += int64(b.stored)
			}
		}
		for k := range g.header.chunks {
			c := &g.header.chunks[k]
			size := &d.Fields[c.field]
			size.Forms[c.form.String()]++
			size.Pages += c.bytes()
		}
	}
	for _, s := range d.Fields {
		d.Rest -= s.Total()
	}
	d.Rest -= d.Masks
	slices.SortStableFunc(d.Fields, func(a, b FieldSize) int { return cmp.Compare(b.Total(), a.Total()) })
	return d, nil
}
