package intake

import (
	"strings"
	"testing"
)

func TestDetect(t *testing.T) {
	for name, c := range map[string]struct {
		sample, want string
	}{
		"nothing":     {"", ""},
		"blank":       {"\n\r\n  \n", ""},
		"binary":      {"\x7fELF\x00\x00\n\x00\x01\n", ""},
		"jsonl":       {`{"a":1}` + "\n" + `{"b":{"c":2}}` + "\n" + `{"torn`, "jsonl"},
		"one line":    {`{"a":1}`, "jsonl"},
		"BOM":         {"\ufeff" + `{"a":1}`, "jsonl"},
		"gelf":        {`{"version":"1.1","short_message":"x"}` + "\n", "gelf"},
		"pretty JSON": {"{\n \"a\": 1,\n \"b\": 2\n}\n", "text"},
		"logfmt":      {"level=info msg=\"a b\"\nlevel=warn n=1\n", "logfmt"},
		"article":     {"[2019-03-18 22:48:32.990] Request started http_method=POST user_id=usr_123\n", "logfmt"},
		"one pair":    {"a=1\n", "text"},
		"prose":       {"Jun 14 15:16:01 combo sshd[1]: authentication failure; logname= uid=0 euid=0 tty=NODEVssh\n", "text"},
		"combined":    {`1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 5 "-" "m"` + "\n", "combined"},
		"error log":   {"[Sun Dec 04 04:47:44 2005] [notice] workerEnv.init() ok\n", "text"},
		"mostly":      {strings.Repeat(`{"a":1}`+"\n", 9) + "panic: x\n", "jsonl"},
		"half":        {strings.Repeat(`{"a":1}`+"\nwords\n", 9), "text"},
	} {
		if got, ok := Detect([]byte(c.sample)); got != c.want || ok != (c.want != "") {
			t.Errorf("%s: %q %v, want %q", name, got, ok, c.want)
		}
	}
}
