package expr

import (
	"testing"

	"github.com/plumbline/plumbline/internal/row"
)

// searched reads a search, or fails the test.
func searched(t testing.TB, text string) Expr {
	t.Helper()
	r := NewReader(text, nil)
	e, err := r.Search()
	if err != nil {
		t.Fatalf("search %s: %v", text, err)
	}
	return e
}

// expressed reads an expression, or fails the test.
func expressed(t testing.TB, text string) Expr {
	t.Helper()
	r := NewReader(text, nil)
	e, err := r.Expression()
	if err == nil && !r.End() {
		t.Fatalf("expression %s: not read to its end", text)
	}
	if err != nil {
		t.Fatalf("expression %s: %v", text, err)
	}
	return e
}

// messages is a batch with these texts in _msg.
func messages(texts ...string) *row.Batch {
	b := row.NewBuilder("app")
	for i, text := range texts {
		b.Begin(int64(i))
		b.Text([]byte(row.FieldMsg), []byte(text))
	}
	return b.Batch()
}

func TestTermFindsWords(t *testing.T) {
	for _, c := range []struct {
		search, text string
		want         bool
	}{
		{"error", "an error came", true},
		{"error", "errors came", false},
		{"error*", "errors came", true},
		{"error", "ERROR: x", true},
		{"rror", "error", false},
		{"*rror", "error", true},
		{"*rro*", "error", true},
		{"wi", "Wi-Fi", true},
		{"fi", "Wi-Fi", true},
		{"Wi-Fi", "the Wi-Fi is down", true},
		{"power", "PowerShot SD500", true},
		{"shot", "PowerShot SD500", true},
		{"powershot", "PowerShot SD500", true},
		{"sd", "PowerShot SD500", true},
		{"500", "PowerShot SD500", true},
		{"50", "PowerShot SD500", false},
		{"http", "HTTPServer", true},
		{"server", "HTTPServer", true},
		{"https", "HTTPServer", false},
		{"payment", "com.foo.PaymentServiceImpl", true},
		{"service", "com.foo.PaymentServiceImpl", true},
		{"impl", "com.foo.PaymentServiceImpl", true},
		{"foo", "com.foo.PaymentServiceImpl", true},
		{"PaymentService", "com.foo.PaymentServiceImpl", true},
		{"pay", "com.foo.PaymentServiceImpl", false},
		{`"connection reset"`, "the connection reset by peer", true},
		{`"connection res*"`, "the connection reset by peer", true},
		{`con*peer`, "the connection reset by peer", true},
		{`con*pee`, "the connection reset by peer", false},
		{`peer*con`, "the connection reset by peer", false},
		{`case("Error")`, "an error", false},
		{`case("Error")`, "an Error", true},
		{"id", "user_id=7", true},
		{"straße", "die STRAẞE ist", true},
		{"京", "東京都", true},
		{"é", "café", false},
		{"CAFÉ", "un café", true},
		{"a=", "a=b", true},
		{"blk_-77", "blk_-77 is", true},
	} {
		ev := NewEvaluator(Env{})
		if got := ev.Filter(searched(t, quoteIfNeeded(c.search)), messages(c.text)).Has(0); got != c.want {
			t.Errorf("%s in %q: %v, want %v", c.search, c.text, got, c.want)
		}
	}
}

func quoteIfNeeded(s string) string {
	if s == "a=" {
		return `"a="`
	}
	return s
}
