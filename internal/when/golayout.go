package when

import "strings"

// goPieces are the pieces of a Go layout, longer ones before those they begin
// with, and the same in strftime's terms.
var goPieces = [...]struct{ piece, verb string }{
	{"January", "%B"}, {"Jan", "%b"}, {"Monday", "%A"}, {"Mon", "%a"}, {"MST", "%Z"},
	{"2006", "%Y"}, {"-07:00", "%:z"}, {"Z07:00", "%.z"}, {"-0700", "%z"}, {"Z0700", "%z"}, {"-07", "%z"},
	{"002", "%j"}, {"__2", "%_j"}, {"_2", "%e"},
	{"01", "%m"}, {"02", "%d"}, {"03", "%I"}, {"04", "%M"}, {"05", "%S"}, {"06", "%y"}, {"15", "%H"},
	{"PM", "%p"}, {"pm", "%p"},
	{"1", "%-m"}, {"2", "%-d"}, {"3", "%-I"}, {"4", "%-M"}, {"5", "%-S"},
}

// fromGo rewrites a Go layout in strftime's terms.
func fromGo(layout string) string {
	var out strings.Builder
	for layout != "" {
		if verb, size := goFraction(layout); size > 0 {
			out.WriteString(verb)
			layout = layout[size:]
			continue
		}
		size := 1
		verb := layout[:1]
		if verb == "%" {
			verb = "%%"
		}
		for _, p := range goPieces {
			if strings.HasPrefix(layout, p.piece) {
				verb, size = p.verb, len(p.piece)
				break
			}
		}
		out.WriteString(verb)
		layout = layout[size:]
	}
	return out.String()
}

// goFraction reads .000 or ,000 (so many digits) and .999 (as many as it takes,
// up to so many).
func goFraction(layout string) (verb string, size int) {
	if layout[0] != '.' && layout[0] != ',' || len(layout) < 2 || layout[1] != '0' && layout[1] != '9' {
		return "", 0
	}
	size = 1
	for size < len(layout) && layout[size] == layout[1] {
		size++
	}
	if size > 10 || size < len(layout) && isDigit(layout[size]) {
		return "", 0
	}
	if layout[1] == '9' {
		return "%.N", size
	}
	return layout[:1] + "%" + string(rune('0'+size-1)) + "N", size
}
