package related

import "github.com/plumbline/plumbline/internal/row"

// AppendIDs appends the ids of a value of a kind; a list holds several. tooLong
// says that one of them is none for its length.
func AppendIDs(ids []ID, kind string, v row.Value) (out []ID, tooLong bool) {
	switch v.Kind {
	case row.Missing, row.Bool, row.Time:
		return ids, false
	case row.List:
		for _, x := range v.List() {
			var long bool
			ids, long = AppendIDs(ids, kind, x)
			tooLong = tooLong || long
		}
		return ids, tooLong
	}
	text := v.Text()
	if Links(text) {
		return append(ids, ID{Kind: kind, Text: text}), false
	}
	return ids, len(text) > MaxIDBytes
}
