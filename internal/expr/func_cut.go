package expr

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/plumbline/plumbline/internal/row"
)

// substr counts characters from 1; 0 counts as 1, -1 is the last one.
func substr(_ *Evaluator, a []row.Value) row.Value {
	text, from, ok := a[0].Text(), a[1].Number(), true
	length := row.IntOf(int64(len(text)))
	if len(a) == 3 {
		length = a[2].Number()
		ok = length.Kind == row.Int
	}
	if from.Kind != row.Int || !ok {
		return row.Value{}
	}
	start := from.Nums() - 1
	if from.Nums() <= 0 {
		if start = 0; from.Nums() < 0 {
			start = max(0, from.Nums()+int64(utf8.RuneCountInString(text)))
		}
	}
	text = text[runes(text, start):]
	return row.TextOf(text[:runes(text, length.Nums())])
}

// runes is where the first n characters of s end.
func runes(s string, n int64) int {
	for i := range s {
		if n <= 0 {
			return i
		}
		n--
	}
	return len(s)
}

func trimBoth(_ *Evaluator, a []row.Value) row.Value {
	return row.TextOf(strings.TrimFunc(a[0].Text(), trimmable(a)))
}

func trimLeft(_ *Evaluator, a []row.Value) row.Value {
	return row.TextOf(strings.TrimLeftFunc(a[0].Text(), trimmable(a)))
}

func trimRight(_ *Evaluator, a []row.Value) row.Value {
	return row.TextOf(strings.TrimRightFunc(a[0].Text(), trimmable(a)))
}

func trimmable(a []row.Value) func(rune) bool {
	if len(a) == 1 {
		return unicode.IsSpace
	}
	characters := a[1].Text()
	return func(r rune) bool { return strings.ContainsRune(characters, r) }
}

// maxParts bounds the list that split makes of one text; the last part is all
// the rest. Lists that people read are far shorter.
const maxParts = 10_000

func split(_ *Evaluator, a []row.Value) row.Value {
	parts := strings.SplitN(a[0].Text(), a[1].Text(), maxParts)
	list := make([]row.Value, len(parts))
	for i, p := range parts {
		list[i] = row.TextOf(p)
	}
	return row.ListOf(list)
}
