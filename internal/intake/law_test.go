package intake

import (
	"bytes"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/plumbline/plumbline/internal/dataset"
)

// accounted ingests a body and checks the law of conservation, and that the
// same body in other reads gives the same rows.
func accounted(t *testing.T, r Request, body []byte) *shelf {
	t.Helper()
	offered := 0
	for line := range bytes.Lines(bytes.TrimPrefix(body, []byte("\ufeff"))) {
		if r.Format == "gelf" {
			line = bytes.ReplaceAll(line, []byte{0}, []byte(" "))
		}
		if !blank(bytes.TrimRight(line, "\n")) {
			offered++
		}
	}
	ingest := func(request Request, change ...func(*Options)) (*shelf, Receipt) {
		s := new(shelf)
		in := intakeOn(s, change...)
		receipt, err := in.Ingest(t.Context(), request)
		if err != nil {
			t.Fatalf("%.200q: %v", body, err)
		}
		for _, c := range in.Counters() {
			if c.Offered != c.Stored+c.Rejected+c.Refused+c.Dropped || c.Stored != receipt.Accepted || c.Rejected != receipt.Rejected || c.Refused != receipt.Refused || c.Dropped != receipt.Dropped {
				t.Fatalf("%.200q: counters %+v, receipt %+v", body, c, receipt)
			}
		}
		if a, b := s.count(request.Dataset, "_time"), s.count(dataset.Rejected, "_time"); a != receipt.Accepted || b != receipt.Rejected {
			t.Fatalf("%.200q: %d and %d rows for %+v", body, a, b, receipt)
		}
		return s, receipt
	}
	r.Dataset = "law"
	r.Body = bytes.NewReader(body)
	s, receipt := ingest(r)
	if got := receipt.Accepted + receipt.Rejected + receipt.Joined; got != offered && r.Format != "gelf" {
		t.Fatalf("%.200q: %d lines offered, %d accounted for: %+v", body, offered, got, receipt)
	}
	r.Body = &randomReader{bytes.NewReader(body), rand.New(rand.NewPCG(1, uint64(len(body))))}
	other, again := ingest(r, smallChunks)
	if !reflect.DeepEqual(receipt, again) || !slices.Equal(s.rows("law"), other.rows("law")) || !slices.Equal(s.rows(dataset.Rejected), other.rows(dataset.Rejected)) {
		t.Fatalf("%.200q: other reads give %+v, want %+v", body, again, receipt)
	}
	return s
}

// FuzzIngest: whatever is sent in whatever format, each line is accounted for.
func FuzzIngest(f *testing.F) {
	for i, text := range []string{
		"{\"a\":1}\nx\n{\"time\":\"soon\"}\n", "a=1 b\n[2019-03-18 22:48:32.990] c d=e\n", "a\n b\nCaused by: c\n\n\x00\n",
		`1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 5 "-" "m`, "{\"short_message\":1}\x00{}\n",
	} {
		f.Add(uint8(i), "", "", text)
	}
	f.Add(uint8(0), "a", "unix_ms", "{\"a\":1795000000000}\r\n\ufeff")
	f.Add(uint8(2), "", "auto", "Jun 14 15:16:01 x\n\tat y\n")
	f.Fuzz(func(t *testing.T, format uint8, field, layout, text string) {
		if len(text) > 4<<10 || strings.HasPrefix(text, "\x1f\x8b") || strings.HasPrefix(text, "\x28\xb5\x2f\xfd") {
			return
		}
		r := Request{Format: Formats()[int(format)%len(Formats())].Name, TimeField: field, MsgField: field, TimeFormat: layout}
		in := intakeOn(new(shelf))
		if _, err := in.check(r); err != nil {
			return
		}
		for _, s := range accounted(t, r, []byte(text)).rows("law") {
			fields(t, s)
		}
	})
}

// The samples: what real systems write, from the folder SAMPLES when it is
// set, else grown from templates of them.
func TestSamples(t *testing.T) {
	for name, body := range samples(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			format, ok := Detect(body[:min(len(body), DetectBytes)])
			if !ok {
				t.Fatal("no format found")
			}
			if want := map[bool]string{true: "combined", false: "text"}[strings.Contains(name, "combined")]; format != want {
				t.Errorf("found %s, want %s", format, want)
			}
			s := accounted(t, Request{Format: format, TimeFormat: "auto", Multiline: "off"}, body)
			if n := s.count(dataset.Rejected, "_time"); n > 0 {
				t.Errorf("%d lines rejected", n)
			}
			dated := 0
			for _, text := range s.rows("law") {
				if fields(t, text)["_time"] != "2026-11-21T12:00:00Z" {
					dated++
				}
			}
			if total := s.count("law", "_time"); dated < total*99/100 {
				t.Errorf("%d of %d rows have a time of their own", dated, total)
			}
		})
	}
}

func samples(t *testing.T) map[string][]byte {
	out := map[string][]byte{}
	dir := os.Getenv("SAMPLES")
	if dir == "" {
		for name, lines := range templates {
			var b bytes.Buffer
			for i := range 300 {
				fmt.Fprintf(&b, lines[i%len(lines)]+"\r\n", i%24, i%60, i)
			}
			out[name] = b.Bytes()
		}
		return out
	}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || filepath.Ext(path) != ".log" {
			return err
		}
		out[filepath.Base(path)], err = os.ReadFile(path)
		return err
	})
	if err != nil || len(out) == 0 {
		t.Fatalf("samples of %s: %d, %v", dir, len(out), err)
	}
	return out
}

// templates take an hour, a minute and a number.
var templates = map[string][]string{
	"hadoop":   {"2015-10-18 %02d:%02d:47,978 INFO [main] org.apache.hadoop.mapreduce.v2.app.MRAppMaster: task_%d done", "2015-10-18 %02d:%02d:48,1 ERROR x %d: java.io.IOException"},
	"sshd":     {"Jun 14 %02d:%02d:01 combo sshd(pam_unix)[%d]: authentication failure; logname= uid=0 euid=0", "Jun 14 %02d:%02d:02 combo su[%d]: session opened"},
	"apache":   {"[Sun Dec 04 %02d:%02d:44 2005] [notice] jk2_init() Found child %d in scoreboard slot 10"},
	"phone":    {"03-17 %02d:%02d:38.811  1702  2395 D PowerManagerService: acquire lock=%d, tag=\"View Lock\""},
	"hdfs":     {"081109 %02d%02d15 148 INFO dfs.DataNode$PacketResponder: block blk_%d terminating"},
	"combined": {`83.149.9.216 - - [17/May/2015:%02d:%02d:03 +0000] "GET /a/%d HTTP/1.1" 200 203023 "http://r/" "Mozilla/5.0 (Macintosh; Intel Mac OS X)"`, `1.2.3.4 - bob [17/May/2015:%02d:%02d:03 +0000] "GET /b/%d HTTP/1.1" 304 - "-" "broken`},
	"steps":    {"20171223-%02d:%02d:29:606|Step_LSC|30002312|onStandStepChanged %d"},
	"windows":  {"2016-09-28 %02d:%02d:30, Info                  CBS    Loaded Servicing Stack v6.1.7601.%d"},
}
