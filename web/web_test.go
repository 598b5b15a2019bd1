package web

import (
	"bytes"
	"compress/gzip"
	"io/fs"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

// firstViewBytes is what a newcomer may have to fetch, packed, before the page
// answers: less than a second on a slow mobile line.
const firstViewBytes = 90_000

func TestFilesArePresent(t *testing.T) {
	if err := fstest.TestFS(Files(), "index.html", "mark.svg", "licenses.md", "assets/index.js", "assets/index.css"); err != nil {
		t.Fatal(err)
	}
}

func TestFirstViewIsSmall(t *testing.T) {
	sum := packed(t, "index.html")
	for _, name := range loaded(t) {
		sum += packed(t, name)
	}
	if sum > firstViewBytes {
		t.Errorf("the first view is %d bytes packed, want at most %d", sum, firstViewBytes)
	}
}

// Everything the page loads comes from the server itself, and nothing stands
// inline, so that a strict content security policy can hold.
func TestIndexLoadsOnlyItsOwnFiles(t *testing.T) {
	for _, name := range loaded(t) {
		if _, err := fs.Stat(Files(), name); err != nil {
			t.Errorf("index.html asks for %s: %v", name, err)
		}
	}
	index := read(t, "index.html")
	if inline := regexp.MustCompile(`<style|<script[^>]*>[^<]|\son\w+=|\sstyle=`).FindString(index); inline != "" {
		t.Errorf("index.html holds %q inline", inline)
	}
}

// loaded lists what index.html asks for.
func loaded(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, m := range regexp.MustCompile(`(?:src|href)="([^"]+)"`).FindAllStringSubmatch(read(t, "index.html"), -1) {
		name, own := strings.CutPrefix(m[1], "./")
		if !own {
			t.Errorf("index.html asks for %s, which is not beside it", m[1])
		}
		names = append(names, name)
	}
	if len(names) < 3 {
		t.Fatalf("index.html asks for %q, want a script, a style sheet and an icon", names)
	}
	return names
}

func packed(t *testing.T, name string) int {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(read(t, name))); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}

func read(t *testing.T, name string) string {
	t.Helper()
	content, err := fs.ReadFile(Files(), name)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
