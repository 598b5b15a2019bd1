package status

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/plumbline/plumbline/sdk/internal/jsonline"
	"github.com/plumbline/plumbline/sdk/metric"
)

// Format writes the snapshot as the name of a format asks, and tells the content
// type:
//
//	json, hier_json       an object; the second makes a tree of names with dots
//	kv, noah              PREFIX_NAME: value
//	kv_with_program_name  program.PREFIX_NAME:value
//	prometheus            the text of Prometheus
//	openmetrics           the text of OpenMetrics
//
// No name is json. Any other is an error.
func (s Snapshot) Format(format, program string) (body []byte, contentType string, err error) {
	const plain, object = "text/plain; charset=utf-8", "application/json"
	switch format {
	case "", "json":
		return s.AppendJSON(nil), object, nil
	case "hier_json":
		return s.appendTree(nil), object, nil
	case "kv", "noah":
		return s.AppendPairs(nil, "", ": "), plain, nil
	case "kv_with_program_name":
		return s.AppendPairs(nil, program, ":"), plain, nil
	case "prometheus", "openmetrics":
		text := metric.Text{OpenMetrics: format == "openmetrics"}
		return text.Page(s), text.Type(), nil
	}
	return nil, "", fmt.Errorf("unknown format %q: json, kv, prometheus and openmetrics are known", format)
}

// AppendJSON appends the object that BFE's monitor answers:
//
//	{"Prefix":"PROXY_STATE","Kind":"total","GaugeData":{"CON_ACTIVE":3},"CounterData":{…},"StateData":{…}}
//
// A Delta also says From and To, labelled variables stand in SeriesData.
func (s Snapshot) AppendJSON(b []byte) []byte {
	b = s.appendHead(b)
	for _, group := range groups {
		b = append(b, group.opens...)
		first := len(b)
		for name, v := range s.of(group.kind) {
			b = append(jsonline.AppendKey(b, name), v...)
		}
		b = closeObject(b, first)
	}
	b = s.appendSeries(b)
	return append(b, "}\n"...)
}

func (s Snapshot) appendHead(b []byte) []byte {
	b = jsonline.AppendString(append(b, `{"Prefix":`...), s.Prefix)
	b = jsonline.AppendString(jsonline.AppendKey(b, "Kind"), s.Kind)
	if s.Kind == Delta {
		b = jsonline.AppendTime(jsonline.AppendKey(b, "From"), s.From.Round(time.Millisecond))
		b = jsonline.AppendTime(jsonline.AppendKey(b, "To"), s.To.Round(time.Millisecond))
	}
	return b
}

// closeObject ends an object whose members begin at first, each with a comma.
func closeObject(b []byte, first int) []byte {
	if len(b) > first {
		b = slices.Delete(b, first, first+1)
	}
	return append(b, '}')
}

type group int

const (
	gauges group = iota
	counters
	states
)

var groups = [...]struct {
	kind  group
	opens string
}{{gauges, `,"GaugeData":{`}, {counters, `,"CounterData":{`}, {states, `,"StateData":{`}}

// of gives the variables without labels of one group, and their values as JSON.
func (s Snapshot) of(g group) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		var b []byte
		for i := range s.values {
			if !s.tells(i) {
				continue
			}
			v, in := &s.values[i], gauges
			switch s.variables[i].holds.(type) {
			case *Counter:
				in, b = counters, strconv.AppendInt(b[:0], v.n, 10)
			case *Gauge, Func:
				b = strconv.AppendInt(b[:0], v.n, 10)
			case *Level:
				b = jsonline.AppendFloat(b[:0], v.level)
			case *State:
				in, b = states, jsonline.AppendString(b[:0], v.text)
			default:
				continue
			}
			if in == g && !yield(s.variables[i].name, b) {
				return
			}
		}
	}
}

// appendSeries appends ,"SeriesData":{"RESPONSES":[{"proto":"h2","value":3},…]}
// where there are labelled variables.
func (s Snapshot) appendSeries(b []byte) []byte {
	start := len(b)
	b = append(b, `,"SeriesData":{`...)
	first := len(b)
	for i := range s.values {
		if _, labelled := s.variables[i].holds.(vec); !labelled || !s.tells(i) {
			continue
		}
		b = append(jsonline.AppendKey(b, s.variables[i].name), '[')
		for j, one := range s.values[i].series {
			if j > 0 {
				b = append(b, ',')
			}
			b = append(b, '{')
			inner := len(b)
			for _, l := range one.labels {
				b = jsonline.AppendString(jsonline.AppendKey(b, l.Name), l.Value)
			}
			b = strconv.AppendInt(jsonline.AppendKey(b, "value"), one.n, 10)
			b = closeObject(b, inner)
		}
		b = append(b, ']')
	}
	if len(b) == first {
		return b[:start]
	}
	return closeObject(b, first)
}

// AppendPairs appends a line for each variable. With a program's name it stands
// before the rest and a dot: program.PREFIX_NAME:value.
func (s Snapshot) AppendPairs(b []byte, program, separator string) []byte {
	for i := range s.values {
		if !s.tells(i) {
			continue
		}
		v, holds := &s.values[i], s.variables[i].holds
		if _, labelled := holds.(vec); labelled {
			for _, one := range v.series {
				b = s.appendKey(b, program, i)
				for _, l := range one.labels {
					b = append(append(b, '.'), keyText(l.Value)...)
				}
				b = append(strconv.AppendInt(append(b, separator...), one.n, 10), '\n')
			}
			continue
		}
		b = append(s.appendKey(b, program, i), separator...)
		switch holds.(type) {
		case *State:
			b = append(b, strings.Map(printable, v.text)...)
		case *Level:
			b = jsonline.AppendFloat(b, v.level)
		default:
			b = strconv.AppendInt(b, v.n, 10)
		}
		b = append(b, '\n')
	}
	return b
}

func (s Snapshot) appendKey(b []byte, program string, i int) []byte {
	if program != "" {
		b = append(append(b, keyText(program)...), '.')
	}
	if s.Prefix != "" {
		b = append(append(b, keyText(s.Prefix)...), '_')
	}
	return append(b, keyText(s.variables[i].name)...)
}

// keyText keeps what the readers of such lines accept in a key.
func keyText(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-' || r == '.' {
			return r
		}
		return '_'
	}, s)
}

// printable keeps a state on its line.
func printable(r rune) rune {
	if r < ' ' || r == 0x7f {
		return ' '
	}
	return r
}

// Metrics implements metric.Source. Growth is a gauge, whatever BFE called it:
// the rate of a rate means nothing.
func (s Snapshot) Metrics(to metric.Visitor) {
	for i := range s.values {
		if !s.tells(i) {
			continue
		}
		v, family := &s.values[i], s.variables[i].family
		if s.Kind == Delta {
			family.Kind = metric.Gauge
			family.Name += "_diff"
		}
		to.Family(family)
		switch s.variables[i].holds.(type) {
		case vec:
			for _, one := range v.series {
				to.Sample(one.labels, float64(one.n))
			}
		case *State:
			to.Sample([]metric.Label{{Name: "state", Value: v.text}}, 1)
		case *Level:
			to.Sample(nil, v.level)
		default:
			to.Sample(nil, float64(v.n))
		}
	}
}
