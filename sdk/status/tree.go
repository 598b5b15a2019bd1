package status

import (
	"strings"

	"github.com/plumbline/plumbline/sdk/internal/jsonline"
)

// node is a part of a name with dots: what stands there, or what lies below it.
type node struct {
	name  string
	value string // as JSON
	below []*node
}

func (n *node) child(name string) *node {
	for _, c := range n.below {
		if c.name == name {
			return c
		}
	}
	c := &node{name: name}
	n.below = append(n.below, c)
	return c
}

func (n *node) append(b []byte) []byte {
	if n.below == nil {
		return append(b, n.value...)
	}
	b = append(b, '{')
	first := len(b)
	if n.value != "" { // both a value and a parent: the value has no name of its own
		b = append(jsonline.AppendKey(b, ""), n.value...)
	}
	for _, c := range n.below {
		b = c.append(jsonline.AppendKey(b, c.name))
	}
	return closeObject(b, first)
}

// appendTree appends the object of AppendJSON with names split at their dots:
// OP.READ and OP.WRITE become {"OP":{"READ":1,"WRITE":2}}.
func (s Snapshot) appendTree(b []byte) []byte {
	b = s.appendHead(b)
	for _, group := range groups {
		root := &node{}
		for name, v := range s.of(group.kind) {
			at := root
			for part := range strings.SplitSeq(name, ".") {
				at = at.child(part)
			}
			at.value = string(v)
		}
		b = append(b, group.opens[:len(group.opens)-1]...)
		if root.below == nil {
			b = append(b, "{}"...)
			continue
		}
		b = root.append(b)
	}
	b = s.appendSeries(b)
	return append(b, "}\n"...)
}
