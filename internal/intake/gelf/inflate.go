package gelf

import (
	"bytes"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

// Inflate gives the message in a payload: of gzip, zlib, zstd or nothing packed,
// whichever its first bytes say. It unpacks no more than most bytes and reports
// whether there were more.
func Inflate(payload []byte, most int) (message []byte, cut bool, err error) {
	var src io.Reader = bytes.NewReader(payload)
	switch {
	case bytes.HasPrefix(payload, []byte{0x1f, 0x8b}):
		src, err = gzip.NewReader(src)
	case bytes.HasPrefix(payload, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		var z *zstd.Decoder
		if z, err = zstd.NewReader(src, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(windowMost)); err == nil {
			defer z.Close()
			src = z
		}
	case len(payload) > 1 && payload[0] == 0x78 && (int(payload[0])<<8|int(payload[1]))%31 == 0:
		src, err = zlib.NewReader(src)
	default:
		return payload[:min(len(payload), most)], len(payload) > most, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("unpack: %w", err)
	}
	if message, err = io.ReadAll(io.LimitReader(src, int64(most)+1)); err != nil {
		return nil, false, fmt.Errorf("unpack: %w", err)
	}
	return message[:min(len(message), most)], len(message) > most, nil
}

// windowMost: a message of 128 chunks is at most 8 MiB.
const windowMost = 8 << 20
