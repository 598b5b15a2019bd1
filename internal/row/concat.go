package row

// Concat puts batches one after the other into one: its columns are all the
// columns they have, in order of first sight.
func Concat(batches []*Batch) *Batch {
	if len(batches) == 1 {
		return batches[0]
	}
	out := &Batch{}
	at := map[string]int{}
	for _, b := range batches {
		if out.Len == 0 {
			out.Dataset = b.Dataset
		}
		out.Len += b.Len
		for i := range b.Cols {
			if _, ok := at[b.Cols[i].Name]; !ok {
				at[b.Cols[i].Name] = len(out.Cols)
				out.Cols = append(out.Cols, Column{Name: b.Cols[i].Name})
			}
		}
		if b.Dataset != out.Dataset {
			out.Dataset = ""
			if _, ok := at[FieldDataset]; !ok {
				at[FieldDataset] = len(out.Cols)
				out.Cols = append(out.Cols, Column{Name: FieldDataset})
			}
		}
	}
	parts := make([]part, len(batches))
	for i := range out.Cols {
		for k, b := range batches {
			parts[k] = part{b.Col(out.Cols[i].Name), b.Len}
		}
		out.Cols[i] = concat(out.Cols[i].Name, parts, out.Len)
	}
	return out
}

// part is a column of one of the batches, with its number of rows.
type part struct {
	*Column
	n int
}

// concat is one column of n rows out of its parts, in a form that fits all.
func concat(name string, parts []part, n int) Column {
	out := Column{Name: name}
	switch common(parts) {
	case Missing:
		return out
	case Int:
		out.Kind = Int
	case Time:
		out.Kind = Time
	case Decimal:
		out.Kind = Decimal
	case Dict:
		return concatDict(name, parts, n)
	case Text:
		return concatText(name, parts, n)
	default:
		out.Kind, out.Values = Mixed, make([]Value, 0, n)
		for _, p := range parts {
			for i := range p.n {
				out.Values = append(out.Values, p.Value(i))
			}
		}
		return out
	}
	out.Nums = make([]int64, 0, n)
	at := 0
	for _, p := range parts {
		for i := range p.n {
			v := p.Value(i)
			if v.Kind == Missing {
				out.miss(at, n)
			}
			out.Nums = append(out.Nums, v.num)
			if out.Kind == Decimal {
				out.Digits = append(out.Digits, v.Digits)
			}
			at++
		}
	}
	return out
}

func (c *Column) miss(i, n int) {
	if c.Nulls == nil {
		c.Nulls = NewBitmap(n)
	}
	c.Nulls.Set(i)
}

// common is the form that holds the values of all parts: Int, Decimal, Time,
// Dict (all of them dictionaries or one text), Text, or Mixed.
func common(parts []part) Kind {
	kind := Missing
	for _, p := range parts {
		k := p.Kind
		if k == Const {
			k = p.One.Kind
			if k == Text {
				k = Dict
			}
		}
		switch k {
		case Missing:
			continue
		case Hex, UUID, Shape:
			k = Text
		}
		switch {
		case kind == Missing || kind == k:
			kind = k
		case (kind == Int || kind == Decimal) && (k == Int || k == Decimal):
			kind = Decimal
		case (kind == Dict || kind == Text) && (k == Dict || k == Text):
			kind = Text
		default:
			return Mixed
		}
	}
	return kind
}

func concatDict(name string, parts []part, n int) Column {
	out := Column{Name: name, Kind: Dict, Codes: make([]uint32, 0, n)}
	var terms interner
	known := map[*Dictionary][]uint32{}
	for _, p := range parts {
		switch p.Kind {
		case Dict:
			codes := known[p.Dict]
			if codes == nil {
				codes = make([]uint32, p.Dict.Len()) // code+1, 0 is not met yet
				known[p.Dict] = codes
			}
			for i, c := range p.Codes {
				if p.Nulls.Has(i) {
					out.miss(len(out.Codes), n)
					out.Codes = append(out.Codes, 0)
					continue
				}
				if codes[c] == 0 {
					codes[c] = terms.code([]byte(p.Dict.At(c))) + 1
				}
				out.Codes = append(out.Codes, codes[c]-1)
			}
		default:
			code := uint32(0)
			if p.Kind == Const {
				code = terms.code([]byte(p.One.str))
			}
			for i := range p.n {
				if !p.Has(i) {
					out.miss(len(out.Codes), n)
				}
				out.Codes = append(out.Codes, code)
			}
		}
	}
	out.Dict = terms.dictionary()
	return out
}

func concatText(name string, parts []part, n int) Column {
	out := Column{Name: name, Kind: Text, Offs: make([]uint32, 1, n+1)}
	for _, p := range parts {
		for i := range p.n {
			if !p.Has(i) {
				out.miss(len(out.Offs)-1, n)
			}
			out.Bytes = p.AppendText(out.Bytes, i)
			out.Offs = append(out.Offs, uint32(len(out.Bytes)))
		}
	}
	return out
}
