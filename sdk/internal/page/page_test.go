package page

import (
	"html"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestPage(t *testing.T) {
	w := httptest.NewRecorder()
	New("<b>").Link(`x"onclick=`, "a&b").Send(w)
	if body := w.Body.String(); !strings.Contains(body, `<h1>&lt;b&gt;</h1><a href="x&#34;onclick=">a&amp;b</a>`) {
		t.Error(body)
	}
	if w.Header().Get("Content-Security-Policy") == "" {
		t.Error("a page without a policy")
	}
}

// Escaped text holds no markup, and reads back as it was.
func FuzzEscape(f *testing.F) {
	f.Add("<script>alert('\"&")
	f.Add("\x1b[31m\xff\u0085")
	f.Fuzz(func(t *testing.T, s string) {
		got := string(Escape(nil, s))
		if strings.ContainsAny(got, "<>\"'\x00\x1b") || !utf8.ValidString(got) {
			t.Fatalf("%q is escaped as %q", s, got)
		}
		want := strings.Map(func(r rune) rune {
			if r != '\t' && r != '\n' && (r < ' ' || r >= 0x7f && r < 0xa0) {
				return utf8.RuneError
			}
			return r
		}, s)
		if back := html.UnescapeString(got); back != want {
			t.Fatalf("%q reads back as %q", s, back)
		}
	})
}
