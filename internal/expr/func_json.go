package expr

import (
	"strconv"
	"strings"

	"github.com/plumbline/plumbline/internal/keyval"
	"github.com/plumbline/plumbline/internal/row"
)

// step is one step into a JSON document: a key, or a place in an array.
type step struct {
	key   string
	place int // counted from 0, from the end when negative
	array bool
}

// parsePath reads user.emails[0].domain, also with $. in front; a key with a
// dot or a bracket stands in ["…"].
func parsePath(path string) (steps []step, err error) {
	rest := strings.TrimPrefix(path, "$")
	for rest != "" {
		if quoted, ok := strings.CutPrefix(rest, `["`); ok {
			key, after, found := strings.Cut(quoted, `"]`)
			if !found {
				return nil, invalid("the path “%s” has a [\" that is never closed", path)
			}
			steps, rest = append(steps, step{key: key}), after
			continue
		}
		if inside, ok := strings.CutPrefix(rest, "["); ok {
			text, after, found := strings.Cut(inside, "]")
			place, err := strconv.Atoi(text)
			if !found || err != nil {
				return nil, invalid("the path “%s” needs a number between [ and ], counted from 0", path)
			}
			steps, rest = append(steps, step{place: place, array: true}), after
			continue
		}
		rest = strings.TrimPrefix(rest, ".")
		end := strings.IndexAny(rest, ".[")
		if end < 0 {
			end = len(rest)
		}
		if end == 0 {
			return nil, invalid("the path “%s” has an empty key; write for example user.emails[0]", path)
		}
		steps, rest = append(steps, step{key: rest[:end]}), rest[end:]
	}
	return steps, nil
}

func checkPath(path string) error {
	_, err := parsePath(path)
	return err
}

func jsonExtract(_ *Evaluator, a []row.Value) row.Value {
	steps, err := parsePath(a[1].Text())
	if err != nil {
		return row.Value{}
	}
	v, err := keyval.ScanValue([]byte(a[0].Text()))
	if err != nil {
		return row.Value{}
	}
	for _, s := range steps {
		if v, err = s.into(v); err != nil {
			return row.Value{}
		}
	}
	return row.ValueOfJSON(v)
}

// errNowhere says that a step leads to nothing.
var errNowhere = invalid("the document has no such place")

// into is the value that a step leads to.
func (s step) into(v keyval.Value) (keyval.Value, error) {
	if s.array {
		return s.element(v)
	}
	if v.Kind != keyval.Object {
		return keyval.Value{}, errNowhere
	}
	// One level: the objects within are handed over whole.
	document := keyval.JSON{DepthMost: 1}
	for document.Reset(v.Raw); document.Next(); {
		if string(document.Key) == s.key {
			return document.Value, nil
		}
	}
	return keyval.Value{}, errNowhere
}

func (s step) element(v keyval.Value) (keyval.Value, error) {
	if v.Kind != keyval.Array {
		return keyval.Value{}, errNowhere
	}
	place := s.place
	if place < 0 {
		for range keyval.Elements(v.Raw) {
			place++
		}
	}
	for e := range keyval.Elements(v.Raw) {
		if place == 0 {
			return e, nil
		}
		place--
	}
	return keyval.Value{}, errNowhere
}
