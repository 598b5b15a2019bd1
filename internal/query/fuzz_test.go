package query_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/pipe"
	"github.com/plumbline/plumbline/internal/query"
	"github.com/plumbline/plumbline/internal/store/memory"
)

// addQuestions seeds a fuzz target with all questions of the specification and
// all examples of the documentation.
func addQuestions(f *testing.F) {
	files, err := filepath.Glob("testdata/*.test")
	if err != nil || len(files) == 0 {
		f.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		for _, c := range readCases(f, file) {
			f.Add(c.query)
		}
	}
	for _, k := range pipe.Kinds() {
		for _, q := range examples(k.Doc) {
			f.Add(q)
		}
	}
	for _, name := range expr.FunctionNames() {
		fn, _ := expr.FunctionOf(name)
		f.Add("* | eval x = " + fn.Example)
	}
}

// FuzzQuestion: whatever is written is read or refused with a place, and what
// is read prints to a text that reads the same.
func FuzzQuestion(f *testing.F) {
	addQuestions(f)
	f.Fuzz(func(t *testing.T, text string) {
		q, err := pipe.Parse(text)
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Fatalf("%q: error of kind %s: %v", text, fault.KindOf(err), err)
			}
			return
		}
		printed := q.String()
		again, err := pipe.Parse(printed)
		if err != nil {
			if len(printed) > len(text) && strings.Contains(err.Error(), "longer than") {
				return // brackets make what is printed longer than what was written
			}
			t.Fatalf("%q is printed as\n%s\nwhich does not read: %v", text, printed, err)
		}
		if twice := again.String(); twice != printed {
			t.Fatalf("%q is printed as\n%s\nand then as\n%s", text, printed, twice)
		}
	})
}

// fuzzLines have every kind of value, and some of it missing.
var fuzzLines = []string{
	`{"_msg":"Request started","n":1,"http_status":200,"user_id":"usr_1","duration":0.25,"ok":true,"tags":["a","b"]}`,
	`{"_msg":"Request finished http_status=500","n":2,"http_status":"500","user_id":"usr_2","duration":"1.50","ip":"10.0.0.1"}`,
	`{"_msg":"{\"a\":{\"b\":[1,2]},\"c\":null}","n":3,"level":"error","ok":false,"duration":1e300}`,
	`{"_msg":"","n":-4,"x":"","empty":[],"big":999999999999999999,"small":0.000000000000000001}`,
	`{"n":5,"_dataset":"comm","tags":"[1,2]","g":"a"}`,
	`{"_msg":"größe 9f3ab2c1 Wi-Fi SD500","_time":"2025-12-01T00:00:00Z","g":"b"}`,
}

// FuzzRun: a question that reads is answered, or ends with an error that says
// why, in bounded time and memory.
func FuzzRun(f *testing.F) {
	addQuestions(f)
	c := specCase{lines: fuzzLines}
	src := memory.Open(expr.Env{Now: specNow.UnixNano(), Zone: time.UTC}, dataset.New("app"))
	appendAll(f, src, c.batches(f, c.random()))
	f.Fuzz(func(t *testing.T, text string) {
		budget := pipe.NewBudget(8 << 20)
		e := query.New(query.Options{
			Source: src, Budget: budget, RunTime: 2 * time.Second, Now: func() time.Time { return specNow }, Lookup: specTable,
			Limits: pipe.Limits{Groups: 10_000, JoinRows: 10_000, OutRows: 10_000, AggBytes: 1 << 20},
		})
		started := time.Now()
		_, _, err := answer(t.Context(), e, text)
		if kind := fault.KindOf(err); err != nil && kind != fault.Invalid && kind != fault.OverLimit && kind != fault.NotFound {
			t.Errorf("%q: error of kind %s: %v", text, kind, err)
		}
		if took := time.Since(started); took > 20*time.Second {
			t.Errorf("%q took %s", text, took)
		}
		if budget.Used() != 0 {
			t.Errorf("%q: %d bytes were not given back", text, budget.Used())
		}
	})
}
