package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	metrics "github.com/hashicorp/go-metrics"
	"github.com/hashicorp/raft"
	wal "github.com/hashicorp/raft-wal"

	plumbline "github.com/plumbline/plumbline/sdk"
	"github.com/plumbline/plumbline/sdk/adapters/gometrics"
	"github.com/plumbline/plumbline/sdk/delay"
	"github.com/plumbline/plumbline/sdk/health"
	"github.com/plumbline/plumbline/sdk/line"
	"github.com/plumbline/plumbline/sdk/status"
	"github.com/plumbline/plumbline/sdk/trace"
)

// errNotLeader asks the client to go elsewhere.
var errNotLeader = errors.New("this node does not lead")

const (
	applyWithin  = 5 * time.Second // a write, with an election between
	dialWithin   = 2 * time.Second
	connections  = 3 // kept open to each peer
	keptSnaps    = 2
	maxLag       = 1000            // entries a node may be behind and still be asked
	staleContact = 2 * time.Second // twice the heartbeat's time-out
	lockWithin   = time.Second     // in which the machine must give way
)

// applied is the wait of a request for its entry to be committed and applied.
var applied = line.Timed("raft_apply")

// Store is one node's part of the store.
type Store struct {
	place   place
	raft    *raft.Raft
	wal     *wal.WAL
	machine *machine
	tracer  *trace.Tracer
	events  *trace.Log
	wait    *delay.Counter
	vars    vars
	peers   map[raft.ServerAddress]place

	stop     context.CancelFunc
	watching sync.WaitGroup
}

// vars are on the page /monitor/kv, in /metrics, and every 20 s in a line.
type vars struct {
	State   status.State `help:"Leader, Follower or Candidate."`
	Leader  status.State `help:"Who leads, as far as this node knows."`
	Keys    status.Func  `help:"Keys held."`
	Behind  status.Func  `help:"Entries committed and not yet applied."`
	Changes status.Counter
	Applied status.CounterVec[opLabel] `help:"Entries applied."`
}

// openStore joins the three nodes, with what is on disk.
func openStore(o options, watch *plumbline.Observer) (*Store, error) {
	s := &Store{place: o.place(o.node), tracer: watch.Tracer(), peers: map[raft.ServerAddress]place{}}
	s.events = s.tracer.Log("raft", s.place.id)
	if err := s.instruments(watch); err != nil {
		return nil, err
	}
	if err := s.join(o, watch); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	s.watching.Go(func() { s.watch(ctx) })
	return s, nil
}

// instruments are the counters of the store, and those that raft keeps itself.
func (s *Store) instruments(watch *plumbline.Observer) error {
	s.vars.Keys = func() int64 { return int64(s.machine.len()) }
	s.vars.Behind = s.behind
	persist, err1 := watch.Delay("snapshot_persist", delay.Options{})
	wait, err2 := watch.Delay("apply_wait", delay.Options{})
	s.wait = wait
	s.machine = &machine{keys: map[string]string{}, applied: &s.vars.Applied, persist: persist, log: s.tracer.Log("machine", s.place.id)}
	_, err3 := watch.Status("KV", &s.vars)

	measured := gometrics.New(0)
	config := metrics.DefaultConfig("")
	config.EnableHostname, config.EnableRuntimeMetrics = false, false // the monitor tells the runtime's
	_, err4 := metrics.NewGlobal(config, measured)
	watch.Monitor().Metrics(measured)
	return errors.Join(err1, err2, err3, err4)
}

// join opens the log and starts raft.
func (s *Store) join(o options, watch *plumbline.Observer) error {
	dir, err := o.folder()
	if err != nil {
		return err
	}
	logger := forward(watch.LogHandler().Named("raft"))
	if s.wal, err = wal.Open(dir+"/log", wal.WithLogger(logger)); err != nil {
		return fmt.Errorf("open the log: %w", err)
	}
	snapshots, err := raft.NewFileSnapshotStoreWithLogger(dir, keptSnaps, logger)
	if err != nil {
		return fmt.Errorf("open snapshots: %w", err)
	}
	address, err := net.ResolveTCPAddr("tcp", s.place.raft)
	if err != nil {
		return fmt.Errorf("address of raft: %w", err)
	}
	transport, err := raft.NewTCPTransportWithLogger(s.place.raft, address, connections, dialWithin, logger)
	if err != nil {
		return fmt.Errorf("listen for raft: %w", err)
	}
	config := raft.DefaultConfig()
	config.LocalID, config.Logger = raft.ServerID(s.place.id), logger
	if s.raft, err = raft.NewRaft(config, s.machine, s.wal, s.wal, snapshots, transport); err != nil {
		return errors.Join(fmt.Errorf("start raft: %w", err), transport.Close())
	}
	var all raft.Configuration
	for i := 1; i <= nodes; i++ {
		p := o.place(i)
		s.peers[raft.ServerAddress(p.raft)] = p
		all.Servers = append(all.Servers, raft.Server{ID: raft.ServerID(p.id), Address: raft.ServerAddress(p.raft)})
	}
	// Each node begins with the same list; one that began before keeps its own.
	if err := s.raft.BootstrapCluster(all).Error(); err != nil && !errors.Is(err, raft.ErrCantBootstrap) {
		return fmt.Errorf("begin the cluster: %w", err)
	}
	s.events.Printf("started at entry %d of term %d", s.raft.LastIndex(), s.raft.CurrentTerm())
	return nil
}

// Get reads what this node holds, which may be a moment old.
func (s *Store) Get(key string) (string, bool) { return s.machine.get(key) }

// Set has a value replicated; when it returns nil most nodes have it on disk.
func (s *Store) Set(ctx context.Context, key, value string) (err error) {
	ctx, t := s.tracer.Start(ctx, "store.set", key)
	defer t.End(&err)
	t.Sensitive("value", slog.String("value", value))
	return s.apply(ctx, command{Op: "set", Key: key, Value: value})
}

// Delete has a key taken away everywhere.
func (s *Store) Delete(ctx context.Context, key string) (err error) {
	ctx, t := s.tracer.Start(ctx, "store.delete", key)
	defer t.End(&err)
	return s.apply(ctx, command{Op: "delete", Key: key})
}

func (s *Store) apply(ctx context.Context, c command) error {
	if s.raft.State() != raft.Leader {
		return errNotLeader
	}
	body, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("encode %s: %w", c.Op, err)
	}
	t := trace.From(ctx)
	t.Event("submitted", slog.Int("bytes", len(body)))
	start := time.Now()
	defer applied.Start(ctx).End()
	future := s.raft.Apply(body, applyWithin)
	err = future.Error()
	s.wait.Observe(ctx, time.Since(start))
	switch {
	case errors.Is(err, raft.ErrNotLeader), errors.Is(err, raft.ErrLeadershipLost):
		return errNotLeader
	case err != nil:
		return fmt.Errorf("replicate %s: %w", c.Op, err)
	}
	t.Event("committed", slog.Uint64("entry", future.Index()))
	err, _ = future.Response().(error) // of the machine
	return err
}

// Status is what a node says of itself.
type Status struct {
	ID     string `json:"id"`
	State  string `json:"state"`
	Leader string `json:"leader"`
	Entry  uint64 `json:"entry"`
	Keys   int    `json:"keys"`
}

// Status of this node now.
func (s *Store) Status() Status {
	_, leader := s.raft.LeaderWithID()
	return Status{ID: s.place.id, State: s.raft.State().String(), Leader: string(leader), Entry: s.raft.AppliedIndex(), Keys: s.machine.len()}
}

// leader is who leads. One that was not heard of for long is none, though the
// election that will tell is still to come.
func (s *Store) leader() (place, error) {
	address, _ := s.raft.LeaderWithID()
	if address == "" {
		return place{}, errors.New("nobody leads")
	}
	if since := time.Since(s.raft.LastContact()); s.raft.State() != raft.Leader && since > staleContact {
		return place{}, fmt.Errorf("nothing heard of the leader for %v", since.Round(time.Millisecond))
	}
	p, ok := s.peers[address]
	if !ok {
		return place{}, fmt.Errorf("%s leads, which is no node of this cluster", address)
	}
	return p, nil
}

func (s *Store) behind() int64 {
	if s.raft == nil {
		return 0
	}
	return int64(s.raft.CommitIndex()) - int64(s.raft.AppliedIndex())
}

// checks say when this node is of use, and when it must be started anew.
func (s *Store) checks(h *health.Health) error {
	return errors.Join(
		h.Add(health.Check{Name: "leader", Every: time.Second, Fails: 1, Run: func(context.Context) error {
			_, err := s.leader()
			return err
		}}),
		h.Add(health.Check{Name: "lag", Every: time.Second, Run: func(context.Context) error {
			if n := s.behind(); n > maxLag {
				return fmt.Errorf("%d entries behind", n)
			}
			return nil
		}}),
		h.Add(health.Check{Name: "machine", Probe: health.Live, Timeout: lockWithin, Run: func(context.Context) error {
			s.machine.len() // waits for the lock that every answer needs
			return nil
		}}),
	)
}

// Close leaves the cluster as a crash would, but tidily.
func (s *Store) Close() (err error) {
	if s.raft != nil {
		err = s.raft.Shutdown().Error()
	}
	if s.wal != nil {
		err = errors.Join(err, s.wal.Close())
	}
	if s.stop != nil {
		s.stop()
		s.watching.Wait()
	}
	s.events.Close()
	s.machine.log.Close()
	return err
}
