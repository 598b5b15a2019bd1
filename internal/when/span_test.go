package when

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // so that the zones below are known on every machine
)

// zones have what goes wrong elsewhere: clocks changed by an hour at night, by
// half an hour, at midnight, a whole day left out, and offsets of 45 minutes.
func zones(t testing.TB) []*time.Location {
	t.Helper()
	all := []*time.Location{nil, time.UTC, kolkata}
	for _, name := range []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe",
		"America/Sao_Paulo", "Pacific/Apia", "Asia/Kathmandu", "America/St_Johns"} {
		loc, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, loc)
	}
	return all
}

func TestFloorAndNext(t *testing.T) {
	for _, c := range []struct{ span, at, floor, next string }{
		{"5m", "2026-08-20T12:34:56.7Z", "2026-08-20T12:30:00Z", "2026-08-20T12:35:00Z"},
		{"1s", "1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59Z", "1970-01-01T00:00:00Z"},
		{"250ms", "2026-08-20T12:34:56.7Z", "2026-08-20T12:34:56.5Z", "2026-08-20T12:34:56.75Z"},
		{"12h", "2026-08-20T12:34:56Z", "2026-08-20T12:00:00Z", "2026-08-21T00:00:00Z"},
		{"1d", "2026-08-20T12:34:56Z", "2026-08-20T00:00:00Z", "2026-08-21T00:00:00Z"},
		{"1w", "2026-08-20T12:34:56Z", "2026-08-17T00:00:00Z", "2026-08-24T00:00:00Z"},
		{"1w", "1969-12-30T12:34:56Z", "1969-12-29T00:00:00Z", "1970-01-05T00:00:00Z"},
		{"1mon", "2026-02-28T23:59:59Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"},
		{"2mon", "2026-08-20T12:34:56Z", "2026-07-01T00:00:00Z", "2026-09-01T00:00:00Z"},
		{"1q", "2026-08-20T12:34:56Z", "2026-07-01T00:00:00Z", "2026-10-01T00:00:00Z"},
		{"1y", "2026-08-20T12:34:56Z", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"},
		{"10y", "2026-08-20T12:34:56Z", "2020-01-01T00:00:00Z", "2030-01-01T00:00:00Z"},
	} {
		s, err := ParseSpan(c.span)
		if err != nil {
			t.Fatal(err)
		}
		checkTime(t, "floor "+c.span+" "+c.at, s.Floor(utc(t, c.at), nil), true, c.floor)
		checkTime(t, "next "+c.span+" "+c.at, s.Next(utc(t, c.at), nil), true, c.next)
	}
}

func TestFloorWhereClocksChange(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ span, at, floor, next string }{
		// 2026-03-29 02:00 is followed by 03:00: a day of 23 hours.
		{"1d", "2026-03-29T10:00:00+02:00", "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00"},
		{"6h", "2026-03-29T05:00:00+02:00", "2026-03-29T00:00:00+01:00", "2026-03-29T06:00:00+02:00"},
		{"1h", "2026-03-29T01:30:00+01:00", "2026-03-29T01:00:00+01:00", "2026-03-29T03:00:00+02:00"},
		// 2026-10-25 03:00 is followed by 02:00: the hour comes twice.
		{"1h", "2026-10-25T02:30:00+02:00", "2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00"},
		{"1h", "2026-10-25T02:30:00+01:00", "2026-10-25T02:00:00+01:00", "2026-10-25T03:00:00+01:00"},
		{"3h", "2026-10-25T02:30:00+01:00", "2026-10-25T00:00:00+02:00", "2026-10-25T03:00:00+01:00"},
	} {
		s, err := ParseSpan(c.span)
		if err != nil {
			t.Fatal(err)
		}
		checkTime(t, "floor "+c.span+" "+c.at, s.Floor(utc(t, c.at), berlin), true, c.floor)
		checkTime(t, "next "+c.span+" "+c.at, s.Next(utc(t, c.at), berlin), true, c.next)
	}
}

var someSpans = []string{"1us", "7ms", "1s", "10s", "7m", "30m", "1h", "2h", "5h", "12h", "24h", "1d", "3d", "1w", "2w", "1mon", "5mon", "1q", "1y"}

// checkSteps holds the law of Floor and Next at one moment.
func checkSteps(t *testing.T, s Span, at int64, loc *time.Location) {
	t.Helper()
	from, to := s.Floor(at, loc), s.Next(at, loc)
	if from > at || to <= at && to != math.MaxInt64 {
		t.Fatalf("%v in %v: %s lies outside %s to %s", s, loc, show(at), show(from), show(to))
	}
	if from < math.MinInt64+2*nominalDay || to > math.MaxInt64-2*nominalDay {
		return
	}
	for _, x := range []int64{from, from + (to-from)/3, from + (to-from)/2, to - 1} {
		if s.Floor(x, loc) != from || s.Next(x, loc) != to {
			t.Fatalf("%v in %v: %s lies in %s to %s, but in the same step %s does not", s, loc, show(at), show(from), show(to), show(x))
		}
	}
	if s.Floor(to, loc) != to {
		t.Fatalf("%v in %v: %s follows %s but begins no step (%s)", s, loc, show(to), show(at), show(s.Floor(to, loc)))
	}
}

func show(ns int64) string { return string(AppendRFC3339(nil, ns)) }

func TestStepsPartitionTime(t *testing.T) {
	for _, loc := range zones(t) {
		for _, text := range someSpans {
			s, err := ParseSpan(text)
			if err != nil {
				t.Fatal(err)
			}
			for _, day := range []string{"2026-03-29", "2026-10-25", "2018-11-04", "2018-02-18", "2011-12-30",
				"2026-04-05", "2026-10-04", "2026-11-01", "2006-10-29", "1969-12-31", "1945-05-08"} {
				noon := utc(t, day+"T12:00:00Z")
				for k := int64(-24); k <= 24; k++ {
					checkSteps(t, s, noon+k*59*Minute+k, loc)
				}
			}
		}
	}
}

func FuzzSpan(f *testing.F) {
	f.Add(int64(0), "5m", 0)
	f.Add(int64(math.MaxInt64), "1mon", 3)
	f.Add(int64(math.MinInt64), "1w", 4)
	f.Add(int64(math.MaxInt64), "1m", 7)
	all := zones(f)
	f.Fuzz(func(t *testing.T, at int64, text string, zone int) {
		s, err := ParseSpan(text)
		if err != nil {
			return
		}
		back, err := ParseSpan(s.String())
		if err != nil || back != s {
			t.Fatalf("%q prints %q, which reads as %v, %v", text, s, back, err)
		}
		checkSteps(t, s, at, all[uint(zone)%uint(len(all))])
		s.Add(at, int64(zone), all[uint(zone)%uint(len(all))])
	})
}

func TestParseSpan(t *testing.T) {
	for _, c := range []struct {
		text string
		want Span
		err  string
	}{
		{"5m", Span{5, UnitMinute}, ""},
		{"300s", Span{300, UnitSecond}, ""},
		{"d", Span{1, UnitDay}, ""},
		{"1h30m", Span{90, UnitMinute}, ""},
		{"1.5s", Span{1500, UnitMillisecond}, ""},
		{"2 weeks", Span{}, "lacks a unit"},
		{"2weeks", Span{2, UnitWeek}, ""},
		{"1mon", Span{1, UnitMonth}, ""},
		{"3MON", Span{3, UnitMonth}, ""},
		{"1qtr", Span{1, UnitQuarter}, ""},
		{"5µs", Span{5, UnitMicrosecond}, ""},
		{"", Span{}, "expected a number"},
		{"0s", Span{}, "longer than nothing"},
		{"-5m", Span{}, "expected a number"},
		{"1mon2d", Span{}, "mon stands alone"},
		{"1d12h", Span{}, "d stands alone"},
		{"5parsecs", Span{}, `unknown unit "parsecs"; units are ns us ms`},
		{"500y", Span{}, "longer than 292 years"},
		{"9999999999999999999s", Span{}, "too long"},
		{"0h0m", Span{}, "longer than nothing"},
	} {
		got, err := ParseSpan(c.text)
		if got != c.want {
			t.Errorf("%q: %v, want %v", c.text, got, c.want)
		}
		checkError(t, c.text, err, c.err)
	}
}

func checkError(t *testing.T, text string, err error, want string) {
	t.Helper()
	if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
		t.Errorf("%q: error %v, want %q", text, err, want)
	}
}

func TestParseDuration(t *testing.T) {
	for _, c := range []struct {
		text string
		want int64
		err  string
	}{
		{"30s", 30 * Second, ""}, {"5m", 5 * Minute, ""}, {"2d", 48 * Hour, ""}, {"1w", 168 * Hour, ""},
		{"250ms", 250 * Millisecond, ""}, {"10us", 10 * Microsecond, ""}, {"5ns", 5, ""},
		{"1mon", 720 * Hour, ""}, {"1q", 91 * 24 * Hour, ""}, {"1y", 8760 * Hour, ""},
		{"1h30m", 90 * Minute, ""}, {"1.5h", 90 * Minute, ""}, {".5s", 500 * Millisecond, ""}, {"-1h30m", -90 * Minute, ""},
		{"0", 0, ""}, {"0s", 0, ""}, {"+5m", 5 * Minute, ""}, {"0.0000000001s", 0, ""},
		{"2minutes", 2 * Minute, ""},
		{"", 0, "missing"}, {"-", 0, "missing"}, {"5", 0, "lacks a unit"}, {"5 m", 0, "lacks a unit"}, {"m", 0, "expected a number"},
		{"5m3", 0, "lacks a unit"}, {"300y", 0, "longer than 292 years"}, {"5x", 0, "unknown unit"}, {"1e3s", 0, "unknown unit"},
		{"5.m", 0, "lacks a unit"},
	} {
		got, err := ParseDuration(c.text)
		if got != c.want {
			t.Errorf("%q: %d, want %d", c.text, got, c.want)
		}
		checkError(t, c.text, err, c.err)
	}
}

func TestAppendDuration(t *testing.T) {
	for _, c := range []struct {
		ns   int64
		want string
	}{
		{0, "0s"}, {1, "1ns"}, {12_500, "12.5us"}, {250 * Millisecond, "250ms"}, {90*Second + 500*Millisecond, "1m30.5s"},
		{26 * Hour, "1d2h"}, {-90 * Minute, "-1h30m"}, {Second, "1s"}, {24 * Hour, "1d"}, {24*Hour + 1, "1d0.000000001s"},
		{math.MinInt64, "-106751d23h47m16.854775808s"},
	} {
		if got := string(AppendDuration(nil, c.ns)); got != c.want {
			t.Errorf("%d: %q, want %q", c.ns, got, c.want)
		}
	}
}

func FuzzDuration(f *testing.F) {
	f.Add(int64(math.MinInt64), "1h30m")
	f.Add(int64(12_500), "-1.5y")
	f.Fuzz(func(t *testing.T, ns int64, text string) {
		for _, ns := range []int64{ns, ns / 1e6, ns % 1e6, ns / 1e9 * 1e9} {
			printed := string(AppendDuration(nil, ns))
			if back, err := ParseDuration(printed); err != nil || back != ns {
				t.Fatalf("%d prints %q and reads as %d, %v", ns, printed, back, err)
			}
		}
		if ns, err := ParseDuration(text); err == nil {
			if back, err := ParseDuration(string(AppendDuration(nil, ns))); err != nil || back != ns {
				t.Fatalf("%q is %d and comes back as %d, %v", text, ns, back, err)
			}
		}
	})
}

func TestAdd(t *testing.T) {
	for _, c := range []struct {
		span string
		k    int64
		at   string
		want string
	}{
		{"1mon", -1, "2026-03-31T10:00:00Z", "2026-02-28T10:00:00Z"},
		{"1mon", 1, "2024-01-31T10:00:00Z", "2024-02-29T10:00:00Z"},
		{"1mon", -14, "2026-01-15T10:00:00Z", "2024-11-15T10:00:00Z"},
		{"1q", 1, "2026-11-30T10:00:00Z", "2027-02-28T10:00:00Z"},
		{"1y", 1, "2024-02-29T10:00:00Z", "2025-02-28T10:00:00Z"},
		{"1w", 2, "2026-11-30T10:00:00Z", "2026-12-14T10:00:00Z"},
		{"5m", 3, "2026-11-30T10:00:00Z", "2026-11-30T10:15:00Z"},
	} {
		s, _ := ParseSpan(c.span)
		checkTime(t, c.at+c.span, s.Add(utc(t, c.at), c.k, nil), true, c.want)
	}
	for _, loc := range []*time.Location{nil, kolkata} {
		for _, unit := range []Unit{UnitDay, UnitMonth, UnitYear} {
			s := Span{1, unit}
			if later, earlier := s.Add(1, math.MaxInt64, loc), s.Add(1, -1e15, loc); later != math.MaxInt64 || earlier != math.MinInt64 {
				t.Errorf("too far by %s, in %v: %d and %d", s, loc, later, earlier)
			}
		}
	}
	checkTime(t, "182500 days, more than an int64", (Span{1, UnitDay}).Add(utc(t, "1700-01-01T00:00:00Z"), 500*365, nil), true, "2199-09-02T00:00:00Z")
	if got := (Span{1, UnitHour}).Add(0, math.MinInt64, nil); got != math.MinInt64 {
		t.Errorf("an hour too far back is %d", got)
	}
}

func TestAutoSpan(t *testing.T) {
	for _, c := range []struct {
		length  int64
		buckets int
		want    string
	}{
		{0, 100, "1us"}, {Minute, 100, "1s"}, {15 * Minute, 100, "10s"}, {Hour, 100, "1m"}, {4 * Hour, 100, "5m"},
		{24 * Hour, 100, "30m"}, {7 * 24 * Hour, 100, "3h"}, {30 * 24 * Hour, 100, "12h"}, {90 * 24 * Hour, 100, "1d"},
		{365 * 24 * Hour, 100, "1w"}, {365 * 24 * Hour, 20, "1mon"}, {math.MaxInt64, 2, "100y"}, {Hour, 0, "1h"}, {-Hour, 10, "1us"},
	} {
		if got := AutoSpan(0, c.length, c.buckets).String(); got != c.want {
			t.Errorf("%s in %d: %s, want %s", AppendDuration(nil, c.length), c.buckets, got, c.want)
		}
	}
	for buckets := 2; buckets < 400; buckets += 7 {
		for length := int64(1); length < 1<<60; length *= 3 {
			from := testNow - length/2
			s := AutoSpan(from, from+length, buckets)
			n := 0
			for at := s.Floor(from, nil); at < from+length; at = s.Next(at, nil) {
				n++
			}
			if n > buckets {
				t.Fatalf("%s in %s makes %d buckets, more than %d", AppendDuration(nil, length), s, n, buckets)
			}
		}
	}
}

func TestRelative(t *testing.T) {
	now := "2026-08-20T12:34:56Z" // a Thursday
	for _, c := range []struct{ text, want, err string }{
		{"now", now, ""}, {"NOW", now, ""},
		{"-1h", "2026-08-20T11:34:56Z", ""}, {"+5m", "2026-08-20T12:39:56Z", ""}, {"-h", "2026-08-20T11:34:56Z", ""},
		{"now-1h", "2026-08-20T11:34:56Z", ""}, {"now-1d/d", "2026-08-19T00:00:00Z", ""},
		{"-7d@d", "2026-08-13T00:00:00Z", ""}, {"-2mon", "2026-06-20T12:34:56Z", ""},
		{"@h", "2026-08-20T12:00:00Z", ""}, {"@d", "2026-08-20T00:00:00Z", ""},
		{"@w", "2026-08-17T00:00:00Z", ""}, {"@w1", "2026-08-17T00:00:00Z", ""}, {"@w0", "2026-08-16T00:00:00Z", ""},
		{"@w7", "2026-08-16T00:00:00Z", ""}, {"@w4", "2026-08-20T00:00:00Z", ""}, {"@w5", "2026-08-14T00:00:00Z", ""},
		{"@q", "2026-07-01T00:00:00Z", ""}, {"@y", "2026-01-01T00:00:00Z", ""}, {"@5m", "2026-08-20T12:30:00Z", ""},
		{"-1d@d+8h", "2026-08-19T08:00:00Z", ""}, {"-1w@w1+9h30m", "", "expected +, - or @"}, {"-1w@w1+9h+30m", "2026-08-10T09:30:00Z", ""},
		{"-1.5h", "2026-08-20T11:04:56Z", ""},
		{"2026-08-01", "2026-08-01T00:00:00Z", ""}, {"1117838570", "2005-06-03T22:42:50Z", ""}, {"-1.5", "1969-12-31T23:59:58.5Z", ""},
		{"Aug 20 10:00:00", "2026-08-20T10:00:00Z", ""},
		{"", "", "missing"}, {"1h", "", "lacks a sign; write -1h"}, {"yesterday", "", "is no time; write for example -1h"},
		{"-", "", "expected a number"}, {"-5", "1969-12-31T23:59:55Z", ""}, {"-5x", "", `unknown unit "x"`}, {"@", "", "expected a unit after @"},
		{"@w9", "", "weekdays are"}, {"-1h@", "", "expected a unit"}, {"nowish", "", "expected +, - or @"}, {"-1.5mon", "", "write whole ones"},
		{"+", "", "expected a number"}, {"@0d", "", "expected a unit"},
	} {
		got, err := Relative(c.text, utc(t, now), nil)
		checkTime(t, c.text, got, err == nil, c.want)
		checkError(t, c.text, err, c.err)
	}
}

func TestRelativeBeyondTime(t *testing.T) {
	now := utc(t, "2026-08-20T12:34:56Z")
	for _, c := range []struct {
		text string
		end  int64
		ever bool // some present is far enough
	}{
		{"-99999999999d", math.MinInt64, false}, {"+999999999999999999y@y", math.MaxInt64, false}, {"-1d-9999999mon", math.MinInt64, false},
		{"-400y", math.MinInt64, true}, {"+100y+290y", math.MaxInt64, true},
	} {
		for _, loc := range []*time.Location{nil, kolkata} {
			got, err := Relative(c.text, now, loc)
			if got != c.end || !errors.Is(err, ErrRange) || !strings.Contains(err.Error(), c.text) {
				t.Errorf("%s is %d, %v", c.text, got, err)
			}
		}
		if err := CheckRelative(c.text); (err == nil) != c.ever {
			t.Errorf("%s reads sometimes: %v", c.text, err)
		}
	}
	for text, want := range map[string]string{"-300y": "", "-7d@d": "", "@w9": "weekdays"} {
		checkError(t, text, CheckRelative(text), want)
	}
}

func TestRelativeByTheCalendar(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	now := utc(t, "2026-03-29T12:00:00+02:00")
	for _, c := range []struct{ text, want string }{
		{"-1d", "2026-03-28T12:00:00+01:00"}, {"-24h", "2026-03-28T11:00:00+01:00"},
		{"@d", "2026-03-29T00:00:00+01:00"}, {"@w0", "2026-03-29T00:00:00+01:00"},
		{"2026-03-29 02:30:00", "2026-03-29T03:30:00+02:00"},
	} {
		got, err := Relative(c.text, now, berlin)
		checkTime(t, c.text, got, err == nil, c.want)
	}
}

func FuzzRelative(f *testing.F) {
	for _, s := range []string{"-7d@d", "@w1", "now-1d/d+8h", "2026-08-01", "-1.5", "+9999999999999y"} {
		f.Add(s, int64(0))
	}
	f.Fuzz(func(t *testing.T, text string, now int64) {
		if _, err := Relative(text, now, kolkata); err != nil && !strings.Contains(err.Error(), " ") {
			t.Fatalf("%q: poor error %v", text, err)
		}
	})
}
