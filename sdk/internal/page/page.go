// Package page writes small pages of HTML byte by byte: the standard library's
// templates would make every binary a third larger, as they keep the linker from
// leaving out methods nobody calls. Whatever is not markup of this package's
// callers is escaped.
package page

import (
	"net/http"
	"unicode/utf8"
)

// Page is a page being written.
type Page struct{ b []byte }

// New begins a page.
func New(title string) *Page {
	p := &Page{}
	p.Markup(`<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>`)
	p.Text(title)
	p.Markup(`</title><style>` + style + `</style><h1>`)
	p.Text(title)
	return p.Markup(`</h1>`)
}

const style = `:root{color-scheme:light dark}body{font:14px/1.5 system-ui,sans-serif;margin:1.5rem;max-width:80rem}` +
	`table{border-collapse:collapse}td,th{padding:.15rem .8rem .15rem 0;text-align:left;vertical-align:top}` +
	`td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}pre,code{font:13px/1.5 ui-monospace,monospace}` +
	`.bad{color:light-dark(#b00020,#ff8a80)}.dim{color:light-dark(#595959,#a8a8a8)}`

// Markup writes what the program says, as it is.
func (p *Page) Markup(s string) *Page {
	p.b = append(p.b, s...)
	return p
}

// Text writes what anybody may have said, escaped, so that it is text within an
// element and within a quoted attribute.
func (p *Page) Text(s string) *Page {
	p.b = Escape(p.b, s)
	return p
}

// Link writes a link.
func (p *Page) Link(href, text string) *Page {
	return p.Markup(`<a href="`).Text(href).Markup(`">`).Text(text).Markup(`</a>`)
}

// Bytes is the page.
func (p *Page) Bytes() []byte { return p.b }

// Send answers with the page, which may load and run nothing.
func (p *Page) Send(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	Guard(h)
	_, _ = w.Write(p.b) // who left does not read
}

// Guard sets what keeps an answer from being taken for anything else.
func Guard(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
}

// Escape appends s as text of HTML. What is no UTF-8, and control characters but
// for tabs and ends of lines, become U+FFFD.
func Escape(b []byte, s string) []byte {
	for _, r := range s {
		switch {
		case r == '<':
			b = append(b, "&lt;"...)
		case r == '>':
			b = append(b, "&gt;"...)
		case r == '&':
			b = append(b, "&amp;"...)
		case r == '"':
			b = append(b, "&#34;"...)
		case r == '\'':
			b = append(b, "&#39;"...)
		case r == '\t' || r == '\n':
			b = append(b, byte(r))
		case r < ' ' || r >= 0x7f && r < 0xa0:
			b = append(b, "\ufffd"...)
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return b
}
