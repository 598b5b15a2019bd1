package query_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/plumbline/plumbline/internal/agg"
	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/pipe"
)

// docs/language is written from the tables of pipes, aggregates and functions:
//
//	go test ./internal/query -run Docs -update
var update = flag.Bool("update", false, "write docs/language")

var docsFolder = filepath.Join("..", "..", "docs", "language")

func TestDocsAreUpToDate(t *testing.T) {
	rules, err := os.ReadFile(filepath.Join(docsFolder, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"README.md":     withIndex(t, string(rules)),
		"pipes.md":      pipesPage(),
		"aggregates.md": aggregatesPage(),
		"functions.md":  functionsPage(),
	} {
		path := filepath.Join(docsFolder, name)
		if *update {
			if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("%s is not what the tables say (%v): go test ./internal/query -run Docs -update", path, err)
		}
	}
}

// withIndex is the page of rules with its list of pipes written anew.
func withIndex(t *testing.T, page string) string {
	before, rest, found := strings.Cut(page, "<!-- pipes:")
	line, rest, found2 := strings.Cut(rest, "\n")
	_, after, found3 := strings.Cut(rest, "<!-- end -->")
	if !found || !found2 || !found3 {
		t.Fatal("README.md has no place for the list of pipes")
	}
	var b strings.Builder
	b.WriteString(before + "<!-- pipes:" + line + "\n| pipe | |\n|---|---|\n")
	for _, k := range pipe.Kinds() {
		fmt.Fprintf(&b, "| [%s](pipes.md#%s) | %s |\n", k.Name, k.Name, cell(k.Summary))
	}
	return b.String() + "<!-- end -->" + after
}

// cell is a text as it can stand in a table.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", ">", "&gt;").Replace(text)
}

func pipesPage() string {
	var b strings.Builder
	b.WriteString("# Pipes\n\nWritten from the table of pipes. [The rules](README.md) hold for all of them.\n")
	for _, k := range pipe.Kinds() {
		fmt.Fprintf(&b, "\n## %s\n\n%s.", k.Name, strings.ToUpper(k.Summary[:1])+cell(k.Summary[1:]))
		if len(k.Aliases) > 0 {
			fmt.Fprintf(&b, " Also written `%s`.", strings.Join(k.Aliases, "`, `"))
		}
		fmt.Fprintf(&b, "\n\n\t%s\n\n%s\n", k.Syntax, strings.TrimSpace(k.Doc))
	}
	return b.String()
}

func aggregatesPage() string {
	var b strings.Builder
	b.WriteString("# Aggregates\n\nWritten from the table of aggregates. They stand in `stats`, `eventstats`, `streamstats` and `timechart`. Missing values never count; where numbers are asked for, texts that are none do not count either.\n\n| aggregate | |\n|---|---|\n")
	for f := range agg.Functions() {
		name := f.Name
		if name == "p" {
			name = "p99"
		}
		fmt.Fprintf(&b, "| %s | %s%s |\n", written(name, f.Params), cell(f.Summary), also(f.Aliases))
	}
	return b.String()
}

func functionsPage() string {
	var b strings.Builder
	b.WriteString("# Functions\n\nWritten from the table of functions. They stand in expressions: `where`, `eval`, and within aggregates. With a missing argument they give a missing value, unless choosing is what they do.\n\n| function | | for example | gives |\n|---|---|---|---|\n")
	for _, name := range expr.FunctionNames() {
		f, _ := expr.FunctionOf(name)
		fmt.Fprintf(&b, "| %s | %s | `%s` | `%s` |\n", written(f.Name, f.Params), cell(f.Summary), strings.ReplaceAll(f.Example, "|", `\|`), f.Result)
	}
	return b.String()
}

func written(name, params string) string {
	if params == "" {
		return "`" + name + "`"
	}
	return "`" + name + "(" + strings.ReplaceAll(params, "|", `\|`) + ")`"
}

func also(aliases []string) string {
	if len(aliases) == 0 {
		return ""
	}
	return " Also written `" + strings.Join(aliases, "`, `") + "`."
}

// TestExamplesRead: what documentation shows can be asked.
func TestExamplesRead(t *testing.T) {
	docs := map[string]string{}
	for _, k := range pipe.Kinds() {
		docs[k.Name] = k.Doc
		if len(examples(k.Doc)) == 0 {
			t.Errorf("%s has no example", k.Name)
		}
	}
	rules, err := os.ReadFile(filepath.Join(docsFolder, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	docs["README.md"] = string(rules)
	for name, doc := range docs {
		for _, q := range examples(doc) {
			if _, err := pipe.Parse(q); err != nil {
				t.Errorf("%s: %s: %v", name, q, err)
			}
		}
	}
}

// TestRuleTableReads: the first column of the table of searches can be asked.
func TestRuleTableReads(t *testing.T) {
	rules, err := os.ReadFile(filepath.Join(docsFolder, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(rules), "| written | finds lines |")
	table, _, _ = strings.Cut(table, "\n\n")
	read := 0
	code := regexp.MustCompile("`[^`]+`")
	for line := range strings.Lines(table) {
		line = strings.ReplaceAll(line, `\|`, "\x00")
		for _, q := range code.FindAllString(strings.SplitN(line+"||", "|", 3)[1], -1) {
			q = strings.ReplaceAll(strings.Trim(q, "`"), "\x00", "|")
			if strings.Trim(q, "<>=") == "" {
				continue // an operator alone
			}
			if _, err := pipe.Parse(q); err != nil {
				t.Errorf("%s: %v", q, err)
			}
			read++
		}
	}
	if read < 20 {
		t.Errorf("only %d searches found in the table", read)
	}
}

// examples are the questions in a piece of documentation: its indented lines,
// made whole where they begin with a pipe.
func examples(doc string) []string {
	var list []string
	for line := range strings.Lines(doc) {
		text, ok := strings.CutPrefix(line, "\t")
		if !ok {
			continue
		}
		text = strings.TrimSpace(text)
		if word, _, _ := strings.Cut(text, " "); pipe.KindOf(word) != nil {
			text = "* | " + text
		}
		list = append(list, text)
	}
	return list
}
