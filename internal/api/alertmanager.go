package api

import (
	"encoding/json"
	"io"
	"net/http"
	"time"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/rule"
	"github.com/plumbline/plumbline/internal/watch"
)

// takeAlerts takes alerts as Alertmanager does, so that Prometheus and others
// send theirs here: they stand on the wall and open incidents as our own do.
// https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml
func (s *Server) takeAlerts(w http.ResponseWriter, r *http.Request) (any, error) {
	var list []watch.Outside
	d := json.NewDecoder(http.MaxBytesReader(nil, r.Body, 8*maxBody)) // a storm of ten thousand
	err := d.Decode(&list)
	if err == nil && d.Decode(new(any)) != io.EOF {
		err = fault.New(fault.Invalid, "something follows the list")
	}
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "the body is to be a list of alerts as Alertmanager takes them")
	}
	if err := s.opts.Rules.Sent(r.Context(), list); err != nil {
		return nil, err
	}
	w.WriteHeader(http.StatusOK)
	return nil, nil
}

// showAlerts gives the alerts of other programs that burn, as Alertmanager does.
func (s *Server) showAlerts(_ http.ResponseWriter, r *http.Request) (any, error) {
	list, err := s.opts.Rules.Outsides(r.Context())
	if err != nil {
		return nil, err
	}
	type shown struct {
		watch.Outside
		Fingerprint string              `json:"fingerprint"`
		Receivers   []map[string]string `json:"receivers"`
		Status      map[string]any      `json:"status"`
		UpdatedAt   time.Time           `json:"updatedAt"`
	}
	out := []shown{}
	for _, a := range list {
		out = append(out, shown{a, rule.Fingerprint(a.Labels), []map[string]string{{"name": "plumbline"}},
			map[string]any{"state": "active", "inhibitedBy": []string{}, "silencedBy": []string{}}, s.opts.Now()})
	}
	return out, nil
}

// alertStatus is what clients ask to see whether an Alertmanager is there.
func (s *Server) alertStatus(http.ResponseWriter, *http.Request) (any, error) {
	return map[string]any{
		"cluster":     map[string]any{"status": "disabled"},
		"versionInfo": map[string]string{"version": s.opts.Version, "revision": "", "branch": "", "buildUser": "", "buildDate": "", "goVersion": ""},
		"config":      map[string]string{"original": ""},
		"uptime":      time.Unix(0, s.opts.Rules.View().Round).UTC(),
	}, nil
}
