package intake

import "io"

// turn is the right to make rows. There is one for each processor: more doors
// than that would only push each other's tables out of its cache. Nobody keeps it
// while he waits for a sender or for the store.
type turn struct {
	of   chan struct{}
	held bool
}

func (t *turn) take() {
	t.of <- struct{}{}
	t.held = true
}

func (t *turn) leave() {
	<-t.of
	t.held = false
}

// yielding is a body that is waited for without a turn.
type yielding struct {
	io.Reader
	turn *turn
}

func (y *yielding) Read(p []byte) (int, error) {
	if y.turn.held {
		y.turn.leave()
		defer y.turn.take()
	}
	return y.Reader.Read(p)
}
