package corpus

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
)

var textFields = []Field{{"_time", Moment}, {"service", Word}, {"host", Word}, {"_msg", Text}}

// samplesFolder is where text lines grow from; "" for an invented system.
func samplesFolder() string { return os.Getenv("SAMPLES") }

func textDoc() string {
	if samplesFolder() == "" {
		return "messages of a few hundred invented shapes, half of the digits varied"
	}
	return "lines of sample logs, half of the digits varied"
}

// text lines are taken at random from the files of the folder SAMPLES, half of
// their digits varied; without it from messages of an invented system.
func text(r *rand.Rand) func(*bytes.Buffer, int, string) {
	sources := samples()
	return func(b *bytes.Buffer, _ int, at string) {
		s := sources[r.IntN(len(sources))]
		msg := []byte(s.lines[r.IntN(len(s.lines))])
		for k, c := range msg {
			if c >= '0' && c <= '9' && r.IntN(2) == 0 {
				msg[k] = byte('0' + r.IntN(10))
			}
		}
		fmt.Fprintf(b, `{"_time":"%s","service":"%s","host":"%s-%02d","_msg":%s}`+"\n", at, s.name, s.name, r.IntN(hosts), quoted(string(msg)))
	}
}

// quoted is a text as JSON.
func quoted(s string) []byte {
	out, err := json.Marshal(s)
	if err != nil { // a string always can be
		panic(err)
	}
	return out
}

type source struct {
	name  string
	lines []string
}

func samples() []source {
	var out []source
	var files []string
	if dir := samplesFolder(); dir != "" {
		files, _ = filepath.Glob(filepath.Join(dir, "*.log")) // the pattern is well formed
	}
	for _, name := range files {
		body, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		s := source{name: strings.ToLower(strings.TrimSuffix(filepath.Base(name), ".log"))}
		for line := range strings.Lines(string(body)) {
			if line = strings.TrimRight(line, "\r\n"); line != "" {
				s.lines = append(s.lines, strings.ToValidUTF8(line, "?"))
			}
		}
		out = append(out, s)
	}
	if out == nil {
		out = invented()
	}
	return out
}

// invented are a few hundred messages in the manner of servers, schedulers and
// storage: every verb with every thing, and digits in many places.
func invented() []source {
	things := strings.Fields("block session lease volume worker shard replica snapshot queue mount certificate connection")
	verbs := []string{"received", "closed: Connection reset by peer", "scheduled on node-17", "evicted after 3000 ms", "retried 4 times", "verified", "lost quorum", "moved from 10.20.30.40:5060"}
	forms := []string{
		"2025-03-16 10:20:30,123 INFO  [pool-7-thread-12] %s blk_-1608999687919862906 %s size 67108864",
		"%s 9f3ab2c14d5e6f70 %s in 0.012345 s (attempt 2/5)",
		"kernel: [123456.789012] %s eth0:1 %s, status 0x1a2b",
		"%s /data/3/part-00017.tmp %s",
		"nova-compute[4321]: [instance: 7b6f0e2c] Terminating %s %s",
	}
	out := make([]source, len(forms))
	for f, form := range forms {
		out[f].name = fmt.Sprintf("system-%d", f+1)
		for _, thing := range things {
			for _, verb := range verbs {
				out[f].lines = append(out[f].lines, fmt.Sprintf(form, thing, verb))
			}
		}
	}
	return out
}
