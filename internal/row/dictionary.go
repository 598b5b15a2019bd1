package row

// Dictionary is a list of different texts that codes point into. It is never
// written after it was handed on; columns that share one share the pointer, so
// what was worked out for a text can be kept per dictionary.
type Dictionary struct {
	values []string
	sorted bool
}

// NewDictionary returns a dictionary of these texts; the caller gives the
// slice away. The texts must differ.
func NewDictionary(values []string) *Dictionary { return &Dictionary{values: values} }

// NewSortedDictionary returns a dictionary of texts that stand in the order of
// their bytes, so that one can be looked up.
func NewSortedDictionary(values []string) *Dictionary {
	return &Dictionary{values: values, sorted: true}
}

// Sorted reports whether the texts stand in the order of their bytes.
func (d *Dictionary) Sorted() bool { return d.sorted }

// Len is the number of texts.
func (d *Dictionary) Len() int { return len(d.values) }

// At is the text of a code.
func (d *Dictionary) At(code uint32) string { return d.values[code] }

// Values are the texts by code; not to be written.
func (d *Dictionary) Values() []string { return d.values }
