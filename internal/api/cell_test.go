package api

import (
	"encoding/json"
	"testing"

	"github.com/plumbline/plumbline/internal/row"
)

// What is taken for a plain cell is what is written for its text.
func TestPlainCells(t *testing.T) {
	plain := 0
	for a := range 256 {
		for b := range 256 {
			for _, text := range []string{string([]byte{byte(a)}), string([]byte{byte(a), byte(b)})} {
				if !plainCell([]byte(text)) {
					continue
				}
				plain++
				if cell := string(appendCell(nil, row.TextOf(text))); cell != text {
					t.Errorf("%q is taken for plain and is the cell %q", text, cell)
				}
			}
		}
	}
	if plain == 0 || !plainCell(nil) {
		t.Error("nothing is plain")
	}
}

// What a name takes in a trailer is told without writing it, where it is letters.
func TestNamesInTrailers(t *testing.T) {
	for _, name := range []string{"", "_time", "http_status", "a.b", "Level", "a b", "é", "<a>", `"`, "\x00", "\xff", "name😀"} {
		text, err := json.Marshal(name)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := trailerBytes(name), len(asciiJSON(text)); got != want {
			t.Errorf("%q takes %d bytes, not %d", name, want, got)
		}
	}
}
