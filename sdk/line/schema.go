package line

import (
	"fmt"
	"strings"

	"github.com/plumbline/plumbline/sdk/internal/jsonline"
)

// Schema is the declaration of every registered field, as the configuration of a
// dataset takes it:
//
//	{"fields":{"user_id":{"type":"text"},"duration":{"type":"number","unit":"s"}}}
//
// Names are those of the naming.
func Schema(n *Naming) []byte {
	b := []byte(`{"fields":{`)
	for i, k := range declared() {
		if i > 0 {
			b = append(b, ',')
		}
		b = jsonline.AppendString(b, n.name(k))
		b = jsonline.AppendString(append(b, `:{"type":`...), k.kind.declared())
		if k.unit != "" {
			b = jsonline.AppendString(append(b, `,"unit":`...), k.unit)
		}
		b = append(b, '}')
	}
	return append(b, "}}\n"...)
}

// declared are the keys that have one type in every form.
func declared() (keys []*key) {
	for _, k := range registry.all() {
		if k.kind != kindStages {
			keys = append(keys, k)
		}
	}
	return keys
}

// declared is the type of a field to a server.
func (k kind) declared() string {
	switch k {
	case kindInt, kindFloat, kindSeconds:
		return "number"
	case kindBool:
		return "bool"
	case kindTime:
		return "time"
	}
	return "text"
}

// Description tells of one registered field.
type Description struct {
	Name     string
	Type     string // text, int, float, bool, seconds, time, hex, stages
	Unit     string // of a number
	About    string
	Class    string // open, personal, secret
	Number   int    // in protobuf
	Reserved bool   // written by the line itself
}

// Describe tells of all registered fields, by number.
func Describe() (all []Description) {
	for _, k := range registry.all() {
		all = append(all, Description{
			Name: k.name, Type: k.kind.String(), Unit: k.unit, About: k.about,
			Class:  [...]string{"open", "personal", "secret"}[k.class],
			Number: k.number, Reserved: k.own,
		})
	}
	return all
}

// Clashes are names that were registered with two types. The second got a name of
// its own, with its type behind it.
func Clashes() []string {
	registry.mu.RLock()
	defer registry.mu.RUnlock()
	return append([]string(nil), registry.clashes...)
}

// Proto is the .proto file of the lines in the format Protobuf.
func Proto() []byte {
	var b strings.Builder
	b.WriteString(`syntax = "proto3";

package plumbline;

// CanonicalLine is one unit of work. Durations are in seconds.
message CanonicalLine {
`)
	taken := map[string]bool{}
	for _, k := range registry.all() {
		if k.class == secret {
			continue
		}
		comment := k.about
		if k.unit != "" && k.kind != kindSeconds {
			comment = strings.TrimPrefix(comment+", in "+k.unit, ", ")
		}
		if comment != "" {
			comment = " // " + strings.Join(strings.Fields(comment), " ")
		}
		fmt.Fprintf(&b, "  %s %s = %d;%s\n", k.kind.proto(), identifier(k.name, taken), k.number, comment)
	}
	fmt.Fprintf(&b, `  map<string, string> extra = %d; // fields without a key
}

// Stage is one of the steps that a handler goes through.
message Stage {
  string stage = 1;
  double seconds = 2;
  int64 calls = 3;
}
`, extraNumber)
	return []byte(b.String())
}

// proto is the type of a field in protobuf.
func (k kind) proto() string {
	return [...]string{"string", "int64", "double", "bool", "double", "fixed64", "bytes", "repeated Stage"}[k]
}

// identifier is a name as protobuf allows it, each once.
func identifier(name string, taken map[string]bool) string {
	id := []byte(name)
	for i, c := range id {
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || i > 0 && '0' <= c && c <= '9') {
			id[i] = '_'
		}
	}
	for len(id) == 0 || taken[string(id)] {
		id = append(id, '_')
	}
	taken[string(id)] = true
	return string(id)
}
