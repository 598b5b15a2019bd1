package colfile

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plumbline/plumbline/internal/row"
)

// grown makes lines like those of the sample logs in the folder SAMPLES, or of
// a few templates of our own: each is a sample with half of its digits drawn
// anew.
func grown(t testing.TB, rows int) *row.Batch {
	lines := lineTemplates
	if dir := os.Getenv("SAMPLES"); dir != "" {
		lines = samples(t, dir)
	}
	r := rand.New(rand.NewPCG(31, 32))
	b := row.NewBuilder("text")
	for i := range rows {
		line := []byte(lines[r.IntN(len(lines))])
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

var lineTemplates = []string{
	"2026-03-18 22:48:32,990 INFO Received block blk_7503483334202473044 of size 67108864 from /10.251.215.16",
	"Mar 18 22:48:32 gate sshd[24200]: Failed password for invalid user webmaster from 173.234.31.186 port 38926 ssh2",
	"[instance: b9000564-fe1a-409b-b8cc-1e88b294cd1d] Terminating instance",
	"proxy.example.com:443 close, 1024 bytes (1.00 KB) sent, 20480 bytes received, lifetime 00:17",
	"request 9f3ab2c1d4e5 finished with 200 in 1532 ms after 3 tries",
	"workerEnv in error state 6",
	"jk2_init() Found child 6725 in scoreboard slot 10",
	"generating core.2275",
	"CE sym 2, at 0x0b85eee0, mask 0x05",
	"session opened for user root by (uid=0)",
}

// samples are the lines of the logs in a folder.
func samples(t testing.TB, dir string) (lines []string) {
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".log" {
			return err
		}
		data, err := os.ReadFile(path)
		for line := range strings.Lines(string(data)) {
			if line = strings.TrimRight(line, "\r\n"); line != "" {
				lines = append(lines, line)
			}
		}
		return err
	})
	if err != nil || len(lines) == 0 {
		t.Fatalf("%d lines in %s: %v", len(lines), dir, err)
	}
	return lines
}

func TestSizeOfTextLines(t *testing.T) {
	b := grown(t, PageRows)
	p := openPart(t, partOf(t, b, later(b, 3600*24*1e9)))
	describe(t, p)
	sameBatch(t, b, rowsOf(t, p).Slice(0, b.Len))
	size := 0
	for i := range b.Len {
		size += len(b.Col(row.FieldMsg).Value(i).Text())
	}
	if got := int(p.Meta().Bytes); got > 2*size/3 {
		t.Errorf("%d bytes of messages take %d", 2*size, got)
	}
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
		var c row.Column
		for b.Loop() {
			if err := g.ShapesInto(&c, row.FieldMsg, nil, nil); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*GroupRows), "ns/line")
	})
}
