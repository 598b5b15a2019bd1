package query_test

import "strings"

// examples are the questions in a piece of documentation: its indented lines,
// made whole where they begin with a pipe's name.
func examples(doc string) []string {
	var list []string
	for line := range strings.Lines(doc) {
		if text, ok := strings.CutPrefix(line, "\t"); ok {
			list = append(list, strings.TrimSpace(text))
		}
	}
	return list
}
