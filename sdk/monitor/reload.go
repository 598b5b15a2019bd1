package monitor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/plumbline/plumbline/sdk/health"
	"github.com/plumbline/plumbline/sdk/internal/jsonline"
)

// Reload is something that can be read anew while the program runs.
type Reload struct {
	Name string
	// Run reads it anew and tells the version it now has, or none.
	Run     func(ctx context.Context, c *Call) (version string, err error)
	DryRun  bool          // Run heeds Call.DryRun; others refuse to be tried
	Timeout time.Duration // 60 s
}

// defaultReloadTimeout is long for a file and short for a person.
const defaultReloadTimeout = time.Minute

// Call is one request to reload.
type Call struct {
	Query  url.Values
	DryRun bool // find out whether it would work, and change nothing

	dir string
}

// maxFileBytes bounds what a reload reads: tables of a large service have some
// megabytes.
const maxFileBytes = 64 << 20

// ReadFile reads the file that ?path= names, or else the usual one. Both lie within
// the folder of the monitor's options, whatever dots or links they are made of.
func (c *Call) ReadFile(usual string) ([]byte, error) {
	path := c.Query.Get("path")
	if path == "" {
		path = usual
	}
	if c.dir == "" {
		return nil, &Refusal{http.StatusForbidden, errors.New("this program reloads no files: it names no folder for them")}
	}
	root, err := os.OpenRoot(c.dir)
	if err != nil {
		return nil, fmt.Errorf("folder of reloads: %w", err)
	}
	defer root.Close()
	file, err := root.Open(path)
	if err != nil {
		return nil, &Refusal{refusedFile(err), fmt.Errorf("reload from %q: %w", path, err)}
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() || info.Size() > maxFileBytes {
		return nil, &Refusal{http.StatusBadRequest, fmt.Errorf("reload from %q: not a file of at most %d MB", path, maxFileBytes>>20)}
	}
	body, err := io.ReadAll(io.LimitReader(file, maxFileBytes))
	if err != nil {
		return nil, fmt.Errorf("reload from %q: %w", path, err)
	}
	return body, nil
}

func refusedFile(err error) int {
	if errors.Is(err, fs.ErrNotExist) {
		return http.StatusNotFound
	}
	return http.StatusForbidden
}

// File makes a Reload of a file whose content is parsed and then swapped in at
// once: who reads it sees the old or the new, and an error changes nothing.
func File[T any](name, path string, parse func([]byte) (*T, error), into *atomic.Pointer[T]) Reload {
	return Reload{Name: name, DryRun: true, Run: func(_ context.Context, c *Call) (string, error) {
		body, err := c.ReadFile(path)
		if err != nil {
			return "", err
		}
		value, err := parse(body)
		if err != nil {
			return "", fmt.Errorf("parse %s: %w", name, err)
		}
		if !c.DryRun {
			into.Store(value)
		}
		return "", nil
	}}
}

// reload is a Reload that is registered.
type reload struct {
	Reload
	busy atomic.Bool
}

// Reload registers one at /reload/NAME.
func (m *Monitor) Reload(r Reload) error {
	if m == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	r.Name = name.Replace(r.Name)
	if _, held := m.reloads[r.Name]; held || r.Name == "" || r.Run == nil {
		return fmt.Errorf("monitor: a reload needs a name of its own and something to run, %q has not", r.Name)
	}
	if r.Timeout <= 0 {
		r.Timeout = defaultReloadTimeout
	}
	m.reloads[r.Name] = &reload{Reload: r}
	return nil
}

func (m *Monitor) serveReload(w http.ResponseWriter, r *http.Request) {
	m.mu.RLock()
	one, ok := m.reloads[r.PathValue("name")]
	m.mu.RUnlock()
	call := &Call{Query: r.URL.Query(), dir: m.options.Dir}
	call.DryRun = truth(call.Query.Get("dry_run"))
	switch {
	case !ok:
		refuse(w, http.StatusNotFound, "no such reload")
	case r.Method != http.MethodPost && !(r.Method == http.MethodGet && m.options.ReloadByGet && byHand(r)):
		w.Header().Set("Allow", "POST")
		refuse(w, http.StatusMethodNotAllowed, "a reload changes something: POST")
	case call.DryRun && !one.DryRun:
		refuse(w, http.StatusBadRequest, "this reload cannot be tried")
	case !one.busy.CompareAndSwap(false, true):
		refuse(w, http.StatusConflict, "it is being reloaded")
	default:
		m.answer(w, one, call, r.RemoteAddr)
	}
}

func truth(s string) bool { return s == "1" || s == "true" || s == "yes" }

// byHand tells whether a GET comes from a person's or a script's own client, from
// this machine: browsers say where a request was made.
func byHand(r *http.Request) bool {
	for _, mark := range [...]string{"Origin", "Referer", "Sec-Fetch-Site", "Sec-Fetch-Mode"} {
		if r.Header.Get(mark) != "" {
			return false
		}
	}
	return health.FromHere(r)
}

// answer runs a reload, which holds its busy, and tells how it went.
func (m *Monitor) answer(w http.ResponseWriter, one *reload, call *Call, caller string) {
	begun := time.Now()
	version, err := one.run(call)
	took := time.Since(begun)
	done := Reloaded{Time: begun, Name: one.Name, Caller: caller, DryRun: call.DryRun, Took: took, Version: version}
	status := http.StatusOK
	if err != nil {
		done.Error, status = err.Error(), http.StatusInternalServerError
		var refusal *Refusal
		if errors.As(err, &refusal) {
			status = refusal.Status
		}
	}
	m.history.add(done)
	m.options.Writer.Say("reload", "reload "+one.Name, slog.String("reload", one.Name), slog.Bool("ok", err == nil),
		slog.String("version", version), slog.String("error", done.Error), slog.Bool("dry_run", call.DryRun),
		slog.Duration("duration", took), slog.String("caller", caller))

	b := []byte(`{"error":null`)
	if err != nil {
		b = jsonline.AppendString(b[:len(`{"error":`)], done.Error)
	}
	if version != "" {
		b = jsonline.AppendString(jsonline.AppendKey(b, "version"), version)
	}
	b = strconv.AppendInt(jsonline.AppendKey(b, "took_ms"), took.Milliseconds(), 10)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(b, "}\n"...))
}

// run runs it in a goroutine of its own, for a caller must not wait for one that
// hangs. That one stays busy until it returns.
func (one *reload) run(call *Call) (version string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), one.Timeout) // a caller that leaves half-way must not stop it half-way
	type answer struct {
		version string
		err     error
	}
	done := make(chan answer, 1)
	go func() {
		var a answer
		defer func() {
			if v := recover(); v != nil {
				a = answer{err: fmt.Errorf("panic: %v", v)}
			}
			cancel()
			one.busy.Store(false) // before it is told: who was answered may ask again
			done <- a
		}()
		a.version, a.err = one.Run(ctx, call)
	}()
	timer := time.NewTimer(one.Timeout)
	defer timer.Stop()
	select {
	case a := <-done:
		return a.version, a.err
	case <-timer.C:
		return "", fmt.Errorf("no answer within %v; it goes on", one.Timeout)
	}
}

// Reloaded is one reload as the history has it.
type Reloaded struct {
	Time    time.Time
	Name    string
	Caller  string
	DryRun  bool
	Took    time.Duration
	Version string
	Error   string
}

// historyReloads are those remembered: a week of a busy operator.
const historyReloads = 50

type history struct {
	mu   sync.Mutex
	done []Reloaded
}

func (h *history) add(r Reloaded) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.done) == historyReloads {
		h.done = append(h.done[:0], h.done[1:]...)
	}
	h.done = append(h.done, r)
}

// page lists them, newest first.
func (h *history) page(url.Values) ([]byte, string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	b := []byte(`[`)
	for i := len(h.done) - 1; i >= 0; i-- {
		r := &h.done[i]
		b = jsonline.AppendTime(append(b, `{"time":`...), r.Time)
		b = jsonline.AppendString(jsonline.AppendKey(b, "reload"), r.Name)
		b = jsonline.AppendString(jsonline.AppendKey(b, "caller"), r.Caller)
		b = strconv.AppendBool(jsonline.AppendKey(b, "dry_run"), r.DryRun)
		b = jsonline.AppendSeconds(jsonline.AppendKey(b, "duration"), r.Took)
		b = jsonline.AppendString(jsonline.AppendKey(b, "version"), r.Version)
		b = jsonline.AppendString(jsonline.AppendKey(b, "error"), r.Error)
		b = append(b, '}')
		if i > 0 {
			b = append(b, ',')
		}
	}
	return append(b, "]\n"...), "application/json", nil
}
