//go:build system

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/plumbline/plumbline/internal/disk"
)

// TestFullDisk fills the disk under a server three times, "make torture" 25 times.
func TestFullDisk(t *testing.T) { fullDisk(t, 3) }

const (
	// fullVolume is what the disk holds; the server keeps a 64th of it free.
	fullVolume = 64 << 20
	// resumeWithin: the server looks for room every second.
	resumeWithin = 5 * time.Second
	// sendEvery bounds what 25 times come to: some three million lines, where the share
	// of the volume that lines may take holds seven. Of more the oldest would rightly go.
	sendEvery = 50 * time.Millisecond
)

// fullDisk fills the disk while lines come in, each time at another moment and but
// for another few bytes, so that whatever is written next fails. The server says so,
// answers questions, and takes lines again by itself once there is room; every fifth
// time it is killed in between. Nothing acknowledged is lost.
func fullDisk(t *testing.T, fills int) {
	if os.Geteuid() != 0 {
		asRoot(t)
		return
	}
	volume := smallVolume(t, fullVolume)
	if space, err := disk.Real().Free(volume); err != nil || space.Total > fullVolume {
		t.Fatalf("a small volume is needed, and the one mounted has %d bytes (%v)", space.Total, err)
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	f := &filling{t: t, filler: filepath.Join(volume, "filler"), random: rand.New(rand.NewPCG(seed, 0))}
	address, err := newPorts(t).free()
	if err != nil {
		t.Fatal(err)
	}
	f.senders = []*sender{{name: "one", dataset: "app", named: true}, {name: "two", dataset: "comm"}, {name: "three", dataset: "comm", named: true}}
	for i, s := range f.senders {
		s.random = rand.New(rand.NewPCG(seed, uint64(i+1)))
	}
	data := filepath.Join(volume, "data")
	s := serve(t, address, data)
	for i := range fills {
		f.fill(s, i%5 == 4)
		if i%5 == 4 { // killed with a full disk, it starts, and says why it is not ready
			s = f.restart(address, data)
		}
		f.makeRoom(s)
		f.check(s)
	}
	for _, sender := range f.senders {
		sender.checked = 0
	}
	lines := f.check(s)
	t.Logf("torture: full disk | %d times full, %d batches refused, %d times killed while full, room noticed after %s at most | %d lines acknowledged, each there once", fills, f.refused.Load(), fills/5, f.slowest.Round(100*time.Millisecond), lines)
	if err := s.stop(syscall.SIGTERM); err != nil {
		t.Errorf("the server ended with %v", err)
	}
}

// filling is a disk that is filled and emptied.
type filling struct {
	t       *testing.T
	filler  string
	random  *rand.Rand
	senders []*sender
	left    int64 // bytes that are not taken
	refused atomic.Int64
	slowest time.Duration
}

// fill takes the room away while lines come in, waits until the server says so and
// asks it something; at the end it kills the server, if it shall.
func (f *filling) fill(s *server, kill bool) {
	f.t.Helper()
	ctx, cancel := context.WithCancel(f.t.Context())
	var all sync.WaitGroup
	for _, sender := range f.senders {
		all.Go(func() {
			for ctx.Err() == nil {
				f.note(ctx, sender.send(ctx, s.url))
				time.Sleep(sendEvery)
			}
		})
	}
	all.Go(func() {
		for ctx.Err() == nil {
			_ = post(ctx, s.url+"/api/v1/flush", nil, nil) // fails while the disk is full
			time.Sleep(30 * time.Millisecond)
		}
	})
	time.Sleep(time.Duration(f.random.IntN(300)) * time.Millisecond)
	f.left = int64(f.random.IntN(fullVolume / 64))
	f.take()
	f.awaitFull(s.url)
	if rows := ask[struct{ Count int }](f.t, s.url, "* | stats count"); len(rows) != 1 {
		f.t.Errorf("with a full disk the server answers %v", rows)
	}
	cancel()
	all.Wait()
	if kill {
		if err := s.stop(syscall.SIGKILL); err != nil {
			f.t.Fatal(err)
		}
	}
}

// note counts a batch that was refused; no other error is right.
func (f *filling) note(ctx context.Context, err error) {
	switch {
	case err == nil:
	case strings.Contains(err.Error(), "429 ") || strings.Contains(err.Error(), "503 "):
		f.refused.Add(1)
	case ctx.Err() == nil:
		f.t.Errorf("a batch was answered with %v", err)
	}
}

// take fills the disk but for what is to be left, also one that was filled before.
func (f *filling) take() {
	f.t.Helper()
	file, err := os.OpenFile(f.filler, os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		f.t.Error(err)
		return
	}
	size, err := file.Seek(0, io.SeekEnd)
	for chunk := make([]byte, 1<<16); err == nil; {
		var n int
		n, err = file.Write(chunk)
		size += int64(n)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		f.t.Error(err)
	}
	if err := errors.Join(file.Truncate(max(0, size-f.left)), file.Close()); err != nil {
		f.t.Error(err)
	}
}

// awaitFull waits until /readyz says that the disk is full. A part that could not be
// written, or was left by a kill, is removed, and what it took is free again: that is
// taken too.
func (f *filling) awaitFull(url string) {
	f.t.Helper()
	ctx, cancel := context.WithCancel(f.t.Context())
	var taking sync.WaitGroup
	taking.Go(func() {
		for ctx.Err() == nil {
			time.Sleep(100 * time.Millisecond)
			f.take()
		}
	})
	defer taking.Wait()
	defer cancel()
	f.await(url, http.StatusServiceUnavailable, "full", patience)
}

// makeRoom gives the room back and waits until lines are taken again.
func (f *filling) makeRoom(s *server) {
	f.t.Helper()
	if err := os.Remove(f.filler); err != nil {
		f.t.Fatal(err)
	}
	took := f.await(s.url, http.StatusOK, "", resumeWithin)
	f.slowest = max(f.slowest, took)
	for _, sender := range f.senders {
		if err := sender.send(f.t.Context(), s.url); err != nil {
			f.t.Errorf("with room again, a batch was answered with %v", err)
		}
	}
}

// await waits until /readyz has a status and says something of the disk.
func (f *filling) await(url string, status int, says string, within time.Duration) time.Duration {
	f.t.Helper()
	var last string
	for began := time.Now(); time.Since(began) < within; time.Sleep(20 * time.Millisecond) {
		res, err := http.Get(url + "/readyz")
		if err != nil {
			last = err.Error()
			continue
		}
		var health struct {
			Components []struct{ Name, Reason string }
		}
		err = json.NewDecoder(res.Body).Decode(&health)
		res.Body.Close()
		last = fmt.Sprint(res.Status, health, err)
		for _, c := range health.Components {
			if c.Name == "disk" && res.StatusCode == status && strings.Contains(c.Reason, says) {
				return time.Since(began)
			}
		}
	}
	f.t.Fatalf("within %s /readyz did not answer %d and “%s” for the disk: %s", within, status, says, last)
	return 0
}

// restart starts the server on a full disk.
func (f *filling) restart(address, data string) *server {
	f.t.Helper()
	s := launched(f.t, nil, address, data)
	f.awaitFull(s.url)
	if rows := ask[struct{ Count int }](f.t, s.url, "* | stats count"); len(rows) != 1 {
		f.t.Errorf("started on a full disk the server answers %v", rows)
	}
	return s
}

// check looks for what was sent; it gives how many lines were acknowledged.
func (f *filling) check(s *server) (lines int) {
	f.t.Helper()
	for _, sender := range f.senders {
		n, err := sender.check(s.url)
		if err != nil {
			f.t.Fatal(err)
		}
		lines += n
	}
	return lines
}
