package delay

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/plumbline/plumbline/sdk/internal/jsonline"
	"github.com/plumbline/plumbline/sdk/metric"
)

// Format writes the counter as the name of a format asks, and tells the content
// type:
//
//	json, hier_json       both cycles, in BFE's shape
//	kv, noah              name_Current_Count:3
//	kv_with_program_name  program.name_Current_Count:3
//	prometheus            the histogram since the start, in seconds
//	openmetrics           the same with exemplars
//
// No name is json. Any other is an error.
func (c *Counter) Format(format string) (body []byte, contentType string, err error) {
	const plain, object = "text/plain; charset=utf-8", "application/json"
	switch format {
	case "", "json", "hier_json":
		return c.Read().AppendJSON(nil), object, nil
	case "kv", "noah":
		return c.Read().AppendPairs(nil, ""), plain, nil
	case "kv_with_program_name":
		return c.Read().AppendPairs(nil, c.options.Program), plain, nil
	case "prometheus", "openmetrics":
		text := metric.Text{OpenMetrics: format == "openmetrics"}
		return text.Page(c), text.Type(), nil
	}
	return nil, "", fmt.Errorf("unknown format %q: json, kv, prometheus and openmetrics are known", format)
}

// bfeTime is how BFE writes times.
const bfeTime = "2006-01-02 15:04:05"

// AppendJSON appends the object that BFE's monitor answers; bucket sizes are
// milliseconds, sums and averages microseconds:
//
//	{"Interval":60,"KeyPrefix":"proxy_delay","ProgramName":"bfe","CurrTime":"…",
//	 "Current":{"BucketSize":1,"BucketNum":10,"Count":3,"Sum":4200,"Ave":1400,"Counters":[2,0,1,…]},
//	 "PastTime":"…","Past":{…}}
//
// Buckets that are not of one size have the size 0, and Bounds in microseconds.
func (r Reading) AppendJSON(b []byte) []byte {
	b = strconv.AppendInt(append(b, `{"Interval":`...), int64(r.every/time.Second), 10)
	b = jsonline.AppendString(jsonline.AppendKey(b, "KeyPrefix"), r.name)
	b = jsonline.AppendString(jsonline.AppendKey(b, "ProgramName"), r.program)
	b = jsonline.AppendString(jsonline.AppendKey(b, "CurrTime"), r.Current.From.Format(bfeTime))
	b = r.Current.appendJSON(jsonline.AppendKey(b, "Current"))
	past := ""
	if !r.Past.From.IsZero() {
		past = r.Past.From.Format(bfeTime)
	}
	b = jsonline.AppendString(jsonline.AppendKey(b, "PastTime"), past)
	b = r.Past.appendJSON(jsonline.AppendKey(b, "Past"))
	return append(b, "}\n"...)
}

func (y Cycle) appendJSON(b []byte) []byte {
	b = y.appendSize(append(b, `{"BucketSize":`...))
	b = strconv.AppendInt(jsonline.AppendKey(b, "BucketNum"), int64(len(y.Counts)-1), 10)
	b = strconv.AppendUint(jsonline.AppendKey(b, "Count"), y.Count, 10)
	b = strconv.AppendInt(jsonline.AppendKey(b, "Sum"), y.Sum.Microseconds(), 10)
	b = strconv.AppendInt(jsonline.AppendKey(b, "Ave"), y.Average().Microseconds(), 10)
	b = append(jsonline.AppendKey(b, "Counters"), '[')
	for i, n := range y.Counts {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendUint(b, n, 10)
	}
	b = append(b, ']')
	if y.buckets.width > 0 {
		return append(b, '}')
	}
	b = append(jsonline.AppendKey(b, "Bounds"), '[')
	for i := range len(y.Counts) - 1 {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendDecimal(b, y.buckets.bound(i), time.Microsecond)
	}
	return append(b, "]}"...)
}

// appendSize appends the width of buckets in milliseconds.
func (y Cycle) appendSize(b []byte) []byte {
	return appendDecimal(b, y.buckets.width, time.Millisecond)
}

func appendDecimal(b []byte, d, unit time.Duration) []byte {
	return strconv.AppendFloat(b, float64(d)/float64(unit), 'f', -1, 64)
}

// AppendPairs appends a line for each number, as BFE does; with a program's name
// it stands before the rest and a dot.
func (r Reading) AppendPairs(b []byte, program string) []byte {
	prefix := keyText(r.name)
	if program != "" {
		prefix = keyText(program) + "." + prefix
	}
	b = r.Current.appendPairs(b, prefix+"_Current_")
	return r.Past.appendPairs(b, prefix+"_Past_")
}

func (y Cycle) appendPairs(b []byte, prefix string) []byte {
	b = append(y.appendSize(append(append(b, prefix...), "BucketSize:"...)), '\n')
	pair := func(name string, v int64) {
		b = append(append(append(b, prefix...), name...), ':')
		b = append(strconv.AppendInt(b, v, 10), '\n')
	}
	pair("BucketNum", int64(len(y.Counts)-1))
	pair("Count", int64(y.Count))
	pair("Sum", y.Sum.Microseconds())
	pair("Ave", y.Average().Microseconds())
	for i, n := range y.Counts {
		pair("Counters_"+strconv.Itoa(i), int64(n))
	}
	return b
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
