package line

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"
)

var (
	testRatio  = Float("test_ratio", Unit("%"), About("of something"))
	testSecret = Text("test_secret", Secret())
	_          = Text("test_person", Personal()) // stands in the schema
	testStage  = Stage("render")
)

// sample is a line with a field of each kind, finished at a fixed time.
func sample(o Options) *collect {
	o.Fixed = []slog.Attr{slog.String("service", "shop")}
	c := collected(o)
	l := new(Line)
	trace, _ := ParseTrace(parent)
	c.Begin(l, context.Background(), &Kind{Name: "http", Digest: []Key{HTTPMethod, HTTPStatus}}, Origin{Trace: trace, RequestID: "req_1"})
	l.trace.Span = [8]byte{1, 2, 3, 4, 5, 6, 7, 8}
	HTTPMethod.Set(l, "POST")
	HTTPStatus.Set(l, 200)
	RateAllowed.Set(l, true)
	testRatio.Set(l, 0.25)
	testSecret.Set(l, "hunter2")
	Error.Set(l, "no \"such\"\ncharge")
	Add(l, slog.Group("extra", slog.Int("n", -1), slog.String("s", "")))
	l.timed(&testStage, c.clock, time.Millisecond)
	c.clock = c.clock.Add(9 * time.Millisecond)
	l.Finish(OK)
	return c
}

func TestFormats(t *testing.T) {
	for _, c := range []struct {
		name    string
		options Options
		want    string
	}{
		{"json", Options{}, `{"_time":"2026-11-21T09:30:00.009Z","_msg":"canonical-log-line POST 200","kind":"http","request_id":"req_1",` +
			`"trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"0102030405060708","parent_id":"b7ad6b7169203331","service":"shop",` +
			`"http_method":"POST","http_status":200,"rate_allowed":true,"test_ratio":0.25,"test_secret":"***","error":"no \"such\"\ncharge",` +
			`"extra.n":-1,"extra.s":"","outcome":"ok","duration":0.009000,"stages":[{"stage":"render","seconds":0.001000,"calls":1}]}`},
		{"logfmt", Options{Format: Logfmt}, `_time=2026-11-21T09:30:00.009Z _msg="canonical-log-line POST 200" kind=http request_id=req_1 ` +
			`trace_id=0af7651916cd43dd8448eb211c80319c span_id=0102030405060708 parent_id=b7ad6b7169203331 service=shop ` +
			`http_method=POST http_status=200 rate_allowed=true test_ratio=0.25 test_secret=*** error="no \"such\"\ncharge" ` +
			`extra.n=-1 extra.s="" outcome=ok duration=0.009000 stages="[{\"stage\":\"render\",\"seconds\":0.001000,\"calls\":1}]"`},
		{"otel", Options{Naming: OTel()}, `"http.request.method":"POST","http.response.status_code":200`},
		{"ecs", Options{Naming: ECS()}, `{"@timestamp":"2026-11-21T09:30:00.009Z","message":"canonical-log-line POST 200"`},
		{"ecs duration", Options{Naming: ECS()}, `"event.duration":9000000`},
		{"otel logfmt", Options{Naming: OTel(), Format: Logfmt}, ` http.response.status_code=200 `},
	} {
		got := sample(c.options).lines[0]
		if whole := len(c.want) > 300; whole && got != c.want || !strings.Contains(got, c.want) {
			t.Errorf("%s: got  %s\nwant %s", c.name, got, c.want)
		}
	}
}

// decoded is a protobuf message read without its schema: the last value of each
// number.
func decoded(t *testing.T, b []byte) map[int]any {
	t.Helper()
	fields := map[int]any{}
	for len(b) > 0 {
		tag, n := binary.Uvarint(b)
		if n <= 0 {
			t.Fatalf("bad tag in % x", b)
		}
		b = b[n:]
		switch tag & 7 {
		case wireVarint:
			v, n := binary.Uvarint(b)
			fields[int(tag>>3)], b = int64(v), b[n:]
		case wireFixed64:
			fields[int(tag>>3)], b = binary.LittleEndian.Uint64(b), b[8:]
		case wireBytes:
			size, n := binary.Uvarint(b)
			fields[int(tag>>3)], b = string(b[n:n+int(size)]), b[n+int(size):]
		default:
			t.Fatalf("wire type %d", tag&7)
		}
	}
	return fields
}

func TestProtobuf(t *testing.T) {
	c := sample(Options{Format: Protobuf})
	got := decoded(t, []byte(c.lines[0]))
	for number, want := range map[int]any{
		timeKey.number:            uint64(c.clock.UnixNano()),
		messageKey.number:         "canonical-log-line POST 200",
		requestIDKey.number:       "req_1",
		spanIDKey.number:          "\x01\x02\x03\x04\x05\x06\x07\x08",
		Service.key.number:        "shop",
		HTTPStatus.key.number:     int64(200),
		RateAllowed.key.number:    int64(1),
		testRatio.key.number:      math.Float64bits(0.25),
		Duration.key.number:       math.Float64bits(0.009),
		extraNumber:               "\n\aextra.s\x12\x00",
		testSecret.key.number + 0: nil,
	} {
		if got[number] != want {
			t.Errorf("field %d is %#v, want %#v", number, got[number], want)
		}
	}
	if strings.Contains(c.lines[0], "hunter2") {
		t.Error("a secret is written")
	}
	proto := string(Proto())
	for _, want := range []string{"  string http_method = 20;\n", "  double duration = 24; // from begin to end\n", "repeated Stage stages = 12;", "  fixed64 _time = 1;", "map<string, string> extra = 15;"} {
		if !strings.Contains(proto, want) {
			t.Errorf("the .proto file lacks %q:\n%s", want, proto)
		}
	}
}

func TestSchema(t *testing.T) {
	var got struct {
		Fields map[string]struct{ Type, Unit string }
	}
	if err := json.Unmarshal(Schema(nil), &got); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]struct{ Type, Unit string }{
		"_time": {"time", ""}, "duration": {"number", "s"}, "http_status": {"number", ""}, "rate_allowed": {"bool", ""},
		"user_id": {"text", ""}, "test_ratio": {"number", "%"}, "bytes_out": {"number", "bytes"},
	} {
		if got.Fields[name] != want {
			t.Errorf("%s is %v, want %v", name, got.Fields[name], want)
		}
	}
	if !strings.Contains(string(Schema(OTel())), `"http.route":{"type":"text"}`) {
		t.Error("the schema does not follow the naming")
	}
	classes := map[string]string{}
	numbers := map[int]string{}
	for _, d := range Describe() {
		classes[d.Name] = d.Class
		if other := numbers[d.Number]; other != "" {
			t.Errorf("%s and %s share number %d", d.Name, other, d.Number)
		}
		numbers[d.Number] = d.Name
	}
	if classes["test_secret"] != "secret" || classes["test_person"] != "personal" || classes["kind"] != "open" {
		t.Errorf("classes %v", classes)
	}
}

func TestANameHasOneType(t *testing.T) {
	a, b, again := Int("test_clash"), Text("test_clash"), Int("test_clash")
	if a != again || b.key.name != "test_clash_text" || len(Clashes()) == 0 {
		t.Errorf("keys %v %v %v, clashes %v", a.key, b.key, again.key, Clashes())
	}
	taken := Int("test_number", Number(extraNumber))
	other := Int("test_number_2", Number(HTTPMethod.key.number))
	if taken.key.number == extraNumber || other.key.number == HTTPMethod.key.number {
		t.Error("a number is given out twice")
	}
}

// Every line of logfmt reads back pair by pair, whatever its values are.
func FuzzLogfmt(f *testing.F) {
	f.Add("key", "value")
	f.Add("a b=\"", "\x00\xff \u2028 \\ null")
	f.Add("", "null")
	f.Fuzz(func(t *testing.T, name, value string) {
		c := collected(Options{Format: Logfmt})
		l := c.begin(context.Background())
		Add(l, slog.String(name, value))
		l.Finish(OK)
		line := c.lines[0]
		if strings.ContainsAny(line, "\n\r") {
			t.Fatalf("%q breaks the line", line)
		}
		for rest := line; rest != ""; {
			key, after, ok := strings.Cut(rest, "=")
			if !ok || key == "" || strings.ContainsAny(key, " \"") {
				t.Fatalf("%q: bad key %q", line, key)
			}
			if strings.HasPrefix(after, `"`) {
				var v string
				d := json.NewDecoder(strings.NewReader(after))
				if err := d.Decode(&v); err != nil {
					t.Fatalf("%q: %v", line, err)
				}
				after = after[d.InputOffset():]
			} else if i := strings.IndexByte(after, ' '); i >= 0 {
				after = after[i:]
			} else {
				after = ""
			}
			rest = strings.TrimPrefix(after, " ")
		}
	})
}
