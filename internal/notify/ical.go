package notify

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/teambition/rrule-go"

	"github.com/plumbline/plumbline/internal/fault"
)

// event is a turn of a calendar, or many.
type event struct {
	name     string
	from, to time.Time
	repeats  *rrule.Set // begins of all turns; nil: there is one

	uid      string
	replaces time.Time     // the turn of a repeating event of the same uid that this one is in place of
	days     int           // of a duration in place of to
	length   time.Duration // and the rest of it
	rule     string
	others   []time.Time // begins beside those of the rule
	without  []time.Time // begins that are left out
	off      bool        // it was cancelled
}

// covers reports whether a time lies in a turn.
func (e *event) covers(t time.Time) bool {
	from := e.from
	if e.repeats != nil {
		from = e.repeats.Before(t, true)
	}
	return !from.IsZero() && !t.Before(from) && t.Before(e.end(from))
}

// end is when a turn ends that begins at a time: by the clocks of its zone, so that
// a week is a week also where clocks change, and nobody is missing for an hour.
func (e *event) end(from time.Time) time.Time {
	if e.from.Location() != e.to.Location() {
		return from.Add(e.to.Sub(e.from))
	}
	days := int(civil(e.to).Sub(civil(e.from)) / (24 * time.Hour))
	return time.Date(from.Year(), from.Month(), from.Day()+days, e.to.Hour(), e.to.Minute(), e.to.Second(), 0, from.Location()).Add(clock(from) - clock(e.from))
}

// parseICal reads the events of a calendar (RFC 5545): begin, end or duration,
// summary, what repeats them, what is left out, and what takes the place of a turn.
func parseICal(text string) ([]event, error) {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	text = strings.NewReplacer("\n ", "", "\n\t", "").Replace(text) // lines that go on
	var all []event
	var e *event
	inner := 0 // how deep in parts of an event, alarms
	for n, line := range strings.Split(text, "\n") {
		head, value, _ := strings.Cut(strings.TrimRight(line, "\r"), ":")
		name, params, _ := strings.Cut(head, ";")
		var err error
		switch {
		case name == "BEGIN" && value == "VEVENT":
			e, inner = &event{}, 0
		case e == nil:
		case name == "BEGIN":
			inner++
		case name == "END" && value != "VEVENT":
			inner--
		case name == "END":
			if err = e.check(); err == nil && !e.off {
				all = append(all, *e)
			}
			e = nil
		case inner == 0:
			err = e.take(name, params, value)
		}
		if err != nil {
			return nil, fault.New(fault.Invalid, "ical: line %d: %v", n+1, err)
		}
	}
	if len(all) == 0 {
		return nil, fault.New(fault.Invalid, "ical: there is no event in it")
	}
	replaced(all)
	return all, nil
}

// take reads one property of an event.
func (e *event) take(name, params, value string) (err error) {
	switch name {
	case "SUMMARY":
		e.name = strings.TrimSpace(value)
	case "UID":
		e.uid = value
	case "STATUS":
		e.off = value == "CANCELLED"
	case "DTSTART":
		e.from, err = icalTime(params, value)
	case "DTEND":
		e.to, err = icalTime(params, value)
	case "DURATION":
		e.days, e.length, err = icalLength(value)
	case "RRULE":
		e.rule = value
	case "RDATE":
		e.others, err = icalTimes(e.others, params, value)
	case "EXDATE":
		e.without, err = icalTimes(e.without, params, value)
	case "RECURRENCE-ID":
		e.replaces, err = icalTime(params, value)
	}
	return err
}

// check completes an event.
func (e *event) check() error {
	if e.to.IsZero() {
		e.to = e.from.AddDate(0, 0, e.days).Add(e.length)
	}
	switch {
	case e.off:
		return nil
	case e.name == "" || e.from.IsZero() || !e.from.Before(e.to):
		return fmt.Errorf("an event wants a summary, a begin and a later end")
	case e.rule == "" && len(e.others) == 0:
		return nil
	}
	e.repeats = &rrule.Set{}
	if e.rule != "" {
		o, err := rrule.StrToROptionInLocation(e.rule, e.from.Location())
		if err != nil {
			return fmt.Errorf("RRULE %q: %v", e.rule, err)
		}
		if o.Freq > rrule.HOURLY {
			return fmt.Errorf("RRULE %q: nobody is on call by the minute", e.rule)
		}
		o.Dtstart = e.from
		r, err := rrule.NewRRule(*o)
		if err != nil {
			return fmt.Errorf("RRULE %q: %v", e.rule, err)
		}
		e.repeats.RRule(r)
	} else {
		e.repeats.RDate(e.from)
	}
	for _, t := range e.others {
		e.repeats.RDate(t)
	}
	for _, t := range e.without {
		e.repeats.ExDate(t)
	}
	return nil
}

// replaced leaves out of repeating events what others are in place of.
func replaced(all []event) {
	for i := range all {
		for k := range all {
			if e := &all[k]; !all[i].replaces.IsZero() && e.repeats != nil && e.uid == all[i].uid {
				e.repeats.ExDate(all[i].replaces)
			}
		}
	}
}

func icalTimes(list []time.Time, params, value string) ([]time.Time, error) {
	for _, text := range strings.Split(value, ",") {
		t, err := icalTime(params, text)
		if err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, nil
}

// icalTime reads 20261129T090000Z, the same in a zone, or a date.
func icalTime(params, value string) (time.Time, error) {
	zone := time.UTC
	for _, p := range strings.Split(params, ";") {
		if name, ok := strings.CutPrefix(p, "TZID="); ok {
			z, err := time.LoadLocation(strings.Trim(name, `"`))
			if err != nil {
				return time.Time{}, fmt.Errorf("there is no time zone %q", name)
			}
			zone = z
		}
	}
	if bare, isUTC := strings.CutSuffix(value, "Z"); isUTC {
		value, zone = bare, time.UTC
	}
	for _, layout := range []string{"20060102T150405", "20060102"} {
		if t, err := time.ParseInLocation(layout, value, zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time of a calendar", value)
}

// icalLength reads P1W, P7D, PT12H, P1DT6H30M. Days are days of the clocks.
func icalLength(text string) (days int, rest time.Duration, err error) {
	left, ok := strings.CutPrefix(text, "P")
	units := map[byte]time.Duration{'H': time.Hour, 'M': time.Minute, 'S': time.Second}
	for left = strings.Replace(left, "T", "", 1); ok && left != ""; {
		at := strings.IndexAny(left, "WDHMS")
		if at < 1 {
			ok = false
			break
		}
		n, err := strconv.ParseUint(left[:at], 10, 16) // of weeks, a thousand years
		ok = err == nil
		switch unit := left[at]; unit {
		case 'W':
			days += 7 * int(n)
		case 'D':
			days += int(n)
		default:
			rest += time.Duration(n) * units[unit]
		}
		left = left[at+1:]
	}
	if !ok || days == 0 && rest == 0 {
		return 0, 0, fmt.Errorf("%q is no duration of a calendar; write it as P7D or PT12H", text)
	}
	return days, rest, nil
}
