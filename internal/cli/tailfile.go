package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/plumbline/plumbline/internal/intake"
	"github.com/plumbline/plumbline/internal/tail"
)

// TailFile follows files and sends what is written to them.
type TailFile struct {
	Globs   []string
	State   string
	Dataset string
	Format  string // "": found by looking
}

// Run follows until ctx ends. While no server answers it waits and tries
// again; nothing is lost, for what was not taken is offered again.
func (t *TailFile) Run(ctx context.Context, c *Client) error {
	if _, err := c.Send(ctx, http.MethodGet, "/readyz", nil, nil, nil); err != nil {
		var u *Unreachable
		if errors.As(err, &u) {
			return err // said at once rather than tried for ever by mistake
		}
	}
	guess := intake.Guess{Said: t.Format}
	hold, err := intake.Whole(t.Format, "")
	if err != nil {
		return err
	}
	f, err := tail.New(tail.Options{
		Globs: t.Globs, StateFile: t.State, Hold: hold,
		Deliver: func(ctx context.Context, chunk tail.Chunk) error {
			file, _, _ := strings.Cut(chunk.Name, "@")
			return t.send(ctx, c, chunk, guess.Of(file, chunk.Lines))
		},
		Log: slog.New(slog.NewTextHandler(os.Stderr, nil)),
	})
	if err != nil {
		return err
	}
	return f.Run(ctx)
}

func (t *TailFile) send(ctx context.Context, c *Client, chunk tail.Chunk, format string) error {
	params := url.Values{"batch": {chunk.Name}, "time_format": {"auto"}}
	if t.Dataset != "" {
		params.Set("dataset", t.Dataset)
	}
	res, err := c.Send(ctx, http.MethodPost, "/api/v1/ingest/"+url.PathEscape(format), params, nil, bytes.NewReader(chunk.Lines))
	if err != nil {
		return err
	}
	defer res.Body.Close()
	var receipt intake.Receipt
	if err := json.NewDecoder(res.Body).Decode(&receipt); err != nil {
		return fmt.Errorf("the server's receipt does not read: %w", err)
	}
	for _, e := range receipt.Errors {
		fmt.Fprintf(os.Stderr, "%s, line %d from byte %d: %s\n", Safe(chunk.File), e.Line, chunk.Offset, Safe(e.Reason))
	}
	return nil
}
