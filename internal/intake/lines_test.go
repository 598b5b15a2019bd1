package intake

import (
	"strings"
	"testing"
)

func TestBuffersWaitForTheNextBody(t *testing.T) {
	in := New(Options{Store: nowhere{}, ChunkBytes: 2 * readBytes})
	first := in.linesOf(strings.NewReader("a\nb"), 10)
	first.ahead(2 * readBytes)
	in.keep(first)
	again := in.linesOf(strings.NewReader("c"), 20)
	if again != first {
		t.Error("a new buffer, though one waits")
	}
	if r, err := again.next(); err != nil || string(r.text) != "c" || r.line != 1 || again.most != 20 {
		t.Errorf("%q at line %d, %v: something of the body before is left", r.text, r.line, err)
	}
	if in.linesOf(nil, 10) == again {
		t.Error("one buffer for two bodies")
	}
	for range 100 {
		in.keep(newLines(nil, 10))
	}
	if most := sparePerTurn * cap(in.turns.free); len(in.spare) != most {
		t.Errorf("%d buffers are kept, not %d", len(in.spare), most)
	}
	in.spare = nil
	long := in.linesOf(strings.NewReader(strings.Repeat("x", 3*readBytes)), 3*readBytes)
	long.ahead(3 * readBytes)
	if in.keep(long); len(in.spare) > 0 {
		t.Errorf("%d bytes are kept, for chunks of %d", len(long.buf), in.options.ChunkBytes)
	}
}
