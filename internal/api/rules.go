package api

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/rule"
	"github.com/plumbline/plumbline/internal/watch"
	"github.com/plumbline/plumbline/internal/when"
)

// watched are the routes of rules and of what comes of them.
func (s *Server) watched() []Route {
	return []Route{
		{"GET /api/v1/wall", Read, "", s.ruled(s.wall)},
		{"GET /api/v1/rules", Read, "", s.ruled(s.rules)},
		{"GET /api/v1/rules/{name}/chart", Read, "from to", s.ruled(s.ruleChart)},
		{"PUT /api/v1/rules/{name}", Admin, "", s.ruled(s.writeRule)},
		{"DELETE /api/v1/rules/{name}", Admin, "", s.ruled(s.eraseRule)},
		{"POST /api/v1/backtest", Admin, "", s.ruled(s.backtest)},
		{"GET /api/v1/incidents", Read, "from to limit", s.ruled(s.incidents)},
		{"GET /api/v1/incidents/{id}", Read, "", s.ruled(s.incident)},
		{"POST /api/v1/incidents/{id}", Admin, "", s.ruled(s.act)},
		{"GET /api/v1/incidents/{id}/postmortem", Read, "", s.ruled(s.postmortem)},
		{"GET /api/v1/incidents/{id}/evidence", Read, "", s.ruled(s.evidence)},
		{"GET /api/v1/warnings", Read, "since", s.ruled(s.warnings)},
		{"POST /api/v1/lamps/put-off", Admin, "", s.ruled(s.putOff)},
		{"GET /api/v1/notices", Read, "from to limit", s.ruled(s.notices)},
		{"POST /api/v1/notices/test", Admin, "", s.ruled(s.tryChannel)},
		{"GET /api/v1/changes", Read, "from to", s.ruled(s.changes)},
		{"GET /api/v1/deploys", Read, "from to", s.ruled(s.deploys)},
		{"GET /api/v1/deploys/effect", Read, "service release over", s.ruled(s.effect)},
		{"POST /api/v1/deploys", Write, "", s.ruled(s.deploy)},
		{"POST /alertmanager/api/v2/alerts", Write, "", s.ruled(s.takeAlerts)},
		{"GET /alertmanager/api/v2/alerts", Read, anyParams, s.ruled(s.showAlerts)},
		{"GET /alertmanager/api/v2/status", Read, "", s.ruled(s.alertStatus)},
		{"GET /api/v1/slos", Read, "", s.ruled(s.slos)},
		{"GET /api/v1/quarter", Read, "at from to", s.ruled(s.quarter)},
	}
}

// ruled answers with what a handler gives. Rules ask every dataset, so nothing
// of them is shown to a token that may see only some.
func (s *Server) ruled(handle func(w http.ResponseWriter, r *http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var out any
		err := fault.New(fault.NotFound, "no rules are driven here")
		switch {
		case s.opts.Rules == nil:
		case callerOf(r).datasets != nil:
			err = fault.New(fault.Denied, "this token may touch some datasets only, and rules ask all of them")
		default:
			out, err = handle(w, r)
		}
		switch {
		case err != nil:
			fail(w, err)
		case out != nil:
			answer(w, out)
		}
	}
}

// maxBody bounds a body of JSON that a person or a program writes.
const maxBody = 1 << 20

// decode reads a body of JSON; a key that nobody knows is an error.
func decode(r *http.Request, into any) error {
	d := json.NewDecoder(http.MaxBytesReader(nil, r.Body, maxBody))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil && d.Decode(new(any)) != io.EOF {
		err = errors.New("something follows the object")
	}
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "the body is to be one object of JSON")
	}
	return nil
}

// span is the range of a request; everything when it does not say one.
func (s *Server) span(r *http.Request) (from, to int64, err error) {
	now := s.opts.Now()
	from, to = 0, now.Add(24*time.Hour).UnixNano()
	for _, p := range []struct {
		name string
		at   *int64
	}{{"from", &from}, {"to", &to}} {
		if text := r.FormValue(p.name); text != "" && err == nil {
			if *p.at, err = when.Relative(text, now.UnixNano(), time.UTC); err != nil {
				err = fault.Wrap(fault.Invalid, err, "%s=", p.name)
			}
		}
	}
	return from, to, err
}

func (s *Server) wall(_ http.ResponseWriter, r *http.Request) (any, error) {
	return s.opts.Rules.Wall(r.Context())
}

func (s *Server) slos(_ http.ResponseWriter, r *http.Request) (any, error) {
	list, err := s.opts.Rules.Budgets(r.Context())
	return map[string][]watch.Budget{"slos": list}, err
}

func (s *Server) rules(_ http.ResponseWriter, r *http.Request) (any, error) {
	list, err := s.opts.Rules.Rules(r.Context())
	if err != nil {
		return nil, err
	}
	written, err := s.opts.Rules.Written(r.Context())
	return struct {
		Rules   []rule.Rule `json:"rules"`
		Written []string    `json:"written"` // those that can be erased
	}{list, written}, err
}

// chartOver is what a chart of a rule shows when nothing is said: whoever looks at
// a lamp wants to know how the day went.
const chartOver = 24 * time.Hour

func (s *Server) ruleChart(_ http.ResponseWriter, r *http.Request) (any, error) {
	from, to, err := s.span(r)
	if err != nil {
		return nil, err
	}
	if r.FormValue("to") == "" {
		to = s.opts.Now().UnixNano()
	}
	if r.FormValue("from") == "" {
		from = to - int64(chartOver)
	}
	return s.opts.Rules.Chart(r.Context(), r.PathValue("name"), from, to)
}

func (s *Server) writeRule(_ http.ResponseWriter, r *http.Request) (any, error) {
	var u rule.Rule
	if err := decode(r, &u); err != nil {
		return nil, err
	}
	if name := r.PathValue("name"); u.Name == "" {
		u.Name = name
	} else if u.Name != name {
		return nil, fault.New(fault.Invalid, "the path names the rule %s, the body %s", name, u.Name)
	}
	u.Burn = nil // SLOs are written in files
	if err := u.Check(); err != nil {
		return nil, err
	}
	return u, s.opts.Rules.Write(r.Context(), u)
}

func (s *Server) eraseRule(_ http.ResponseWriter, r *http.Request) (any, error) {
	return map[string]bool{"erased": true}, s.opts.Rules.Erase(r.Context(), r.PathValue("name"))
}

// slide is what the range of a backtest is rounded to.
const slide = int64(time.Minute)

// maxListed bounds the lists of a backtest that are sent; its counts are whole.
const maxListed = 500

func (s *Server) backtest(_ http.ResponseWriter, r *http.Request) (any, error) {
	var ask struct {
		watch.Ask
		From string `json:"from"`
		To   string `json:"to"`
	}
	if err := decode(r, &ask); err != nil {
		return nil, err
	}
	if err := ask.Rule.Check(); err != nil {
		return nil, err
	}
	now := s.opts.Now().UnixNano()
	for _, p := range []struct {
		name, text, otherwise string
		at                    *int64
	}{{"from", ask.From, "-7d", &ask.Ask.From}, {"to", ask.To, "now", &ask.Ask.To}} {
		if p.text == "" {
			p.text = p.otherwise
		}
		var err error
		if *p.at, err = when.Relative(p.text, now, time.UTC); err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "%s", p.name)
		}
	}
	// A slider asks about the same time again, though a second has passed.
	ask.Ask.From, ask.Ask.To = ask.Ask.From-ask.Ask.From%slide, ask.Ask.To-ask.Ask.To%slide
	got, err := s.opts.Rules.Backtest(r.Context(), ask.Ask)
	if err != nil {
		return nil, err
	}
	out := struct {
		*watch.Result
		Summary     string `json:"summary"`
		NoticeCount int    `json:"notice_count"`
		Opened      int    `json:"incident_count"`
		ChangeCount int    `json:"change_count"`
	}{got, got.Summary(), len(got.Notices), len(got.Incidents), len(got.Changes)}
	got.Notices, got.Incidents, got.Changes = first(got.Notices), first(got.Incidents), first(got.Changes)
	for i := range got.Incidents {
		got.Incidents[i].Line = nil
	}
	return out, nil
}

// first are the first of a list, and never nil, which JSON would call null.
func first[T any](list []T) []T { return append([]T{}, list[:min(len(list), maxListed)]...) }
