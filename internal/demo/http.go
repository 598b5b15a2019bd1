package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/plumbline/plumbline/sdk/line"
)

// maxBodyBytes bounds what is read of any request or answer.
const maxBodyBytes = 256 << 10

// refusal is an error that the customer is told of by a status.
type refusal struct {
	status int
	reason string
}

func (r *refusal) Error() string { return r.reason }

// refuse answers with an error: as the customer's fault where it says so, else as
// ours.
func refuse(ctx context.Context, w http.ResponseWriter, err error) {
	line.Error.Set(ctx, err.Error())
	status := http.StatusInternalServerError
	var r *refusal
	if errors.As(err, &r) {
		status = r.status
	}
	if ctx.Err() != nil {
		return // nobody is there to hear it
	}
	answer(w, status, map[string]string{"error": http.StatusText(status)})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a client that left is on the canonical line
}

func readJSON(r *http.Request, into any) error {
	if err := json.NewDecoder(http.MaxBytesReader(nil, r.Body, maxBodyBytes)).Decode(into); err != nil {
		return &refusal{http.StatusBadRequest, "body: " + err.Error()}
	}
	return nil
}

// pooled is a transport that keeps as many connections as the load may need.
func pooled() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.Proxy = nil // the demo never leaves the loopback
	t.MaxIdleConnsPerHost = maxOpen
	return t
}

// post sends JSON, and reads the answer into what is given, if anything.
func post(ctx context.Context, client *http.Client, url string, body []byte, into any) (status int, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	all, err := io.ReadAll(io.LimitReader(response.Body, maxBodyBytes)) // to its end, so that the connection is used again
	if err == nil && into != nil && response.StatusCode == http.StatusOK {
		err = json.Unmarshal(all, into)
	}
	return response.StatusCode, err
}
