package cli

import (
	"strings"
	"unicode/utf8"

	"github.com/plumbline/plumbline/internal/keyval"
)

// Safe is a text with everything that a terminal would obey made visible:
// control characters, the escape that begins a sequence, marks that turn the
// direction of writing. Lines are hostile; none of them reaches a terminal raw.
func Safe(s string) string {
	clean := true
	for _, r := range s {
		if hostile(r) {
			clean = false
			break
		}
	}
	if clean && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			b.WriteRune('\uFFFD')
		case r == '\n':
			b.WriteString("↵")
		case r == '\t':
			b.WriteString("  ")
		case r < 0x20:
			b.WriteByte('^')
			b.WriteByte(byte(r) + '@')
		case hostile(r):
			b.WriteRune('\uFFFD')
		default:
			b.WriteString(s[i : i+size])
		}
		i += size
	}
	return b.String()
}

func hostile(r rune) bool {
	return keyval.Obeyed(r) || r == utf8.RuneError
}
