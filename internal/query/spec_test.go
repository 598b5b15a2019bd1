package query_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/pipe"
	"github.com/plumbline/plumbline/internal/query"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/store/memory"
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
		s := memory.Open(expr.Env{Now: specNow.UnixNano(), Zone: time.UTC}, specDataset("shop"))
		appendAll(t, s, batches)
		return s
	}}
}

// specDataset declares the datasets of the specification: one of them knows its
// ids.
func specDataset(name string) dataset.Dataset {
	d := dataset.New(name)
	if name == "shop" {
		d.IDs = []string{"ref"}
		d.Kinds = map[string]string{"msg": "message_id"}
		d.Hubs = []string{"campaign_id"}
		d.Aliases["ticket"] = "case_id"
	}
	return d
}

func appendAll(t testing.TB, s specStore, batches []*row.Batch) {
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
			for _, stage := range append(specStages(), awkwardStages()...) {
				t.Run(stage.name, func(t *testing.T) { runCases(t, list, stage) })
			}
		})
	}
	t.Logf("%d cases", cases)
}

// runCases runs cases on a store each, which those with the same lines share.
func runCases(t *testing.T, list []specCase, stage specStage) {
	stores := map[string]specStore{}
	for i := range list {
		c := &list[i]
		key := strings.Join(c.lines, "\n")
		if stores[key] == nil {
			stores[key] = stage.open(t, c.batches(t, c.random()))
		}
		t.Run(c.name, func(t *testing.T) { c.run(t, stores[key]) })
	}
}

// random is the same for each run of a case.
func (c *specCase) random() *rand.Rand {
	return rand.New(rand.NewPCG(uint64(c.line), uint64(len(c.query))))
}

// specEngine is one that answers from a store as the specification wants it.
func specEngine(src query.Source, lanes int) *query.Engine {
	return query.New(query.Options{Source: src, Budget: pipe.NewBudget(0), Now: func() time.Time { return specNow }, Lookup: specTable, Dataset: specDataset, Lanes: lanes})
}

// run asks the question of the case and compares what comes.
func (c *specCase) run(t *testing.T, src query.Source) {
	t.Helper()
	e := specEngine(src, 1+c.random().IntN(4))
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
	c.printsBack(t, e)
	if got := strings.Join(meta.Fields, ", "); c.columns != "" && got != c.columns {
		t.Errorf("%s:%d: columns %s, want %s", c.file, c.line, got, c.columns)
	}
	for _, n := range c.notes {
		if !strings.Contains(strings.Join(meta.Notes, "\n"), n) {
			t.Errorf("%s:%d: notes %q do not say %q", c.file, c.line, meta.Notes, n)
		}
	}
}

// printsBack holds when what is read prints to a text that reads the same, and
// gives the same answer.
func (c *specCase) printsBack(t *testing.T, e *query.Engine) {
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
	got, _, err := answer(t.Context(), e, printed)
	if err != nil {
		t.Fatalf("%s:%d: printed as\n  %s\nwhich fails: %v", c.file, c.line, printed, err)
	}
	c.compare(t, got)
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
		if crash := (*fault.Crash)(nil); errors.As(err, &crash) {
			panic(fmt.Sprintf("%v\n%s", crash, crash.Stack))
		}
		if err != nil {
			return rows, a.Meta(), err
		}
		for i := range b.Len {
			rows = append(rows, string(b.AppendJSON(nil, i)))
		}
	}
	return rows, a.Meta(), nil
}
