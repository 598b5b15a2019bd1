package colfile

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"github.com/plumbline/plumbline/internal/row"
)

// describe prints what each field of a part takes a line; -v shows it.
func describe(t testing.TB, p *Part) {
	d, err := Describe(p)
	if err != nil {
		t.Fatal(err)
	}
	n := float64(d.Meta.Rows)
	for _, f := range d.Fields {
		t.Logf("%-18s %7.3f = pages %6.3f index %6.3f dictionary %6.3f  %v", f.Name, float64(f.Total())/n, float64(f.Pages)/n, float64(f.Index)/n, float64(f.Dictionary)/n, f.Forms)
	}
	t.Logf("%-18s %7.3f", "masks", float64(d.Masks)/n)
	t.Logf("%-18s %7.3f", "rest", float64(d.Rest)/n)
	t.Logf("%-18s %7.3f", "total", float64(d.Meta.Bytes)/n)
}

func TestSizeOfCanonicalLines(t *testing.T) {
	const rows = 2 * PageRows
	p := openPart(t, partOf(t, canonical(rows)))
	describe(t, p)
	// 41 bytes in a full group; dictionaries weigh more in a small one.
	if n := p.Meta().Bytes / rows; n > 47 {
		t.Errorf("%d bytes a line", n)
	}
}

func BenchmarkWrite(b *testing.B) {
	batch := canonical(GroupRows)
	b.ReportAllocs()
	for b.Loop() {
		w := NewWriter(io.Discard, "canonical")
		if err := w.AddGroup(batch); err != nil {
			b.Fatal(err)
		}
		if _, err := w.Finish(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*GroupRows), "ns/line")
}

func BenchmarkColumn(b *testing.B) {
	data := partOf(b, canonical(GroupRows))
	p, err := Open(bytes.NewReader(data), int64(len(data)), "bench", NewCache(256<<20))
	if err != nil {
		b.Fatal(err)
	}
	g, err := p.Group(0)
	if err != nil {
		b.Fatal(err)
	}
	few := row.NewBitmap(GroupRows)
	for i := 0; i < GroupRows; i += 700 {
		few.Set(i)
	}
	for _, name := range []string{row.FieldTime, "http_status", "user_id", "team", "duration", "alloc_count", "rate_allowed", "http_path", "trace_id"} {
		b.Run(name, func(b *testing.B) {
			var c row.Column
			for b.Loop() {
				if err := g.ColumnInto(&c, name, nil, nil); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*GroupRows), "ns/value")
		})
		b.Run(name+"-few", func(b *testing.B) {
			var c row.Column
			for b.Loop() {
				if err := g.ColumnInto(&c, name, few, nil); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*few.Count()), "ns/value")
		})
	}
}

func BenchmarkProbe(b *testing.B) {
	data := partOf(b, canonical(GroupRows))
	p := openPart(b, data)
	g, err := p.Group(0)
	if err != nil {
		b.Fatal(err)
	}
	i := 0
	for b.Loop() {
		i++
		if _, err := g.MayHold("request_id", fmt.Sprintf("req_%016x", i), nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	data := partOf(b, canonical(10))
	b.ReportAllocs()
	cache := NewCache(1 << 20)
	for b.Loop() {
		if _, err := Open(bytes.NewReader(data), int64(len(data)), "tiny", cache); err != nil {
			b.Fatal(err)
		}
	}
}
