package pipe

import (
	"context"
	"strings"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/keyval"
	"github.com/plumbline/plumbline/internal/row"
)

// unpack makes fields out of a text that is a notation of keys and values:
// json, logfmt or kv.
type unpack struct {
	extractor
	name    string
	prefix  string
	pairs   string // kv: what stands between pairs
	between string // kv: what stands between key and value
}

const unpackRules = "In `_msg` when no field is named; prefix= is put in front of every name. What is not\nwritten in this way is passed over; rows without anything stay as they are. What the\nstore says of a line, `_time`, `_seq` and `_dataset`, is not replaced.\n"

var jsonKind = &Kind{
	Name:    "json",
	Cleanup: true,
	Aliases: []string{"unpack_json"},
	Syntax:  "json [field=<field>] [prefix=<text>]",
	Summary: "makes fields out of a JSON object: inner objects with dots, arrays as lists",
	Doc:     unpackRules + "\n\tjson field=payload prefix=payload.\n",
	Parse:   parseUnpack,
}

var logfmtKind = &Kind{
	Name:    "logfmt",
	Cleanup: true,
	Aliases: []string{"unpack_logfmt"},
	Syntax:  "logfmt [field=<field>] [prefix=<text>]",
	Summary: `makes fields out of key=value pairs and key="quoted values"`,
	Doc:     unpackRules + "\n\t\"canonical-log-line\" | logfmt | stats count by http_status\n",
	Parse:   parseUnpack,
}

var kvKind = &Kind{
	Name:    "kv",
	Cleanup: true,
	Syntax:  "kv [field=<field>] [prefix=<text>] [pairs=<text>] [values=<text>]",
	Summary: "makes fields out of pairs with other signs between them",
	Doc: unpackRules + `
pairs= are the signs between pairs (comma, semicolon and blank when it is not said),
values= those between a key and its value (= and :).

	kv pairs=";" values=":"
`,
	Parse: parseUnpack,
}

func parseUnpack(r *expr.Reader, name string) (Pipe, error) {
	p := &unpack{name: strings.TrimPrefix(name, "unpack_"), pairs: ",; ", between: "=:"}
	var err error
	if p.field, err = fromField(r); err != nil {
		return nil, err
	}
	names := []string{"prefix"}
	if p.name == "kv" {
		names = append(names, "pairs", "values")
	}
	opts, err := r.Options(names...)
	if err != nil {
		return nil, err
	}
	p.prefix = opts["prefix"]
	if v := opts["pairs"]; v != "" {
		p.pairs = v
	}
	if v := opts["values"]; v != "" {
		p.between = v
	}
	return p, nil
}

func (p *unpack) String() string {
	s := p.name
	if from := printFrom(p.field); from != "" {
		s += " " + from[:len(from)-1]
	}
	if p.prefix != "" {
		s += " prefix=" + expr.QuoteValue(p.prefix)
	}
	if p.name == "kv" && p.pairs != ",; " {
		s += " pairs=" + expr.QuoteText(p.pairs)
	}
	if p.name == "kv" && p.between != "=:" {
		s += " values=" + expr.QuoteText(p.between)
	}
	return s
}

func (p *unpack) Split() (lane, rest Pipe) { return p, nil }

func (p *unpack) Run(ctx context.Context, env *Env, in row.Rows) row.Rows {
	key := []byte(p.prefix)
	named := func(k []byte) []byte {
		key = append(key[:len(p.prefix)], k...)
		return key
	}
	switch p.name {
	case "json":
		return extract(ctx, env, in, p.field, func(out *row.Builder, text []byte) { unpackJSON(out, text, named) })
	case "logfmt":
		var l keyval.Logfmt
		var buf []byte
		return extract(ctx, env, in, p.field, func(out *row.Builder, text []byte) {
			l.Reset(text)
			for l.Next() {
				if !l.Flag {
					buf = l.Value.AppendText(buf[:0])
					out.Auto(named(l.Key), buf)
				}
			}
		})
	}
	pairs := keyval.NewPairs(p.pairs, p.between)
	var buf []byte
	return extract(ctx, env, in, p.field, func(out *row.Builder, text []byte) {
		pairs.Reset(text)
		for pairs.Next() {
			if !pairs.Flag {
				buf = pairs.Value.AppendText(buf[:0])
				out.Auto(named(pairs.Key), buf)
			}
		}
	})
}

// unpackJSON writes the fields of an object; nothing when text is none.
func unpackJSON(out *row.Builder, text []byte, named func([]byte) []byte) {
	var check, j keyval.JSON
	check.Reset(text)
	for check.Next() {
	}
	if check.Err() != nil {
		return
	}
	j.Reset(text)
	for j.Next() {
		out.Value(named(j.Key), row.ValueOfJSON(j.Value))
	}
}
