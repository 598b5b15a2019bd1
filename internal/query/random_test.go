package query_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/pipe"
	"github.com/plumbline/plumbline/internal/query"
	"github.com/plumbline/plumbline/internal/row"
)

// Searches and pipes of the specification, put together at random, mean the
// same on every store: in lanes, cut anywhere, with the filter, the order and
// the groups left to the question or done by the store.

func TestRandomQuestions(t *testing.T) {
	searches, pipes := pieces(t)
	for seed := range uint64(12) {
		askAtRandom(t, seed, searches, pipes, 10, everyStore)
	}
}

func FuzzStores(f *testing.F) {
	searches, pipes := pieces(f)
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) { askAtRandom(t, seed, searches, pipes, 2, 2) })
}

// everyStore is more stores than there are.
const everyStore = 100

// askAtRandom asks some questions of the first store and of so many others, chosen at
// random, which hold the same lines.
func askAtRandom(t *testing.T, seed uint64, searches, pipes []string, questions, others int) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 2))
	c := specCase{lines: append(randomLines(r), fuzzLines[:r.IntN(len(fuzzLines)+1)]...)}
	var stores []query.Source
	stages := append(specStages(), awkwardStages()...)
	if rest := stages[1:]; others < len(rest) {
		r.Shuffle(len(rest), func(i, k int) { rest[i], rest[k] = rest[k], rest[i] })
		stages = stages[:1+others]
	}
	for _, s := range stages {
		stores = append(stores, s.open(t, c.batches(t, r)))
	}
	for range questions {
		compareStores(t, randomQuestion(r, searches, pipes), stages, func(i int) query.Source { return stores[i] })
	}
}

// randomQuestion is a search and pipes of the cases, about any fields.
func randomQuestion(r *rand.Rand, searches, pipes []string) string {
	text := "*"
	if r.IntN(2) == 0 {
		text = otherFields(r, searches[r.IntN(len(searches))])
	}
	for range 1 + r.IntN(4) {
		text += " | " + otherFields(r, pipes[r.IntN(len(pipes))])
	}
	return text
}

// otherFields is a piece of a question with some of its fields being others.
func otherFields(r *rand.Rand, text string) string {
	names := append([]string{row.FieldTime, row.FieldSeq, row.FieldDataset, row.FieldMsg, "n"}, randomFields...)
	return fieldName.ReplaceAllStringFunc(text, func(name string) string {
		if slices.Contains(names, name) && r.IntN(3) == 0 {
			return names[r.IntN(len(names))]
		}
		return name
	})
}

var fieldName = regexp.MustCompile(`[a-z_]+`)

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

// randomFields are fields that the cases have.
var randomFields = []string{"x", "a", "b", "g", "s", "id", "user", "user_id", "level", "route", "path", "http_status", "duration", "team", "status", "t", "d", "u", "tags", "ref"}

// randomValues are values as lines have them, and as few do: what reads as two
// things, lies at an end, or is nothing.
var randomValues = strings.Fields(`"GET" "get" "/a" "/b" "usr_1" "usr_2" "error" "info" "a" "b" "x" 1 2 200 500 404 0.5 1.50 -3 "1" "2" "200" "1.5" true false "true"
	["a","b"] ["a",1,true,null] [] [""] [1,[2,"a"]] [9007199254740993,"9007199254740993"] "[1,2]" "{\"a\":{\"b\":[1,2]}}" "a=b\tc=\"d\""
	9007199254740993 "9007199254740993" 9007199254740992.5 9223372036854775807 -9223372036854775808 9223372036854775808 123456789012345678 0.000000000000000001
	0.1 0.30000000000000004 1e15 1e21 1e300 1e-300 5e-324 "1e3" "007" "-0" -0 -0.0 "" "\u0020" "\n" "a\u0000b" "*" "a*b" "\\" "\"" "ß" "İ" "K" "😀"
	"2026-01-01T00:00:00Z" "2026-01-01T00:00:03.5Z" "10.0.0.1" "fe80::1" "9f3ab2c1d4" "550e8400-e29b-41d4-a716-446655440000" "550E8400-E29B-41D4-A716-446655440000"`)

// randomLines are up to some pages of bits of lines. Each field has few values, or
// any, and some lines lie at one time.
func randomLines(r *rand.Rand) []string {
	pools := map[string][]string{}
	for _, f := range randomFields {
		pool := randomValues
		if r.IntN(4) > 0 {
			pool = nil
			for range 1 + r.IntN(6) {
				pool = append(pool, randomValues[r.IntN(len(randomValues))])
			}
		}
		if r.IntN(6) == 0 {
			pool = append(slices.Clone(pool), `"`+strings.Repeat("ab c"[r.IntN(4):], 1<<r.IntN(12))+`"`)
		}
		pools[f] = pool
	}
	gaps := r.IntN(5) // of five fields a line lacks so many
	var lines []string
	for i := range []int{0, 1, 2, 3, 20, 60, 66, 130}[r.IntN(8)] {
		line := fmt.Sprintf(`{"n":%d,"_msg":"job %d %s"`, i, r.IntN(200), []string{"done", "failed", "is 9f3ab2c1"}[r.IntN(3)])
		if r.IntN(4) == 0 {
			line += `,"_time":"` + specNow.Add(-time.Duration(r.IntN(4))*time.Hour-time.Duration(r.IntN(2))).Format(time.RFC3339Nano) + `"`
		}
		if r.IntN(5) == 0 {
			line += `,"_dataset":"` + []string{"comm", "shop", "app"}[r.IntN(3)] + `"`
		}
		for _, f := range randomFields {
			if r.IntN(5) >= gaps {
				line += `,"` + f + `":` + pools[f][r.IntN(len(pools[f]))]
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
