package cli

import (
	"archive/zip"
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// source is one body of lines to send: a file, what is packed in it, or
// standard input.
type source struct {
	name string
	size int64 // of the file as it lies, 0 when not known
	read func() (io.ReadCloser, *counted, error)
}

// counted counts the bytes read of the file itself, for the progress.
type counted struct {
	io.Reader
	n int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += int64(n)
	return n, err
}

// sourcesOf are the bodies of a path: one, or the members of a zip archive.
func sourcesOf(path string) ([]source, error) {
	if path == "-" {
		return []source{{name: "standard input", read: func() (io.ReadCloser, *counted, error) {
			c := &counted{Reader: os.Stdin}
			return io.NopCloser(c), c, nil
		}}}, nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, fmt.Errorf("%s is a folder; name the files in it", path)
	}
	if strings.EqualFold(filepath.Ext(path), ".zip") {
		return zipSources(path)
	}
	return []source{{name: path, size: info.Size(), read: func() (io.ReadCloser, *counted, error) {
		return openFile(path)
	}}}, nil
}

// openFile opens a file and unpacks it, if its first bytes say it is packed.
func openFile(path string) (io.ReadCloser, *counted, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	c := &counted{Reader: f}
	in := bufio.NewReaderSize(c, 256<<10)
	magic, _ := in.Peek(4) // a shorter file is not packed
	switch {
	case strings.HasPrefix(string(magic), "\x1f\x8b"):
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", path, err)
		}
		return closers{z, f}, c, nil
	case string(magic) == "\x28\xb5\x2f\xfd":
		z, err := zstd.NewReader(in)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", path, err)
		}
		return closers{z.IOReadCloser(), f}, c, nil
	}
	return closers{in, f}, c, nil
}

// closers reads one and closes what it was made of.
type closers struct {
	io.Reader
	file io.Closer
}

func (c closers) Close() error { return c.file.Close() }

func zipSources(path string) ([]source, error) {
	z, err := zip.OpenReader(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	defer z.Close()
	var list []source
	for i, m := range z.File {
		if m.FileInfo().IsDir() {
			continue
		}
		list = append(list, source{name: path + ":" + m.Name, size: int64(m.UncompressedSize64), read: func() (io.ReadCloser, *counted, error) {
			return openMember(path, i)
		}})
	}
	return list, nil
}

// openMember opens the member of that number: its name is only shown, for it may be
// any text, or that of another member too.
func openMember(path string, number int) (io.ReadCloser, *counted, error) {
	z, err := zip.OpenReader(path)
	if err != nil {
		return nil, nil, err
	}
	if number >= len(z.File) {
		z.Close()
		return nil, nil, fmt.Errorf("%s has changed while it was read", path)
	}
	member, err := z.File[number].Open()
	if err != nil {
		z.Close()
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	c := &counted{Reader: member}
	return closers{c, z}, c, nil
}
