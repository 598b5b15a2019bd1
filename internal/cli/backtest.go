package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Backtest asks a server what a rule would have done.
type Backtest struct {
	Rule      json.RawMessage `json:"rule"`
	From      string          `json:"from,omitempty"`
	To        string          `json:"to,omitempty"`
	Threshold *float64        `json:"threshold,omitempty"`
	AtMost    *int            `json:"at_most,omitempty"`
}

// backtested is what is shown of an answer.
type backtested struct {
	Summary   string   `json:"summary"`
	Threshold *float64 `json:"threshold"`
	Instances int      `json:"instances"`
	Channels  []struct {
		Channel   string `json:"channel"`
		Notices   int    `json:"notices"`
		Escalated int    `json:"escalated"`
	} `json:"channels"`
	Incidents []struct {
		Title    string `json:"title"`
		Opened   int64  `json:"opened"`
		Episodes []any  `json:"episodes"`
	} `json:"incidents"`
	Notices []struct {
		At    int64  `json:"at"`
		Kind  string `json:"kind"`
		Title string `json:"title"`
	} `json:"notices"`
}

// Run asks and writes the answer; told is how many notices there would have been.
func (b *Backtest) Run(ctx context.Context, client *Client, out io.Writer) (told int, err error) {
	body, err := json.Marshal(b)
	if err != nil {
		return 0, fmt.Errorf("write the rule as JSON: %w", err)
	}
	header := http.Header{"Content-Type": {"application/json"}}
	res, err := client.Send(ctx, http.MethodPost, "/api/v1/backtest", nil, header, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	var got backtested
	if err := json.NewDecoder(res.Body).Decode(&got); err != nil {
		return 0, fmt.Errorf("read the answer: %w", err)
	}
	fmt.Fprintf(out, "%s, of %d instances", got.Summary, got.Instances)
	if got.Threshold != nil {
		fmt.Fprintf(out, ", threshold %g", *got.Threshold)
	}
	fmt.Fprintln(out)
	for _, c := range got.Channels {
		fmt.Fprintf(out, "%s would be told %d times", Safe(c.Channel), c.Notices)
		if c.Escalated > 0 {
			fmt.Fprintf(out, ", and %d times when nobody acknowledges", c.Escalated)
		}
		fmt.Fprintln(out)
	}
	for _, i := range got.Incidents {
		fmt.Fprintf(out, "%s incident, %d episodes: %s\n", stamp(i.Opened), len(i.Episodes), Safe(i.Title))
	}
	for _, n := range got.Notices {
		fmt.Fprintf(out, "%s notice %s: %s\n", stamp(n.At), n.Kind, Safe(n.Title))
	}
	return len(got.Notices), nil
}

func stamp(ns int64) string { return time.Unix(0, ns).UTC().Format(time.RFC3339) }
