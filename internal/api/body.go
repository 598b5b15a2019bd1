package api

import (
	"io"
	"net/http"
	"time"
)

// bodyIdle is how long a sender may stop in the middle of a body. Meanwhile it
// holds memory for which others are told to come again.
const bodyIdle = time.Minute

// body reads the body of a request, and no longer than idle at a time.
type body struct {
	io.Reader
	conn *http.ResponseController
	idle time.Duration
}

func (b *body) Read(p []byte) (int, error) {
	// A connection that knows no deadlines is one of a test, or of a proxy in
	// between that has its own.
	_ = b.conn.SetReadDeadline(time.Now().Add(b.idle))
	n, err := b.Reader.Read(p)
	if err != nil {
		_ = b.conn.SetReadDeadline(time.Time{}) // the answer may take its time
	}
	return n, err
}
