package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"
)

// watch writes what raft goes through into the log of this node, and keeps the
// variables that name its state, until ctx ends.
func (s *Store) watch(ctx context.Context) {
	const ahead = 64 // observations in a burst; more are dropped, never waited for
	seen := make(chan raft.Observation, ahead)
	observer := raft.NewObserver(seen, false, nil)
	s.raft.RegisterObserver(observer)
	defer s.raft.DeregisterObserver(observer)
	s.note()
	for {
		select {
		case <-ctx.Done():
			return
		case o := <-seen:
			s.tell(o.Data)
			s.note()
		}
	}
}

func (s *Store) note() {
	_, leader := s.raft.LeaderWithID()
	s.vars.State.Set(s.raft.State().String())
	s.vars.Leader.Set(string(leader))
}

func (s *Store) tell(what any) {
	switch o := what.(type) {
	case raft.RaftState:
		s.events.Printf("is %s in term %d", o, s.raft.CurrentTerm())
	case raft.LeaderObservation:
		s.vars.Changes.Inc()
		if o.LeaderID == "" {
			s.events.Errorf("nobody leads")
			return
		}
		s.events.Event("follows", slog.String("leader", string(o.LeaderID)))
	case raft.PeerObservation:
		s.events.Event("peer", slog.String("id", string(o.Peer.ID)), slog.Bool("gone", o.Removed))
	case raft.FailedHeartbeatObservation:
		s.events.Errorf("no answer of %s since %s", o.PeerID, o.LastContact.Format("15:04:05.000"))
	case raft.ResumedHeartbeatObservation:
		s.events.Event("answers again", slog.String("peer", string(o.PeerID)))
	}
}

// forward gives raft a logger whose lines are ordinary lines of the service, with
// a level that /log/level?logger=raft sets.
func forward(to slog.Handler) hclog.Logger {
	l := hclog.NewInterceptLogger(&hclog.LoggerOptions{Name: "raft", Level: hclog.Debug, Output: io.Discard})
	l.RegisterSink(records{slog.New(to)})
	return l
}

type records struct{ to *slog.Logger }

// Accept implements hclog.SinkAdapter.
func (s records) Accept(name string, level hclog.Level, msg string, args ...any) {
	at := map[hclog.Level]slog.Level{hclog.Warn: slog.LevelWarn, hclog.Error: slog.LevelError, hclog.Info: slog.LevelInfo}
	l, known := at[level]
	if !known {
		l = slog.LevelDebug
	}
	if !s.to.Enabled(context.Background(), l) {
		return
	}
	var attrs []slog.Attr
	for i := 0; i+1 < len(args); i += 2 {
		key := strings.ReplaceAll(fmt.Sprint(args[i]), "-", "_")
		value := args[i+1]
		if f, ok := value.(hclog.Format); ok { // a format with what belongs to it
			value = fmt.Sprintf(fmt.Sprint(f[0]), f[1:]...)
		}
		attrs = append(attrs, slog.String(key, fmt.Sprint(value)))
	}
	s.to.LogAttrs(context.Background(), l, name+": "+msg, attrs...)
}
