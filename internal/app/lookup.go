package app

import (
	"bufio"
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/row"
)

// maxLookupBytes bounds a lookup table: it is held in memory.
const maxLookupBytes = 64 << 20

// lookups gives the tables of a folder: NAME.csv, the first line the names of
// its columns. A file is read again when it has changed.
func lookups(dir string) func(name string) (*row.Batch, error) {
	type table struct {
		batch *row.Batch
		at    time.Time
	}
	var mu sync.Mutex
	known := map[string]table{}
	return func(name string) (*row.Batch, error) {
		if dir == "" {
			return nil, fault.New(fault.NotFound, "there is no lookup table %q: no folder of tables is configured (lookups)", name)
		}
		if filepath.Base(name) != name {
			return nil, fault.New(fault.Invalid, "%q cannot be the name of a lookup table", name)
		}
		path := filepath.Join(dir, name+".csv")
		info, err := os.Stat(path)
		if errors.Is(err, os.ErrNotExist) {
			return nil, fault.New(fault.NotFound, "there is no lookup table %q: no file %s.csv in the folder of tables", name, name)
		}
		if err != nil {
			return nil, err
		}
		if info.Size() > maxLookupBytes {
			return nil, &fault.Limit{Name: "bytes of a lookup table", Bound: "64 MiB"}
		}
		mu.Lock()
		defer mu.Unlock()
		if t, ok := known[name]; ok && t.at.Equal(info.ModTime()) {
			return t.batch, nil
		}
		b, err := readTable(path)
		if err == nil {
			known[name] = table{b, info.ModTime()}
		}
		return b, err
	}
}

// byteOrderMark is what spreadsheets put in front of a text.
const byteOrderMark = "\ufeff"

func readTable(path string) (*row.Batch, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text := bufio.NewReader(f)
	if mark, _ := text.Peek(len(byteOrderMark)); string(mark) == byteOrderMark {
		_, _ = text.Discard(len(mark)) // what was peeked at is there
	}
	r := csv.NewReader(text)
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "lookup table %s", path)
	}
	b := row.NewBuilder("")
	if len(rows) == 0 {
		return b.Batch(), nil
	}
	for _, cells := range rows[1:] {
		b.BeginBare()
		for k, cell := range cells[:min(len(cells), len(rows[0]))] {
			if cell != "" {
				b.Auto([]byte(rows[0][k]), []byte(cell))
			}
		}
	}
	table := b.Batch()
	for _, name := range rows[0] { // also the columns of which no row has a value
		if name != "" && table.Find(name) == nil {
			table.Cols = append(table.Cols, row.Column{Name: name})
		}
	}
	return table, nil
}
