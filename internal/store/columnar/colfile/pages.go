package colfile

import (
	"encoding/binary"
	"math"

	"github.com/plumbline/plumbline/internal/frame"
	"github.com/plumbline/plumbline/internal/row"
)

// eachPage calls write for each page of a vector with the range of its values
// that lie in it.
func (s *sheet) eachPage(v *vector, write func(from, to int) error) error {
	at := 0
	for p := range pagesOf(s.rows) {
		lo, hi := p*PageRows, min((p+1)*PageRows, s.rows)
		n := hi - lo
		if v.set != nil {
			n = v.set[lo/64 : (hi+63)/64].Count()
		}
		if err := write(at, at+n); err != nil {
			return err
		}
		at += n
	}
	return nil
}

// store writes the pages of a vector.
func (s *sheet) store(v *vector) error {
	switch v.form {
	case formConst, formPieces:
		return nil
	case formMapped:
		return s.storeMap(v)
	case formShape:
		if err := s.storeCodes(v); err != nil {
			return err
		}
		return s.storeFills(v)
	case formCodes:
		return s.storeCodes(v)
	case formNums:
		s.numbers.begin()
		return s.storePages(v, &v.pages, tryNone, s.numsPage)
	case formFixed:
		return s.storePages(v, &v.pages, tryAll, func(v *vector, from, to int) []byte {
			return v.bytes[from*v.width : to*v.width]
		})
	case formText:
		return s.storePages(v, &v.pages, tryZstd, s.textPage)
	case formFloats:
		return s.storePages(v, &v.pages, tryAll, s.floatsPage)
	default:
		return s.storePages(v, &v.pages, tryZstd, s.valuesPage)
	}
}

// storePages writes a stream of pages. Where there is a choice, which coder pays
// is found out on the beginning of the first page and kept for the group.
func (s *sheet) storePages(v *vector, to *stream, try trial, page func(v *vector, from, to int) []byte) error {
	return s.eachPage(v, func(from, end int) error {
		data := page(v, from, end)
		if try == tryAll && end > from {
			_, best := s.w.tools.enc.shrink(data[:min(len(data), trialBytes)], tryAll)
			try = trials[best]
		}
		b, err := s.w.put(data, try)
		to.pages = append(to.pages, b)
		return err
	})
}

// trialBytes show which coder suits a page: random ids no less than digits.
const trialBytes = 48 << 10

// trials is what to try on pages after a coder paid on some of one.
var trials = [coders]trial{asIs: tryNone, zstandard: tryZstd, huffman: tryHuffman}

func (s *sheet) numsPage(v *vector, from, to int) []byte {
	s.page = s.page[:0]
	if v.digits != nil {
		s.page = append(s.page, v.digits[from:to]...)
	}
	s.page = s.numbers.append(s.page, v.nums[from:to])
	return s.page
}

// textPage is the lengths and the bytes of texts.
func (s *sheet) textPage(v *vector, from, to int) []byte {
	s.page = appendTexts(s.page[:0], v.offs[from:to+1], v.bytes)
	return s.page
}

func appendTexts(dst []byte, offs []uint32, all []byte) []byte {
	lens := make([]uint32, len(offs)-1)
	most := uint32(0)
	for i := range lens {
		lens[i] = offs[i+1] - offs[i]
		most = max(most, lens[i])
	}
	width := frame.Bits(uint64(most))
	dst = frame.Pack(append(dst, byte(width)), lens, width)
	return append(dst, all[offs[0]:offs[len(offs)-1]]...)
}

func (s *sheet) floatsPage(v *vector, from, to int) []byte {
	s.page = s.page[:0]
	for _, f := range v.floats[from:to] {
		s.page = binary.LittleEndian.AppendUint64(s.page, math.Float64bits(f))
	}
	return s.page
}

func (s *sheet) valuesPage(v *vector, from, to int) []byte {
	s.page = s.page[:0]
	for _, x := range v.values[from:to] {
		s.page = frame.AppendValue(s.page, x)
	}
	return s.page
}

// storeCodes writes codes, packed in whole or, where their frequencies are
// uneven enough, aligned for huff0.
func (s *sheet) storeCodes(v *vector) error {
	width := codeBits(v.count)
	uneven := s.uneven(v, width)
	all := v.codes
	if v.set != nil {
		all = v.packed
	}
	return s.eachPage(v, func(from, to int) error {
		codes := all[from:to]
		s.page = frame.Pack(append(s.page[:0], byte(width)), codes, width)
		if uneven {
			if b, ok, err := s.putUneven(codes, width, len(s.page)); err != nil || ok {
				v.pages.pages = append(v.pages.pages, b)
				return err
			}
		}
		b, err := s.w.put(s.page, tryNone)
		v.pages.pages = append(v.pages.pages, b)
		return err
	})
}

// uneven estimates from the counts of codes whether huff0 can save what it
// must.
func (s *sheet) uneven(v *vector, width int) bool {
	entropy := 0.0
	for _, n := range v.rows {
		if n > 0 {
			p := float64(n) / float64(v.present)
			entropy -= p * math.Log2(p)
		}
	}
	aligned := alignedBits(width)
	least := 1.0 / float64(max(8/aligned, 1)) // huff0 spends a bit on each byte
	return max(entropy, least) < 0.93*float64(width)
}

// alignedBits is the width at which codes fill a byte evenly; above 8 they
// take two bytes, in planes.
func alignedBits(width int) int {
	for _, w := range [...]int{1, 2, 4, 8} {
		if width <= w {
			return w
		}
	}
	return 16
}

// planes marks a page whose codes lie as all low bytes, then all high ones.
const planes = 0x80

// putUneven writes a page for huff0, if that is shorter than plain packing by
// as much as it must.
func (s *sheet) putUneven(codes []uint32, width, plain int) (block, bool, error) {
	aligned := alignedBits(width)
	page := s.aligned[:0]
	if aligned <= 8 {
		page = frame.Pack(append(page, byte(aligned)), codes, aligned)
	} else {
		page = append(page, planes)
		for _, c := range codes {
			page = append(page, byte(c))
		}
		for _, c := range codes {
			page = append(page, byte(c>>8))
		}
	}
	s.aligned = page
	out, ok := s.w.tools.enc.huffman(page, plain*saveNumerator/saveDenominator)
	if !ok {
		return block{}, false, nil
	}
	b, err := s.w.write(out, len(page), huffman)
	return b, true, err
}

// storeMap writes the map of a vector that follows from another.
func (s *sheet) storeMap(v *vector) error {
	b, err := s.w.put(frame.Pack(nil, v.mapped, codeBits(v.count)), tryAll)
	v.table, v.base = b, v.by.place
	return err
}

// storeMask writes the rows that have a value. The coder that pays on the first
// page is kept for the others.
func (s *sheet) storeMask(plan maskPlan, set row.Bitmap) (mask, error) {
	m := mask{rows: plan.rows, base: -1}
	if plan.by != nil {
		b, err := s.w.put(appendBits(nil, plan.table, plan.by.count+1), tryAll)
		m.base, m.table = plan.by.place, b
		return m, err
	}
	try := tryAll
	for p := range pagesOf(s.rows) {
		lo, hi := p*PageRows, min((p+1)*PageRows, s.rows)
		s.page = appendBits(s.page[:0], set[lo/64:(hi+63)/64], hi-lo)
		b, err := s.w.put(s.page, try)
		if err != nil {
			return m, err
		}
		if p == 0 {
			try = trials[b.coder]
		}
		m.pages.pages = append(m.pages.pages, b)
	}
	return m, nil
}

// appendBits appends the first n bits of a set.
func appendBits(dst []byte, set row.Bitmap, n int) []byte {
	at := len(dst)
	for _, w := range set {
		dst = binary.LittleEndian.AppendUint64(dst, w)
	}
	return dst[:at+(n+7)/8]
}
