package keyval

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// pull writes all that a scanner gives, a pair a line: key=kind:text.
func pull(j *JSON) string {
	var out strings.Builder
	for j.Next() {
		fmt.Fprintf(&out, "%s=%s:%s\n", j.Key, j.Value.Kind, j.Value.AppendText(nil))
	}
	if j.Err() != nil {
		fmt.Fprintf(&out, "! %v\n", j.Err())
	}
	return out.String()
}

func TestJSON(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{`{}`, ""},
		{" {\t} \r\n", ""},
		{`{"a":1}`, "a=number:1\n"},
		{`{"a":"x","b":-1.50e+7,"c":true,"d":false,"e":null}`, "a=string:x\nb=number:-1.50e+7\nc=true:true\nd=false:false\ne=null:null\n"},
		{"{ \"a\" : 1 , \"b\"\t:\n2 }", "a=number:1\nb=number:2\n"},
		{`{"a":{"b":1,"c":{}},"d":[1,{"e":2}],"f":"x"}`, "a.b=number:1\na.c=object:{}\nd=array:[1,{\"e\":2}]\nf=string:x\n"},
		{`{"a":{"b":{"c":1},"d":2},"e":{ },"f":3}`, "a.b.c=number:1\na.d=number:2\ne=object:{ }\nf=number:3\n"},
		{`{"a":{"":{"x":1}},"":2}`, "a..x=number:1\n=number:2\n"},
		{`{"a":1,"a":2}`, "a=number:1\na=number:2\n"},
		{`{"a\"b":{"c\n":1,"d":"\u00e9\ud83d\ude00\ud83dx"}}`, "a\"b.c\n=number:1\na\"b.d=string:é😀\ufffdx\n"},
		{`{"a":"brackets ]} and \" quotes","b":["]","\"]",{"x":"}"}]}`, "a=string:brackets ]} and \" quotes\nb=array:[\"]\",\"\\\"]\",{\"x\":\"}\"}]\n"},
		{`{"a":NaN,"b":-Infinity,"c":Infinity}`, "a=string:NaN\nb=string:-Infinity\nc=string:Infinity\n"},
		{"{\"a\":\"tab\there\"}", "a=string:tab\there\n"},
		{`{"exactly8":"12345678","x":"1234567\"","y":"1234567890123456"}`, "exactly8=string:12345678\nx=string:1234567\"\ny=string:1234567890123456\n"},
		// What is no object, or stops being one.
		{``, "! byte 0: expected {, found the end\n"},
		{`  `, "! byte 2: expected {, found the end\n"},
		{`[1]`, "! byte 0: expected {, found '['\n"},
		{`{`, "! byte 1: expected a key in quotes, found the end\n"},
		{`{a:1}`, "! byte 1: expected a key in quotes, found 'a'\n"},
		{`{"a"}`, "! byte 4: expected ':' after a key, found '}'\n"},
		{`{"a`, "! byte 3: expected '\"' at the end of a key, found the end\n"},
		{`{"a\`, "! byte 4: expected '\"' at the end of a key, found the end\n"},
		{`{"a":`, "! byte 5: expected a value, found the end\n"},
		{`{"a":}`, "! byte 5: expected a value, found '}'\n"},
		{`{"a":tru}`, "! byte 5: expected a value, found 't'\n"},
		{`{"a":"x`, "! byte 7: expected '\"' at the end of a string, found the end\n"},
		{`{"a":"x\"`, "! byte 9: expected '\"' at the end of a string, found the end\n"},
		{`{"a":1,}`, "a=number:1\n! byte 7: expected a key in quotes, found '}'\n"},
		{`{,"a":1}`, "! byte 1: expected a key in quotes, found ','\n"},
		{`{"a":1 "b":2}`, "a=number:1\n! byte 7: expected ',' or '}' after a value, found '\"'\n"},
		{`{"a":1`, "a=number:1\n! byte 6: expected ',' or '}' after a value, found the end\n"},
		{`{"a":{"b":1}`, "a.b=number:1\n! byte 12: expected ',' or '}' after a value, found the end\n"},
		{`{"a":[1,2}`, "! byte 9: expected ']', found '}'\n"},
		{`{"a":[1,"x}`, "! byte 11: expected '\"' at the end of a string, found the end\n"},
		{`{"a":1} x`, "a=number:1\n! byte 8: expected the end of the line after the object, found 'x'\n"},
		{`{"a":1}}`, "a=number:1\n! byte 7: expected the end of the line after the object, found '}'\n"},
	} {
		var j JSON
		j.Reset([]byte(c.line))
		if got := pull(&j); got != c.want {
			t.Errorf("%s:\n%swant\n%s", c.line, got, c.want)
		}
		if j.Next() {
			t.Errorf("%s: goes on after its end", c.line)
		}
		var wrong *SyntaxError
		if err := j.Err(); err != nil && (!errors.As(err, &wrong) || wrong.Offset > len(c.line)) {
			t.Errorf("%s: no place in %v", c.line, err)
		}
	}
}

func TestJSONDepth(t *testing.T) {
	j := JSON{DepthMost: 2}
	j.Reset([]byte(`{"a":{"b":{"c":1},"d":2},"e":3}`))
	if got, want := pull(&j), "a.b=object:{\"c\":1}\na.d=number:2\ne=number:3\n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	deep := strings.Repeat(`{"a":`, 100_000) + "1" + strings.Repeat("}", 100_000)
	j = JSON{}
	j.Reset([]byte(deep))
	if !j.Next() || j.Value.Kind != Object || string(j.Key) != strings.Repeat("a.", 63)+"a" || j.Next() || j.Err() != nil {
		t.Errorf("too deep: key %s, kind %v, error %v", j.Key, j.Value.Kind, j.Err())
	}
}

// A line cannot make keys that are many times its size.
func TestJSONOfLongKeys(t *testing.T) {
	for n, want := range map[int]int{pathMost - 4: 10_001, pathMost - 2: 10_001, pathMost - 1: 1, 50_000: 1} {
		line := fmt.Sprintf(`{"a":{"%s":{%s"z":1}}}`, strings.Repeat("k", n), strings.Repeat(`"b":1,`, 10_000))
		j, pairs, size := JSON{}, 0, 0
		for j.Reset([]byte(line)); j.Next(); pairs++ {
			size += len(j.Key)
		}
		if pairs != want || size > pairs*(pathMost+2)+n {
			t.Errorf("key of %d bytes: %d pairs, whose keys are %d bytes", n+2, pairs, size)
		}
		var s Tokens
		tokens, plain := s.Scan(append([]byte(line), make([]byte, TokenSlack)...)[:len(line)], nil)
		if plain != (n == pathMost-4) || plain && len(tokens) != pairs {
			t.Errorf("key of %d bytes: plain is %v, %d tokens", n+2, plain, len(tokens))
		}
	}
}

func TestJSONGlued(t *testing.T) {
	text := []byte(`{"a":1}{"b":2} {"c":3}`)
	var got strings.Builder
	for len(bytes.TrimSpace(text)) > 0 {
		j := JSON{More: true}
		j.Reset(text)
		got.WriteString(pull(&j))
		text = text[j.Offset():]
	}
	if got.String() != "a=number:1\nb=number:2\nc=number:3\n" {
		t.Errorf("got %s", got.String())
	}
}

func TestElements(t *testing.T) {
	for _, c := range []struct{ raw, want string }{
		{`[]`, ""}, {`[ ]`, ""}, {`[1]`, "1"}, {`[1, "a\"]" ,[2,[3]],{"x":[4]},null]`, `1|a"]|[2,[3]]|{"x":[4]}|null`},
		{`[1 2]`, "1"}, {`[1,]`, "1"}, {`{}`, ""}, {``, ""}, {`[`, ""}, {`[1`, "1"},
	} {
		var got []string
		for v := range Elements([]byte(c.raw)) {
			got = append(got, string(v.AppendText(nil)))
		}
		if strings.Join(got, "|") != c.want {
			t.Errorf("%s: %q, want %q", c.raw, got, c.want)
		}
	}
	for range Elements([]byte(`[1,2,3]`)) {
		break
	}
}

func TestScanValue(t *testing.T) {
	for _, c := range []struct {
		text string
		kind Kind
		err  string
	}{
		{` "x" `, String, ""}, {`1`, Number, ""}, {`true`, True, ""}, {`{"a":1}`, Object, ""}, {`[1]`, Array, ""},
		{``, 0, "expected a value"}, {`1 2`, 0, "expected the end"}, {`x`, 0, "expected a value"},
	} {
		v, err := ScanValue([]byte(c.text))
		if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) || v.Kind != c.kind {
			t.Errorf("%q: %v %v", c.text, v.Kind, err)
		}
	}
}

func TestAppendUnescaped(t *testing.T) {
	for _, c := range []struct{ raw, want string }{
		{``, ""}, {`a`, "a"}, {`\"\\\/\b\f\n\r\t`, "\"\\/\b\f\n\r\t"}, {`\u0041\u00e9\u20AC`, "Aé€"},
		{`\ud83d\ude00`, "😀"}, {`\ud83d`, "\ufffd"}, {`\ude00\ud83d`, "\ufffd\ufffd"}, {`\ud83d\ud83d\ude00`, "\ufffd😀"}, {`\ud83dx`, "\ufffdx"},
		{`\u12`, `\u12`}, {`\uzzzz`, `\uzzzz`}, {`\x41`, `\x41`}, {`a\`, `a\`}, {`\u`, `\u`}, {`\u0000`, "\x00"},
	} {
		if got := string(AppendUnescaped([]byte("<"), []byte(c.raw))); got != "<"+c.want {
			t.Errorf("%s: %q, want %q", c.raw, got, c.want)
		}
	}
}

// flatten is the slow way to what JSON gives: encoding/json's tokens.
func flatten(d *json.Decoder, prefix string, out *[]string) error {
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		path := prefix + key.(string)
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return err
		}
		raw = bytes.TrimSpace(raw)
		inner := json.NewDecoder(bytes.NewReader(raw))
		inner.UseNumber()
		token, err := inner.Token()
		if err != nil {
			return err
		}
		switch v := token.(type) {
		case json.Delim:
			if v == '{' && inner.More() && len(path) <= pathMost {
				if err := flatten(inner, path+".", out); err != nil {
					return err
				}
				continue
			}
			*out = append(*out, path+"="+string(raw))
		case string:
			*out = append(*out, path+"="+v)
		default:
			*out = append(*out, path+"="+string(raw))
		}
	}
	_, err := d.Token()
	return err
}

func FuzzJSON(f *testing.F) {
	for _, s := range []string{`{}`, canonicalLine, `{"a":{"b":[1,"]"],"c":{}},"d":"\ud83d\ude00\u12","a":NaN}`, `{"a":tru}`, `{"a\\":"\"`, "{\"\xff\":\"\xff\"}"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		j := JSON{DepthMost: 1 << 20}
		j.Reset(line)
		var got []string
		for last := -1; j.Next(); last = j.Offset() {
			if j.Offset() <= last {
				t.Fatalf("%q: no progress at %d", line, last)
			}
			key := string(RepairUTF8(nil, j.Key))
			got = append(got, key+"="+string(repairUnless(j.Value, Array, Object)))
			for range Elements(j.Value.Raw) {
			}
		}
		if !json.Valid(line) || len(bytes.TrimSpace(line)) == 0 || bytes.TrimSpace(line)[0] != '{' || len(line) > pathMost && !utf8.Valid(line) {
			return
		}
		if j.Err() != nil {
			t.Fatalf("%q: %v", line, j.Err())
		}
		d := json.NewDecoder(bytes.NewReader(line))
		d.Token()
		var want []string
		if err := flatten(d, "", &want); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%q:\ngot  %q\nwant %q", line, got, want)
		}
	})
}

// repairUnless gives a value's text as UTF-8, but those of some kinds as is.
func repairUnless(v Value, raw ...Kind) []byte {
	text := v.AppendText(nil)
	if slices.Contains(raw, v.Kind) {
		return text
	}
	return RepairUTF8(nil, text)
}

// Tokens of a line are the pairs that JSON gives, whatever keys are known by now
// and whatever stands behind the line, and a number stands for one key.
func FuzzTokens(f *testing.F) {
	for _, line := range []string{
		`{"a":1,"b":"x","c":true}`, `{"a":-1,"b":{"a":2},"c":"\\"}`, `{ "a":1}`, `{"a":1 ,"b":2}`, `{"a\"":1,"b":2}`, `{,"a":1}`, `{"a":"x`,
		`{"a": {"b": 1, "c": {"d": [1]}}, "b": null}`, `{"a":{"a":{}},"a":{"b":{"c":1}},"b":{ "c":NaN}}`, `{"a":{"b":1}}}`, `{}`, `{ } `, `{"a":{`,
		`{"a":{"b":1},"c":-Infinity,"a.b":2`, `{"long name of a key":1,"long name of a kez":2,"a\"":1}`, `{"":{"":1},"a":12"b":3}`,
		`{"a":1234567,"b":-12345678.12345678,"c":0.1,"d":1e5,"e":-,"f":1.,"g":.5,"h":1.2.3,"i":00}`, `{"a":-12345678`, `{"a":1.2345678`,
		`{"a":"\u00e9 \\","b":"123456\"89","c":"1234567","d":"12345678"}`,
	} {
		f.Add([]byte(line), []byte(`{"a\":1}`), []byte(`"":1,"}}`))
		f.Add([]byte(line), []byte(`{"b":{"a":1,"c":2},"a":{"b":1},"a.b":3,"long name of a key":4}`), []byte(`,"b":2}`))
		f.Add([]byte(line), []byte(line), []byte(`}`))
	}
	f.Fuzz(func(t *testing.T, line, before, behind []byte) {
		var j JSON
		j.DepthMost = 1 + len(line)%5
		j.Reset(line)
		want := pull(&j)
		tokens := Tokens{DepthMost: j.DepthMost}
		numbers := map[uint32]string{}
		take := func(line []byte) (got string, plain bool) {
			room := append(append(slices.Clone(line), behind...), make([]byte, TokenSlack)...)
			all, plain := tokens.Scan(room[:len(line)], nil)
			for i := range all {
				key, v := string(tokens.Keys.Text(int(all[i].Key))), all[i].Value(line)
				if name, known := numbers[all[i].Key]; known && name != key {
					t.Fatalf("%q then %q: %q and %q have number %d", before, line, name, key, all[i].Key)
				}
				numbers[all[i].Key] = key
				got += fmt.Sprintf("%s=%s:%s\n", key, v.Kind, v.AppendText(nil))
			}
			return got, plain
		}
		take(before)
		if got, plain := take(line); plain && got != want {
			t.Fatalf("%q, after %q: tokens\n%spairs\n%s", line, before, got, want)
		}
	})
}

// What most senders write needs no second look.
func TestTokensTakeWhatIsUsual(t *testing.T) {
	var s Tokens
	for _, line := range []string{
		`{}`, `{"a":"x","b":-1.50,"c":true,"d":null,"e":[1,"]"],"f":{},"g":{"h":{"i":1e9}},"j":"\n"}`, `{"a": 1, "b": {"c": "é"}}`,
	} {
		if _, plain := s.Scan(append([]byte(line), make([]byte, TokenSlack)...)[:len(line)], nil); !plain {
			t.Errorf("%s is not read by tokens", line)
		}
	}
	if _, plain := s.Scan([]byte(`{}`)[:2:2], nil); plain {
		t.Error("a line is read beyond its memory")
	}
}

func FuzzQuote(f *testing.F) {
	f.Add([]byte("a\"b\\\n\x00\x7f\xff\u2028é\u202e\u009b😀"))
	f.Fuzz(func(t *testing.T, s []byte) {
		repaired := RepairUTF8(nil, s)
		if !utf8.Valid(repaired) || utf8.Valid(s) && !bytes.Equal(repaired, s) {
			t.Fatalf("%q is repaired to %q", s, repaired)
		}
		quoted := AppendJSONString(nil, s)
		if !bytes.Equal(quoted, AppendJSONString(nil, string(s))) {
			t.Fatalf("%q: strings are quoted otherwise than bytes", s)
		}
		var back string
		if err := json.Unmarshal(quoted, &back); err != nil || back != string(repaired) {
			t.Fatalf("%q is quoted as %s, which reads as %q, %v", s, quoted, back, err)
		}
		if i := bytes.IndexFunc(quoted, Obeyed); i >= 0 {
			t.Fatalf("%q is quoted as %s, and byte %d would be obeyed", s, quoted, i)
		}
		if own := AppendUnescaped(nil, quoted[1:len(quoted)-1]); !bytes.Equal(own, repaired) {
			t.Fatalf("%s reads as %q, want %q", quoted, own, repaired)
		}
		theirs, err := json.Marshal(string(s))
		if err != nil {
			t.Fatal(err)
		}
		if own := AppendUnescaped(nil, theirs[1:len(theirs)-1]); !bytes.Equal(own, repaired) {
			t.Fatalf("%s reads as %q, want %q", theirs, own, repaired)
		}
		var l Logfmt
		line := append([]byte("k="), AppendLogfmtValue(nil, s)...)
		l.Reset(append(line, " z"...))
		if !l.Next() || string(l.Key) != "k" || !bytes.Equal(l.Value.AppendText(nil), repaired) || !l.Next() || string(l.Key) != "z" || l.Next() {
			t.Fatalf("%q in logfmt is %s and reads otherwise", s, line)
		}
	})
}

func TestScanningDoesNotAllocate(t *testing.T) {
	line, nested := []byte(canonicalLine), []byte(`{"a":{"b":1,"c\n":{"d":[1,2]}},"e":"x"}`)
	fmtLine := []byte(`level=info msg="a \"b\" c" retry path=/x`)
	var j JSON
	var l Logfmt
	p := NewPairs(" ", "=")
	j.Reset(nested)
	pull(&j)
	if n := testing.AllocsPerRun(100, func() {
		for _, b := range [...][]byte{line, nested} {
			for j.Reset(b); j.Next(); {
				for range Elements(j.Value.Raw) {
				}
			}
		}
		for l.Reset(fmtLine); l.Next(); {
		}
		for p.Reset(fmtLine); p.Next(); {
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

const canonicalLine = `{"_time":"2026-08-20T12:34:56.789012Z","level":"info","_msg":"canonical-log-line","service":"payments-api",` +
	`"host":"api-eu-07","dc":"eu-west","alloc_count":9123,"database_queries":34,"duration":0.009123,"http_method":"POST",` +
	`"http_path":"/v1/charges/ch_9f3a41c/capture","http_route":"/v1/charges/:id/capture","http_status":200,"key_id":"mk_123456",` +
	`"user_id":"usr_93821","language":"go","team":"acquiring","permissions_used":"account_write","rate_allowed":true,"rate_quota":100,` +
	`"rate_remaining":99,"request_id":"req_9f3a41c02b77d6e1","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","release":"2026.8.1"}`

func BenchmarkJSON(b *testing.B) {
	line := []byte(canonicalLine)
	b.Run("pull", func(b *testing.B) {
		b.SetBytes(int64(len(line)))
		var j JSON
		for b.Loop() {
			for j.Reset(line); j.Next(); {
			}
		}
	})
	b.Run("tokens", func(b *testing.B) {
		b.SetBytes(int64(len(line)))
		room := append(slices.Clip(line), make([]byte, TokenSlack)...)[:len(line)]
		var s Tokens
		var tokens []Token
		for b.Loop() {
			tokens, _ = s.Scan(room, tokens[:0])
		}
	})
	b.Run("valid", func(b *testing.B) { // encoding/json, for the ratio
		b.SetBytes(int64(len(line)))
		for b.Loop() {
			json.Valid(line)
		}
	})
	message := "Receiving block blk_-1608999687919862906 src: /10.250.19.102:54106 dest: /10.250.19.102:50010"
	b.Run("quote", func(b *testing.B) {
		b.SetBytes(int64(len(message)))
		var dst []byte
		for b.Loop() {
			dst = AppendJSONString(dst[:0], message)
		}
	})
}
