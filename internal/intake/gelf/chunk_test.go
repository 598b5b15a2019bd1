package gelf

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

var (
	start = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	one   = netip.MustParseAddr("10.0.0.1")
)

// chunk makes one chunk of a message.
func chunk(id uint64, number, count int, part string) []byte {
	b := []byte{0x1e, 0x0f, byte(id >> 56), byte(id >> 48), byte(id >> 40), byte(id >> 32), byte(id >> 24), byte(id >> 16), byte(id >> 8), byte(id), byte(number), byte(count)}
	return append(b, part...)
}

// split cuts a payload into chunks of size bytes.
func split(id uint64, payload string, size int) (chunks [][]byte) {
	count := max(1, (len(payload)+size-1)/size)
	for i := range count {
		chunks = append(chunks, chunk(id, i, count, payload[i*size:min(len(payload), (i+1)*size)]))
	}
	return chunks
}

func TestWrongChunks(t *testing.T) {
	var a Assembler
	a.Add(chunk(1, 0, 3, "x"), one, start)
	for _, c := range []struct {
		datagram []byte
		reason   string
	}{
		{[]byte{0x1e, 0x0f}, "its head has 12"},
		{chunk(2, 0, 0, "x"), "chunk 0 of 0"},
		{chunk(2, 3, 3, "x"), "chunk 3 of 3"},
		{chunk(2, 0, 129, "x"), "chunk 0 of 129"},
		{chunk(1, 1, 2, "x"), "belongs to a message of 3"},
	} {
		if payload, err := a.Add(c.datagram, one, start); err == nil || payload != nil || !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%x: %q, %v, want %s", c.datagram, payload, err, c.reason)
		}
	}
}

// Chunks of many messages in any order, some twice, give these messages.
func TestChunksInAnyOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	var a Assembler
	want, got := map[string]bool{}, map[string]bool{}
	var datagrams [][]byte
	for id := range uint64(60) {
		payload := fmt.Sprintf("%d %s", id, strings.Repeat("x", random.IntN(1000)))
		want[payload] = true
		datagrams = append(datagrams, split(id, payload, 1+random.IntN(200)+len(payload)/chunksMost)...)
	}
	random.Shuffle(len(datagrams), func(i, j int) { datagrams[i], datagrams[j] = datagrams[j], datagrams[i] })
	for i, d := range datagrams {
		payload, err := a.Add(d, one, start)
		if err != nil {
			t.Fatal(err)
		}
		if payload != nil {
			got[string(payload)] = true
		}
		if i%3 == 0 && payload == nil {
			a.Add(d, one, start)
		}
	}
	if len(got) != len(want) || a.Lost != 0 || len(a.pending) != 0 || a.bytes != 0 || len(a.of) != 0 {
		t.Errorf("%d of %d messages; %d lost, %d pending of %d bytes", len(got), len(want), a.Lost, len(a.pending), a.bytes)
	}
	for payload := range got {
		if !want[payload] {
			t.Errorf("nobody sent %.20q", payload)
		}
	}
}

func TestChunksExpire(t *testing.T) {
	var a Assembler
	a.Add(chunk(1, 0, 2, "a"), one, start)
	if payload, _ := a.Add(chunk(1, 1, 2, "b"), one, start.Add(4999*time.Millisecond)); string(payload) != "ab" {
		t.Errorf("in time: %q", payload)
	}
	a.Add(chunk(2, 0, 2, "a"), one, start)
	if payload, _ := a.Add(chunk(2, 1, 2, "b"), one, start.Add(5*time.Second)); payload != nil || a.Lost != 1 {
		t.Errorf("too late: %q, %d lost", payload, a.Lost)
	}
}

func TestHalfMessagesAreBounded(t *testing.T) {
	var a Assembler
	for i := range uint64(100) {
		a.Add(chunk(i, 0, 2, "x"), one, start)
	}
	if len(a.pending) != pendingOfOne || a.Lost != 100-pendingOfOne {
		t.Errorf("of one sender: %d pending, %d lost", len(a.pending), a.Lost)
	}
	part := strings.Repeat("x", 8000)
	for i := range 100_000 {
		source := netip.AddrFrom4([4]byte{11, byte(i >> 16), byte(i >> 8), byte(i)})
		a.Add(chunk(uint64(i), 0, 2, part), source, start)
	}
	if len(a.pending) > pendingMost || a.bytes > pendingBytes+10_000 {
		t.Errorf("%d pending of %d bytes", len(a.pending), a.bytes)
	}
	a.Expire(start.Add(time.Minute))
	if len(a.pending) != 0 || a.bytes != 0 || len(a.of) != 0 || a.Lost != 100_100 {
		t.Errorf("afterwards %d pending, %d lost", len(a.pending), a.Lost)
	}
}

func TestInflate(t *testing.T) {
	var zipped, zlibbed, zstded bytes.Buffer
	g, z := gzip.NewWriter(&zipped), zlib.NewWriter(&zlibbed)
	s, err := zstd.NewWriter(&zstded)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Repeat("message ", 1000)
	for _, w := range []interface {
		Write([]byte) (int, error)
		Close() error
	}{g, z, s} {
		w.Write([]byte(text))
		w.Close()
	}
	for name, payload := range map[string][]byte{"plain": []byte(text), "gzip": zipped.Bytes(), "zlib": zlibbed.Bytes(), "zstd": zstded.Bytes()} {
		if got, cut, err := Inflate(payload, 8000); string(got) != text || cut || err != nil {
			t.Errorf("%s: %d bytes, cut %v, %v", name, len(got), cut, err)
		}
		if got, cut, err := Inflate(payload, 100); string(got) != text[:100] || !cut || err != nil {
			t.Errorf("%s, bounded: %d bytes, cut %v, %v", name, len(got), cut, err)
		}
		if name != "plain" {
			if _, _, err := Inflate(payload[:len(payload)/2], 8000); err == nil {
				t.Errorf("%s: half of it reads", name)
			}
		}
	}
}

// Datagrams of any bytes: no panic, bounded memory, and what is whole comes out
// as it was sent.
func FuzzGELF(f *testing.F) {
	f.Add([]byte("\x1e\x0f12345678\x00\x02{}"), []byte("\x1e\x0f12345678\x01\x02{}"), "{\"a\":1}", uint8(3))
	f.Add([]byte("\x1f\x8b"), []byte{0x78, 0x9c}, "{\"level\":3,\"_x\":{\"_y\":[1]}}", uint8(0))
	f.Fuzz(func(t *testing.T, first, second []byte, message string, size uint8) {
		var a Assembler
		for _, datagram := range [][]byte{first, second} {
			if payload, err := a.Add(datagram, one, start); err == nil && payload != nil {
				text, _, err := Inflate(payload, 1000)
				if len(text) > 1000 {
					t.Fatal("unpacked beyond the bound")
				}
				if err == nil {
					var d Decoder
					d.Decode(text, nil)
				}
			}
		}
		step := int(size) + 1 + len(message)/chunksMost
		for _, c := range split(7777, message, step) {
			payload, err := a.Add(c, netip.IPv6Unspecified(), start)
			if err != nil {
				t.Fatal(err)
			}
			if payload != nil && string(payload) != message {
				t.Fatalf("sent %q, got %q", message, payload)
			}
		}
	})
}
