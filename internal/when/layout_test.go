package when

import (
	"testing"
	"time"
)

func TestLayoutPrints(t *testing.T) {
	const at = "2006-01-02T03:04:05.006007008Z"
	for _, c := range []struct{ layout, want string }{
		{"rfc3339", "2006-01-02T03:04:05.006007008Z"}, {"RFC-3339", "2006-01-02T03:04:05.006007008Z"}, {"auto", "2006-01-02T03:04:05.006007008Z"},
		{"rfc3339_ms", "2006-01-02T03:04:05.006Z"}, {"rfc1123", "Mon, 02 Jan 2006 03:04:05 UTC"},
		{"unix", "1136171045.006007008"}, {"unix_ms", "1136171045006.007008"}, {"unix_us", "1136171045006007.008"}, {"unix_ns", "1136171045006007008"},
		{"common", "02/Jan/2006:03:04:05 +0000"}, {"syslog", "Jan  2 03:04:05"},
		{"%Y-%m-%d %H:%M:%S.%f", "2006-01-02 03:04:05.006007"},
		{"%F %T.%3N|%6N|%9N|%N|%L", "2006-01-02 03:04:05.006|006007|006007008|006007008|006"},
		{"%y%j%%%s", "06002%1136171045"}, {"%3Q %6Q %9Q %Q", "1136171045006 1136171045006007 1136171045006007008 1136171045006"},
		{"%e|%-d|%_d|%k|%l|%-H|%I %p", " 2|2| 2| 3| 3|3|03 AM"}, {"%_j|%-j", "  2|2"},
		{"%a %A %b %B %h %u %w", "Mon Monday Jan January Jan 1 1"}, {"%D %R %r%n%t", "01/02/06 03:04 03:04:05 AM\n\t"},
		{"%z %:z %.z %Z", "+0000 +00:00 Z UTC"},
		{"2006-01-02 15:04:05.000 -0700 MST", "2006-01-02 03:04:05.006 +0000 UTC"},
		{"2006-01-02T15:04:05.999999999Z07:00", at}, {"Jan _2 3:04PM", "Jan  2 3:04AM"}, {"Mon Jan 2 15:04:05 2006", "Mon Jan 2 03:04:05 2006"},
		{"15:04:05,000", "03:04:05,006"},
	} {
		l, err := ParseLayout(c.layout)
		if err != nil {
			t.Errorf("%q: %v", c.layout, err)
			continue
		}
		if got := l.Format(utc(t, at), nil); got != c.want {
			t.Errorf("%q: %q, want %q", c.layout, got, c.want)
		}
	}
}

func TestLayoutReads(t *testing.T) {
	for _, c := range []struct{ layout, text, want string }{
		{"%d/%b/%Y:%H:%M:%S %z", "10/Oct/2000:13:55:36 -0700", "2000-10-10T20:55:36Z"},
		{"02/Jan/2006:15:04:05 -0700", "10/Oct/2000:13:55:36 -0700", "2000-10-10T20:55:36Z"},
		{"common", "10/Oct/2000:13:55:36 -0700", "2000-10-10T20:55:36Z"},
		{"auto", "10/Oct/2000:13:55:36 -0700", "2000-10-10T20:55:36Z"},
		{"%y%m%d %H%M%S", "081109 203518", "2008-11-09T20:35:18Z"},
		{"%Y%m%d-%H:%M:%S:%L", "20171223-22:15:29:606", "2017-12-23T22:15:29.606Z"},
		{"%Y%m%d-%H:%M:%S:%L", "20171224-0:7:1:606", "2017-12-24T00:07:01.606Z"},
		{"%d.%m.%Y %I:%M %p", "31.12.2005 12:30 am", "2005-12-31T00:30:00Z"},
		{"%d.%m.%Y %I:%M %p", "31.12.2005 12:30 PM", "2005-12-31T12:30:00Z"},
		{"%d.%m.%Y %p %I:%M", "31.12.2005 PM 1:30", "2005-12-31T13:30:00Z"},
		{"%Y %j", "2004 366", "2004-12-31T00:00:00Z"}, {"%Y %j", "2005 366", ""}, {"%j", "20", ""},
		{"%s", "1117838570", "2005-06-03T22:42:50Z"}, {"%s.%N", "1117838570.25", "2005-06-03T22:42:50.25Z"}, {"%s", "1117838570.25", ""},
		{"unix", "1117838570.25", "2005-06-03T22:42:50.25Z"}, {"unix", "-1.5", "1969-12-31T23:59:58.5Z"}, {"unix", "99999999999", ""},
		{"unix_ms", "1117838570123", "2005-06-03T22:42:50.123Z"}, {"unix_ms", "1117838570123.25", "2005-06-03T22:42:50.12325Z"},
		{"unix_us", "1117838570123456", "2005-06-03T22:42:50.123456Z"}, {"unix_ns", "1117838570123456789", "2005-06-03T22:42:50.123456789Z"},
		{"unix_ms", "5", "1970-01-01T00:00:00.005Z"},
		{"rfc3339", "2006-01-02T15:04:05Z", "2006-01-02T15:04:05Z"}, {"rfc3339", "2006-01-02T15:04:05.5+01:00", "2006-01-02T14:04:05.5Z"},
		{"rfc3339", "2006-01-02 15:04:05Z", ""}, {"rfc1123", "Mon, 02 Jan 2006 15:04:05 GMT", "2006-01-02T15:04:05Z"},
		{"syslog", "Aug 20 10:00:00", "2026-08-20T10:00:00Z"}, {"syslog", "Aug  1 10:00:00", "2026-08-01T10:00:00Z"}, {"syslog", "Dec 1 10:00:00", "2025-12-01T10:00:00Z"},
		{"%H:%M", "10:30", "2026-08-20T10:30:00Z"}, {"%Y", "2005", "2005-01-01T00:00:00Z"}, {"%B %Y", "March 2005", "2005-03-01T00:00:00Z"},
		{"%Y-%m-%d %H:%M:%S", "2006-01-02   15:04:05", "2006-01-02T15:04:05Z"}, {"%Y-%m-%d", "2006-01-02x", ""}, {"%Y-%m-%d", "2006-02-30", ""},
		{"%Y-%m-%d %Z", "2006-01-02 PST", "2006-01-02T08:00:00Z"}, {"%Y-%m-%d %Z", "2006-01-02 QQQ", ""},
		{"[%m/%d]%%", "[03/05]%", "2026-03-05T00:00:00Z"}, {"%d", "05", "2026-01-05T00:00:00Z"},
	} {
		l, err := ParseLayout(c.layout)
		if err != nil {
			t.Errorf("%q: %v", c.layout, err)
			continue
		}
		got, ok := l.Parse(c.text, nil, testNow)
		checkTime(t, c.layout+" of "+c.text, got, ok, c.want)
		if same, sameOK := l.ParseBytes([]byte(c.text), nil, testNow); same != got || sameOK != ok {
			t.Errorf("%q: bytes read differently", c.text)
		}
	}
}

func TestLayoutErrors(t *testing.T) {
	for _, c := range []struct{ layout, err string }{
		{"", "missing"}, {"  ", "missing"}, {"foo", "is no time format; write a name"}, {"%", "lacks a verb"}, {"%Y-%", "lacks a verb"},
		{"%!", "unknown verb %!"}, {"%5", "lacks a verb"}, {"%4Q", "Unix times are in"}, {"%U", "unknown verb %U"}, {"100% sure", "unknown verb"},
	} {
		_, err := ParseLayout(c.layout)
		checkError(t, c.layout, err, c.err)
	}
}

// Names must agree with what Go calls the same.
func TestNamedLayoutsAgreeWithGo(t *testing.T) {
	at := time.Date(2026, 8, 9, 3, 4, 5, 0, time.UTC)
	for name, layout := range map[string]string{
		"rfc3339": time.RFC3339, "rfc1123": time.RFC1123, "rfc1123z": time.RFC1123Z, "rfc822": time.RFC822, "rfc822z": time.RFC822Z,
		"rfc850": time.RFC850, "ansic": time.ANSIC, "unixdate": time.UnixDate, "datetime": time.DateTime, "date": time.DateOnly, "syslog": time.Stamp,
	} {
		for _, loc := range zones(t) {
			here := at
			if loc != nil {
				here = at.In(loc)
			}
			byName, _ := ParseLayout(name)
			byLayout, err := ParseLayout(layout)
			if err != nil {
				t.Fatal(err)
			}
			want := here.Format(layout)
			if got := byName.Format(at.UnixNano(), loc); got != want {
				t.Errorf("%s in %v: %q, want %q", name, loc, got, want)
			}
			if got := byLayout.Format(at.UnixNano(), loc); got != want {
				t.Errorf("%s in %v: %q, want %q", layout, loc, got, want)
			}
		}
	}
}

func FuzzLayout(f *testing.F) {
	f.Add("%Y-%m-%dT%H:%M:%S.%9N%:z", int64(1117838570123456789), "2006-01-02")
	f.Add("2006-01-02 15:04:05.000 -0700", int64(-1), "x")
	f.Add("unix_us", int64(-1), "-1")
	f.Fuzz(func(t *testing.T, form string, ns int64, text string) {
		l, err := ParseLayout(form)
		if err != nil {
			return
		}
		l.Parse(text, kolkata, ns)
		l.Parse(l.Format(ns, kolkata), kolkata, ns)
	})
}

func FuzzExactLayouts(f *testing.F) {
	f.Add(int64(1117838570123456789))
	f.Add(int64(-1))
	f.Fuzz(func(t *testing.T, ns int64) {
		for _, form := range []string{"rfc3339", "unix", "unix_ms", "unix_us", "unix_ns", "%A %d %B %Y %I:%M:%S.%N %p %z", "%j %Y %T.%9N %:z"} {
			l, err := ParseLayout(form)
			if err != nil {
				t.Fatal(err)
			}
			text := l.Format(ns, kolkata)
			if back, ok := l.Parse(text, kolkata, 0); !ok || back != ns {
				t.Fatalf("%s: %d prints %q and reads as %d %v", form, ns, text, back, ok)
			}
		}
	})
}

func BenchmarkLayout(b *testing.B) {
	l, err := ParseLayout("%d/%b/%Y:%H:%M:%S %z")
	if err != nil {
		b.Fatal(err)
	}
	text := []byte("10/Oct/2000:13:55:36 -0700")
	b.Run("parse", func(b *testing.B) {
		for b.Loop() {
			l.ParseBytes(text, nil, testNow)
		}
	})
	b.Run("append", func(b *testing.B) {
		buffer := make([]byte, 0, 64)
		for b.Loop() {
			buffer = l.Append(buffer[:0], testNow, nil)
		}
	})
}

// TestLayoutCanRead: every named form reads what it prints; forms that no text
// has, or that say nothing of a time, are found.
func TestLayoutCanRead(t *testing.T) {
	good := []string{"auto", "%d/%b/%Y:%H:%M:%S %z", "%H:%M", "%Y", "%d", "%s", "%B %Y", "%I:%M %p", "%Y %j", "%j/%Y", "[%m/%d]%%", "2006-01-02 15:04:05"}
	for name := range named {
		good = append(good, name)
	}
	for _, text := range good {
		if l, err := ParseLayout(text); err != nil || l.CanRead() != nil {
			t.Errorf("%q: %v, %v", text, err, l.CanRead())
		}
	}
	for _, text := range []string{"%j", "%Z", "%z", "%p", "%A", "%n%t", "%s%N", "at %%%p"} {
		if l, err := ParseLayout(text); err == nil && l.CanRead() == nil {
			t.Errorf("%q is taken for a form of time", text)
		}
	}
}
