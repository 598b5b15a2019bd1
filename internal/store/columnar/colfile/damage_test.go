package colfile

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/frame"
	"github.com/plumbline/plumbline/internal/row"
)

// small is a part with a chunk of every form, masks of both sorts, an index,
// lists, dictionaries and settled digits, in a few kilobytes.
func small(t testing.TB) (*row.Batch, []byte) {
	r := rand.New(rand.NewPCG(21, 22))
	all := randomBatch(r, 75)
	b := &row.Batch{Dataset: "test", Len: all.Len, Cols: all.Cols[:2:2]}
	for i := range all.Cols {
		if c := all.Cols[i]; len(c.Name) > 4 && c.Name[len(c.Name)-2:] == "-0" && c.Kind != row.Missing {
			b.Cols = append(b.Cols, c)
		}
	}
	dated := row.Column{Name: "dated", Kind: row.Text, Offs: []uint32{0}}
	for range b.Len {
		dated.Bytes = fmt.Appendf(dated.Bytes, "since 2025-11-%02d the disk is full", r.IntN(30)+1)
		dated.Offs = append(dated.Offs, uint32(len(dated.Bytes)))
	}
	b.Cols = append(b.Cols, sparse(r, b.Len), dated)
	return b, partOf(t, b.Slice(0, 5), b.Slice(5, b.Len))
}

// read reads all of a part without trusting it.
func read(data []byte, cache *Cache) (*row.Batch, error) {
	p, err := Open(bytes.NewReader(data), int64(len(data)), "test.part", cache)
	if err != nil {
		return nil, err
	}
	defer cache.Forget(p)
	var all []*row.Batch
	for i := range p.Groups() {
		g, err := p.Group(i)
		if err != nil {
			return nil, err
		}
		b, err := g.Batch(nil, nil, nil)
		if err != nil {
			return nil, err
		}
		all = append(all, b)
	}
	if len(all) == 0 {
		return nil, errors.New("no groups")
	}
	return Concat(all...), nil
}

// inPieces is a part with a text in pieces.
func inPieces(t testing.TB) (*row.Batch, []byte) {
	r := rand.New(rand.NewPCG(23, 24))
	b := &row.Batch{Dataset: "test", Len: leastCut, Cols: order(r, leastCut)}
	c := row.Column{Name: "served", Kind: row.Text, Offs: []uint32{0}}
	said := []string{"the-first-of-texts-that-come-again-and-again", "another-of-them-which-is-about-as-long", "one-more", "something-else-again", "the-last-before-it-all-begins-anew"}
	for i := range b.Len {
		c.Bytes = fmt.Appendf(c.Bytes, `%s "GET /at?a=%s&b=%s&c=%s&d=%s" [%s]`, pick(r, said...), pick(r, said...), pick(r, said...), pick(r, said...), token(r, 4), pick(r, said...))
		if i%30 == 0 {
			c.Bytes = append(c.Bytes, " and no more"...)
		}
		c.Offs = append(c.Offs, uint32(len(c.Bytes)))
	}
	b = b.With(c)
	data := partOf(t, b)
	if c := mustGroup(t, openPart(t, data), 0).chunk("served"); c.form != formPieces {
		t.Fatalf("the text is kept as %s", c.form)
	}
	return b, data
}

func TestEveryFlippedByteIsFound(t *testing.T) {
	want, data := small(t)
	flippedBytesAreFound(t, want, data, 1)
	want, data = inPieces(t)
	flippedBytesAreFound(t, want, data, len(data)/1000)
}

// flippedBytesAreFound flips every step-th byte.
func flippedBytesAreFound(t *testing.T, want *row.Batch, data []byte, step int) {
	cache := NewCache(1 << 20)
	if err := verifyBytes(data, cache); err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(data); i += step {
		bad := bytes.Clone(data)
		bad[i] ^= 1 << (i % 8)
		if err := verifyBytes(bad, cache); err == nil {
			t.Fatalf("byte %d of %d is flipped and nobody notices", i, len(data))
		}
		got, err := read(bad, cache)
		if err == nil {
			if i%16 == 0 { // what was not read: indices, counts
				sameBatch(t, want, got)
			}
			continue
		}
		if k := fault.KindOf(err); k != fault.Corrupt && k != fault.Invalid {
			t.Fatalf("byte %d: %v is of kind %v", i, err, k)
		}
	}
}

func verifyBytes(data []byte, cache *Cache) error {
	p, err := Open(bytes.NewReader(data), int64(len(data)), "test.part", cache)
	if err != nil {
		return err
	}
	defer cache.Forget(p)
	return Verify(p)
}

func TestTornPartsAreRefused(t *testing.T) {
	_, data := small(t)
	cache := NewCache(0)
	for n := 0; n < len(data); n += 37 {
		if _, err := Open(bytes.NewReader(data[:n]), int64(n), "torn", cache); err == nil {
			t.Fatalf("the first %d of %d bytes open as a part", n, len(data))
		}
	}
}

func TestErrorsNameTheirPlace(t *testing.T) {
	b := canonical(2 * PageRows)
	data := partOf(t, b)
	p := openPart(t, data)
	g, err := p.Group(0)
	if err != nil {
		t.Fatal(err)
	}
	page := g.chunk("duration").pages.pages[1]
	data[page.off+5] ^= 1
	_, err = g.Column("duration", nil, nil)
	if !fault.Is(err, fault.Corrupt) {
		t.Fatalf("%v", err)
	}
	for _, word := range []string{"test.part", "group 0", `"duration"`, "page 1"} {
		if !bytes.Contains([]byte(err.Error()), []byte(word)) {
			t.Errorf("%q does not name %s", err, word)
		}
	}
	first := row.NewBitmap(b.Len)
	first.Set(3)
	if _, err := g.Column("duration", first, nil); err != nil {
		t.Errorf("the page beside the damaged one is refused: %v", err)
	}
}

func TestWriterRefusesWhatItCannotKeep(t *testing.T) {
	good := canonical(10)
	backwards := later(good, 0)
	backwards.Find(row.FieldTime).Nums[3] = 0
	for what, b := range map[string]*row.Batch{
		"no rows":        {Len: 0},
		"too many rows":  {Len: GroupRows + 1},
		"no time":        {Len: 1},
		"out of order":   backwards,
		"a name of ours": {Len: 10, Cols: append(good.Cols[:len(good.Cols):len(good.Cols)], row.Column{Name: holeField("msg", 1)})},
		"a name twice":   {Len: 10, Cols: append(good.Cols[:len(good.Cols):len(good.Cols)], row.Column{Name: row.FieldTime})},
	} {
		var out bytes.Buffer
		w := NewWriter(&out, "test")
		if err := w.AddGroup(b); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", what, err)
		}
		if err := w.AddGroup(good); err != nil {
			t.Errorf("%s: the writer takes nothing more: %v", what, err)
		}
		if err := w.AddGroup(later(good, -1e9)); err != nil {
			t.Errorf("an older group after a newer one: %v", err)
		}
		if _, err := w.Finish(); err != nil {
			t.Error(err)
		}
		if spans, err := openPart(t, out.Bytes()).Spans(); err != nil || len(spans) != 2 || spans[1].MinTime <= spans[0].MinTime {
			t.Errorf("the groups do not stand by their time: %+v, %v", spans, err)
		}
		if err := w.AddGroup(good); err == nil {
			t.Error("a finished part takes another group")
		}
	}
}

// FuzzRead changes bytes under their checksums: decoders must refuse what makes
// no sense, whoever vouches for it.
func FuzzRead(f *testing.F) {
	_, data := small(f)
	f.Add(uint32(10), byte(1), uint16(3))
	f.Add(uint32(len(data)-60), byte(0xff), uint16(1))
	f.Add(uint32(1000), byte(7), uint16(1<<8))
	cache := NewCache(0)
	_, cut := inPieces(f)
	parts := [][]byte{data, cut}
	f.Fuzz(func(t *testing.T, at uint32, by byte, more uint16) {
		bad := bytes.Clone(parts[more>>8%2])
		p, err := Open(bytes.NewReader(bad), int64(len(bad)), "test.part", cache)
		if err != nil {
			t.Fatal(err)
		}
		p.trusting = true
		for k := range uint32(more%8) + 1 {
			bad[(at+k*uint32(more))%uint32(len(bad))] ^= by + byte(k)
		}
		touchAll(p)
	})
}

// touchAll reads everything that can be asked of a part; errors are fine.
func touchAll(p *Part) {
	Verify(p)
	Describe(p)
	fields, err := p.Fields()
	if err != nil {
		return
	}
	for _, f := range fields {
		p.Counts(f.Name)
		p.ShapeCounts(f.Name, &expr.Every{}, expr.NewEvaluator(expr.Env{}))
	}
	for i := range p.Groups() {
		g, err := p.Group(i)
		if err != nil {
			continue
		}
		some := row.NewBitmap(g.Rows)
		for k := 0; k < g.Rows; k += 3 {
			some.Set(k)
		}
		for _, name := range g.Fields() {
			for _, rows := range []row.Bitmap{nil, some} {
				n := g.Rows
				if rows != nil {
					n = rows.Count()
				}
				if c, err := g.Column(name, rows, nil); err == nil {
					for k := range n {
						c.AppendJSON(c.AppendText(nil, k), k)
					}
				}
				var shapes row.Column
				if err := g.ShapesInto(&shapes, name, rows, nil); err == nil {
					for k := range n {
						if !shapes.Nulls.Has(k) {
							shapes.Dict.At(shapes.Codes[k])
						}
					}
				}
				var codes row.Column
				if places, err := g.CodesInto(&codes, nil, name, rows, nil); err == nil {
					for k := range n {
						if place := places[codes.Codes[k]]; place != row.None {
							codes.Dict.At(place)
						}
					}
				}
			}
			g.MayHold(name, "x", nil)
			for _, e := range []expr.Expr{
				&expr.Compare{Field: name, Op: expr.Eq, Pattern: expr.LiteralPattern("x")},
				&expr.Term{Field: name, Pattern: expr.Pattern{Parts: []string{"", "25", ""}}},
			} {
				for _, rows := range []row.Bitmap{nil, some} {
					g.Select(name, e, NewAsker(expr.NewEvaluator(expr.Env{})), rows, nil)
				}
			}
		}
		g.Batch(nil, some, nil)
		g.TimeRows(g.MinTime+1, g.MaxTime, nil)
	}
}

// FuzzDirectories reads anything as the directories and pages of a part.
func FuzzDirectories(f *testing.F) {
	_, data := small(f)
	p := openPart(f, data)
	foot, _ := p.load(p.foot)
	f.Add(foot, uint16(70))
	known, _ := readFooter(foot)
	for _, g := range known.groups {
		head, _ := p.load(g.header)
		f.Add(head, uint16(g.Rows))
	}
	f.Fuzz(func(t *testing.T, data []byte, rows uint16) {
		n := int(rows)%200 + 1
		readFooter(data)
		if h, err := readHeader(data, n, known.fields); err == nil {
			again, err := readHeader(appendHeader(nil, h), n, known.fields)
			if err != nil || len(again.chunks) != len(h.chunks) {
				t.Fatalf("a directory does not come back: %v", err)
			}
		}
		readList(data, n, 1000)
		readTexts(nil, data, n)
		if checkCodes(data, n, n) == nil {
			readCodes(nil, data, n, nil)
		}
		readBits(data, n)
		ends := []uint32{0, uint32(n - 1)} // places ascend, so a page of one number has one
		for _, at := range [][]uint32{nil, ends[1:], ends[:min(n, 2)]} {
			readNumbers(nil, frame.NewCursor(data), n, at)
		}
	})
}
