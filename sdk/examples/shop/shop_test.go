package main

import (
	"bufio"
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	plumbline "github.com/plumbline/plumbline/sdk"
	"github.com/plumbline/plumbline/sdk/monitor"
)

// lines keeps the lines of a shop.
type lines struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (l *lines) Put(b []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all.Write(append(bytes.Clone(b), '\n'))
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}

// open starts a shop that is watched, and gives what asks it and its monitor.
func open(t *testing.T) (ask, look func(method, target, body string) string, said *lines, o *plumbline.Observer, s *shop) {
	t.Helper()
	t.Chdir(t.TempDir())
	s, said = newShop(), &lines{}
	o, err := watchWith(s, plumbline.Options{Service: "shop", Lines: said, Logs: &lines{}, Recall: true,
		Monitor: &monitor.Options{Address: monitor.Nowhere, Dir: "."}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.Close(context.Background()) })
	through := func(h http.Handler) func(method, target, body string) string {
		return func(method, target, body string) string {
			r := httptest.NewRequest(method, target, strings.NewReader(body))
			r.RemoteAddr, r.Host = "127.0.0.1:1", "localhost"
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			return w.Body.String()
		}
	}
	return through(o.HTTP(s.routes())), through(o.Monitor()), said, o, s
}

func TestShopTellsOfItsOrders(t *testing.T) {
	ask, look, said, o, s := open(t)
	for body, want := range map[string]string{
		`{"product":"tea","quantity":2}`:             `"amount":900`,
		`{"product":"gold","quantity":1}`:            "no product",
		`{"product":"tea","quantity":-1}`:            "a quantity of -1",
		`{"product":"tea","quantity":9000000000000}`: "out of stock",
		`{`: "unexpected",
	} {
		if got := ask("POST", "/orders?user=usr_1", body); !strings.Contains(got, want) {
			t.Errorf("%s is answered %s, want %s", body, got, want)
		}
	}
	if got := ask("GET", "/orders/ord_1", ""); !strings.Contains(got, `"product":"tea"`) {
		t.Errorf("the order: %s", got)
	}
	if err := closeDay(t.Context(), o, s); err != nil {
		t.Error(err)
	}
	for _, part := range []string{
		`"_msg":"canonical-log-line POST /orders 201"`, `"user_id":"usr_1","product":"tea","quantity":2`, `"amount":900`,
		`{"stage":"price"`, `{"stage":"reserve"`, `"database_queries":1`, `"http_route":"/orders/{id}"`,
		`"error":"out of stock"`, `"http_status":409`, `canonical-log-line day.close ok`,
	} {
		if !strings.Contains(said.String(), part) {
			t.Errorf("no line has %s:\n%s", part, said)
		}
	}
	for target, parts := range map[string][]string{
		"/metrics": {`http_requests_total{method="POST",route="/orders",outcome="ok"} 1`, "shop_orders_total 1", `shop_refused_total{reason="product"} 2`,
			"reserve_seconds_count 1", `jobs_total{kind="job",operation="day.close",outcome="ok"} 1`},
		"/monitor/shop?format=kv": {"SHOP_ORDERS: 1"},
		"/debug/requests":         {"POST /orders", "job day.close"},
		"/readyz?verbose":         {"stock"},
	} {
		for _, part := range parts {
			if got := look("GET", target, ""); !strings.Contains(got, part) {
				t.Errorf("%s lacks %s:\n%s", target, part, got)
			}
		}
	}
}

func TestPricesAreReadAnew(t *testing.T) {
	ask, look, _, _, _ := open(t)
	write := func(text string) {
		if err := os.WriteFile("prices.json", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(`{"tea":-1}`)
	if got := look("POST", "/reload/prices", ""); !strings.Contains(got, "costs -1") {
		t.Errorf("a price below nothing: %s", got)
	}
	write(`{"tea":500}`)
	if got := look("POST", "/reload/prices", ""); !strings.Contains(got, `"error":null`) {
		t.Errorf("reload: %s", got)
	}
	if got := ask("POST", "/orders", `{"product":"tea","quantity":1}`); !strings.Contains(got, `"amount":500`) {
		t.Errorf("the new price: %s", got)
	}
}

// The feed is a long request: it ends when its reader leaves.
func TestFeed(t *testing.T) {
	_, _, said, o, s := open(t)
	server := httptest.NewServer(o.HTTP(s.routes()))
	response, err := http.Get(server.URL + "/feed")
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := bufio.NewReader(response.Body).ReadString('\n'); text != "data: 0\n" {
		t.Errorf("it begins with %q", text)
	}
	response.Body.Close()
	server.Close()
	if got := said.String(); !strings.Contains(got, `"http_route":"/feed","outcome":"client_abort"`) {
		t.Error(got)
	}
}

func TestRunEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run(ctx, "127.0.0.1:0", "http://127.0.0.1:1"); err != nil && !strings.Contains(err.Error(), "deadline") {
		t.Error(err)
	}
	if err := run(t.Context(), "256.0.0.1:1", ""); err == nil {
		t.Error("it serves an address that is none")
	}
}
