package plumbline_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/plumbline/plumbline"

// folder is one package as it stands in the sources, whatever the platform its
// files are built for.
type folder struct {
	name      string              // as in the table
	pkg       string              // the package clause
	imports   map[string][]string // import path → production files that import it
	described []string            // production files with a package comment
}

// roomName turns an import path into the name used in the table. The SDK is one
// room, whatever packages it has: what it is inside is its own module's affair.
func roomName(importPath string) (name string, ours bool) {
	name, ours = strings.CutPrefix(importPath, module+"/")
	if name == "sdk" || strings.HasPrefix(name, "sdk/") {
		return "sdk", ours
	}
	return strings.TrimPrefix(name, "internal/"), ours
}

// forTests tells a package that serves tests only, as net/http/httptest does.
func (f *folder) forTests() bool { return strings.HasSuffix(f.pkg, "test") }

// walk reads the imports and the package comment of every production file of
// this module. Folders with a go.mod of their own are other modules.
func walk(t *testing.T) []*folder {
	t.Helper()
	found := map[string]*folder{}
	files := token.NewFileSet()
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return descend(p, d.Name())
		}
		if !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
			return nil
		}
		source, err := parser.ParseFile(files, p, nil, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		dir := filepath.ToSlash(filepath.Dir(p))
		if found[dir] == nil {
			name, _ := roomName(path.Join(module, dir))
			found[dir] = &folder{name: name, pkg: source.Name.Name, imports: map[string][]string{}}
		}
		found[dir].add(p, source)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return slices.SortedFunc(maps.Values(found), func(a, b *folder) int {
		return strings.Compare(a.name, b.name)
	})
}

// descend leaves out what the go command leaves out, and other modules.
func descend(p, name string) error {
	if p == "." {
		return nil
	}
	if name[0] == '.' || name[0] == '_' || name == "testdata" || name == "node_modules" || p == "tmp" {
		return filepath.SkipDir
	}
	if _, err := os.Stat(filepath.Join(p, "go.mod")); err == nil {
		return filepath.SkipDir
	}
	return nil
}

func (f *folder) add(file string, source *ast.File) {
	if source.Doc != nil && strings.TrimSpace(source.Doc.Text()) != "" {
		f.described = append(f.described, file)
	}
	for _, spec := range source.Imports {
		importPath, err := strconv.Unquote(spec.Path.Value)
		if err == nil { // the parser has already refused what does not unquote
			f.imports[importPath] = append(f.imports[importPath], file)
		}
	}
}

// sorted gives the imports in a stable order, so that failures are.
func (f *folder) sorted() []string { return slices.Sorted(maps.Keys(f.imports)) }

// plan indexes the table by name.
func plan() map[string]room {
	byName := make(map[string]room, len(house))
	for _, r := range house {
		byName[r.name] = r
	}
	return byName
}

// A required module in go.mod, and the mark of one that only comes along.
var requirement = regexp.MustCompile(`(?m)^(?:require |\t)(\S+) v\S+( // indirect)?$`)

// requirements are the other modules the root go.mod names: all of them, and
// those it requires for its own sake.
func requirements(t *testing.T) (all, direct []string) {
	t.Helper()
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range requirement.FindAllStringSubmatch(string(mod), -1) {
		if _, ours := roomName(m[1]); ours {
			continue
		}
		all = append(all, m[1])
		if m[2] == "" {
			direct = append(direct, m[1])
		}
	}
	return all, direct
}
