package sink

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Server delivers to a Plumbline server:
//
//	POST URL/api/v1/ingest/jsonl?batch=NAME&dataset=DATASET
//	200 {"accepted":n,"rejected":m}   on disk; refused ones, which are too old to be kept, count as rejected
//	429, 503, 5xx, no answer          busy: the same batch again
//	any other status                  given up
type Server struct {
	URL     string       // such as http://127.0.0.1:7420
	Dataset string       // where the lines are kept; empty: the server's default
	Token   string       // bearer token, where the server asks for one
	Client  *http.Client // nil: http.DefaultClient
}

// Receiver takes the lines of a service, each kind into a dataset of its own.
type Receiver interface {
	Into(dataset string) Delivery
}

// To is the Plumbline server at a base URL, nil where that is empty.
func To(url string) Receiver {
	if url == "" {
		return nil
	}
	return Server{URL: url}
}

// Into implements Receiver.
func (s Server) Into(dataset string) Delivery {
	s.Dataset = dataset
	return s
}

const (
	deliveryTimeout = 30 * time.Second
	maxAnswerBytes  = 64 << 10 // of an answer that is some hundred bytes long
)

// Deliver implements Delivery.
func (s Server) Deliver(ctx context.Context, b Batch) (rejected int, err error) {
	ctx, cancel := context.WithTimeout(ctx, deliveryTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.target(b.Name), bytes.NewReader(b.Bytes))
	if err != nil {
		return 0, fmt.Errorf("server %q: %w", s.URL, err)
	}
	request.Header.Set("Content-Type", "application/x-ndjson")
	if s.Token != "" {
		request.Header.Set("Authorization", "Bearer "+s.Token)
	}
	client := s.Client
	if client == nil {
		client = http.DefaultClient
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, &Busy{Cause: err}
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswerBytes))
	if err != nil && response.StatusCode == http.StatusOK {
		return 0, &Busy{Cause: fmt.Errorf("reading the answer: %w", err)}
	}
	return understand(response, answer)
}

func (s Server) target(batch string) string {
	query := url.Values{"batch": {batch}}
	if s.Dataset != "" {
		query.Set("dataset", s.Dataset)
	}
	return strings.TrimSuffix(s.URL, "/") + "/api/v1/ingest/jsonl?" + query.Encode()
}

func understand(response *http.Response, answer []byte) (rejected int, err error) {
	status := response.StatusCode
	switch {
	case status == http.StatusOK:
		var counts struct{ Rejected, Refused int }
		if err := json.Unmarshal(answer, &counts); err != nil {
			return 0, fmt.Errorf("no Plumbline answers there: %w", err)
		}
		return counts.Rejected + counts.Refused, nil
	case status == http.StatusTooManyRequests || status >= 500:
		seconds, _ := strconv.Atoi(response.Header.Get("Retry-After"))
		after := time.Duration(max(seconds, 0)) * time.Second
		return 0, &Busy{After: after, Cause: fmt.Errorf("server says %s", response.Status)}
	}
	return 0, fmt.Errorf("server says %s: %.200s", response.Status, answer)
}
