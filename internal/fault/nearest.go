package fault

import "strings"

// longestWord bounds the work of Nearest; names that people mistype are short.
const longestWord = 64

// Nearest gives the candidate that somebody who typed word most likely meant,
// "" when none is near. Letter case does not count; among equally near ones the
// first wins. One slip is forgiven in words of two to five letters, two up to
// eight, three beyond. Where no slip explains the word, a candidate that begins
// with it ("perc" of "percentile", three letters at least) is near too.
func Nearest(word string, candidates []string) string {
	typed := []rune(strings.ToLower(word))
	if len(typed) == 0 || len(typed) > longestWord {
		return ""
	}
	best, bestSlips := "", slipsForgiven(len(typed))+1
	begun := ""
	for _, candidate := range candidates {
		name := []rune(strings.ToLower(candidate))
		if len(name) == 0 || len(name) > longestWord {
			continue
		}
		if slips := distance(typed, name); slips < bestSlips && slips < len(name) {
			best, bestSlips = candidate, slips
		}
		if begun == "" && len(typed) >= 3 && strings.HasPrefix(string(name), string(typed)) {
			begun = candidate
		}
	}
	if best == "" {
		return begun
	}
	return best
}

// slipsForgiven grows with the word: in a short one a slip makes another word.
func slipsForgiven(letters int) int {
	switch {
	case letters == 1:
		return 0
	case letters <= 5:
		return 1
	case letters <= 8:
		return 2
	default:
		return 3
	}
}

// distance counts the slips of the fingers between two words: a letter put in,
// left out, or replaced, and two neighbours swapped (optimal string alignment).
func distance(a, b []rune) int {
	var rows [3][longestWord + 1]int
	before, above, row := &rows[0], &rows[1], &rows[2]
	for j := range len(b) + 1 {
		above[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, above, row = above, row, before
	}
	return above[len(b)]
}
