package log

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// levelRequest is what a PUT says, as a form or as JSON.
type levelRequest struct {
	Level  *string `json:"level"`
	Logger string  `json:"logger"`
	TTL    string  `json:"ttl"` // as time.ParseDuration reads it
}

// ServeHTTP reads and changes levels with the protocol of zap's AtomicLevel:
//
//	GET                          {"level":"info"}
//	PUT level=debug              {"level":"debug"}
//	PUT {"level":"debug"}        {"level":"debug"}
//
// and what that lacks: ?logger=store speaks of one logger, ttl=10m takes the level
// back after a while, level=default at once, and GET lists the loggers that have a
// level of their own. It changes the program, so it belongs behind a listener that
// only operators reach.
func (s *Levels) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("logger")
	switch r.Method {
	case http.MethodGet:
	case http.MethodPut:
		changed, err := s.change(r)
		if err != nil {
			answer(w, http.StatusBadRequest, map[string]any{"error": err.Error()})
			return
		}
		name = changed
	default:
		w.Header().Set("Allow", "GET, PUT")
		answer(w, http.StatusMethodNotAllowed, map[string]any{"error": "Only GET and PUT are supported."})
		return
	}
	reply := map[string]any{"level": levelName(s.Level(name))}
	if own := s.settings(); len(own) > 0 && name == "" {
		loggers := map[string]string{}
		for _, set := range own {
			loggers[set.name] = levelName(set.level)
			if set.left > 0 {
				loggers[set.name] += " for " + set.left.Round(time.Second).String()
			}
		}
		reply["loggers"] = loggers
	}
	answer(w, http.StatusOK, reply)
}

func (s *Levels) change(r *http.Request) (name string, err error) {
	asked, err := readLevelRequest(r)
	switch {
	case err != nil:
		return "", err
	case asked.Level == nil || *asked.Level == "":
		return "", errors.New("must specify logging level")
	case len(asked.Logger) > maxLoggerBytes:
		return "", fmt.Errorf("a logger's name has up to %d bytes", maxLoggerBytes)
	}
	if strings.EqualFold(*asked.Level, "default") {
		s.Reset(asked.Logger)
		return asked.Logger, nil
	}
	level, err := ParseLevel(*asked.Level)
	if err != nil {
		return "", err
	}
	var while time.Duration
	if asked.TTL != "" {
		if while, err = time.ParseDuration(asked.TTL); err != nil || while <= 0 {
			return "", fmt.Errorf("ttl %q is no duration such as 10m", asked.TTL)
		}
	}
	s.Set(asked.Logger, level, while)
	return asked.Logger, nil
}

// A request is some fifty bytes, a logger's name a path of a few words.
const (
	maxRequestBytes = 4 << 10
	maxLoggerBytes  = 256
)

func readLevelRequest(r *http.Request) (asked levelRequest, err error) {
	r.Body = http.MaxBytesReader(nil, r.Body, maxRequestBytes)
	asJSON := !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") && !r.URL.Query().Has("level")
	if asJSON {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return asked, fmt.Errorf("reading the request: %w", err)
		}
		if err := json.Unmarshal(body, &asked); err != nil {
			return asked, fmt.Errorf("malformed request body: %w", err)
		}
		query := r.URL.Query()
		if asked.Logger == "" {
			asked.Logger = query.Get("logger")
		}
		if asked.TTL == "" {
			asked.TTL = query.Get("ttl")
		}
		return asked, nil
	}
	if err := r.ParseForm(); err != nil { // FormValue would bring the readers of uploads into every binary
		return asked, fmt.Errorf("form: %w", err)
	}
	level := r.Form.Get("level")
	return levelRequest{Level: &level, Logger: r.Form.Get("logger"), TTL: r.Form.Get("ttl")}, nil
}

func answer(w http.ResponseWriter, status int, body map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body) //nolint:errcheck // the client is gone, then
}

// levels above slog's that zap knows, four apart as slog's are.
const (
	dpanic = slog.LevelError + 4
	fatal  = slog.LevelError + 12
)

// ParseLevel reads debug, info, warn, error, zap's dpanic, panic and fatal, and
// what slog reads, such as info+2, in small letters or capitals.
func ParseLevel(text string) (slog.Level, error) {
	switch strings.ToLower(text) {
	case "dpanic":
		return dpanic, nil
	case "panic":
		return dpanic + 4, nil
	case "fatal":
		return fatal, nil
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(text)); err != nil {
		return 0, fmt.Errorf("unrecognized level: %q", text)
	}
	return level, nil
}

func levelName(level slog.Level) string { return string(appendLevel(nil, level)) }
