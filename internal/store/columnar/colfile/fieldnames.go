package colfile

// FieldNames are the names of the fields that rows of the part have. It reads
// the footer and nothing else.
func (p *Part) FieldNames() ([]string, error) {
	f, err := p.footer()
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(f.fields))
	for i := range f.fields {
		if name := f.fields[i].name; !isInner(name) {
			names = append(names, name)
		}
	}
	return names, nil
}
