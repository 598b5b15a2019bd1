package when

import (
	"testing"
	"time"
)

var (
	kolkata = time.FixedZone("IST", 19800)
	// A moment in August 2026: what "now" is in these tests.
	testNow = time.Date(2026, 8, 20, 12, 0, 0, 0, time.UTC).UnixNano()
)

// utc gives the nanoseconds of a time written in RFC 3339.
func utc(t testing.TB, text string) int64 {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	return at.UnixNano()
}

func TestParseTime(t *testing.T) {
	cases := []struct{ text, want string }{
		{"2006-01-02T15:04:05Z", "2006-01-02T15:04:05Z"},
		{"2006-01-02T15:04:05z", "2006-01-02T15:04:05Z"},
		{"2006-01-02t15:04:05Z", "2006-01-02T15:04:05Z"},
		{"2006-01-02 15:04:05", "2006-01-02T15:04:05Z"},
		{"2006-01-02T15:04:05+07:00", "2006-01-02T08:04:05Z"},
		{"2006-01-02T15:04:05-0730", "2006-01-02T22:34:05Z"},
		{"2006-01-02T15:04:05+07", "2006-01-02T08:04:05Z"},
		{"2006-01-02 15:04:05 +0700", "2006-01-02T08:04:05Z"},
		{"2006-01-02 15:04:05.5 +0700 PDT", "2006-01-02T08:04:05.5Z"},
		{"2006-01-02 15:04:05 UTC", "2006-01-02T15:04:05Z"},
		{"2006-01-02 15:04:05 PST", "2006-01-02T23:04:05Z"},
		{"2006-01-02T15:04:05.1Z", "2006-01-02T15:04:05.1Z"},
		{"2006-01-02T15:04:05,123Z", "2006-01-02T15:04:05.123Z"},
		{"2006-01-02T15:04:05.123456789Z", "2006-01-02T15:04:05.123456789Z"},
		{"2006-01-02T15:04:05.1234567899Z", "2006-01-02T15:04:05.123456789Z"},
		{"2006-01-02T15:04", "2006-01-02T15:04:00Z"},
		{"2006-01-02T15", "2006-01-02T15:00:00Z"},
		{"2006-01-02", "2006-01-02T00:00:00Z"},
		{"2006-1-2", "2006-01-02T00:00:00Z"},
		{"2006-02", "2006-02-01T00:00:00Z"},
		{" [2006-01-02 15:04:05] ", "2006-01-02T15:04:05Z"},
		{"2004-02-29T23:59:60Z", "2004-03-01T00:00:00Z"},
		{"2004-02-28T24:00:00Z", "2004-02-29T00:00:00Z"},
		{"1677-09-21T00:12:43.145224192Z", "1677-09-21T00:12:43.145224192Z"},
		{"2262-04-11T23:47:16.854775807Z", "2262-04-11T23:47:16.854775807Z"},
		{"20060102T150405Z", "2006-01-02T15:04:05Z"},
		{"20060102150405", "2006-01-02T15:04:05Z"},
		{"2006/01/02 15:04:05", "2006-01-02T15:04:05Z"},
		{"2006/1/2:15:04:05.455", "2006-01-02T15:04:05.455Z"},
		{"2006-Jan-02 15:04:05", "2006-01-02T15:04:05Z"},
		{"2006-01-02 3:04:05 PM", "2006-01-02T15:04:05Z"},
		{"10/Oct/2000:13:55:36 -0700", "2000-10-10T20:55:36Z"},
		{"[10/Oct/2000:13:55:36 +0000]", "2000-10-10T13:55:36Z"},
		{"Mon, 02 Jan 2006 15:04:05 MST", "2006-01-02T22:04:05Z"},
		{"Mon, 02 Jan 2006 15:04:05 GMT", "2006-01-02T15:04:05Z"},
		{"Mon, 2 Jan 2006 15:04:05 -0700 (MST)", "2006-01-02T22:04:05Z"},
		{"Monday, 02-Jan-06 15:04:05 MST", "2006-01-02T22:04:05Z"},
		{"02 Jan 06 15:04 MST", "2006-01-02T22:04:00Z"},
		{"Mon Jan  2 15:04:05 2006", "2006-01-02T15:04:05Z"},
		{"Mon Jan _2 15:04:05 2006", ""},
		{"Mon Jan 02 15:04:05 -0700 2006", "2006-01-02T22:04:05Z"},
		{"Mon Jan  2 15:04:05 MST 2006", "2006-01-02T22:04:05Z"},
		{"Jan 2, 2006 3:04:05 PM", "2006-01-02T15:04:05Z"},
		{"January 2 2006", "2006-01-02T00:00:00Z"},
		{"Sept 2, 2006 12:00 AM", "2006-09-02T00:00:00Z"},
		{"2 Jan 2006", "2006-01-02T00:00:00Z"},
		// Unix, by magnitude.
		{"0", "1970-01-01T00:00:00Z"},
		{"1117838570", "2005-06-03T22:42:50Z"},
		{"1117838570.25", "2005-06-03T22:42:50.25Z"},
		{"1117838570123", "2005-06-03T22:42:50.123Z"},
		{"1117838570123.5", "2005-06-03T22:42:50.1235Z"},
		{"1117838570123456", "2005-06-03T22:42:50.123456Z"},
		{"1117838570123456789", "2005-06-03T22:42:50.123456789Z"},
		{"-1.5", "1969-12-31T23:59:58.5Z"},
		{"-1", "1969-12-31T23:59:59Z"},
		{"9223372036", "2262-04-11T23:47:16Z"},
		// Of the common sample logs.
		{"081109 203518", "2008-11-09T20:35:18Z"},
		{"17/06/09 20:10:40", "2017-06-09T20:10:40Z"},
		{"20171223-22:15:29:606", "2017-12-23T22:15:29.606Z"},
		{"20171224-0:0:1:6", "2017-12-24T00:00:01.006Z"},
		{"[Sun Dec 04 04:47:44 2005]", "2005-12-04T04:47:44Z"},
		{"[Fri Sep 09 10:42:29.902022 2011]", "2011-09-09T10:42:29.902022Z"},
		{"2006-01-02 1:2:3", ""},
		{"2015-07-29 17:41:44,747", "2015-07-29T17:41:44.747Z"},
		{"2005-06-03-15.42.50.675872", "2005-06-03T15:42:50.675872Z"},
		{"2017-05-16_13:53:08", "2017-05-16T13:53:08Z"},
		// What must not read.
		{"", ""}, {" ", ""}, {"[]", ""}, {"-", ""}, {"T", ""}, {".", ""}, {"now", ""},
		{"2006-02-29", ""}, {"2006-00-10", ""}, {"2006-13-10", ""}, {"2006-01-32", ""},
		{"2006-01-02T25:00:00Z", ""}, {"2006-01-02T24:00:01Z", ""}, {"2006-01-02T23:60:00Z", ""},
		{"2006-01-02T15:04:05.Z", ""}, {"2006-01-02T15:04:05+24:00", ""}, {"2006-01-02T15:04:05+07:60", ""},
		{"2006-01-02T15:04:05Zx", ""}, {"2006-01-02T15:04:05 apples", ""}, {"2006-01-02 15:04:05 INFO", ""},
		{"2263-01-01T00:00:00Z", ""}, {"1677-09-21T00:12:43.145224191Z", ""},
		{"99999999999999999999", ""}, {"9223372037", ""}, {"1e9", ""}, {"0x10", ""},
		{"13/06/2009 10:00:00", ""}, {"17/06/09", ""}, {"15:04:05", ""}, {"Jan 2 15:04:05", ""},
		{"03-17 16:13:38.811", ""}, {"Feb 30 2006", ""}, {"Marathon 2 2006", ""}, {"2006-01-02 13:00 PM", ""},
		{"10.251.39.209", ""}, {"127.0.0.1", ""},
	}
	for _, c := range cases {
		got, ok := ParseTime(c.text, nil)
		same, sameOK := ParseTime([]byte(c.text), time.UTC)
		if got != same || ok != sameOK {
			t.Errorf("%q: bytes read differently from the string", c.text)
		}
		checkTime(t, c.text, got, ok, c.want)
	}
}

func checkTime(t *testing.T, text string, got int64, ok bool, want string) {
	t.Helper()
	switch {
	case want == "" && ok:
		t.Errorf("%q: reads as %s", text, AppendRFC3339(nil, got))
	case want != "" && !ok:
		t.Errorf("%q: does not read", text)
	case want != "" && got != utc(t, want):
		t.Errorf("%q: %s, want %s", text, AppendRFC3339(nil, got), want)
	}
}

func TestParseTimeInZone(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"2006-01-02 15:04:05", "2006-01-02T09:34:05Z"},
		{"2006-01-02 15:04:05 IST", "2006-01-02T09:34:05Z"},
		{"2006-01-02", "2006-01-01T18:30:00Z"},
		{"2006-01-02 15:04:05Z", "2006-01-02T15:04:05Z"},
		{"1117838570", "2005-06-03T22:42:50Z"},
	} {
		got, ok := ParseTime(c.text, kolkata)
		checkTime(t, c.text, got, ok, c.want)
	}
}

func TestParseNear(t *testing.T) {
	for _, c := range []struct{ text, now, want string }{
		{"Aug 20 11:00:00", "2026-08-20T12:00:00Z", "2026-08-20T11:00:00Z"},
		{"Aug 21 11:59:00", "2026-08-20T12:00:00Z", "2026-08-21T11:59:00Z"},
		{"Aug 22 11:00:00", "2026-08-20T12:00:00Z", "2025-08-22T11:00:00Z"},
		{"Dec 31 23:59:59", "2026-01-01T00:00:05Z", "2025-12-31T23:59:59Z"},
		{"Jan  1 00:00:03", "2025-12-31T23:59:58Z", "2026-01-01T00:00:03Z"},
		{"Feb 29 10:00:00", "2026-08-20T12:00:00Z", "2024-02-29T10:00:00Z"},
		{"Feb 29 10:00:00", "1903-08-20T12:00:00Z", "1896-02-29T10:00:00Z"},
		{"Feb 30 10:00:00", "2026-08-20T12:00:00Z", ""},
		{"Jun  4 15:16:01.25", "2026-08-20T12:00:00Z", "2026-06-04T15:16:01.25Z"},
		{"Jun 14 15:16:01 2005", "2026-08-20T12:00:00Z", "2005-06-14T15:16:01Z"},
		{"03-17 16:13:38.811", "2026-08-20T12:00:00Z", "2026-03-17T16:13:38.811Z"},
		{"[10.30 16:49:06]", "2026-08-20T12:00:00Z", "2025-10-30T16:49:06Z"},
		{"0525 13:45:12.123456", "2026-08-20T12:00:00Z", "2026-05-25T13:45:12.123456Z"},
		{"1325 13:45:12", "2026-08-20T12:00:00Z", ""},
	} {
		got, ok := ParseNear(c.text, nil, utc(t, c.now))
		checkTime(t, c.text, got, ok, c.want)
	}
}

// The fast way and the general one must agree wherever both read.
func TestFastWayAgrees(t *testing.T) {
	for _, text := range []string{
		"2006-01-02T15:04:05Z", "2006-01-02 15:04:05.123+05:30", "2004-02-29T23:59:59.999999999-12:34",
		"2006-12-31T00:00:00.1Z", "2100-02-29T00:00:00Z", "2006-01-02T15:04:05.Z", "2006-01-02T15:04:05Y",
		"2015-07-29 17:41:44,747", "2015-07-29 17:41:44", "2015-07-29 17:41:44.", "2015-07-29 17:41:44,", "2015-07-29 17:41:44,Z",
	} {
		fast, fastOK := parseRFC3339(text, true)
		s := scanner{text: text}
		var f fields
		ok := s.stamp(&f) && s.pos == len(text)
		var ns int64
		if ok {
			ns, ok = f.moment(nil, noNow)
		}
		if fastOK != ok || fast != ns {
			t.Errorf("%q: fast %d %v, general %d %v", text, fast, fastOK, ns, ok)
		}
	}
}

func TestFind(t *testing.T) {
	for _, c := range []struct{ line, stamp, want string }{
		{"03-17 16:13:38.811  1702  2395 D WindowManager: x", "03-17 16:13:38.811", "2026-03-17T16:13:38.811Z"},
		{"[Sun Dec 04 04:47:44 2005] [notice] x", "Sun Dec 04 04:47:44 2005", "2005-12-04T04:47:44Z"},
		{"- 1117838570 2005.06.03 R02-M1-N0-C:J12-U11 2005-06-03-15.42.50.675872 RAS", "1117838570", "2005-06-03T22:42:50Z"},
		{"081109 203615 148 INFO dfs.DataNode", "081109 203615", "2008-11-09T20:36:15Z"},
		{"134681 node-246 unix.hw state_change.unavailable 1077804742 1 Component", "1077804742", "2004-02-26T14:12:22Z"},
		{"44937 gige7 gige temperature 1105776193 1 warning", "1105776193", "2005-01-15T08:03:13Z"},
		{"2015-10-18 18:01:47,978 INFO [main] org.apache", "2015-10-18 18:01:47,978", "2015-10-18T18:01:47.978Z"},
		{"20171223-22:15:29:606|Step_LSC|30002312|x", "20171223-22:15:29:606", "2017-12-23T22:15:29.606Z"},
		{"Jun 14 15:16:01 combo sshd: x", "Jun 14 15:16:01", "2026-06-14T15:16:01Z"},
		{"Jul  9 12:16:51 combo ftpd[23154]: connection at Sat Jul  9 12:16:51 2005", "Jul  9 12:16:51", "2026-07-09T12:16:51Z"},
		{"nova-api.log.1.2017-05-16_13:53:08 2017-05-16 00:00:00.008 25746 INFO", "2017-05-16 00:00:00.008", "2017-05-16T00:00:00.008Z"},
		{"[10.30 16:49:06] chrome.exe - x", "10.30 16:49:06", "2025-10-30T16:49:06Z"},
		{"17/06/09 20:10:40 INFO executor.Executor: x", "17/06/09 20:10:40", "2017-06-09T20:10:40Z"},
		{"2016-09-28 04:30:30, Info   CBS", "2016-09-28 04:30:30", "2016-09-28T04:30:30Z"},
		{"2015-07-29 17:41:44,747 - INFO  [x]", "2015-07-29 17:41:44,747", "2015-07-29T17:41:44.747Z"},
		{`127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET /"`, "10/Oct/2000:13:55:36 -0700", "2000-10-10T20:55:36Z"},
		{"I0525 13:45:12.123456   1 file.go:10] x", "0525 13:45:12.123456", "2026-05-25T13:45:12.123456Z"},
		{"<34>1 2003-10-11T22:14:15.003Z host app", "2003-10-11T22:14:15.003Z", "2003-10-11T22:14:15.003Z"},
		{"<34>Oct 11 22:14:15 host su: x", "Oct 11 22:14:15", "2025-10-11T22:14:15Z"},
		{"2020-01-02 12:00:00.123 UTC [99] LOG: x", "2020-01-02 12:00:00.123 UTC", "2020-01-02T12:00:00.123Z"},
		{"1234:M 02 Jan 2020 12:00:00.123 * Ready", "02 Jan 2020 12:00:00.123", "2020-01-02T12:00:00.123Z"},
		{`{"ts":"2020-01-02T12:00:00Z","x":1}`, "2020-01-02T12:00:00Z", "2020-01-02T12:00:00Z"},
		{"time=2020-01-02T12:00:00Z level=info", "2020-01-02T12:00:00Z", "2020-01-02T12:00:00Z"},
		{"2020-01-02T12:00:00.5-0200: 151.126: [GC", "2020-01-02T12:00:00.5-0200", "2020-01-02T14:00:00.5Z"},
		{"", "", ""}, {"Request started", "", ""}, {"127.0.0.1 10.251.39.209:50010", "", ""},
		{"order 1234567 done", "", ""}, {"id 99999999999 x", "", ""}, {"2005.06.03 R02", "", ""},
		{"May the force be with you", "", ""},
	} {
		ns, start, end, ok := Find(c.line, nil, testNow)
		checkTime(t, c.line, ns, ok, c.want)
		if ok && c.line[start:end] != c.stamp {
			t.Errorf("%q: found in %q", c.line, c.line[start:end])
		}
	}
}

func FuzzParseTime(f *testing.F) {
	for _, s := range []string{"2006-01-02T15:04:05.999+07:00", "Mon, 02 Jan 2006 15:04:05 MST", "[Sun Dec 04 04:47:44 2005]",
		"17/06/09 20:10:40", "081109 203518", "20171223-22:15:29:606", "-1.5", "2005-06-03-15.42.50.675872", "Jan 2, 2006 3:04 PM"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		ns, ok := ParseTime(text, kolkata)
		if near, nearOK := ParseNear(text, kolkata, testNow); ok && (!nearOK || near != ns) {
			t.Fatalf("%q: a complete time reads differently near now", text)
		}
		if want, err := time.Parse(time.RFC3339, text); err == nil {
			if _, inRange := join(want.Unix(), int64(want.Nanosecond())); inRange && (!ok || ns != want.UnixNano()) {
				t.Fatalf("%q: got %d %v, want %d", text, ns, ok, want.UnixNano())
			}
		}
		if _, start, end, ok := Find(text, kolkata, testNow); ok && (start >= end || end > len(text)) {
			t.Fatalf("%q: found at %d:%d", text, start, end)
		}
	})
}

func FuzzRFC3339RoundTrip(f *testing.F) {
	for _, ns := range []int64{0, 1, -1, 1e9, -1e9, 1<<63 - 1, -1 << 63, 1117838570123456789} {
		f.Add(ns)
	}
	f.Fuzz(func(t *testing.T, ns int64) {
		text := AppendRFC3339(nil, ns)
		if got, ok := ParseTime(text, nil); !ok || got != ns {
			t.Fatalf("%d prints %s and reads as %d %v", ns, text, got, ok)
		}
		want := time.Unix(0, ns).UTC().Format("2006-01-02T15:04:05")
		if string(text[:19]) != want {
			t.Fatalf("%d prints %s, want %s", ns, text, want)
		}
	})
}

func TestCalendarAgainstTime(t *testing.T) {
	for days := int64(-110_000); days < 110_000; days += 17 {
		at := time.Unix(days*secondsPerDay, 0).UTC()
		year, month, day := dateOf(days)
		if year != at.Year() || month != int(at.Month()) || day != at.Day() {
			t.Fatalf("day %d: %d-%d-%d, want %v", days, year, month, day, at)
		}
		if back := daysSinceEpoch(year, month, day); back != days {
			t.Fatalf("day %d comes back as %d", days, back)
		}
	}
}

func TestNothingAllocates(t *testing.T) {
	line := []byte("2015-07-29 17:41:44,747 - INFO  [x] a rather long line that no small buffer on the stack would hold")
	stamp := line[:23]
	buffer := make([]byte, 0, 64)
	if n := testing.AllocsPerRun(100, func() {
		ns, _ := ParseTime(stamp, nil)
		Find(line, nil, testNow)
		buffer = AppendRFC3339(buffer[:0], ns)
		buffer = AppendDuration(buffer[:0], ns)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkParseTime(b *testing.B) {
	for _, text := range []string{"2006-01-02T15:04:05Z", "2006-01-02T15:04:05.123456Z", "2006-01-02T15:04:05.123+07:00",
		"2015-07-29 17:41:44,747", "10/Oct/2000:13:55:36 -0700", "1117838570.123", "Mon, 02 Jan 2006 15:04:05 GMT"} {
		b.Run(text, func(b *testing.B) {
			stamp := []byte(text)
			for b.Loop() {
				ParseTime(stamp, nil)
			}
		})
	}
}

func BenchmarkFind(b *testing.B) {
	line := []byte("2015-07-29 17:41:44,747 - INFO  [QuorumPeer[myid=1]] - Notification time out: 3200")
	for b.Loop() {
		Find(line, nil, testNow)
	}
}

func BenchmarkAppendRFC3339(b *testing.B) {
	buffer := make([]byte, 0, 64)
	for b.Loop() {
		buffer = AppendRFC3339(buffer[:0], 1117838570123456789)
	}
}
