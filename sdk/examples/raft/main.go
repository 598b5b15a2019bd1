// Command kv is a small key-value store that three nodes keep by raft, and that is
// worth watching:
//
//	go run .                        three nodes on this machine, until Ctrl-C
//	go run . -node 2                the second of them alone, again
//	curl -L -X PUT -d tea http://127.0.0.1:8111/keys/drink
//	curl http://127.0.0.1:8121/keys/drink
//
// Node i answers HTTP at port base+10i+1, shows what it does at base+10i+2, and
// speaks raft at base+10i. See README.md.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	var o options
	flag.IntVar(&o.node, "node", 0, "run this node alone, 1 to 3; 0: all three, each a process")
	flag.IntVar(&o.base, "base", 8100, "`port` that those of the nodes follow")
	flag.StringVar(&o.dir, "dir", "kv-data", "`folder` of the nodes' data")
	flag.StringVar(&o.server, "server", "", "`URL` of a Plumbline server for the lines; standard output")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	run := runNode
	if o.node == 0 {
		run = runCluster
	}
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "kv:", err)
		os.Exit(1)
	}
}

// options of one node or of all.
type options struct {
	node   int
	base   int
	dir    string
	server string
}

// nodes are few enough to be known beforehand; a cluster that grows would join
// them one by one.
const nodes = 3

// place is where a node is found.
type place struct{ id, raft, http, monitor string }

func (o options) place(node int) place {
	at := func(offset int) string { return fmt.Sprintf("127.0.0.1:%d", o.base+10*node+offset) }
	return place{id: fmt.Sprintf("n%d", node), raft: at(0), http: at(1), monitor: at(2)}
}
