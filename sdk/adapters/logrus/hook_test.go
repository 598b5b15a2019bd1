package logrus_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"testing"
	"time"

	plain "github.com/sirupsen/logrus"

	"github.com/plumbline/plumbline/sdk/adapters/logrus"
	"github.com/plumbline/plumbline/sdk/line"
	"github.com/plumbline/plumbline/sdk/log"
)

func logger(o log.Options) (*plain.Logger, *log.Handler, *[]string) {
	var lines []string
	o.Put = func(b []byte) { lines = append(lines, string(b)) }
	h := log.New(o)
	l := plain.New()
	logrus.Install(l, h)
	return l, h, &lines
}

func decode(t *testing.T, s string) map[string]any {
	t.Helper()
	fields := map[string]any{}
	if err := json.Unmarshal([]byte(s), &fields); err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return fields
}

func begin() *line.Line {
	l := new(line.Line)
	line.NewSource(line.Options{Put: func([]byte) {}}).
		Begin(l, context.Background(), &line.Kind{Name: "job"}, line.Origin{RequestID: "req_1"})
	return l
}

func TestEntriesBecomeLines(t *testing.T) {
	p, _, lines := logger(log.Options{})
	p.WithContext(begin()).WithError(errors.New("gone")).WithFields(plain.Fields{
		"charge_id": "ch_1", "n": -3, "took": 1500 * time.Microsecond, "list": []string{"a"},
	}).Warn("Charge created")
	got := decode(t, (*lines)[0])
	for name, want := range map[string]any{
		"_msg": "Charge created", "level": "warn", "charge_id": "ch_1", "n": -3.0, "took": 0.0015, "error": "gone", "request_id": "req_1",
	} {
		if got[name] != want {
			t.Errorf("%s is %#v, want %#v", name, got[name], want)
		}
	}
}

func TestLevels(t *testing.T) {
	p, h, lines := logger(log.Options{})
	h.Levels().Set("store", slog.LevelDebug, 0)
	p.Debug("unheard")
	p.Info("heard")
	p.WithField("logger", "store").Debug("heard too")
	p.Trace("never")
	if len(*lines) != 2 || decode(t, (*lines)[1])["logger"] != "store" {
		t.Errorf("lines %q", *lines)
	}
}

func TestRecall(t *testing.T) {
	p, _, lines := logger(log.Options{Recall: true})
	l := begin()
	p.WithContext(l).Debug("whispered")
	p.Debug("without a request")
	l.Finish(line.ServerError)
	if len(*lines) != 1 || decode(t, (*lines)[0])["_msg"] != "whispered" {
		t.Errorf("lines %q", *lines)
	}
}

// A service that logs with logrus.
func ExampleInstall() {
	logger := plain.New()
	logrus.Install(logger, log.New(log.Options{Put: func(line []byte) {}}))
	logger.WithContext(context.Background()).WithField("charge_id", "ch_1").Info("Charge created")
	// Output:
}
