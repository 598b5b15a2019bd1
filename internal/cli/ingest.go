package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/zeebo/xxh3"

	"github.com/plumbline/plumbline/internal/intake"
)

// Ingest sends files to a server.
type Ingest struct {
	Paths      []string
	Dataset    string
	Format     string // "": found by looking
	TimeField  string
	MsgField   string
	TimeFormat string
	Multiline  string
	Quiet      bool
}

// sampleBytes is how much of a file is looked at to find its format.
const sampleBytes = intake.DetectBytes

// Run sends all files. Lines that cannot be read are reported and kept by the
// server, and a file that cannot be sent is reported; they end nothing, unless no
// other file can be sent either. It gives the exit code.
func (in *Ingest) Run(ctx context.Context, c *Client) (int, error) {
	var total intake.Receipt
	var failed []error
	several := len(in.Paths) > 1 // bodies: a failure of one was said where it happened
	for _, path := range in.Paths {
		list, err := sourcesOf(path)
		if err != nil {
			failed = append(failed, in.passOver(err, len(in.Paths)))
			continue
		}
		for _, src := range list {
			receipt, err := in.send(ctx, c, src)
			add(&total, receipt)
			if err == nil {
				continue
			}
			err = fmt.Errorf("%s: %w", src.name, err)
			if ctx.Err() != nil || ends(err) {
				return ExitError, err
			}
			failed = append(failed, in.passOver(err, len(in.Paths)*len(list)))
			several = several || len(list) > 1
		}
	}
	in.conclude(total, Started()+" query"+c.flag())
	switch {
	case len(failed) == 1 && !several:
		return ExitError, failed[0]
	case len(failed) > 0:
		return ExitError, fmt.Errorf("files that were not brought in, or not whole: %d", len(failed))
	case total.Accepted == 0:
		return ExitNothing, nil
	}
	return ExitOK, nil
}

// ends reports whether an error would be that of every other file too: no server
// answers, or it does not let the sender in.
func ends(err error) bool {
	var away *Unreachable
	var refused *Refused
	return errors.As(err, &away) || errors.As(err, &refused) && (refused.Status == http.StatusUnauthorized || refused.Status == http.StatusForbidden)
}

// passOver says why one of several bodies is left out while others are sent.
func (in *Ingest) passOver(err error, bodies int) error {
	if bodies > 1 {
		fmt.Fprintln(os.Stderr, Safe(err.Error()))
	}
	return err
}

// add sums receipts.
func add(total *intake.Receipt, r intake.Receipt) {
	total.Accepted += r.Accepted
	total.Rejected += r.Rejected
	total.Refused += r.Refused
	total.Dropped += r.Dropped
	total.Joined += r.Joined
	if r.From != 0 || r.To != 0 {
		if total.From == 0 && total.To == 0 {
			total.From, total.To = r.From, r.To
		}
		total.From, total.To = min(total.From, r.From), max(total.To, r.To)
	}
}

// busyPause is how long a server that is full is left alone, as its Retry-After
// says.
const busyPause = time.Second

// send sends one source, and again while the server is too busy to take it.
// Standard input cannot be read a second time.
func (in *Ingest) send(ctx context.Context, c *Client, src source) (intake.Receipt, error) {
	for {
		receipt, err := in.sendOnce(ctx, c, src)
		var refused *Refused
		if !errors.As(err, &refused) || refused.Status != http.StatusTooManyRequests || src.size == 0 {
			return receipt, err
		}
		select {
		case <-ctx.Done():
			return receipt, err
		case <-time.After(busyPause):
		}
	}
}

func (in *Ingest) sendOnce(ctx context.Context, c *Client, src source) (intake.Receipt, error) {
	var receipt intake.Receipt
	body, read, err := src.read()
	if err != nil {
		return receipt, err
	}
	defer body.Close()
	buffered := bufio.NewReaderSize(body, sampleBytes)
	sample, err := buffered.Peek(sampleBytes)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return receipt, err
	}
	if len(bytes.TrimSpace(sample)) == 0 {
		return receipt, nil
	}
	format := in.Format
	if format == "" {
		var ok bool
		if format, ok = intake.Detect(sample); !ok {
			return receipt, fmt.Errorf("the file does not hold lines of text; --format says what it is")
		}
	}
	bar := newProgress(src.name, src.size, read, in.Quiet)
	defer bar.stop()
	params := in.params(src, format, sample)
	res, err := c.Send(ctx, http.MethodPost, "/api/v1/ingest/"+url.PathEscape(format), params, nil, bar.over(buffered))
	if err != nil {
		if bar.failed != nil {
			return receipt, fmt.Errorf("the file does not read: %w", bar.failed)
		}
		return receipt, brokeOff(err, src)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(&receipt); err != nil {
		return receipt, brokeOff(fmt.Errorf("the server's receipt does not read: %w", err), src)
	}
	bar.stop()
	in.report(src, format, receipt)
	return receipt, nil
}

// brokeOff says of a server that went away half-way what to do then.
func brokeOff(err error, src source) error {
	var away *Unreachable
	var refused *Refused
	if errors.As(err, &away) || errors.As(err, &refused) || errors.Is(err, context.Canceled) {
		return err
	}
	again := "start it again when the server answers: what is stored already is not stored twice"
	if src.size == 0 {
		again = "lines that came before may be stored, and would be stored again"
	}
	return fmt.Errorf("the server stopped listening half-way (%w)\n%s", rootOf(err), again)
}

// params of the request. A file's batch is named by what the file is, so that
// a run that broke off is taken up where it stood when it is started again.
func (in *Ingest) params(src source, format string, sample []byte) url.Values {
	params := url.Values{}
	for name, value := range map[string]string{
		"dataset": in.Dataset, "time_field": in.TimeField, "msg_field": in.MsgField,
		"time_format": in.TimeFormat, "multiline": in.Multiline,
	} {
		if value != "" {
			params.Set(name, value)
		}
	}
	if src.size > 0 {
		path, err := filepath.Abs(src.name)
		if err != nil {
			path = src.name
		}
		h := xxh3.New()
		fmt.Fprintf(h, "%s\x00%d\x00%s\x00%s\x00", path, src.size, format, params.Encode())
		_, _ = h.Write(sample) // a hash takes anything
		params.Set("batch", fmt.Sprintf("file-%016x", h.Sum64()))
	}
	return params
}

// report says what became of one file.
func (in *Ingest) report(src source, format string, r intake.Receipt) {
	for _, e := range r.Errors {
		fmt.Fprintf(os.Stderr, "%s:%d: %s\n", Safe(src.name), e.Line, Safe(e.Reason))
	}
	if in.Quiet {
		return
	}
	more := ""
	if r.Refused > 0 {
		more += fmt.Sprintf(", %d refused as too old", r.Refused)
	}
	if r.Dropped > 0 {
		more += fmt.Sprintf(", %d dropped by the pipes of the dataset", r.Dropped)
	}
	if r.Repeated {
		more += " (sent before; nothing was stored twice)"
	}
	fmt.Fprintf(os.Stderr, "%s: %s, %d lines stored, %d rejected%s\n", Safe(src.name), format, r.Accepted, r.Rejected, more)
}

// conclude says what was brought in, and what to ask first, by the command query.
func (in *Ingest) conclude(r intake.Receipt, query string) {
	if in.Quiet || r.Accepted == 0 {
		return
	}
	name := in.Dataset
	if name == "" {
		name = "app"
	}
	fmt.Fprintf(os.Stderr, "\n%d lines", r.Accepted)
	if r.From == 0 && r.To == 0 {
		fmt.Fprintf(os.Stderr, "\nask:  %s '_dataset=%s | patterns'\n", query, name)
		return
	}
	from, to := time.Unix(0, r.From).UTC(), time.Unix(0, r.To).UTC()
	fmt.Fprintf(os.Stderr, " from %s to %s\n", from.Format(time.RFC3339), to.Format(time.RFC3339))
	fmt.Fprintf(os.Stderr, "ask:  %s --since %s --until %s '_dataset=%s | patterns'\n",
		query, from.Format(time.RFC3339), to.Add(time.Second).Format(time.RFC3339), name)
}
