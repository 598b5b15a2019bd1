package intake

import (
	"bufio"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"

	"github.com/plumbline/plumbline/internal/fault"
)

const (
	// What zstd's level 19 uses; more is asked for only by its --ultra, and by
	// those who want to fill the memory.
	windowMostBytes = 8 << 20
	// Logs pack 10 to 100 to one. A body that passes both has nothing to say.
	bombRatio = 500
	bombBytes = 64 << 20
)

// unpack gives the text of a body. The first bytes decide and not what the
// sender says of them: shippers are known to lie, and no text begins with the
// marks of gzip or zstd. Only zlib, whose mark is two letters, must be said.
func unpack(body io.Reader, encoding string) (io.ReadCloser, error) {
	packed := &counted{src: body}
	head := bufio.NewReaderSize(packed, 4<<10)
	first, _ := head.Peek(4)
	var text io.ReadCloser
	var err error
	switch {
	case len(first) >= 2 && first[0] == 0x1f && first[1] == 0x8b:
		text, err = gzip.NewReader(head)
	case string(first) == "\x28\xb5\x2f\xfd":
		var z *zstd.Decoder
		z, err = zstd.NewReader(head, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(windowMostBytes))
		if err == nil {
			text = z.IOReadCloser()
		}
	case isZlib(first) && encoding != "" && encoding != "identity":
		text, err = zlib.NewReader(head)
	default:
		return plainBody(head, encoding)
	}
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "unpack the body")
	}
	return &guarded{ReadCloser: text, packed: packed}, nil
}

// plainBody is a body that is not packed, whatever was said of it.
func plainBody(head *bufio.Reader, encoding string) (io.ReadCloser, error) {
	switch encoding {
	case "", "identity", "gzip", "x-gzip", "zstd", "deflate", "gzip,deflate", "gzip, deflate":
		return io.NopCloser(head), nil
	}
	return nil, fault.New(fault.Invalid, "encoding %q is not known; send gzip, zstd or nothing packed", encoding)
}

// isZlib looks at the two bytes a zlib stream begins with: the method, and a
// check by 31.
func isZlib(first []byte) bool {
	return len(first) >= 2 && first[0]&15 == 8 && (int(first[0])<<8|int(first[1]))%31 == 0
}

// counted counts what was read.
type counted struct {
	src io.Reader
	n   int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.src.Read(p)
	c.n += int64(n)
	return n, err
}

// guarded stops a body that grows beyond all sense when unpacked.
type guarded struct {
	io.ReadCloser
	packed *counted
	n      int64
}

func (g *guarded) Read(p []byte) (int, error) {
	n, err := g.ReadCloser.Read(p)
	g.n += int64(n)
	if g.n > bombBytes && g.n > bombRatio*g.packed.n {
		return 0, fault.New(fault.Invalid, "the body unpacks to more than %d times its size", bombRatio)
	}
	return n, err
}
