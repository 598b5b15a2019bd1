package plumbline_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A page for each package, and an example that shows each public call: what is not
// worth an example is not worth being public.
func TestEveryCallIsShownAndEveryPackageDescribed(t *testing.T) {
	for _, dir := range packages(t) {
		page := filepath.Join("..", "docs", "sdk", filepath.Base(dir)+".md")
		if dir == "." {
			page = filepath.Join("..", "docs", "sdk", "README.md")
		}
		if _, err := os.Stat(page); err != nil {
			t.Errorf("package %s has no page: %v", dir, err)
		}
		calls, shown := read(t, dir)
		for _, call := range calls {
			name := call[strings.LastIndexByte(call, '.')+1:]
			if !shown[name] {
				t.Errorf("%s: no example shows %s", dir, call)
			}
		}
	}
}

// packages are the folders of public packages.
func packages(t *testing.T) (dirs []string) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case !d.IsDir():
			return nil
		case slices.Contains([]string{"internal", "testdata", "adapters", "bench", "examples"}, d.Name()):
			return filepath.SkipDir
		}
		dirs = append(dirs, path)
		return nil
	})
	if err != nil || len(dirs) < 10 {
		t.Fatalf("packages %v: %v", dirs, err)
	}
	return dirs
}

// read gives the public functions and methods of a package, and the names that its
// files of examples use.
func read(t *testing.T, dir string) (calls []string, shown map[string]bool) {
	t.Helper()
	shown = map[string]bool{}
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution|parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(filepath.Base(path), "example") {
			ast.Inspect(file, func(n ast.Node) bool {
				if s, is := n.(*ast.SelectorExpr); is {
					shown[s.Sel.Name] = true
				}
				return true
			})
		}
		for _, d := range file.Decls {
			if f, is := d.(*ast.FuncDecl); is && !strings.HasSuffix(path, "_test.go") && public(f) {
				calls = append(calls, called(f))
			}
		}
	}
	return calls, shown
}

// public tells whether somebody calls f by name: it is exported, of an exported
// type, and not there for an interface, which says so.
func public(f *ast.FuncDecl) bool {
	switch {
	case !f.Name.IsExported() || strings.Contains(f.Doc.Text(), " implements "):
		return false
	case f.Recv == nil:
		return true
	case slices.Contains([]string{"String", "Error", "Unwrap"}, f.Name.Name):
		return false // fmt and errors call them
	}
	return ast.IsExported(receiver(f))
}

func receiver(f *ast.FuncDecl) string {
	of := f.Recv.List[0].Type
	for {
		switch x := of.(type) {
		case *ast.StarExpr:
			of = x.X
		case *ast.IndexExpr:
			of = x.X
		case *ast.IndexListExpr:
			of = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}

func called(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return f.Name.Name
	}
	return receiver(f) + "." + f.Name.Name
}
