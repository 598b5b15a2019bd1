package expr

import (
	"slices"
	"strings"

	"github.com/plumbline/plumbline/internal/row"
)

// askShapes asks about each shape once. Of messages whose shape does not
// decide, those are put together that have the right bytes in their holes.
func (ev *Evaluator) askShapes(q *question, c *row.Column, rows, out row.Bitmap) {
	known := ev.verdicts(q, c.Kind, c.Dict)
	places := ev.placesOf(q, c.Dict)
	mark(rows, out, func(i int) bool {
		code := c.Codes[i]
		v := known[code]
		if v == unseen {
			v = ev.askShape(q, c.Dict.At(code), code, places)
			known[code] = v
		}
		if v != open {
			return v == always
		}
		fill := c.Bytes[c.Offs[i]:c.Offs[i+1]]
		switch places[code].in(fill) {
		case never:
			return false
		case always:
			return true
		}
		ev.text = row.AppendShape(ev.text[:0], c.Dict.At(code), fill)
		return q.text(view(ev.text))
	})
}

func (ev *Evaluator) askShape(q *question, text string, code uint32, places []Places) verdict {
	t, ok := q.test.(shaped)
	if !ok {
		return open
	}
	if n := t.core(); n != nil {
		if at, _ := n.find(text, 0); at < 0 {
			return never
		}
	}
	ev.shape.read(text)
	v := t.shape(&ev.shape)
	if v != open {
		return v
	}
	p := placesIn(q.test, &ev.shape)
	for i := range p {
		ev.memo.bytes += len(p[i].Want) + 64
	}
	places[code] = p
	return open
}

// placesIn are where a needle of a test can stand in the messages of a shape.
func placesIn(t test, s *shape) Places {
	if t, ok := t.(placed); ok {
		return t.places(s)
	}
	if t, ok := t.(fragmented); ok {
		if n := t.fragment(); n != nil {
			return s.places(n, false, false, false)
		}
	}
	return nil
}

// Places are all the ways in which a needle can stand in the messages of a
// shape, one of which a message must have; nil: nothing is known.
type Places []Place

// Place says what must fill the holes of a shape for the needle to stand at
// one place, or at one of some side by side.
type Place struct {
	At   int    // in what fills the holes
	More int    // so many places behind it will do as well
	Want string // the digits there
	Sure bool   // then the test is true
}

// Places are those of a clause in the messages that Entries leaves open, by
// code of the shape; nil when they say nothing of the clause.
func (ev *Evaluator) Places(e Expr, dict *row.Dictionary) []Places {
	q, ok := ev.aboutField(e)
	if !ok || q.not {
		return nil
	}
	return ev.memo.places[entryOf{q.node, dict}]
}

// in looks at what fills the holes of one message.
func (p Places) in(fill []byte) verdict {
	if p == nil {
		return open
	}
	v := never
	for i := range p {
		one := &p[i]
		if !one.in(fill) {
			continue
		}
		if one.Sure {
			return always
		}
		v = open
	}
	return v
}

func (p *Place) in(fill []byte) bool {
	end := min(p.At+p.More+len(p.Want), len(fill))
	return p.At <= end && strings.Contains(view(fill[p.At:end]), p.Want)
}

// places are where a needle may stand. sure says that nothing but the borders
// of words decides beside it.
func (s *shape) places(n *needle, start, stop, sure bool) Places {
	found := s.found[:0]
	filled, counted := 0, 0 // hole bytes before a place, and which
	f := s.fitting(n, 0)
	for at := f.next(); at >= 0; at = f.next() {
		for ; counted < at; counted++ {
			if s.holes[counted] != literal {
				filled++
			}
		}
		end := at + len(n.text)
		if (!start || s.mayBorder(at)) && (!stop || s.mayBorder(end)) {
			found = found.and(Place{
				At:   filled,
				Want: s.wanted(n, at),
				Sure: sure && (!start || s.mustBorder(at)) && (!stop || s.mustBorder(end)),
			})
		}
	}
	s.found = found
	return append(Places{}, found...)
}

// and adds a place behind those of p.
func (p Places) and(one Place) Places {
	if len(p) > 0 {
		last := &p[len(p)-1]
		if one.At == last.At+last.More+1 && one.Want == last.Want && one.Sure == last.Sure {
			last.More++
			return p
		}
	}
	return append(p, one)
}

// wanted are the bytes of the needle that fall into holes, in their case: mostly
// it is the needle.
func (s *shape) wanted(n *needle, at int) string {
	if !slices.ContainsFunc(s.holes[at:at+len(n.text)], func(hole byte) bool { return hole == literal || hole == upperHex }) {
		return n.text
	}
	want := make([]byte, 0, 64) // stays on the stack, as most needles fit
	for i := range len(n.text) {
		c := n.text[i]
		switch s.holes[at+i] {
		case literal:
			continue
		case upperHex:
			if c >= 'a' && c <= 'f' {
				c -= 'a' - 'A'
			}
		}
		want = append(want, c)
	}
	return string(want)
}
