//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"syscall"
	"testing"
	"time"

	plumbline "github.com/plumbline/plumbline/sdk"
	"github.com/plumbline/plumbline/sdk/monitor"
	"github.com/plumbline/plumbline/sdk/sink"
)

// How many orders a second the shop takes over loopback, bare and with everything
// on. They take turns, a burst each, so that what else the machine does meets both.
func BenchmarkSaturation(b *testing.B) {
	queue := sink.Open(sink.Writer{To: io.Discard}, sink.Options{})
	defer queue.Close(context.Background())
	bare, watched := newShop(), newShop()
	o, err := watchWith(watched, plumbline.Options{Service: "shop", Lines: queue, Logs: queue, Interim: time.Minute, Recall: true,
		Monitor: &monitor.Options{Address: monitor.Nowhere}})
	if err != nil {
		b.Fatal(err)
	}
	defer o.Close(context.Background())
	var servers [2]*httptest.Server
	for i, h := range []http.Handler{bare.routes(), o.HTTP(watched.routes())} {
		servers[i] = httptest.NewServer(h)
		defer servers[i].Close()
	}
	var took, worked [2]time.Duration
	for b.Loop() {
		for i, s := range servers {
			start, before := time.Now(), processor(b)
			burst(b, s.Listener.Addr().String())
			took[i] += time.Since(start)
			worked[i] += processor(b) - before
		}
	}
	orders := float64(b.N * clients * ordersEach)
	b.ReportMetric(orders/took[0].Seconds(), "bare-orders/s")
	b.ReportMetric(orders/took[1].Seconds(), "watched-orders/s")
	b.ReportMetric(100*took[0].Seconds()/took[1].Seconds(), "%-of-bare")
	b.ReportMetric(100*worked[0].Seconds()/worked[1].Seconds(), "%-of-bare-by-processor")
}

// processor is the time this process has had one: where others want it too, the
// clock on the wall tells of them.
func processor(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

const clients, ordersEach = 4, 250

// burst places orders on a few connections, by a client that costs little.
func burst(b *testing.B, address string) {
	const body = `{"product":"tea","quantity":2}`
	request := []byte("POST /orders?user=usr_1 HTTP/1.1\r\nHost: shop\r\nUser-Agent: go/1.22.1\r\nContent-Length: 30\r\n\r\n" + body)
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			conn, err := net.Dial("tcp", address)
			if err != nil {
				b.Error(err)
				return
			}
			defer conn.Close()
			answers := bufio.NewReader(conn)
			for range ordersEach {
				if _, err := conn.Write(request); err != nil {
					b.Error(err)
					return
				}
				if !answered(answers) {
					b.Error("an order was not taken")
					return
				}
			}
		})
	}
	all.Wait()
}

// answered reads one answer, whose body is one line.
func answered(r *bufio.Reader) bool {
	first, err := r.ReadSlice('\n')
	if err != nil || !bytes.Contains(first, []byte(" 201 ")) {
		return false
	}
	for {
		header, err := r.ReadSlice('\n')
		if err != nil {
			return false
		}
		if len(header) == 2 {
			_, err = r.ReadSlice('\n')
			return err == nil
		}
	}
}
