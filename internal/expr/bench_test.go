package expr

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/plumbline/plumbline/internal/row"
)

const benchRows = 8192

// benchBatch is a page of a service's lines. With dict, codes point into the
// dictionaries of a part; else the batch is as a Builder leaves it.
func benchBatch() *row.Batch {
	rng := rand.New(rand.NewPCG(1, 2))
	b := row.NewBuilder("app")
	for i := range benchRows {
		b.Begin(noon + int64(i)*1e6)
		b.Text([]byte(row.FieldMsg), fmt.Appendf(nil, "Request finished: method=%s path=/v1/charges/%d took %d ms, request id %016x",
			pickOne(chance{rng}, "GET", "POST"), rng.IntN(1000), rng.IntN(5000), rng.Uint64()))
		b.Text([]byte("method"), []byte(pickOne(chance{rng}, "GET", "POST", "PUT")))
		b.Text([]byte("user"), fmt.Appendf(nil, "usr_%d", rng.IntN(3000)))
		b.Number([]byte("status"), fmt.Append(nil, pickOne(chance{rng}, 200, 200, 200, 201, 404, 500)))
		b.Number([]byte("duration"), fmt.Appendf(nil, "%.3f", rng.Float64()))
		b.Text([]byte("request_id"), fmt.Appendf(nil, "req_%016x", rng.Uint64()))
		b.Text([]byte("ip"), fmt.Appendf(nil, "10.%d.%d.7", rng.IntN(4), rng.IntN(256)))
	}
	return b.Batch()
}

// shaped is the batch with its messages as shapes, as a sealed part has them.
func shapedBatch(b *row.Batch) *row.Batch {
	msg := b.Col(row.FieldMsg)
	col := row.Column{Name: row.FieldMsg, Kind: row.Shape, Offs: []uint32{0}}
	codes, texts := map[string]uint32{}, []string(nil)
	for i := range b.Len {
		shape, fill := row.SplitShape(nil, nil, msg.AppendText(nil, i))
		code, known := codes[string(shape)]
		if !known {
			code = uint32(len(texts))
			codes[string(shape)], texts = code, append(texts, string(shape))
		}
		col.Codes, col.Bytes = append(col.Codes, code), append(col.Bytes, fill...)
		col.Offs = append(col.Offs, uint32(len(col.Bytes)))
	}
	col.Dict = row.NewDictionary(texts)
	return b.With(col)
}

func BenchmarkFilter(b *testing.B) {
	plain := benchBatch()
	shaped := shapedBatch(plain)
	for _, c := range []struct {
		name, search string
		batch        *row.Batch
	}{
		{"Dict", "method=post", plain},
		{"DictNot", "method!=P*", plain},
		{"DictMany", "user=usr_12*", plain},
		{"Int", "status>=500", plain},
		{"IntGlob", "status!=4*", plain},
		{"Decimal", "duration>0.5", plain},
		{"Time", `_time>="2026-11-21T12:00:04Z"`, plain},
		{"Hex", "request_id=req_00112233445566aa", plain},
		{"HexGlob", "request_id=req_0011*", plain},
		{"Any", "any=deadbeef", plain},
		{"WordText", "finished", plain},
		{"AbsentText", "connection", plain},
		{"WordShape", "finished", shaped},
		{"AbsentShape", "connection", shaped},
		{"DigitsShape", "1532", shaped},
		{"HexShape", "00112233445566aa", shaped},
		{"RegexpText", `_msg~"charges/77\\d took"`, plain},
		{"RegexpShape", `_msg~"charges/77\\d took"`, shaped},
		{"Net", "ip=10.2.0.0/16", plain},
		{"In", "status in (500, 502, 503)", plain},
		{"InUsers", "user in (usr_1, usr_2, usr_3, usr_4, usr_5)", plain},
		{"And", "method=POST status>=500 finished", plain},
	} {
		b.Run(c.name, func(b *testing.B) {
			ev, e := NewEvaluator(Env{Now: noon}), searched(b, c.search)
			for b.Loop() {
				ev.Filter(e, c.batch)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRows, "ns/row")
		})
	}
}

func BenchmarkEval(b *testing.B) {
	plain := benchBatch()
	shaped := shapedBatch(plain)
	for _, c := range []struct {
		name, text string
		batch      *row.Batch
	}{
		{"Where", "status >= 500 and duration > 0.5", plain},
		{"WhereText", `method = "POST"`, plain},
		{"Columns", "status > duration", plain},
		{"AddInts", "status + 1", plain},
		{"Multiply", "duration * 1000", plain},
		{"Divide", "duration / 3", plain},
		{"LowerDict", "lower(method)", plain},
		{"LowerText", "lower(_msg)", plain},
		{"Length", "len(user)", plain},
		{"If", `if(status >= 500, "bad", "good")`, plain},
		{"Case", `case(status >= 500, "5xx", status >= 400, "4xx", "ok")`, plain},
		{"Round", "round(duration, 1)", plain},
		{"PatternText", "pattern(_msg)", plain},
		{"PatternShape", "pattern(_msg)", shaped},
		{"Replace", `replace(user, "[0-9]+", "<n>")`, plain},
		{"Strftime", `strftime(_time, "%H:%M")`, plain},
	} {
		b.Run(c.name, func(b *testing.B) {
			ev, e := NewEvaluator(Env{Now: noon}), expressed(b, c.text)
			for b.Loop() {
				ev.Eval(e, c.batch)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRows, "ns/row")
		})
	}
}

// BenchmarkPlacesOfDigits looks for digits alone in a thousand shapes, each met first.
func BenchmarkPlacesOfDigits(b *testing.B) {
	needle := newNeedle("77777", false)
	var texts []string
	for i := range 1000 {
		shape, _ := row.SplitShape(nil, nil, fmt.Appendf(nil, "req %0*d of blk_%0*d at 10.250.1.%d took %d ms", 5+i%7, 1, 6+i%13, 2, i%200, i))
		texts = append(texts, string(shape))
	}
	var s shape
	b.ReportAllocs()
	for b.Loop() {
		for _, text := range texts {
			s.read(text)
			s.places(&needle, false, false, false)
		}
	}
}
