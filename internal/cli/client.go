// Package cli is what the commands that talk to a server share: the client,
// what they print, and how they read files.
package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
)

// DefaultServer is where a server listens that was told nothing.
const DefaultServer = "127.0.0.1:7420"

// ServerVariable names the environment variable that says where clients look for
// a server.
const ServerVariable = "PLUMBLINE_SERVER"

// Usual is where a client looks for a server when it is not told by a flag.
func Usual() string {
	if server := os.Getenv(ServerVariable); server != "" {
		return server
	}
	return DefaultServer
}

// Client talks to a server.
type Client struct {
	base  string
	token string
	http  *http.Client
}

// NewClient returns a client of a server, given as host:port or as a URL.
func NewClient(server, token string) *Client {
	if server == "" {
		server = DefaultServer
	}
	if !strings.Contains(server, "://") {
		server = "http://" + server
	}
	return &Client{base: strings.TrimSuffix(server, "/"), token: token, http: &http.Client{}}
}

// Base is the URL of the server.
func (c *Client) Base() string { return c.base }

// flag is what a command must be told to find the same server as this client;
// "" when it would without.
func (c *Client) flag() string {
	if c.base == NewClient(Usual(), "").base {
		return ""
	}
	return " --server " + c.base
}

// Exit codes of the commands, for scripts.
const (
	ExitOK          = 0
	ExitNothing     = 1 // the question was answered, and found nothing
	ExitError       = 2 // the question or the command is wrong, or it failed
	ExitUnreachable = 3 // no server answers
)

// Unreachable says that no server answers, and what to start.
type Unreachable struct {
	Server string
	Cause  error
}

func (u *Unreachable) Error() string {
	return fmt.Sprintf("no server answers at %s (%v)\n\nstart one:         %s serve\nor name another:   --server HOST:PORT, or PLUMBLINE_SERVER", u.Server, u.Cause, Started())
}

func (u *Unreachable) Unwrap() error { return u.Cause }

// Refused is an error the server answered with.
type Refused struct {
	Status  int
	Code    string `json:"code"`
	Message string `json:"message"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Hint    string `json:"hint"`
}

func (r *Refused) Error() string {
	if r.Message == "" {
		return fmt.Sprintf("the server answered %d %s", r.Status, http.StatusText(r.Status))
	}
	if r.Hint != "" {
		return Safe(r.Message) + "\n" + Safe(r.Hint)
	}
	return Safe(r.Message) // it may speak of what a line holds
}

// Point is the question with a mark under the place of the mistake; "" when
// the error names none.
func (r *Refused) Point(question string) string {
	lines := strings.Split(question, "\n")
	if r.Line < 1 || r.Line > len(lines) || r.Column < 1 {
		return ""
	}
	return Safe(lines[r.Line-1]) + "\n" + strings.Repeat(" ", r.Column-1) + "^"
}

// Send makes a request. Any answer but 2xx is an error.
func (c *Client) Send(ctx context.Context, method, path string, params url.Values, header http.Header, body io.Reader) (*http.Response, error) {
	u := c.base + path
	if len(params) > 0 {
		u += "?" + params.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, method, u, body)
	if err != nil {
		return nil, fmt.Errorf("server %s: %w", c.base, err)
	}
	for k, v := range header {
		req.Header[k] = v
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	res, err := c.http.Do(req)
	if err != nil {
		var op *net.OpError
		if errors.Is(err, syscall.ECONNREFUSED) || errors.As(err, &op) && op.Op == "dial" {
			return nil, &Unreachable{c.base, rootOf(err)}
		}
		return nil, err
	}
	if res.StatusCode/100 == 2 {
		return res, nil
	}
	defer res.Body.Close()
	return nil, refusal(res)
}

// rootOf is the innermost error: "connection refused" says enough.
func rootOf(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}

// maxErrorBytes bounds what is read of an error's body.
const maxErrorBytes = 64 << 10

func refusal(res *http.Response) *Refused {
	body := struct {
		Error *Refused `json:"error"`
	}{&Refused{}}
	data, _ := io.ReadAll(io.LimitReader(res.Body, maxErrorBytes)) // what came is what can be said
	if json.Unmarshal(data, &body) != nil || body.Error == nil {
		body.Error = &Refused{Message: strings.TrimSpace(string(data))}
	}
	body.Error.Status = res.StatusCode
	return body.Error
}
