package notify

import (
	"slices"
	"strings"
	"time"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/rule"
)

// Hours are working hours: warnings wait for them.
type Hours struct {
	Days string `yaml:"days"` // Mon-Fri, or Mon,Wed; empty: all
	From string `yaml:"from"` // 09:00; empty: the whole day
	To   string `yaml:"to"`
	Zone string `yaml:"zone"` // Europe/Zagreb; UTC when empty
}

// hours are Hours, read. Minutes count from midnight by the clocks of the zone.
type hours struct {
	days     [7]bool
	from, to int // from == to: the whole day
	zone     *time.Location
}

var weekdays = []string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"}

func (h Hours) read() (hours, error) {
	out := hours{zone: time.UTC}
	if h.Zone != "" {
		zone, err := time.LoadLocation(h.Zone)
		if err != nil {
			return out, fault.New(fault.Invalid, "there is no time zone %q", h.Zone)
		}
		out.zone = zone
	}
	var err error
	if out.from, err = minutes(h.From); err == nil {
		out.to, err = minutes(h.To)
	}
	if err == nil && out.from > out.to {
		err = fault.New(fault.Invalid, "from %s is later than to %s; hours do not go over midnight", h.From, h.To)
	}
	if err != nil {
		return out, err
	}
	return out, out.setDays(h.Days)
}

// minutes reads 09:30.
func minutes(text string) (int, error) {
	if text == "" {
		return 0, nil
	}
	t, err := time.Parse("15:04", text)
	if err != nil {
		return 0, fault.New(fault.Invalid, "%q is no time of day; write it as 09:00", text)
	}
	return t.Hour()*60 + t.Minute(), nil
}

func (h *hours) setDays(text string) error {
	if text == "" {
		text = "Sun-Sat"
	}
	for _, part := range strings.Split(text, ",") {
		first, last, isRange := strings.Cut(strings.TrimSpace(part), "-")
		if !isRange {
			last = first
		}
		a, b := slices.Index(weekdays, first), slices.Index(weekdays, last)
		if a < 0 || b < 0 {
			return fault.New(fault.Invalid, "%q is no day; write days as Mon-Fri or Mon,Wed", part)
		}
		for d := a; ; d = (d + 1) % 7 {
			h.days[d] = true
			if d == b {
				break
			}
		}
	}
	return nil
}

// next is the first time, from t on, that lies in the hours. It looks a week
// ahead, and one day more for days on which clocks change.
func (h hours) next(t time.Time) time.Time {
	local := t.In(h.zone)
	for ahead := range 9 {
		day := time.Date(local.Year(), local.Month(), local.Day()+ahead, 0, 0, 0, 0, h.zone)
		if !h.days[day.Weekday()] {
			continue
		}
		if h.from == h.to {
			return latest(t, day)
		}
		from := time.Date(day.Year(), day.Month(), day.Day(), 0, h.from, 0, 0, h.zone)
		to := time.Date(day.Year(), day.Month(), day.Day(), 0, h.to, 0, 0, h.zone)
		if t.Before(to) {
			return latest(t, from)
		}
	}
	return t
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// Rota says who is on call. People are names of channels.
type Rota struct {
	People []string      `yaml:"people"` // one after the other
	Start  time.Time     `yaml:"start"`  // when the first one begins
	Every  rule.Duration `yaml:"every"`  // a turn; 7d when left out
	ICal   string        `yaml:"ical"`   // a calendar in place of turns: its events are named after channels
	Zone   string        `yaml:"zone"`   // of turns that change at a time of day
}

// rota is a Rota, read.
type rota struct {
	people []string
	start  time.Time
	days   int // a turn, in days of the zone
	length time.Duration
	events []event
}

func (r Rota) read() (rota, error) {
	if r.ICal != "" {
		events, err := parseICal(r.ICal)
		out := rota{events: events}
		for _, e := range events {
			if !slices.Contains(out.people, e.name) {
				out.people = append(out.people, e.name)
			}
		}
		return out, err
	}
	if len(r.People) == 0 || r.Start.IsZero() {
		return rota{}, fault.New(fault.Invalid, "it wants people and a start, or ical")
	}
	zone, err := time.LoadLocation(r.Zone)
	if err != nil {
		return rota{}, fault.New(fault.Invalid, "there is no time zone %q", r.Zone)
	}
	out := rota{people: r.People, start: r.Start.In(zone), length: time.Duration(r.Every)}
	if r.Every == 0 {
		out.length = 7 * 24 * time.Hour
	}
	if out.length < 0 {
		return rota{}, fault.New(fault.Invalid, "every is negative")
	}
	if out.length%(24*time.Hour) == 0 {
		out.days = int(out.length / (24 * time.Hour))
	}
	return out, nil
}

// on is who is on call at a time; "" for nobody.
func (r rota) on(t time.Time) string {
	for _, e := range r.events {
		if e.covers(t) {
			return e.name
		}
	}
	if r.start.IsZero() || t.Before(r.start) {
		return ""
	}
	if r.days == 0 {
		return r.people[int(t.Sub(r.start)/r.length)%len(r.people)]
	}
	// Turns of whole days change at the same time of day, also where clocks do.
	local := t.In(r.start.Location())
	gone := int(civil(local).Sub(civil(r.start)) / (24 * time.Hour))
	if clock(local) < clock(r.start) {
		gone--
	}
	return r.people[gone/r.days%len(r.people)]
}

// civil is midnight of a day as if every day had 24 hours.
func civil(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

func clock(t time.Time) time.Duration {
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second
}
