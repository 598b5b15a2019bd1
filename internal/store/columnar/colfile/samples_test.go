package colfile

import (
	"bufio"
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/plumbline/plumbline/internal/row"
)

// grown makes lines like those of the sample logs named by SAMPLES: each is a
// sample with half of its digits drawn anew.
func grown(t testing.TB, rows int) *row.Batch {
	dir := os.Getenv("SAMPLES")
	if dir == "" {
		t.Skip("SAMPLES names no folder of sample logs")
	}
	var lines [][]byte
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".log" {
			return err
		}
		data, err := os.ReadFile(path)
		s := bufio.NewScanner(bytes.NewReader(data))
		s.Buffer(nil, 1<<20)
		for s.Scan() {
			if len(s.Bytes()) > 0 {
				lines = append(lines, bytes.Clone(s.Bytes()))
			}
		}
		return err
	})
	if err != nil || len(lines) == 0 {
		t.Fatalf("%d lines in %s: %v", len(lines), dir, err)
	}
	r := rand.New(rand.NewPCG(31, 32))
	b := row.NewBuilder("text")
	for i := range rows {
		line := bytes.Clone(lines[r.IntN(len(lines))])
		for k, c := range line {
			if c-'0' <= 9 && r.IntN(2) == 0 {
				line[k] = byte('0' + r.IntN(10))
			}
		}
		b.Begin(1_760_000_000_000_000_000 + int64(i)*43_200_000)
		b.Text([]byte("host"), []byte([]string{"node-a", "node-b", "node-c"}[i%3]))
		b.Text([]byte(row.FieldMsg), line)
	}
	return b.Batch()
}

func TestSizeOfTextLines(t *testing.T) {
	b := grown(t, GroupRows)
	p := openPart(t, partOf(t, b, later(b, 3600*24*1e9)))
	describe(t, p)
	sameBatch(t, b, rowsOf(t, p).Slice(0, b.Len))
}

func BenchmarkText(b *testing.B) {
	batch := grown(b, GroupRows)
	b.Run("write", func(b *testing.B) {
		for b.Loop() {
			partOf(b, batch)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*GroupRows), "ns/line")
	})
	p := openPart(b, partOf(b, batch))
	g := mustGroup(b, p, 0)
	b.Run("column", func(b *testing.B) {
		var c row.Column
		for b.Loop() {
			if err := g.ColumnInto(&c, row.FieldMsg, nil, nil); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*GroupRows), "ns/line")
	})
	b.Run("shapes", func(b *testing.B) {
		for b.Loop() {
			if _, _, err := g.Ranks(row.FieldMsg, nil, nil); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*GroupRows), "ns/line")
	})
}
