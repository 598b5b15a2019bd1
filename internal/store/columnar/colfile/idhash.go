package colfile

import (
	"unicode"
	"unicode/utf8"

	"github.com/zeebo/xxh3"

	"github.com/plumbline/plumbline/internal/row"
)

// idHash is what an index knows a text by: the same for all texts that
// field=text finds – letter case apart, numbers by size.
func idHash(text []byte, scratch []byte) (uint64, []byte) {
	scratch = appendFolded(scratch[:0], text)
	if !row.LooksNumeric(view(scratch)) {
		return xxh3.Hash(scratch), scratch
	}
	n := len(scratch)
	if num := row.TextOf(string(scratch)).Canonical(); !num.IsMissing() && !writtenOneWay(num) {
		scratch = num.AppendKey(append(scratch, 0))
		return xxh3.Hash(scratch[n:]), scratch
	}
	return xxh3.Hash(scratch), scratch
}

// writtenOneWay reports whether there is no room for zeros at the end of a number: of 19
// digits, or -0. and 18. It hashes as the text it is, as it did when it was no number:
// indices are never made again, a merge joins them.
func writtenOneWay(num row.Value) bool {
	m := num.Nums()
	return m >= 1e18 || m <= -1e18 || m < 0 && num.Digits == 18
}

// appendFolded appends a text in the one letter case that stands for all.
func appendFolded(dst, text []byte) []byte {
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			if c-'A' <= 'Z'-'A' {
				c += 'a' - 'A'
			}
			dst = append(dst, c)
			i++
			continue
		}
		r, n := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && n == 1 {
			dst = append(dst, c)
		} else {
			dst = utf8.AppendRune(dst, folded(r))
		}
		i += n
	}
	return dst
}

// folded is the least of all letters that any way of ignoring case takes for
// r, so that an index never misses what a search would find.
func folded(r rune) rune {
	r = unicode.ToLower(r)
	least := r
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		least = min(least, f)
	}
	if least-'A' <= 'Z'-'A' && least >= 'A' {
		least += 'a' - 'A'
	}
	return least
}
