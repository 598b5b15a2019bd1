package combined

import (
	"strings"
	"testing"
	"unicode"
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

func TestUnreadableLines(t *testing.T) {
	for _, c := range []struct{ line, reason string }{
		{``, `no time in brackets`},
		{`hello`, `no time in brackets`},
		{`1.2.3.4 - - [17/May/2015:10:05:03 +0000`, `bracket of the time is not closed`},
		{`[Sun Dec 04 04:47:44 2005] [error] mod_jk`, `no request in quotes`},
	} {
		if _, err := decode(c.line); err == nil || !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%s: %v, want %s", c.line, err, c.reason)
		}
	}
}

func TestDecode(t *testing.T) {
	const head, who = `1.2.3.4 - - [17/May/2015:10:05:03 +0000] `, `_time=17/May/2015:10:05:03 +0000`
	for _, c := range []struct{ line, want string }{
		{`1.2.3.4 id bob d [17/May/2015:10:05:03 +0000] "GET /a?b=c HTTP/1.1" 200 2326 "http://r/" "Mozilla/5.0 (X11)"`,
			`client_ip=1.2.3.4 · ident=id · user=bob d · ` + who + ` · _msg=GET /a?b=c HTTP/1.1 · http_method=GET · http_path=/a?b=c · http_protocol=HTTP/1.1 · http_status=200 · bytes=2326 · referer=http://r/ · user_agent=Mozilla/5.0 (X11)`},
		{head + `"GET / HTTP/1.0" 304 -`, `client_ip=1.2.3.4 · ` + who + ` · _msg=GET / HTTP/1.0 · http_method=GET · http_path=/ · http_protocol=HTTP/1.0 · http_status=304`},
		{head + `"GET /a b" 400 0 "-" "-"`, `client_ip=1.2.3.4 · ` + who + ` · _msg=GET /a b · http_method=GET · http_path=/a b · http_status=400 · bytes=0`},
		{head + `"\x16\x03\x01" 400 226 "-" "a \"b\" \xe4"`, `client_ip=1.2.3.4 · ` + who + ` · _msg=\x16\x03\x01 · http_status=400 · bytes=226 · user_agent=a "b" \xe4`},
		{head + `"-" 408 - "-" "-"`, `client_ip=1.2.3.4 · ` + who + ` · http_status=408`},
		{head + `"" 400 0`, `client_ip=1.2.3.4 · ` + who + ` · http_status=400 · bytes=0`},
		// Broken off, one place after the other.
		{head + `"GET / HTTP/1.1" 200 5 "-" "Mozilla`, `client_ip=1.2.3.4 · ` + who + ` · _msg=GET / HTTP/1.1 · http_method=GET · http_path=/ · http_protocol=HTTP/1.1 · http_status=200 · bytes=5 · user_agent=Mozilla`},
		{head + `"GET / HTTP/1.1" 20`, `client_ip=1.2.3.4 · ` + who + ` · _msg=GET / HTTP/1.1 · http_method=GET · http_path=/ · http_protocol=HTTP/1.1 · http_status=20`},
		{head + `"GET / HT`, `client_ip=1.2.3.4 · ` + who + ` · _msg=GET / HT · http_method=GET · http_path=/ HT`},
		{head, `client_ip=1.2.3.4 · ` + who},
		{head + `"a\`, `client_ip=1.2.3.4 · ` + who + ` · _msg=a\`},
		// More than the format has.
		{head + `"GET / HTTP/1.1" 200 5 "-" "m" "1.1.1.1" 0.005`, `client_ip=1.2.3.4 · ` + who + ` · _msg=GET / HTTP/1.1 · http_method=GET · http_path=/ · http_protocol=HTTP/1.1 · http_status=200 · bytes=5 · user_agent=m · extra="1.1.1.1" 0.005`},
		{head + `"GET / HTTP/1.1" abc "-" "m"`, `client_ip=1.2.3.4 · ` + who + ` · _msg=GET / HTTP/1.1 · http_method=GET · http_path=/ · http_protocol=HTTP/1.1 · extra=abc "-" "m"`},
	} {
		if got, err := decode(c.line); got != c.want || err != nil {
			t.Errorf("%s\n got %s, %v\nwant %s", c.line, got, err, c.want)
		}
	}
}

// Every line is read or refused, and what is read stands in the line.
func FuzzCombined(f *testing.F) {
	f.Add(`1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.0" 200 5 "-" "a\"b" x`)
	f.Add(`[] "`)
	f.Add(`a [b] "\`)
	f.Fuzz(func(t *testing.T, line string) {
		var d Decoder
		pairs, err := d.Decode([]byte(line), nil)
		if err == nil && len(line) > 0 && strings.Contains(line, `"`) && len(pairs) == 0 {
			empty := func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("[]\"-", r) }
			if strings.TrimFunc(line, empty) != "" {
				t.Fatalf("%q: nothing was read", line)
			}
		}
		for _, p := range pairs {
			if !strings.Contains(line, string(p.Value.Raw)) {
				t.Fatalf("%q: %s = %q does not stand in it", line, p.Key, p.Value.Raw)
			}
		}
	})
}
