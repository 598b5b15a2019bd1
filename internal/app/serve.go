package app

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/plumbline/plumbline/internal/store"
)

// Client is how commands are started that talk to a server, for those that are
// printed to be pasted.
type Client struct {
	Command  string // in front of query, ingest …
	Server   string // the URL of the server they talk to when told nothing
	Variable string // of the environment, which names another
}

// Serve runs a server until ctx ends. It prints commands for a client.
func Serve(ctx context.Context, load func() (*Config, error), client Client) error {
	a, err := Open(load, slog.LevelInfo)
	if err != nil {
		return err
	}
	keepWithin(a.config.Load())
	go a.reloadOnHangup(ctx)
	fmt.Fprint(os.Stderr, hints(a.URL(), a.config.Load(), client))
	return a.Live(ctx)
}

// keepWithin has Go collect what is no longer used before it takes more memory than is
// configured: by itself it lets lie around as much again as is used. GOMEMLIMIT goes before.
// An eighth is left for what is made while it collects, and for the program itself. With
// less than twice what the store may hold, it would do little else.
func keepWithin(c *Config) {
	if debug.SetMemoryLimit(-1) == math.MaxInt64 {
		debug.SetMemoryLimit(max(int64(c.Memory+c.IntakeMemory)*7/8, 2*(store.MostUnsealed+int64(c.CacheMemory))))
	}
}

// reloadOnHangup reads the configuration again at each SIGHUP.
func (a *App) reloadOnHangup(ctx context.Context) {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangup:
			if err := a.Reload(); err != nil {
				a.log.Error("reload", "error", err)
			}
		}
	}
}

// hints are ready-to-paste ways to bring the first lines in.
func hints(url string, c *Config, client Client) string {
	auth := ""
	if len(c.Tokens) > 0 {
		auth = ` -H "Authorization: Bearer $TOKEN"`
	}
	gelf := "start with --gelf-tcp 127.0.0.1:12201, then in rsyslog:"
	port := "12201"
	if c.GELFTCP != "" {
		gelf = "rsyslog:"
		port = c.GELFTCP[strings.LastIndexByte(c.GELFTCP, ':')+1:]
	}
	return fmt.Sprintf(`plumbline serves %[1]s, data in %[2]s
%[6]s
a line by curl:
  curl%[3]s %[1]s/api/v1/ingest/jsonl --data-binary '{"_msg":"hello","level":"info"}'
log files:
  %[7]s ingest /var/log/syslog
  %[7]s tail-file '/var/log/nginx/*.log'
%[4]s
  template(name="gelf" type="list") {
    constant(value="{\"version\":\"1.1\",") property(outname="host" name="hostname" format="jsonf")
    constant(value=",") property(outname="short_message" name="msg" format="jsonf")
    constant(value=",\"timestamp\":") property(name="timereported" dateformat="unixtimestamp")
    constant(value=",\"level\":") property(name="syslogseverity") constant(value="}")
  }
  action(type="omfwd" target="127.0.0.1" port="%[5]s" protocol="tcp" template="gelf" TCP_Framing="traditional")
a Go service:
  o := plumbline.New(plumbline.Options{Service: "api", Server: sink.To("%[1]s")})
  http.ListenAndServe(":8080", o.HTTP(mux))
a question:
  %[7]s query '* | head'

`, url, c.Data, auth, gelf, port, client.elsewhere(url), client.Command)
}

// elsewhere is what client commands are told when the server is not where they
// look for it.
func (c Client) elsewhere(url string) string {
	if url == c.Server {
		return ""
	}
	return fmt.Sprintf("\nfirst, so that the commands below find it:\n  export %s=%s\n", c.Variable, url)
}
