package jsonl

import (
	"encoding/json"
	"strings"
	"testing"
)

func decode(line string) (string, error) {
	var d Decoder
	pairs, err := d.Decode([]byte(line), nil)
	var out []string
	for _, p := range pairs {
		out = append(out, string(p.Key)+"="+string(p.Value.AppendText(nil)))
	}
	return strings.Join(out, " · "), err
}

func TestDecode(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{`{}`, ``},
		{`{"a":1,"b":{"c":"x","d":{"e":[1,2]}},"f":null}`, `a=1 · b.c=x · b.d.e=[1,2] · f=null`},
		{`{"a\u0062":1,"c":{"\"":2}}`, `ab=1 · c."=2`},
		{strings.Repeat(`{"a":`, 20) + `1` + strings.Repeat(`}`, 20), strings.Repeat("a.", 15) + `a={"a":{"a":{"a":{"a":1}}}}`},
	} {
		if got, err := decode(c.line); got != c.want || err != nil {
			t.Errorf("%s\n got %s, %v\nwant %s", c.line, got, err, c.want)
		}
	}
	if _, err := decode(`{"a":1,}`); err == nil || err.Error() != `not an object of JSON: byte 7: expected a key in quotes, found '}'` {
		t.Errorf("error %v", err)
	}
}

func TestMend(t *testing.T) {
	for _, c := range []struct{ cut, want string }{
		{``, ``},
		{`{`, `{}`},
		{`{"a"`, `{}`},
		{`{"a":`, `{}`},
		{`{"a":"x`, `{"a":"x"}`},
		{`{"a":"`, `{"a":""}`},
		{`{"a":"x\`, `{"a":"x"}`},
		{`{"a":"x\\`, `{"a":"x\\"}`},
		{`{"a":"x\u00`, `{"a":"x"}`},
		{`{"a":"x\n`, `{"a":"x\n"}`},
		{`{"a":"x","b":12`, `{"a":"x"}`},
		{`{"a":1,"b":tr`, `{"a":1}`},
		{`{"a":1,`, `{"a":1}`},
		{`{"a":[1,2,{"b":"c`, `{"a":[1,2,{"b":"c"}]}`},
		{`{"a":[1,[2`, `{"a":[1,[]]}`},
		{`{"a":{"b":1},"c":{"d":{`, `{"a":{"b":1},"c":{"d":{}}}`},
		{`{"a":"b","c`, `{"a":"b"}`},
		{`{"a":["b","c`, `{"a":["b","c"]}`},
	} {
		if got := string(Mend([]byte(c.cut))); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.cut, got, c.want)
		}
	}
}

// A line is read or refused, whatever it holds, and one of JSON is read. Cut
// anywhere it can be mended, and the pairs before the cut are as they were.
func FuzzJSONL(f *testing.F) {
	for _, s := range []string{`{}`, `{"a":1,"b":{"c":["x",{"d":null}]},"e":"\u00e9\\\""}`, `{"a":"b`, `[1]`, "{\"\xff\":1}"} {
		f.Add([]byte(s), uint(7))
	}
	f.Fuzz(func(t *testing.T, line []byte, at uint) {
		var d Decoder
		whole, err := d.Decode(line, nil)
		isJSON := json.Valid(line) && strings.HasPrefix(strings.TrimLeft(string(line), " \t\r\n"), "{")
		if isJSON && err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if !isJSON || len(line) == 0 {
			Mend(append([]byte(nil), line...))
			return
		}
		cut := Mend(append([]byte(nil), line[:at%uint(len(line)+1)]...))
		if len(strings.TrimSpace(string(cut))) == 0 {
			return
		}
		var other Decoder
		part, err := other.Decode(cut, nil)
		if err != nil {
			t.Fatalf("cut of %q mended to %q: %v", line, cut, err)
		}
		if len(part) > len(whole)+1 { // one more: an object that was cut before its first pair
			t.Fatalf("%q has %d pairs, its cut %q %d", line, len(whole), cut, len(part))
		}
		for i := range max(0, len(part)-1) {
			if string(part[i].Key) != string(whole[i].Key) || string(part[i].Value.Raw) != string(whole[i].Value.Raw) {
				t.Fatalf("%q: pair %d of the cut %q differs", line, i, cut)
			}
		}
	})
}
