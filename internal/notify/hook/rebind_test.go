package hook

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/plumbline/plumbline/internal/fault"
)

// names answers questions for a name with one address after the other, as a name
// server does whose owner wants to lead a webhook elsewhere.
type names struct {
	mu    sync.Mutex
	next  map[string][]string
	asked map[string]int
}

// serve answers until the test ends, and gives a resolver that asks here.
func (n *names) serve(t *testing.T) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() {
		buf := make([]byte, 4096)
		for {
			size, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			if answer := n.answer(buf[:size]); answer != nil {
				_, _ = conn.WriteTo(answer, from) // who asked asks again
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

// answer is one A record for the name asked for, to be kept for no time: RFC 1035, 4.
func (n *names) answer(question []byte) []byte {
	const head, typeA = 12, 1
	var labels []string
	at := head
	for at < len(question) && question[at] != 0 {
		end := at + 1 + int(question[at])
		if end >= len(question) {
			return nil
		}
		labels, at = append(labels, string(question[at+1:end])), end
	}
	if at+5 > len(question) {
		return nil
	}
	asks, rest := question[at+2], question[head:at+5]
	// The id, that this is the answer of who knows, and one question.
	out := append(slices.Clone(question[:2]), 0x84, 0, 0, 1, 0, 0, 0, 0, 0, 0)
	out = append(out, rest...)
	if asks != typeA {
		return out
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	name := strings.Join(labels, ".")
	list := n.next[name]
	a := netip.MustParseAddr(list[min(n.asked[name], len(list)-1)]).As4()
	n.asked[name]++
	out[7] = 1 // one answer: the name of the question, A, IN, 0 seconds, 4 bytes
	return append(append(out, 0xc0, head, 0, typeA, 0, 1, 0, 0, 0, 0, 0, 4), a[:]...)
}

// TestRebinding: a name that leads to an address that may be reached when it is
// asked first, and to one that may not afterwards, leads nowhere the second time –
// whether a webhook asks again, or a redirect does.
func TestRebinding(t *testing.T) {
	inside := 0
	count := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { inside++ })
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(closed.Addr().String())
	open, err := net.Listen("tcp", "127.0.0.2:"+port) // the same port, so that only the address differs
	if err != nil {
		t.Fatal(err)
	}
	outside := 0
	for l, h := range map[net.Listener]http.HandlerFunc{closed: count, open: func(w http.ResponseWriter, r *http.Request) {
		outside++
		w.Header().Set("Connection", "close") // so that the next request asks for the name again
		if r.URL.Path == "/moved" {
			http.Redirect(w, r, "http://turns.example:"+port+"/", http.StatusTemporaryRedirect)
		}
	}} {
		srv := &httptest.Server{Listener: l, Config: &http.Server{Handler: h}}
		srv.Start()
		defer srv.Close()
	}
	n := &names{asked: map[string]int{}, next: map[string][]string{
		"stays.example": {"127.0.0.2"}, "turns.example": {"127.0.0.2", "127.0.0.1"}, "other.example": {"127.0.0.2", "127.0.0.1"}, "both.example": {"127.0.0.1"},
	}}
	guard := Guard{Reach: []netip.Prefix{netip.MustParsePrefix("127.0.0.2/32")}, resolver: n.serve(t)}
	send := func(url string) error {
		h, err := New(Options{Kind: "webhook", URL: strings.Replace(url, "PORT", port, 1), Guard: guard})
		if err != nil {
			t.Fatal(err)
		}
		return h.Send(t.Context(), notice(), false)
	}
	for _, url := range []string{"http://stays.example:PORT/", "http://other.example:PORT/", "http://stays.example:PORT/moved"} {
		if err := send(url); err != nil {
			t.Fatalf("%s: %v", url, err)
		}
	}
	if outside != 4 {
		t.Fatalf("%d requests arrived where they may, want 4", outside)
	}
	for _, url := range []string{"http://other.example:PORT/", "http://turns.example:PORT/", "http://stays.example:PORT/moved", "http://both.example:PORT/"} {
		if err := send(url); !fault.Is(err, fault.Denied) {
			t.Errorf("%s: %v", url, err)
		}
	}
	if inside != 0 {
		t.Errorf("%d requests arrived where they must not", inside)
	}
}
