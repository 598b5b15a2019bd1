package query_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/pipe"
	"github.com/plumbline/plumbline/internal/query"
)

// Searches and pipes of the specification, put together at random, mean the
// same on every store: in lanes, cut anywhere, with the filter, the order and
// the groups left to the question or done by the store.

func TestRandomQuestions(t *testing.T) {
	searches, pipes := pieces(t)
	c := specCase{lines: append(fuzzLines, randomLines(40)...)}
	var stores []query.Source
	stages := append(specStages(), awkwardStages()...)
	for _, s := range stages {
		stores = append(stores, s.open(t, c.batches(t, c.random())))
	}
	for seed := range uint64(60) {
		compareStores(t, randomQuestion(seed, searches, pipes), stages, func(i int) query.Source { return stores[i] })
	}
}

func FuzzStores(f *testing.F) {
	searches, pipes := pieces(f)
	c := specCase{lines: append(fuzzLines, randomLines(40)...)}
	stages := append([]specStage{memoryStage()}, awkwardStages()...)
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 2))
		compareStores(t, randomQuestion(seed, searches, pipes), stages, func(i int) query.Source { return stages[i].open(t, c.batches(t, r)) })
	})
}

func randomQuestion(seed uint64, searches, pipes []string) string {
	r := rand.New(rand.NewPCG(seed, 1))
	text := searches[r.IntN(len(searches))]
	for range 1 + r.IntN(4) {
		text += " | " + pipes[r.IntN(len(pipes))]
	}
	return text
}

// compareStores asks all stores and holds their answers against the first's.
func compareStores(t *testing.T, text string, stages []specStage, store func(i int) query.Source) {
	t.Helper()
	if _, err := pipe.Parse(text); err != nil {
		return // compare behind nothing, and its like
	}
	var want []string
	var wantErr error
	for i, s := range stages {
		got, err := asked(t, store(i), text)
		switch {
		case i == 0:
			want, wantErr = got, err
		case (err == nil) != (wantErr == nil):
			t.Errorf("%s\n%s: %v; %s: %v", text, stages[0].name, wantErr, s.name, err)
		case err == nil && !slices.Equal(got, want) && !slices.Equal(normalRows(t, got), normalRows(t, want)):
			t.Errorf("%s\n%s and %s part %s", text, stages[0].name, s.name, apart(normalRows(t, want), normalRows(t, got)))
		}
	}
}

// apart is where two answers part.
func apart(a, b []string) string {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("at row %d\n  %s\n  %s", i+1, a[i], b[i])
		}
	}
	return fmt.Sprintf("%d and %d rows", len(a), len(b))
}

// pieces are the searches and the pipes of all cases, each once.
func pieces(t testing.TB) (searches, pipes []string) {
	files, err := filepath.Glob("testdata/*.test")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		for _, c := range readCases(t, file) {
			q, err := pipe.Parse(c.query)
			if err != nil || strings.HasPrefix(filepath.Base(file), "functions") {
				continue
			}
			searches = append(searches, (&pipe.Question{Search: q.Search, Range: q.Range}).String())
			for _, p := range q.Pipes {
				// Of rows that are no lines a sample depends on their order.
				if text := p.String(); !strings.HasPrefix(text, "sample") {
					pipes = append(pipes, text)
				}
			}
		}
	}
	slices.Sort(searches)
	slices.Sort(pipes)
	return slices.Compact(searches), slices.Compact(pipes)
}

// randomLines are lines with fields as the cases have them.
func randomLines(n int) []string {
	r := rand.New(rand.NewPCG(7, 7))
	words := []string{"GET", "/a", "/b", "usr_1", "error", "info", "a", "b", "x", ""}
	fields := []string{"x", "a", "b", "g", "s", "id", "user", "user_id", "level", "route", "path", "http_status", "duration", "team", "status", "t", "d", "u"}
	var lines []string
	for range n {
		line := `{"n":` + string(rune('0'+r.IntN(9))) + `,"_msg":"` + words[r.IntN(len(words))] + ` done"`
		for _, f := range fields {
			switch r.IntN(6) {
			case 0:
				line += `,"` + f + `":"` + words[r.IntN(len(words))] + `"`
			case 1:
				line += `,"` + f + `":` + []string{"1", "2", "200", "500", "0.5", "1.50", "-3"}[r.IntN(7)]
			case 2:
				line += `,"` + f + `":` + []string{`"1"`, `"2"`, "true", "false", `["a","b"]`, "404", `"1.5"`}[r.IntN(7)]
			}
		}
		lines = append(lines, line+"}")
	}
	return lines
}

func normalRows(t *testing.T, rows []string) []string {
	out := make([]string, len(rows))
	for i := range rows {
		out[i] = normal(t, rows[i], "")
	}
	return out
}

// asked is the answer of a question.
func asked(t *testing.T, src query.Source, text string) ([]string, error) {
	e := query.New(query.Options{Source: src, Budget: pipe.NewBudget(256 << 20), RunTime: 20 * time.Second, Now: func() time.Time { return specNow }, Lookup: specTable, Lanes: 3})
	rows, _, err := answer(t.Context(), e, text)
	return rows, err
}
