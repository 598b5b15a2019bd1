package text

import (
	"strings"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/when"
)

var now = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC).UnixNano()

func TestStamps(t *testing.T) {
	for _, c := range []struct{ layout, record, want string }{
		{"", "2026-11-21 10:00:00 x", ""},
		{"auto", "2026-11-21 10:00:00 x", "2026-11-21 10:00:00"},
		{"auto", "INFO [2026-11-21T10:00:00Z] x", "2026-11-21T10:00:00Z"},
		{"auto", "no time here", ""},
		{"auto", "Jun 14 15:16:01 combo sshd", "Jun 14 15:16:01"},
		{"%d.%m.%Y %H:%M", "21.11.2026 10:00 x", "21.11.2026 10:00"},
		{"%d.%m.%Y %H:%M", "INFO main [21.11.2026 10:00] x", "21.11.2026 10:00"},
		{"%d.%m.%Y %H:%M", "INFO 21.11.2026  10:00: x", "21.11.2026  10:00"},
		{"%d.%m.%Y %H:%M", "1 2 3 4 5 6 7 8 9 21.11.2026 10:00", ""},
		{"%d.%m.%Y %H:%M", "21.11.2026", ""},
		{"%d.%m.%Y %H:%M", "", ""},
		{"unix_ms", "1795000000000 x", "1795000000000"},
	} {
		d := Decoder{ReadTime: c.layout != "", Now: now}
		if c.layout != "" && c.layout != "auto" {
			layout, err := when.ParseLayout(c.layout)
			if err != nil {
				t.Fatal(err)
			}
			d.Layout = &layout
		}
		pairs, err := d.Decode([]byte(c.record), nil)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if len(pairs) == 2 {
			got = string(pairs[0].Value.Raw)
		}
		if got != c.want || string(pairs[len(pairs)-1].Value.Raw) != c.record {
			t.Errorf("%s of %q: %q, want %q", c.layout, c.record, got, c.want)
		}
	}
}

// What Find gives as a stamp must read by itself, for that is how it is read.
func TestStampsReadAlone(t *testing.T) {
	for _, line := range []string{
		"03-17 16:13:38.811  1702 D x", "[Sun Dec 04 04:47:44 2005] [notice] x", "- 1117838570 2005.06.03 R02", "081109 203615 148 INFO x",
		"134681 node-246 unix.hw state 1077804742 1 x", "2015-10-18 18:01:47,978 INFO x", "20171223-22:15:29:606|Step_LSC|1|x", "Jul  1 09:00:55 host kernel[0]: x",
		"nova-api.log.1.2017-05-16_13:53:08 2017-05-16 00:00:00.008 x", "[10.30 16:49:06] chrome.exe - x", "17/06/09 20:10:40 INFO x", "2016-09-28 04:30:30, Info CBS",
		`1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET`,
	} {
		ns, start, end, ok := when.Find(line, nil, now)
		if !ok {
			t.Errorf("%q: no stamp", line)
			continue
		}
		if again, ok := when.ParseNear(line[start:end], nil, now); !ok || again != ns {
			t.Errorf("%q: %q reads as %d, found as %d", line, line[start:end], again, ns)
		}
	}
}

func TestRules(t *testing.T) {
	for name, c := range map[string]struct {
		rule string
		text string // + before a line that continues
	}{
		"java": {"auto", `
2015-10-18 18:01:47 ERROR Task failed
+java.io.IOException: No route
+	at org.apache.Net.connect(Net.java:9)
+	... 12 more
+Caused by: java.net.NoRouteToHostException
+	at java.base/x
2015-10-18 18:01:48 INFO next`},
		"python": {"auto", `
ERROR request failed
+Traceback (most recent call last):
+  File "a.py", line 1, in <module>
+    f()
+ValueError: bad
+During handling of the above exception, another exception occurred:
+Traceback (most recent call last):
+  File "a.py"
+app.errors.Fatal
next: line
Word`},
		"go": {"auto", `
panic: runtime error: index out of range [3]
+goroutine 1 [running]:
+main.run(0xc000, 0x3)
+	/src/main.go:12 +0x1d
+created by main.main
+	/src/main.go:5
exit status 2`},
		"printed over lines": {"auto", `
config: {
+  "a": 1,
+}
next
+)`},
		"plain":       {"auto", "\na\nb: c\nError: x\nat once\n(x)\nOutOfMemoryError x"},
		"off":         {"off", "\na\n b\nCaused by: c"},
		"own pattern": {`^\d{4}-`, "\n2026-11-21 a\n+b\n+ c\n2026-11-22 d"},
	} {
		rule, err := NewRule(c.rule)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(c.text, "\n")[1:] {
			line, want := strings.CutPrefix(line, "+")
			if got := rule.Continues([]byte(line)); got != want && i > 0 {
				t.Errorf("%s: %q continues: %v, want %v", name, line, got, want)
			}
		}
	}
}

func TestWrongRules(t *testing.T) {
	for _, rule := range []string{"(", strings.Repeat("a", 2000), "(?:(?:(?:a{1000}){1000}))"} {
		if _, err := NewRule(rule); !fault.Is(err, fault.Invalid) {
			t.Errorf("%.20q: %v, want Invalid", rule, err)
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add("Traceback (most recent call last)\n  x\nE: y", "2026-11-21 10:00:00 x", "auto")
	f.Add("goroutine 1 [running]:\n)\ncreated by ", "21.11.2026 10:00", "%d.%m.%Y %H:%M")
	f.Add("", "", "")
	f.Fuzz(func(t *testing.T, lines, record, layout string) {
		rule, err := NewRule("auto")
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(lines, "\n") {
			rule.Continues([]byte(line))
		}
		d := Decoder{ReadTime: true, Now: now}
		if l, err := when.ParseLayout(layout); err == nil && len(layout) < 100 {
			d.Layout = &l
		}
		pairs, err := d.Decode([]byte(record), nil)
		if err != nil || string(pairs[len(pairs)-1].Value.Raw) != record {
			t.Fatalf("%q: %v, %v", record, pairs, err)
		}
		if len(pairs) == 2 && !strings.Contains(record, string(pairs[0].Value.Raw)) {
			t.Fatalf("%q: stamp %q", record, pairs[0].Value.Raw)
		}
	})
}
