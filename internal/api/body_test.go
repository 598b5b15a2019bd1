package api

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"
)

// A sender that stops in the middle of its body is given up; one that goes on,
// however slowly, is read to its end and answered.
func TestBodyThatStops(t *testing.T) {
	got := make(chan error, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(&body{r.Body, http.NewResponseController(w), 300 * time.Millisecond})
		time.Sleep(400 * time.Millisecond) // longer than a pause: the deadline must be gone
		if r.Context().Err() != nil {
			err = errors.Join(err, r.Context().Err())
		}
		got <- err
	}))
	defer srv.Close()
	for _, c := range []struct {
		name  string
		parts []string
		want  error
	}{
		{"slow", []string{"4\r\nabcd\r\n", "4\r\nefgh\r\n", "4\r\nijkl\r\n", "0\r\n\r\n"}, nil},
		{"stopped", []string{"4\r\nabcd\r\n"}, os.ErrDeadlineExceeded},
	} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(srv.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		io.WriteString(conn, "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
		for _, part := range c.parts {
			io.WriteString(conn, part)
			time.Sleep(100 * time.Millisecond)
		}
		if err := <-got; !errors.Is(err, c.want) || (c.want == nil) != (err == nil) {
			t.Errorf("%s: want %v, got %v", c.name, c.want, err)
		}
	}
}
