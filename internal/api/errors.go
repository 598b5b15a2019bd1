package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/plumbline/plumbline/internal/fault"
	plumbline "github.com/plumbline/plumbline/sdk"
)

// errorBody is the body of every answer that is an error.
type errorBody struct {
	Error errorDetail `json:"error"`
}

type errorDetail struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Hint    string `json:"hint,omitempty"`
}

// statusOf is the HTTP status of a kind of error.
func statusOf(err error) int {
	switch fault.KindOf(err) {
	case fault.Invalid:
		return http.StatusBadRequest
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Conflict:
		return http.StatusConflict
	case fault.Denied:
		return http.StatusForbidden
	case fault.Busy:
		return http.StatusTooManyRequests
	case fault.OverLimit:
		return http.StatusUnprocessableEntity
	}
	return http.StatusInternalServerError
}

// faultOf is the kind of error that a status stands for.
func faultOf(status int) fault.Kind {
	switch status {
	case http.StatusBadRequest, http.StatusMethodNotAllowed:
		return fault.Invalid
	case http.StatusNotFound:
		return fault.NotFound
	case http.StatusConflict:
		return fault.Conflict
	case http.StatusUnauthorized, http.StatusForbidden:
		return fault.Denied
	}
	return fault.Internal
}

// errMethod is said of a method that a path does not take.
var errMethod = fault.New(fault.Invalid, "wrong method")

// fail answers with an error. Nothing must have been written before.
func fail(w http.ResponseWriter, err error) {
	plumbline.LineOf(w).Fail(err)
	if errors.Is(err, context.Canceled) {
		return // nobody listens any more
	}
	body := errorBody{errorDetail{Code: fault.KindOf(err).String(), Message: err.Error()}}
	var at *fault.At
	if errors.As(err, &at) {
		body.Error.Message, body.Error.Line, body.Error.Column, body.Error.Hint = at.Message, at.Line, at.Column, at.Hint
	}
	status := statusOf(err)
	if errors.Is(err, errMethod) {
		status = http.StatusMethodNotAllowed
	}
	h := w.Header()
	switch status {
	case http.StatusForbidden:
		if errors.Is(err, errNoToken) || errors.Is(err, errUnknownToken) {
			status = http.StatusUnauthorized
			h.Set("WWW-Authenticate", `Bearer realm="plumbline"`)
		}
	case http.StatusTooManyRequests:
		h.Set("Retry-After", "1")
	}
	h.Set("Content-Type", "application/json")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(body) // the client has gone; there is nobody to tell
}
