package line

import (
	"math/rand/v2"
	"testing"
)

const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

func TestParseTrace(t *testing.T) {
	for _, c := range []struct {
		header string
		ok     bool
	}{
		{parent, true},
		{"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", true},
		{"cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-later-parts", true},
		{"", false},
		{"00", false},
		{parent + "-more", false},
		{parent + "0", false},
		{"cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01later", false},
		{"ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false},
		{"00-00000000000000000000000000000000-b7ad6b7169203331-01", false},
		{"00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", false},
		{"00-0AF7651916CD43DD8448EB211C80319C-B7AD6B7169203331-01", false},
		{"00-0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331-01", false},
		{"00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01", false},
	} {
		if _, ok := ParseTrace(c.header); ok != c.ok {
			t.Errorf("ParseTrace(%q): %v, want %v", c.header, ok, c.ok)
		}
	}
}

func TestTraceUnder(t *testing.T) {
	up, _ := ParseTrace(parent)
	down := up.under(rand.NewPCG(1, 2))
	if down.ID != up.ID || down.Flags != up.Flags || down.Span == up.Span {
		t.Errorf("%v under %v", down, up)
	}
	if fresh := (Trace{}).under(rand.NewPCG(1, 2)); fresh.Flags != sampled || fresh.ID == [16]byte{} {
		t.Errorf("a new trace is %v", fresh)
	}
}

// What is read is written back as it was, and nothing makes the parser panic.
func FuzzParseTrace(f *testing.F) {
	f.Add(parent)
	f.Add("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x")
	f.Fuzz(func(t *testing.T, header string) {
		trace, ok := ParseTrace(header)
		if !ok {
			return
		}
		again, ok := ParseTrace(trace.String())
		if !ok || again != trace {
			t.Fatalf("%q read as %v, written as %v", header, trace, trace.String())
		}
		if trace.String()[2:53] != header[2:53] {
			t.Fatalf("%q written as %q", header, trace)
		}
	})
}

// Whatever a caller sends, what is taken over can be written in a line and a header
// as it is.
func FuzzReceived(f *testing.F) {
	f.Add(parent, "a=1", "req_1")
	f.Add("", "\xff", "a b")
	f.Fuzz(func(t *testing.T, trace, state, id string) {
		o := Received(func(name string) string {
			return map[string]string{TraceHeader: trace, StateHeader: state, RequestIDHeader: id}[name]
		})
		for _, s := range []string{o.State, o.RequestID} {
			for i := range len(s) {
				if s[i] < ' ' || s[i] >= 0x7f {
					t.Fatalf("%q is taken over", s)
				}
			}
		}
		if o.State != "" && o.Trace == (Trace{}) {
			t.Fatal("a state without a trace")
		}
	})
}
