package query_test

import (
	"encoding/csv"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/when"
)

// specCase is one case of a file.
type specCase struct {
	file    string
	line    int // of its name
	name    string
	lines   []string
	query   string
	want    string // rows, a JSON object a line; or the error
	kind    string // "rows", "rows in any order", "error"
	columns string // names of the answer's columns, in order; "" when they do not matter
	notes   []string
}

// batches are the lines of a case, cut at random places.
func (c *specCase) batches(t testing.TB, r *rand.Rand) []*row.Batch {
	t.Helper()
	builders := map[string]*row.Builder{}
	var out []*row.Batch
	for i, line := range c.lines {
		name, at, fields := readLine(t, c, i, line)
		b := builders[name]
		if b == nil {
			b = row.NewBuilder(name)
			builders[name] = b
		}
		b.Begin(at)
		for _, f := range fields {
			b.Value([]byte(f.key), f.value)
		}
		if r.IntN(4) == 0 {
			out = append(out, b.Batch())
		}
	}
	for _, name := range slices.Sorted(maps.Keys(builders)) {
		if b := builders[name]; b.Len() > 0 {
			out = append(out, b.Batch())
		}
	}
	return out
}

type specField struct {
	key   string
	value row.Value
}

// readLine reads a line of a case: a JSON object. Without _time, lines lie a
// second apart from 2026-01-01 on.
func readLine(t testing.TB, c *specCase, i int, line string) (name string, at int64, fields []specField) {
	t.Helper()
	name, at = "app", time.Date(2026, 1, 1, 0, 0, i, 0, time.UTC).UnixNano()
	d := json.NewDecoder(strings.NewReader(line))
	d.UseNumber()
	if _, err := d.Token(); err != nil {
		t.Fatalf("%s:%d: line %d: %v", c.file, c.line, i+1, err)
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			t.Fatalf("%s:%d: line %d: %v", c.file, c.line, i+1, err)
		}
		var v any
		if err := d.Decode(&v); err != nil {
			t.Fatalf("%s:%d: line %d: %v", c.file, c.line, i+1, err)
		}
		switch key {
		case "_dataset":
			name = v.(string)
		case "_time":
			ns, ok := when.ParseTime(v.(string), time.UTC)
			if !ok {
				t.Fatalf("%s:%d: line %d: time %v does not read", c.file, c.line, i+1, v)
			}
			at = ns
		default:
			fields = append(fields, specField{key.(string), valueOf(v)})
		}
	}
	return name, at, fields
}

func valueOf(v any) row.Value {
	switch x := v.(type) {
	case string:
		return row.TextOf(x)
	case bool:
		return row.BoolOf(x)
	case json.Number:
		if n, ok := row.NumberOfJSON([]byte(x)); ok {
			return n
		}
		return row.TextOf(x.String())
	case []any:
		list := make([]row.Value, len(x))
		for i := range x {
			list[i] = valueOf(x[i])
		}
		return row.ListOf(list)
	}
	return row.Value{}
}

// specTable is what lookup finds: testdata/NAME.csv.
func specTable(name string) (*row.Batch, error) {
	f, err := os.Open(filepath.Join("testdata", filepath.Base(name)+".csv"))
	if err != nil {
		return nil, fault.New(fault.NotFound, "there is no lookup table %q", name)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, err
	}
	b := row.NewBuilder("")
	for _, cells := range rows[1:] {
		b.BeginBare()
		for k, cell := range cells {
			if cell != "" {
				b.Auto([]byte(rows[0][k]), []byte(cell))
			}
		}
	}
	return b.Batch(), nil
}

// readCases reads the cases of a file.
func readCases(t testing.TB, file string) []specCase {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var list []specCase
	var shared []string
	section, number := "", 0
	for line := range strings.Lines(string(data)) {
		number++
		line = strings.TrimRight(line, "\r\n")
		switch {
		case strings.HasPrefix(line, "=== "):
			list = append(list, specCase{file: file, line: number, name: line[4:], lines: shared})
			section = ""
		case strings.HasPrefix(line, "--- "):
			section = line[4:]
			if len(list) > 0 {
				list[len(list)-1].begin(section)
			}
		case section == "" || strings.TrimSpace(line) == "":
		case len(list) > 0:
			if !list[len(list)-1].add(section, line) {
				t.Fatalf("%s:%d: there is no section %q", file, number, section)
			}
		case section == "lines":
			shared = append(shared, line)
		}
	}
	names := map[string]int{}
	for _, c := range list {
		if c.query == "" || c.kind == "" {
			t.Fatalf("%s:%d: case %q lacks a query or what is expected", file, c.line, c.name)
		}
		if at := names[c.name]; at > 0 {
			t.Fatalf("%s:%d: case %q has the name of the one at line %d", file, c.line, c.name, at)
		}
		names[c.name] = c.line
	}
	return list
}

// begin opens a section.
func (c *specCase) begin(section string) {
	switch section {
	case "lines":
		c.lines = nil
	case "rows", "rows in any order", "error":
		c.kind = section
	}
}

// add takes a line of a section in; it gives false when there is no such
// section.
func (c *specCase) add(section, line string) bool {
	switch section {
	case "lines":
		c.lines = append(c.lines, line)
	case "query":
		c.query = strings.TrimSpace(c.query + "\n" + line)
	case "notes":
		c.notes = append(c.notes, strings.TrimSpace(line))
	case "columns":
		c.columns = strings.TrimSpace(line)
	case "rows", "rows in any order", "error":
		c.want = strings.TrimSpace(c.want + "\n" + line)
	default:
		return false
	}
	return true
}
