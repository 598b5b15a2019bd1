package when

import (
	"fmt"
	"strings"
	"time"
)

// Layout is a form of time that a person chose: for reading one field of one
// service, and for printing. It reads and prints by the same list of parts.
type Layout struct {
	text  string
	auto  bool   // any form that ParseNear reads
	parts []part // else these, in order
}

// part is one piece of a layout: a verb, or literal text.
type part struct {
	verb    byte   // of strftime; 0 for literal
	digits  int    // of a fraction, where the verb has them
	padding byte   // '0', ' ', 0 for none, '.' for what the flag . asks
	colon   bool   // of a zone: +07:00
	literal string // for verb 0
}

// named are the layouts that have a name. Each is in strftime's terms; the
// names are compared without case, - and _.
var named = map[string]string{
	"rfc3339":     "%Y-%m-%dT%H:%M:%S%.N%.z",
	"iso8601":     "%Y-%m-%dT%H:%M:%S%.N%.z",
	"rfc3339ms":   "%Y-%m-%dT%H:%M:%S.%3N%.z",
	"rfc3339us":   "%Y-%m-%dT%H:%M:%S.%6N%.z",
	"rfc3339nano": "%Y-%m-%dT%H:%M:%S.%9N%.z",
	"rfc1123":     "%a, %d %b %Y %H:%M:%S %Z",
	"rfc1123z":    "%a, %d %b %Y %H:%M:%S %z",
	"rfc822":      "%d %b %y %H:%M %Z",
	"rfc822z":     "%d %b %y %H:%M %z",
	"rfc850":      "%A, %d-%b-%y %H:%M:%S %Z",
	"ansic":       "%a %b %e %H:%M:%S %Y",
	"ctime":       "%a %b %e %H:%M:%S %Y",
	"unixdate":    "%a %b %e %H:%M:%S %Z %Y",
	"common":      "%d/%b/%Y:%H:%M:%S %z",
	"clf":         "%d/%b/%Y:%H:%M:%S %z",
	"syslog":      "%b %e %H:%M:%S",
	"datetime":    "%Y-%m-%d %H:%M:%S",
	"date":        "%Y-%m-%d",
	"unix":        "%.s",
	"unixs":       "%.s",
	"unixms":      "%.3Q",
	"unixus":      "%.6Q",
	"unixns":      "%9Q",
}

// ParseLayout reads a form of time: a name (rfc3339, unix, unix_ms, common,
// syslog, …), strftime's verbs ("%d/%b/%Y:%H:%M:%S %z"), a Go layout
// ("02/Jan/2006:15:04:05 -0700"), or "auto", which reads all that ParseNear
// does and prints RFC 3339.
//
// Verbs: %Y %y %m %d %e %j %b %B %h %a %A %u %w · %H %k %I %l %M %S %p ·
// %f %L %N and %3N %6N %9N (fractions of 6, 3, 9 digits) and %.N (a point and
// 0, 3, 6 or 9 digits) · %s %3Q %6Q %9Q (Unix seconds, ms, us, ns, rounded
// down) and %.s %.3Q %.6Q (the same with the decimals there are) · %z %:z %.z
// (the last one Z in UTC) %Z · %T %R %F %D %c %x %X %r · %n %t %%; %-d leaves
// padding out, %_d pads with spaces.
func ParseLayout(text string) (Layout, error) {
	name := strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(strings.TrimSpace(text)))
	form, known := named[name]
	switch {
	case name == "":
		return Layout{}, fmt.Errorf("a time format is missing; write for example rfc3339, unix_ms or %%Y-%%m-%%d %%H:%%M:%%S")
	case name == "auto":
		form = named["rfc3339"]
	case known:
	case strings.Contains(text, "%"):
		form = text
	default:
		if form = fromGo(text); !strings.Contains(strings.ReplaceAll(form, "%%", ""), "%") {
			return Layout{}, fmt.Errorf("%q is no time format; write a name (rfc3339, unix, unix_ms, common, syslog), "+
				"strftime as in %%Y-%%m-%%d %%H:%%M:%%S, or a Go layout as in 2006-01-02 15:04:05", text)
		}
	}
	parts, err := compile(form)
	if err != nil {
		return Layout{}, fmt.Errorf("time format %q: %w", text, err)
	}
	return Layout{text: text, auto: name == "auto", parts: parts}, nil
}

// String gives the text that the layout was made from.
func (l Layout) String() string { return l.text }

// plainVerbs may stand after % alone.
const plainVerbs = "YymdejbBhaAuwHkIlMSpfLNsQzZ"

// groups are verbs that stand for several others.
var groups = map[byte]string{
	'T': "%H:%M:%S", 'X': "%H:%M:%S", 'R': "%H:%M", 'F': "%Y-%m-%d", 'D': "%m/%d/%y", 'x': "%m/%d/%y",
	'c': "%a %b %e %H:%M:%S %Y", 'r': "%I:%M:%S %p", 'n': "\n", 't': "\t",
}

// compile cuts a strftime text into parts.
func compile(form string) (parts []part, err error) {
	for form != "" {
		at := strings.IndexByte(form, '%')
		if at != 0 {
			if at < 0 {
				at = len(form)
			}
			parts = appendLiteral(parts, form[:at])
			form = form[at:]
			continue
		}
		p, size, err := compileVerb(form)
		if err != nil {
			return nil, err
		}
		if group, ok := groups[p.verb]; ok {
			inner, _ := compile(group)
			parts = append(parts, inner...)
		} else if p.verb == '%' {
			parts = appendLiteral(parts, "%")
		} else {
			parts = append(parts, p)
		}
		form = form[size:]
	}
	return parts, nil
}

func appendLiteral(parts []part, text string) []part {
	if n := len(parts); n > 0 && parts[n-1].verb == 0 {
		parts[n-1].literal += text
		return parts
	}
	return append(parts, part{literal: text})
}

// compileVerb reads one verb with its flags and gives how long it is.
func compileVerb(form string) (p part, size int, err error) {
	p.padding = '0'
	i := 1
	for ; i < len(form); i++ {
		switch c := form[i]; {
		case c == '-':
			p.padding = 0
		case c == '_':
			p.padding = ' '
		case c == ':':
			p.colon = true
		case c == '.':
			p.padding = '.'
		case c >= '1' && c <= '9' && p.digits == 0:
			p.digits = int(c - '0')
		default:
			p.verb = c
			err = p.complete(form[:i+1])
			return p, i + 1, err
		}
	}
	return p, i, fmt.Errorf("%q at its end lacks a verb, as in %%Y", form)
}

// complete checks a verb's flags and sets what they leave open.
func (p *part) complete(text string) error {
	_, group := groups[p.verb]
	if !group && p.verb != '%' && !strings.Contains(plainVerbs, string(rune(p.verb))) {
		return fmt.Errorf("unknown verb %s", text)
	}
	switch p.verb {
	case 'e', 'k', 'l':
		if p.padding == '0' {
			p.padding = ' '
		}
	case 'f':
		p.verb, p.digits = 'N', or(p.digits, 6)
	case 'L':
		p.verb, p.digits = 'N', or(p.digits, 3)
	case 'N':
		if p.padding != '.' {
			p.digits = or(p.digits, 9)
		}
	case 'Q':
		if p.digits = or(p.digits, 3); p.digits%3 != 0 {
			return fmt.Errorf("%s: Unix times are in %%s, %%3Q, %%6Q or %%9Q", text)
		}
	case 'h':
		p.verb = 'b'
	}
	return nil
}

func or(v, otherwise int) int {
	if v == 0 {
		return otherwise
	}
	return v
}

// Parse reads text, which must be of this form as a whole. What the form lacks
// comes from now: the year as in ParseNear, the day where there is only a
// clock. loc decides where no zone is said.
func (l Layout) Parse(text string, loc *time.Location, now int64) (ns int64, ok bool) {
	if l.auto {
		return ParseNear(text, loc, now)
	}
	return l.parse(text, loc, now)
}

// ParseBytes is Parse for bytes; it does not keep them.
func (l Layout) ParseBytes(text []byte, loc *time.Location, now int64) (ns int64, ok bool) {
	return l.Parse(view(text), loc, now)
}

// Format prints ns as loc's clocks show it.
func (l Layout) Format(ns int64, loc *time.Location) string {
	return string(l.Append(nil, ns, loc))
}
