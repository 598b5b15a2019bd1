package notify

import (
	"strings"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/incident"
	"github.com/plumbline/plumbline/internal/rule"
)

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t
}

func webhooks(names ...string) map[string]Channel {
	out := map[string]Channel{}
	for _, n := range names {
		out[n] = Channel{Kind: "webhook", URL: "https://example.com/" + n}
	}
	return out
}

func planned(list []Delivery, now time.Time) string {
	var out []string
	for _, d := range list {
		out = append(out, d.Channel+"+"+d.At.Sub(now).String())
	}
	return strings.Join(out, " ")
}

// TestPlan: the first route that matches says who; nobody is told twice.
func TestPlan(t *testing.T) {
	n, err := New(Config{
		Channels: webhooks("ann", "bob", "boss", "all"),
		Routes: []Route{
			{Match: map[string]string{"severity": "critical", "team": "pay*"}, To: []string{"oncall", "all", "ann"}, Escalate: []Escalation{{After: rule.Duration(10 * time.Minute), To: []string{"boss"}}}},
			{Match: map[string]string{"severity": "warning"}, To: []string{"all"}},
		},
		Mutes: []Mute{{Match: map[string]string{"team": "*"}, From: at("2026-01-01T00:00:00Z"), To: at("2026-01-02T00:00:00Z")}},
		Rotas: map[string]Rota{"oncall": {People: []string{"ann", "bob"}, Start: at("2026-01-05T09:00:00Z")}},
	}, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		kind     string
		severity rule.Severity
		labels   map[string]string
		at, want string
	}{
		{incident.NoticeOpened, rule.Critical, map[string]string{"severity": "critical", "team": "payments"}, "2026-01-06T00:00:00Z", "ann+0s all+0s boss+10m0s"},
		{incident.NoticeOpened, rule.Critical, map[string]string{"severity": "critical", "team": "payments"}, "2026-01-13T00:00:00Z", "bob+0s all+0s ann+0s boss+10m0s"},
		{incident.NoticeEnded, rule.Critical, map[string]string{"severity": "critical", "team": "payments"}, "2026-01-13T00:00:00Z", "bob+0s all+0s ann+0s"},
		{incident.NoticeOpened, rule.Critical, map[string]string{"severity": "critical", "team": "payments"}, "2026-01-01T12:00:00Z", "all+0s ann+0s boss+10m0s"},
		{incident.NoticeWarning, rule.Warning, map[string]string{"severity": "warning", "team": "x"}, "2026-01-01T12:00:00Z", ""},
		{incident.NoticeWarning, rule.Warning, map[string]string{"severity": "warning", "team": "x"}, "2026-01-03T12:00:00Z", "all+0s"},
		{incident.NoticeOpened, rule.Critical, map[string]string{"severity": "critical", "team": "x"}, "2026-01-03T12:00:00Z", ""},
	} {
		now := at(c.at)
		got := planned(n.Plan(incident.Notice{Kind: c.kind, Severity: c.severity, Labels: c.labels}, now), now)
		if got != c.want {
			t.Errorf("%s %v at %s goes to %q, want %q", c.kind, c.labels, c.at, got, c.want)
		}
	}
}

// TestConfigErrors: each names the place.
func TestConfigErrors(t *testing.T) {
	for _, c := range []struct {
		config Config
		want   string
	}{
		{Config{Channels: map[string]Channel{"a": {Kind: "fax"}}}, "channel a: there is no kind"},
		{Config{Channels: map[string]Channel{"a": {Kind: "service", URL: "bark://key@host"}}}, "channel a: connections to bark could not be kept from addresses inside; use kind http"},
		{Config{Channels: map[string]Channel{"a": {Kind: "mail"}}}, "channel a: server"},
		{Config{Channels: webhooks("ann"), Routes: []Route{{To: []string{"anne"}}}}, "did you mean ann?"},
		{Config{Channels: webhooks("ann"), Routes: []Route{{To: []string{"ann"}, Escalate: []Escalation{{To: []string{"ann"}}}}}}, "escalate wants after"},
		{Config{Channels: webhooks("ann"), Rotas: map[string]Rota{"r": {People: []string{"bob"}, Start: at("2026-01-01T00:00:00Z")}}}, "rota r: there is no channel"},
		{Config{Rotas: map[string]Rota{"r": {}}}, "rota r: it wants people"},
		{Config{Rotas: map[string]Rota{"r": {ICal: "BEGIN:VEVENT\nSUMMARY:a\nDTSTART:20260105\nDTEND:20260106\nRRULE:x\nEND:VEVENT"}}}, "line 6: RRULE"},
		{Config{Rotas: map[string]Rota{"r": {ICal: "BEGIN:VEVENT\nSUMMARY:a\nDTSTART:20260105\nDTEND:20260106\nRRULE:FREQ=SECONDLY\nEND:VEVENT"}}}, "by the minute"},
		{Config{Rotas: map[string]Rota{"r": {ICal: "BEGIN:VEVENT\nSUMMARY:a\nDTSTART:20260105\nDURATION:P1X\nEND:VEVENT"}}}, "line 4: \"P1X\""},
		{Config{Hours: Hours{Zone: "Mars"}}, "no time zone"}, {Config{Hours: Hours{From: "9"}}, "no time of day"},
		{Config{Hours: Hours{From: "18:00", To: "09:00"}}, "over midnight"}, {Config{Hours: Hours{Days: "Mo-Fr"}}, "no day"},
		{Config{Reach: []string{"10.0.0.1"}}, "no network"},
	} {
		if _, err := New(c.config, ""); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v gives %v, want %q", c.config, err, c.want)
		}
	}
}

// TestHours: nights, weekends, and days on which clocks change.
func TestHours(t *testing.T) {
	n, err := New(Config{Hours: Hours{Days: "Mon-Fri", From: "09:00", To: "18:00", Zone: "Europe/Zagreb"}}, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ at, want string }{
		{"2026-11-25T12:00:00Z", "2026-11-25T12:00:00Z"},
		{"2026-11-25T03:00:00Z", "2026-11-25T08:00:00Z"},
		{"2026-11-27T20:00:00Z", "2026-11-30T08:00:00Z"},
		{"2026-03-27T18:00:00Z", "2026-03-30T07:00:00Z"}, // clocks go forward on the 29th
		{"2026-10-23T18:00:00Z", "2026-10-26T08:00:00Z"}, // and back on the 25th
	} {
		if got := n.Quiet(at(c.at)).UTC(); !got.Equal(at(c.want)) {
			t.Errorf("from %s on it is %s, want %s", c.at, got, c.want)
		}
	}
}

// TestRota: turns change at the same time of day, also where clocks do; a
// calendar goes by its events.
func TestRota(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Zagreb")
	if err != nil {
		t.Fatal(err)
	}
	r, err := Rota{People: []string{"ann", "bob", "eve"}, Start: time.Date(2026, 3, 23, 9, 0, 0, 0, zone), Zone: "Europe/Zagreb"}.read()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ at, want string }{
		{"2026-03-23T07:59:59Z", ""}, {"2026-03-23T08:00:00Z", "ann"}, {"2026-03-30T06:59:59Z", "ann"}, {"2026-03-30T07:00:00Z", "bob"},
		{"2026-04-06T07:00:00Z", "eve"}, {"2026-04-13T07:00:00Z", "ann"}, {"2026-10-26T07:59:59Z", "ann"}, {"2026-10-26T08:00:00Z", "bob"},
	} {
		if got := r.on(at(c.at)); got != c.want {
			t.Errorf("at %s %q is on call, want %q", c.at, got, c.want)
		}
	}
	cal, err := Rota{ICal: "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;TZID=Europe/Zagreb:20260105T090000\r\nDTEND:20260106T090000Z\r\nSUMMARY:an\r\n n\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20260107\r\nDTEND;VALUE=DATE:20260108\r\nSUMMARY:bob\r\nEND:VEVENT\r\nEND:VCALENDAR"}.read()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ at, want string }{
		{"2026-01-05T07:59:59Z", ""}, {"2026-01-05T08:00:00Z", "ann"}, {"2026-01-06T09:00:00Z", ""}, {"2026-01-07T12:00:00Z", "bob"},
	} {
		if got := cal.on(at(c.at)); got != c.want {
			t.Errorf("at %s %q is on call, want %q", c.at, got, c.want)
		}
	}
}

// TestICalRepeats: weeks in turn at nine in the morning, also where clocks change;
// a turn that is left out, one that is moved, one that is cancelled, alarms and
// descriptions of zones in between.
func TestICalRepeats(t *testing.T) {
	text := `BEGIN:VCALENDAR
BEGIN:VTIMEZONE
TZID:Europe/Zagreb
BEGIN:DAYLIGHT
DTSTART:19810329T020000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
UID:1
SUMMARY:ann
DTSTART;TZID=Europe/Zagreb:20261012T090000
DTEND;TZID=Europe/Zagreb:20261019T090000
RRULE:FREQ=WEEKLY;INTERVAL=2;UNTIL=20261231T000000Z
EXDATE;TZID=Europe/Zagreb:20261109T090000
BEGIN:VALARM
TRIGGER:-PT15M
DURATION:PT5M
SUMMARY:wake up
END:VALARM
END:VEVENT
BEGIN:VEVENT
UID:2
SUMMARY:bob
DTSTART;TZID=Europe/Zagreb:20261019T090000
DURATION:P7D
RRULE:FREQ=WEEKLY;INTERVAL=2
END:VEVENT
BEGIN:VEVENT
UID:2
RECURRENCE-ID;TZID=Europe/Zagreb:20261116T090000
SUMMARY:eve
DTSTART;TZID=Europe/Zagreb:20261116T090000
DTEND;TZID=Europe/Zagreb:20261120T090000
END:VEVENT
BEGIN:VEVENT
UID:3
SUMMARY:nobody
STATUS:CANCELLED
DTSTART:20261001T000000Z
DTEND:20271001T000000Z
END:VEVENT
BEGIN:VEVENT
UID:4
SUMMARY:night
DTSTART:20270101T200000Z
DTEND:20270102T080000Z
RDATE:20270105T200000Z,20270107T200000Z
END:VEVENT
END:VCALENDAR`
	r, err := Rota{ICal: strings.ReplaceAll(text, "\n", "\r\n")}.read()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ at, want string }{
		{"2026-10-12T06:59:59Z", ""}, {"2026-10-12T07:00:00Z", "ann"}, {"2026-10-19T06:59:59Z", "ann"}, {"2026-10-19T07:00:00Z", "bob"},
		{"2026-10-26T07:59:59Z", "bob"}, {"2026-10-26T08:00:00Z", "ann"}, // clocks went back on the 25th
		{"2026-11-09T08:00:00Z", ""}, {"2026-11-16T08:00:00Z", "eve"}, {"2026-11-20T08:00:00Z", ""}, {"2026-11-23T08:00:00Z", "ann"},
		{"2026-12-14T08:00:00Z", "bob"}, {"2027-01-11T08:00:00Z", "bob"}, {"2027-01-18T08:00:00Z", ""}, {"2028-06-26T07:00:00Z", "bob"}, {"2028-07-03T07:00:00Z", ""},
		{"2027-01-01T21:00:00Z", "bob"}, {"2027-01-05T21:00:00Z", "night"}, {"2027-01-08T07:59:59Z", "night"}, {"2027-01-08T08:00:00Z", ""},
	} {
		if got := r.on(at(c.at)); got != c.want {
			t.Errorf("at %s %q is on call, want %q", c.at, got, c.want)
		}
	}
}

// FuzzICal: no calendar, however wrong, does more than fail.
func FuzzICal(f *testing.F) {
	f.Add("BEGIN:VEVENT\nDTSTART:20260105T090000Z\nDTEND:20260106\nSUMMARY:a\nEND:VEVENT")
	f.Fuzz(func(t *testing.T, text string) {
		events, err := parseICal(text)
		for _, e := range events {
			if err == nil && !e.from.Before(e.to) {
				t.Errorf("an event ends before it begins: %+v", e)
			}
			e.covers(at("2026-11-29T00:00:00Z"))
		}
	})
}
