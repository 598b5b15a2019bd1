package colfile

import (
	"encoding/binary"

	"github.com/plumbline/plumbline/internal/fault"
)

// MayHold reports whether some row of the group may have this text in a field,
// as field=text finds it: letter case apart, numbers by size. Only a filter
// can say no; false is always true.
func (g *Group) MayHold(field, text string, use *Usage) (bool, error) {
	chunks := g.chunks(field)
	for i := range chunks {
		if may, err := g.mayHold(&chunks[i], text, use); may || err != nil {
			return true, err
		}
	}
	return false, nil
}

func (g *Group) mayHold(c *chunk, text string, use *Usage) (bool, error) {
	if c.filter.segment == 0 {
		return true, nil
	}
	if use != nil {
		use.Probes++
	}
	key, _ := filterKey([]byte(text), nil)
	at, want := c.filter.places(key)
	got, err := g.part.fingerprints(c.filter, at)
	if err != nil {
		return true, g.part.corrupt("group %d: probe the filter of %q: %v", g.index, g.nameOf(c), err)
	}
	return got == want, nil
}

// fingerprints reads three of a filter's bytes and gives them xored. They lie
// in three neighbouring segments, which are read at once; the cells are
// checked.
func (p *Part) fingerprints(f filterPlace, at [3]uint32) (uint8, error) {
	if f.off+f.bytes() > p.size {
		return 0, p.corrupt("a filter beyond the end")
	}
	low, high := at[0]/cellBytes, at[0]/cellBytes
	for _, a := range at[1:] {
		low, high = min(low, a/cellBytes), max(high, a/cellBytes)
	}
	from := int64(low) * cellStride
	buf := make([]byte, min(int64(high+1)*cellStride, f.bytes())-from)
	if _, err := p.file.ReadAt(buf, f.off+from); err != nil {
		return 0, err
	}
	out := uint8(0)
	for _, a := range at {
		cell := buf[(a/cellBytes-low)*cellStride:]
		cell = cell[:min(len(cell), cellStride)]
		body, sum := cell[:len(cell)-8], cell[len(cell)-8:]
		if !checks(body, binary.LittleEndian.Uint64(sum)) {
			return 0, p.corrupt("cell %d does not match its checksum", a/cellBytes)
		}
		out ^= body[a%cellBytes]
	}
	return out, nil
}

// filter reads a whole filter and checks every cell.
func (p *Part) filter(f filterPlace) ([]byte, error) {
	if f.off+f.bytes() > p.size {
		return nil, fault.New(fault.Corrupt, "a filter beyond the end")
	}
	data := make([]byte, f.bytes())
	if _, err := p.file.ReadAt(data, f.off); err != nil {
		return nil, err
	}
	for at := 0; at < len(data); at += cellStride {
		cell := data[at:min(at+cellStride, len(data))]
		body := cell[:len(cell)-8]
		if !checks(body, binary.LittleEndian.Uint64(cell[len(body):])) {
			return nil, fault.New(fault.Corrupt, "the filter at %d does not match its checksum at %d", f.off, at)
		}
	}
	return data, nil
}
