// Package combined reads access logs of web servers in Apache's common and
// combined formats.
//
//	83.149.9.216 - frank [17/May/2015:10:05:03 +0000] "GET /a?b HTTP/1.1" 200 2326 "http://ref" "Mozilla/5.0"
//	client_ip   ident user _time                       _msg                http_status bytes referer user_agent
//	                                                    http_method http_path http_protocol
//
// What a server writes as - is missing. What follows the user agent is kept as
// extra. A line that breaks off, also within a quote, keeps what it has.
package combined

import (
	"bytes"
	"errors"

	"github.com/plumbline/plumbline/internal/keyval"
)

// Decoder reads one line after the other. The zero Decoder is ready.
type Decoder struct {
	line  []byte
	pairs []keyval.Pair
}

// Decode appends the pairs of a line to pairs, valid as long as the line. The
// error says why the line is none of an access log.
func (d *Decoder) Decode(line []byte, pairs []keyval.Pair) ([]keyval.Pair, error) {
	d.line, d.pairs = line, pairs
	open := bytes.IndexByte(line, '[')
	if open < 0 {
		return pairs, errors.New("not an access log: no time in brackets")
	}
	d.who(bytes.TrimSpace(line[:open]))
	rest := line[open+1:]
	shut := bytes.IndexByte(rest, ']')
	if shut < 0 {
		return pairs, errors.New("not an access log: the bracket of the time is not closed")
	}
	d.add("_time", rest[:shut])
	d.line = bytes.TrimLeft(rest[shut+1:], " ")
	if len(d.line) > 0 && d.line[0] != '"' {
		return pairs, errors.New("not an access log: no request in quotes")
	}
	d.request()
	d.number("http_status")
	d.number("bytes")
	d.quoted("referer")
	d.quoted("user_agent")
	d.add("extra", bytes.TrimSpace(d.line))
	return d.pairs, nil
}

// who reads what stands before the time: client, ident and user, of which the
// user may have spaces.
func (d *Decoder) who(text []byte) {
	client, rest, _ := bytes.Cut(text, []byte(" "))
	ident, user, _ := bytes.Cut(rest, []byte(" "))
	d.add("client_ip", client)
	d.add("ident", ident)
	d.add("user", user)
}

// request reads the quoted first line of the request. Its parts are fields when
// it has the form of HTTP; people send all kinds of bytes to a web server.
func (d *Decoder) request() {
	text, escaped := d.quote()
	d.addText("_msg", text, escaped)
	method, rest, ok := bytes.Cut(text, []byte(" "))
	if !ok || !isMethod(method) {
		return
	}
	path := rest
	var protocol []byte
	if at := bytes.LastIndexByte(rest, ' '); at >= 0 && bytes.HasPrefix(rest[at+1:], []byte("HTTP/")) {
		path, protocol = rest[:at], rest[at+1:]
	}
	d.add("http_method", method)
	d.addText("http_path", path, escaped)
	d.add("http_protocol", protocol)
}

func isMethod(text []byte) bool {
	for _, c := range text {
		if c < 'A' || c > 'Z' {
			return false
		}
	}
	return len(text) > 0
}

// number reads a number or -, and leaves the line as it is where none stands.
func (d *Decoder) number(name string) {
	word, rest, _ := bytes.Cut(d.line, []byte(" "))
	for _, c := range word {
		if c-'0' > 9 && string(word) != "-" {
			return
		}
	}
	if len(word) > 0 && word[0] != '-' {
		d.pairs = append(d.pairs, keyval.Pair{Key: []byte(name), Value: keyval.Value{Kind: keyval.Number, Raw: word}})
	}
	d.line = bytes.TrimLeft(rest, " ")
}

// quoted reads a quoted field, if one stands there.
func (d *Decoder) quoted(name string) {
	if len(d.line) > 0 && d.line[0] == '"' {
		text, escaped := d.quote()
		d.addText(name, text, escaped)
	}
}

// quote takes the quoted text off the line. Where the closing quote is missing
// the text goes to the end of the line.
func (d *Decoder) quote() (text []byte, escaped bool) {
	if len(d.line) == 0 {
		return nil, false
	}
	b := d.line[1:]
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '\\':
			escaped = true
			i++
		case '"':
			d.line = bytes.TrimLeft(b[i+1:], " ")
			return b[:i], escaped
		}
	}
	d.line = nil
	return b, escaped
}

func (d *Decoder) add(name string, text []byte) { d.addText(name, text, false) }

// addText adds a field unless it is empty or -.
func (d *Decoder) addText(name string, text []byte, escaped bool) {
	if len(text) > 0 && string(text) != "-" {
		d.pairs = append(d.pairs, keyval.Pair{Key: []byte(name), Value: keyval.Value{Raw: text, Escaped: escaped}})
	}
}
