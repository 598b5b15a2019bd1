package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"golang.org/x/term"
)

// Ask is a question on the command line.
type Ask struct {
	Question string
	From, To string
	Output   string // table, json, csv or logfmt
	Follow   bool
	Color    string // auto, always or never
	Pager    bool
}

// Run asks and prints. It gives the exit code.
func (a *Ask) Run(ctx context.Context, c *Client) (int, error) {
	if a.Follow {
		return a.follow(ctx, c)
	}
	format, ok := map[string]string{"table": "ndjson", "json": "ndjson", "csv": "csv", "logfmt": "logfmt"}[a.Output]
	if !ok {
		return ExitError, fmt.Errorf("there is no output %q; use table, json, csv or logfmt", a.Output)
	}
	form := url.Values{"q": {a.Question}, "format": {format}}
	if a.From != "" {
		form.Set("from", a.From)
	}
	if a.To != "" {
		form.Set("to", a.To)
	}
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	res, err := c.Send(ctx, http.MethodPost, "/api/v1/query", nil, header, strings.NewReader(form.Encode()))
	if err != nil {
		return ExitError, err
	}
	defer res.Body.Close()
	out, done := a.output()
	rows, err := a.write(out, res)
	if flushErr := out.Flush(); err == nil {
		err = flushErr
	}
	done()
	if errors.Is(err, syscall.EPIPE) { // the reader has seen enough, as of a pager
		return ExitOK, nil
	}
	if err != nil {
		return ExitError, err
	}
	m, told := metaOf(res)
	if told {
		rows = int(m.Rows) // a table may have a head and no rows
		m.remark()
	}
	if rows == 0 {
		return ExitNothing, nil
	}
	return ExitOK, nil
}

func (a *Ask) write(out *bufio.Writer, res *http.Response) (rows int, err error) {
	switch {
	case a.Output == "table":
		p := &Printer{Out: out, Color: a.color(), Zone: time.Local}
		p.Columns = func() []string {
			m, _ := metaOf(res)
			return m.Fields
		}
		return p.Print(res.Body)
	case term.IsTerminal(int(os.Stdout.Fd())): // also behind a pager, which may be any program
		return copySafe(out, res.Body)
	}
	return copyRaw(out, res.Body)
}

// copySafe copies lines to a terminal, copyRaw to a file or a program.
func copySafe(out *bufio.Writer, body io.Reader) (rows int, err error) {
	in := bufio.NewReader(body)
	for {
		text, err := in.ReadString('\n')
		if text != "" {
			rows++
			out.WriteString(Safe(strings.TrimRight(text, "\r\n")))
			out.WriteByte('\n')
		}
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			return rows, fmt.Errorf("the answer broke off: %w", err)
		}
	}
}

func copyRaw(out *bufio.Writer, body io.Reader) (rows int, err error) {
	n, err := io.Copy(out, body)
	if err != nil {
		return 0, fmt.Errorf("the answer broke off: %w", err)
	}
	return int(min(n, 1)), nil
}

// meta is what the server says beside the rows.
type meta struct {
	Rows   int64
	Fields []string
	Notes  []string
	Extent *struct {
		From, To string
		Rows     int64
	}
}

// metaOf is the trailer of an answer whose body was read to its end.
func metaOf(res *http.Response) (m meta, told bool) {
	told = json.Unmarshal([]byte(res.Trailer.Get("Plumbline-Meta")), &m) == nil
	return m, told
}

// remark says on standard error what is to be said beside the rows.
func (m meta) remark() {
	for _, n := range m.Notes {
		fmt.Fprintln(os.Stderr, "note:", Safe(n))
	}
	if m.Rows > 0 || m.Extent == nil {
		return
	}
	if m.Extent.Rows == 0 {
		fmt.Fprintln(os.Stderr, "nothing found: there are no lines yet")
		return
	}
	fmt.Fprintf(os.Stderr, "nothing found: the lines there are lie between %s and %s\n", m.Extent.From, m.Extent.To)
}

func (a *Ask) color() bool {
	switch a.Color {
	case "always":
		return true
	case "never":
		return false
	}
	return os.Getenv("NO_COLOR") == "" && term.IsTerminal(int(os.Stdout.Fd()))
}

// output is where rows go: a pager when somebody looks and wants one. done
// waits until the reader has left it.
func (a *Ask) output() (out *bufio.Writer, done func()) {
	plain := bufio.NewWriter(os.Stdout)
	if !a.Pager || !term.IsTerminal(int(os.Stdout.Fd())) {
		return plain, func() {}
	}
	command := os.Getenv("PAGER")
	if command == "" {
		command = "less -FRX"
	}
	words := strings.Fields(command)
	if len(words) == 0 || words[0] == "cat" {
		return plain, func() {}
	}
	pager := exec.Command(words[0], words[1:]...) // the user's own choice
	pager.Stdout, pager.Stderr = os.Stdout, os.Stderr
	pipe, err := pager.StdinPipe()
	if err != nil || pager.Start() != nil {
		return plain, func() {}
	}
	return bufio.NewWriter(pipe), func() {
		_ = pipe.Close() // the pager has left; there is nobody to tell
		_ = pager.Wait()
	}
}

// follow prints lines as they come.
func (a *Ask) follow(ctx context.Context, c *Client) (int, error) {
	res, err := c.Send(ctx, http.MethodGet, "/api/v1/tail", url.Values{"q": {a.Question}}, nil, nil)
	if err != nil {
		return ExitError, err
	}
	defer res.Body.Close()
	p := &Printer{Out: bufio.NewWriter(os.Stdout), Color: a.color(), Zone: time.Local}
	in := bufio.NewReader(res.Body)
	event := ""
	for {
		text, err := in.ReadString('\n')
		text = strings.TrimRight(text, "\n")
		switch {
		case strings.HasPrefix(text, "event: "):
			event = text[7:]
		case strings.HasPrefix(text, "data: ") && event == "error":
			var r Refused
			if json.Unmarshal([]byte(text[6:]), &r) != nil {
				r.Message = text[6:]
			}
			return ExitError, &r
		case strings.HasPrefix(text, "data: "):
			if err := a.followed(p, text[6:]); err != nil {
				return ExitError, err
			}
		}
		if ctx.Err() != nil {
			return ExitOK, nil
		}
		if err != nil {
			return ExitError, fmt.Errorf("the server stopped sending: %w", err)
		}
	}
}

func (a *Ask) followed(p *Printer, row string) error {
	if a.Output != "table" {
		fmt.Fprintln(p.Out, Safe(row))
		return p.Out.Flush()
	}
	l, err := readLine([]byte(row))
	if err != nil {
		return err
	}
	if err := p.logLine(l); err != nil {
		return err
	}
	return p.Out.Flush()
}
