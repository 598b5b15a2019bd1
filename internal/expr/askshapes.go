package expr

import (
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
		if p, ok := places[code]; ok {
			switch p.in(fill) {
			case never:
				return false
			case always:
				return true
			}
		}
		ev.text = row.AppendShape(ev.text[:0], c.Dict.At(code), fill)
		return q.text(view(ev.text))
	})
}

func (ev *Evaluator) askShape(q *question, text string, code uint32, places map[uint32]places) verdict {
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
	if t, ok := q.test.(placed); ok {
		if p := t.places(&ev.shape); p != nil {
			places[code] = p
			for _, one := range p {
				ev.memo.bytes += len(one.want) + 64
			}
		}
	}
	return open
}

// places are all the ways in which a needle can stand in the messages of a
// shape, one of which a message must have.
type places []place

// place says what must fill the holes of a shape for the needle to stand at
// one place.
type place struct {
	at   int    // in what fills the holes
	want string // the digits there
	sure bool   // then the test is true
}

// in looks at what fills the holes of one message.
func (p places) in(fill []byte) verdict {
	v := never
	for i := range p {
		end := p[i].at + len(p[i].want)
		if end > len(fill) || string(fill[p[i].at:end]) != p[i].want {
			continue
		}
		if p[i].sure {
			return always
		}
		v = open
	}
	return v
}

// places are where a needle may stand. sure says that nothing but the borders
// of words decides beside it.
func (s *shape) places(n *needle, start, stop, sure bool) places {
	var found places
	filled := 0 // hole bytes before at
	for at := 0; at+len(n.text) <= len(s.text); at++ {
		end := at + len(n.text)
		if s.fits(n, at) && (!start || s.mayBorder(at)) && (!stop || s.mayBorder(end)) {
			found = append(found, place{
				at:   filled,
				want: s.wanted(n, at),
				sure: sure && (!start || s.mustBorder(at)) && (!stop || s.mustBorder(end)),
			})
		}
		if s.holes[at] != literal {
			filled++
		}
	}
	return found
}

// wanted are the bytes of the needle that fall into holes, in their case.
func (s *shape) wanted(n *needle, at int) string {
	var want []byte
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
