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
	having := digitsIn(q, c, rows)
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
		p := &places[code]
		if having != nil && p.whole && !having.Has(i) {
			return false
		}
		fill := c.Bytes[c.Offs[i]:c.Offs[i+1]]
		if p.list != nil {
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

func (ev *Evaluator) askShape(q *question, text string, code uint32, places []places) verdict {
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
	for _, one := range p.list {
		ev.memo.bytes += len(one.want) + 64
	}
	places[code] = p
	return open
}

// placesIn are where a needle of a test can stand in the messages of a shape.
func placesIn(t test, s *shape) places {
	var p places
	var n *needle
	if t, ok := t.(fragmented); ok {
		n = t.fragment()
	}
	if t, ok := t.(placed); ok {
		p.list = t.places(s)
	} else if n != nil {
		p.list = s.places(n, false, false, false)
	}
	if n != nil && p.list != nil {
		p.whole = !slices.ContainsFunc(p.list, func(one place) bool { return len(one.want) < len(n.text) })
	}
	return p
}

// digitsIn are the rows whose holes have all digits of the test's needle in them
// side by side, and perhaps others; nil when the needle has anything else in it,
// or is looked for in few rows.
func digitsIn(q *question, c *row.Column, rows row.Bitmap) row.Bitmap {
	t, ok := q.test.(fragmented)
	if !ok || 4*rows.Count() < len(c.Codes) {
		return nil
	}
	n := t.fragment()
	if n == nil || n.text == "" || strings.Trim(n.text, "0123456789") != "" {
		return nil
	}
	found, all, i := row.NewBitmap(len(c.Codes)), view(c.Bytes[:c.Offs[len(c.Codes)]]), 0
	for at := 0; ; at++ {
		next := strings.Index(all[at:], n.text)
		if next < 0 {
			return found
		}
		for at += next; int(c.Offs[i+1]) <= at; {
			i++
		}
		found.Set(i)
	}
}

// places are all the ways in which a needle can stand in the messages of a
// shape, one of which a message must have.
type places struct {
	list  []place // nil: nothing is known
	whole bool    // all of the needle falls into holes, wherever it stands
}

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
	for i := range p.list {
		one := &p.list[i]
		end := one.at + len(one.want)
		if end > len(fill) || string(fill[one.at:end]) != one.want {
			continue
		}
		if one.sure {
			return always
		}
		v = open
	}
	return v
}

// places are where a needle may stand. sure says that nothing but the borders
// of words decides beside it.
func (s *shape) places(n *needle, start, stop, sure bool) []place {
	found := s.found[:0]
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
	s.found = found
	return append([]place{}, found...)
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
