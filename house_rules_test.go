package plumbline_test

import (
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The table itself obeys the plan: lines lead down, or beside where they say so,
// to rooms that are in the table, each with a reason.
func TestFloorPlanLeadsDown(t *testing.T) {
	rooms := plan()
	if len(rooms) != len(house) {
		t.Errorf("the table names a room twice")
	}
	for _, from := range house {
		for _, l := range from.needs {
			to, known := rooms[l.to]
			switch {
			case !known:
				t.Errorf("%s needs %s, which is not in the table", from.name, l.to)
			case l.reason == "":
				t.Errorf("%s needs %s: give the reason", from.name, l.to)
			case to.floor > from.floor:
				t.Errorf("%s (floor %d) needs %s (floor %d): no line leads up", from.name, from.floor, to.name, to.floor)
			case (to.floor == from.floor) != l.beside:
				t.Errorf("%s (floor %d) needs %s (floor %d): beside marks neighbours, and only them", from.name, from.floor, to.name, to.floor)
			case isLeafOf(from.name, to.name):
				t.Errorf("%s needs its parent %s: the parent holds the table, a leaf knows nothing of it", from.name, to.name)
			case from.pure && !to.pure:
				t.Errorf("%s is pure and needs %s, which is not", from.name, to.name)
			}
		}
	}
}

// Every package is in the table and imports only what its lines permit.
func TestRoomsKeepToTheFloorPlan(t *testing.T) {
	rooms := plan()
	for _, f := range walk(t) {
		room, known := rooms[f.name]
		if !known {
			t.Errorf("package %s is not in the floor plan: add {%q, floor, pure or acts, \"what it holds\", needs} to house_test.go and draw it in ARCHITECTURE.md", f.name, f.name)
			continue
		}
		for _, imported := range f.sorted() {
			to, ours := roomName(imported)
			if ours && !slices.ContainsFunc(room.needs, func(l line) bool { return l.to == to }) {
				t.Errorf("%s (floor %d) imports %s (%s) without a line: add needs(%q, \"reason\") to its row in house_test.go if that room lies lower, or let the caller hand in what is needed",
					f.name, room.floor, to, strings.Join(f.imports[imported], ", "), to)
			}
		}
	}
}

// A line nobody uses is a door nobody needs.
func TestIdleLines(t *testing.T) {
	rooms := plan()
	for _, f := range walk(t) {
		used := map[string]bool{}
		for imported := range f.imports {
			name, _ := roomName(imported)
			used[name] = true
		}
		for _, l := range rooms[f.name].needs {
			if !used[l.to] {
				t.Errorf("%s does not use its line to %s: remove it", f.name, l.to)
			}
		}
	}
}

func TestPureRoomsStayPure(t *testing.T) {
	rooms := plan()
	for _, f := range walk(t) {
		if !rooms[f.name].pure {
			continue
		}
		for _, worldly := range []string{"net/http", "os", "database/sql"} {
			if files := f.imports[worldly]; files != nil {
				t.Errorf("%s is pure and imports %s (%s): take the value, a reader or a small interface from the caller", f.name, worldly, strings.Join(files, ", "))
			}
		}
	}
}

func TestProductionKnowsNoTests(t *testing.T) {
	folders := walk(t)
	serveTests := map[string]bool{"testing": true}
	for _, f := range folders {
		if f.forTests() {
			serveTests[path.Join(module, "internal", f.name)] = true
		}
	}
	for _, f := range folders {
		for _, imported := range f.sorted() {
			if serveTests[imported] && !f.forTests() {
				t.Errorf("%s imports %s (%s): only tests and packages named …test may", f.name, imported, strings.Join(f.imports[imported], ", "))
			}
		}
	}
}

func TestOneCommentPerPackage(t *testing.T) {
	for _, f := range walk(t) {
		switch len(f.described) {
		case 1:
		case 0:
			t.Errorf("package %s has no package comment: say in one file what the room is for", f.name)
		default:
			t.Errorf("package %s has %d package comments (%s): keep one", f.name, len(f.described), strings.Join(f.described, ", "))
		}
	}
}

func TestRoomsHaveNamesOfTheirOwn(t *testing.T) {
	nameless := []string{"util", "utils", "common", "helper", "helpers", "base", "misc", "types", "shared"}
	for _, f := range walk(t) {
		for _, part := range strings.Split(f.name, "/") {
			if slices.Contains(nameless, part) {
				t.Errorf("package %s: %q says nothing; name the folder after what it holds", f.name, part)
			}
		}
	}
}

func TestHouseStaysSmall(t *testing.T) {
	if n := len(walk(t)); n > maxPackages {
		t.Errorf("%d packages, the budget is %d: merge two, or raise maxPackages with a paragraph in docs/adr/", n, maxPackages)
	}
}

// Every module required for its own sake has a row in docs/dependencies.md, and
// no row outlives its module.
func TestDependenciesAreAccountedFor(t *testing.T) {
	page, err := os.ReadFile("docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllSubmatch(page, -1) {
		listed = append(listed, string(row[1]))
	}
	all, direct := requirements(t)
	for _, m := range direct {
		if !slices.Contains(listed, m) {
			t.Errorf("docs/dependencies.md has no row for %s: what it does for us, who keeps it, what we would do without it", m)
		}
	}
	for _, m := range listed {
		if !slices.Contains(all, m) {
			t.Errorf("docs/dependencies.md has a row for %s, which go.mod does not require: remove the row", m)
		}
	}
}

func isLeafOf(name, parent string) bool { return strings.HasPrefix(name, parent+"/") }
