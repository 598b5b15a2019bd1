package query_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/pipe"
	"github.com/plumbline/plumbline/internal/query"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/store/memory"
	"github.com/plumbline/plumbline/internal/when"
)

// The specification of the language is the folder testdata: lines, a question,
// and the rows or the error it must give. testdata/README.md says how a case
// is written. Every case runs on every store, with its lines cut into batches
// at random places.

// specNow is the time at which all cases are asked.
var specNow = time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)

// specStore is a store as the specification drives it.
type specStore interface {
	query.Source
	Append(ctx context.Context, b *row.Batch) error
}

// specStage is a way to bring lines into a store; a case holds in all of them.
type specStage struct {
	name string
	open func(t *testing.T, batches []*row.Batch) specStore
}

func memoryStage() specStage {
	return specStage{"memory", func(t *testing.T, batches []*row.Batch) specStore {
		s := memory.Open(expr.Env{Now: specNow.UnixNano(), Zone: time.UTC}, dataset.New("app"))
		appendAll(t, s, batches)
		return s
	}}
}

func appendAll(t *testing.T, s specStore, batches []*row.Batch) {
	t.Helper()
	for _, b := range batches {
		if err := s.Append(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSpecification(t *testing.T) {
	files, err := filepath.Glob("testdata/*.test")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	cases := 0
	for _, file := range files {
		list := readCases(t, file)
		cases += len(list)
		t.Run(strings.TrimSuffix(filepath.Base(file), ".test"), func(t *testing.T) {
			for _, stage := range specStages() {
				for i := range list {
					t.Run(stage.name+"/"+list[i].name, func(t *testing.T) { list[i].run(t, stage) })
				}
			}
		})
	}
	t.Logf("%d cases", cases)
}

// specCase is one case of a file.
type specCase struct {
	file  string
	line  int // of its name
	name  string
	lines []string
	query string
	want  string // rows, a JSON object a line; or the error
	kind  string // "rows", "rows in any order", "error", "plan"
	notes []string
}

func (c *specCase) run(t *testing.T, stage specStage) {
	t.Helper()
	r := rand.New(rand.NewPCG(uint64(c.line), uint64(len(c.query))))
	src := stage.open(t, c.batches(t, r))
	e := query.New(query.Options{Source: src, Budget: pipe.NewBudget(0), Now: func() time.Time { return specNow }, Lookup: specTable, Lanes: 1 + r.IntN(4)})
	if c.kind != "error" {
		c.printsBack(t)
	}
	got, meta, err := answer(t.Context(), e, c.query)
	if c.kind == "error" {
		if err == nil {
			t.Fatalf("%s:%d: no error, but rows:\n%s", c.file, c.line, strings.Join(got, "\n"))
		}
		if !strings.Contains(err.Error(), c.want) {
			t.Fatalf("%s:%d: error\n  %s\nwant\n  %s", c.file, c.line, err, c.want)
		}
		return
	}
	if err != nil {
		t.Fatalf("%s:%d: %v", c.file, c.line, err)
	}
	c.compare(t, got)
	for _, n := range c.notes {
		if !strings.Contains(strings.Join(meta.Notes, "\n"), n) {
			t.Errorf("%s:%d: notes %q do not say %q", c.file, c.line, meta.Notes, n)
		}
	}
}

// printsBack holds when what is read prints to a text that reads the same.
func (c *specCase) printsBack(t *testing.T) {
	t.Helper()
	q, err := pipe.Parse(c.query)
	if err != nil {
		t.Fatalf("%s:%d: %v", c.file, c.line, err)
	}
	printed := q.String()
	again, err := pipe.Parse(printed)
	if err != nil {
		t.Fatalf("%s:%d: printed as %s, which does not read: %v", c.file, c.line, printed, err)
	}
	if again.String() != printed {
		t.Fatalf("%s:%d: printed as\n  %s\nwhich prints as\n  %s", c.file, c.line, printed, again)
	}
}

func (c *specCase) compare(t *testing.T, got []string) {
	t.Helper()
	var want []string
	for line := range strings.Lines(c.want) {
		if line = strings.TrimSpace(line); line != "" {
			want = append(want, normal(t, line, ""))
		}
	}
	hidden := hiddenFields(c.want)
	for i := range got {
		got[i] = normal(t, got[i], hidden)
	}
	if c.kind == "rows in any order" {
		slices.Sort(got)
		slices.Sort(want)
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%s:%d: %s\ngot\n  %s\nwant\n  %s", c.file, c.line, c.query, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// hiddenFields are the fields every line has, as far as the expected rows do
// not name them: they are left out of the comparison.
func hiddenFields(want string) string {
	var hidden []string
	for _, f := range []string{"_time", "_seq", "_dataset", "_msg"} {
		if !strings.Contains(want, `"`+f+`"`) {
			hidden = append(hidden, f)
		}
	}
	return strings.Join(hidden, " ")
}

// normal is a row with its fields sorted, and the hidden ones left out.
func normal(t *testing.T, line, hidden string) string {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(line))
	d.UseNumber()
	var m map[string]any
	if err := d.Decode(&m); err != nil {
		t.Fatalf("not a JSON object: %s: %v", line, err)
	}
	for f := range strings.FieldsSeq(hidden) {
		delete(m, f)
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(m); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(buf.String())
}

// answer asks a question and gives its rows as JSON.
func answer(ctx context.Context, e *query.Engine, text string) ([]string, query.Meta, error) {
	a, err := e.Ask(ctx, query.Request{Text: text})
	if err != nil {
		return nil, query.Meta{}, err
	}
	defer a.Close()
	var rows []string
	for b, err := range a.Rows() {
		if err != nil {
			return rows, a.Meta(), err
		}
		for i := range b.Len {
			rows = append(rows, string(b.AppendJSON(nil, i)))
		}
	}
	return rows, a.Meta(), nil
}

// batches are the lines of a case, cut at random places.
func (c *specCase) batches(t *testing.T, r *rand.Rand) []*row.Batch {
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
	for _, name := range slices.Sorted(mapKeys(builders)) {
		if b := builders[name]; b.Len() > 0 {
			out = append(out, b.Batch())
		}
	}
	return out
}

func mapKeys(m map[string]*row.Builder) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

type specField struct {
	key   string
	value row.Value
}

// readLine reads a line of a case: a JSON object. Without _time, lines lie a
// second apart from 2026-01-01 on.
func readLine(t *testing.T, c *specCase, i int, line string) (name string, at int64, fields []specField) {
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
		if n, ok := expr.ParseNumber(x.String()); ok {
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

// specTable is what lookup finds: testdata/NAME.json, an object a line.
func specTable(name string) (*row.Batch, error) {
	data, err := os.ReadFile(filepath.Join("testdata", filepath.Base(name)+".json"))
	if err != nil {
		return nil, fmt.Errorf("there is no lookup table %q", name)
	}
	b := row.NewBuilder("")
	for line := range strings.Lines(string(data)) {
		var m map[string]string
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			return nil, err
		}
		b.BeginBare()
		for k, v := range m {
			b.Auto([]byte(k), []byte(v))
		}
	}
	return b.Batch(), nil
}

// readCases reads the cases of a file.
func readCases(t *testing.T, file string) []specCase {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var list []specCase
	var shared []string
	section := ""
	number := 0
	for line := range strings.Lines(string(data)) {
		number++
		line = strings.TrimRight(line, "\r\n")
		switch {
		case strings.HasPrefix(line, "=== "):
			list = append(list, specCase{file: file, line: number, name: line[4:], lines: shared})
			section = ""
			continue
		case strings.HasPrefix(line, "--- "):
			section = line[4:]
			if len(list) > 0 {
				c := &list[len(list)-1]
				switch section {
				case "lines":
					c.lines = nil
				case "query", "notes":
				default:
					c.kind = section
				}
			}
			continue
		case section == "" || len(list) == 0 && section != "lines":
			continue // what stands before a section is prose
		}
		if len(list) == 0 {
			if strings.TrimSpace(line) != "" {
				shared = append(shared, line)
			}
			continue
		}
		c := &list[len(list)-1]
		switch section {
		case "lines":
			if strings.TrimSpace(line) != "" {
				c.lines = append(c.lines, line)
			}
		case "query":
			c.query = strings.TrimSpace(c.query + "\n" + line)
		case "notes":
			if strings.TrimSpace(line) != "" {
				c.notes = append(c.notes, strings.TrimSpace(line))
			}
		case "rows", "rows in any order", "error":
			c.want = strings.TrimSpace(c.want + "\n" + line)
		default:
			t.Fatalf("%s:%d: there is no section %q", file, number, section)
		}
	}
	for _, c := range list {
		if c.query == "" || c.kind == "" {
			t.Fatalf("%s:%d: case %q lacks a query or what is expected", file, c.line, c.name)
		}
	}
	return list
}
