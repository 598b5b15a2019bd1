package sink

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestFileIsMadeAnewAfterRotation(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lines")
	f := &File{Path: path}
	defer f.Close()
	deliver := func(text string) {
		if _, err := f.Deliver(context.Background(), Batch{Lines: 1, Bytes: []byte(text)}); err != nil {
			t.Fatal(err)
		}
	}
	content := func(path string) string {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	deliver("one\n")
	deliver("two\n")
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	deliver("three\n")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	deliver("four\n")
	if got := content(path + ".1"); got != "one\ntwo\n" {
		t.Errorf("rotated file %q", got)
	}
	if got := content(path); got != "four\n" {
		t.Errorf("file at the path %q", got)
	}
}

func TestFileThatCannotBeOpenedIsBusy(t *testing.T) {
	f := &File{Path: filepath.Join(t.TempDir(), "no", "such", "folder")}
	var busy *Busy
	if _, err := f.Deliver(context.Background(), Batch{Lines: 1, Bytes: []byte("x\n")}); !errors.As(err, &busy) {
		t.Errorf("error %v", err)
	}
}
