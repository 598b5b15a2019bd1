package keyval

// Pairs pulls keys and values parted by separators of one's own:
//
//	NewPairs(",", ":")   k: v, k2: "v, 2"
//	NewPairs(";&", "=")  k=v;k2=v2&k3=v3
//
// Each byte of a separator's text parts. Spaces around keys and values do not
// count. A value in double quotes may hold separators; what follows its quote up
// to the next separator is left out. Text without a key separator is a Flag.
type Pairs struct {
	Key   []byte
	Value Value // of kind String; Raw is nil for a Flag
	Flag  bool

	between, within [256]bool
	line            []byte
	pos             int
}

// NewPairs makes a scanner of pairs. Where spaces part pairs, write them as a
// separator: NewPairs(" ", "=").
func NewPairs(betweenPairs, withinPair string) *Pairs {
	p := new(Pairs)
	for i := range len(betweenPairs) {
		p.between[betweenPairs[i]] = true
	}
	for i := range len(withinPair) {
		p.within[withinPair[i]] = true
	}
	return p
}

// Reset starts on a line.
func (p *Pairs) Reset(line []byte) { p.line, p.pos = line, 0 }

// Next moves to the next pair or flag; empty ones are passed over.
func (p *Pairs) Next() bool {
	for p.pos < len(p.line) {
		start, end := p.pos, p.pos
		for end < len(p.line) && !p.within[p.line[end]] && !p.between[p.line[end]] {
			end++
		}
		p.Key = trimSpace(p.line[start:end])
		if end < len(p.line) && p.within[p.line[end]] {
			p.Flag = false
			p.value(end + 1)
		} else {
			p.Flag, p.Value, p.pos = true, Value{}, end+1
		}
		if len(p.Key) > 0 {
			return true
		}
	}
	return false
}

// value reads the value that begins at i and the separator behind it.
func (p *Pairs) value(i int) {
	b := p.line
	for i < len(b) && b[i] <= ' ' && !p.between[b[i]] {
		i++
	}
	if i < len(b) && b[i] == '"' {
		if end, escaped := closingQuote(b, i+1); end < len(b) {
			p.Value = Value{Kind: String, Escaped: escaped, Raw: b[i+1 : end]}
			p.pos = p.pairEnd(end+1) + 1
			return
		}
	}
	end := p.pairEnd(i)
	p.Value = Value{Kind: String, Raw: trimSpace(b[i:end])}
	p.pos = end + 1
}

func (p *Pairs) pairEnd(i int) int {
	for i < len(p.line) && !p.between[p.line[i]] {
		i++
	}
	return i
}
