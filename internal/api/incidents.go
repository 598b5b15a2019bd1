package api

import (
	"context"
	"net/http"
	"time"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/incident"
	"github.com/plumbline/plumbline/internal/watch"
	"github.com/plumbline/plumbline/internal/when"
)

// between answers with what there was in the range of time asked, at most so much
// as limit= says.
func between[T any](s *Server, r *http.Request, name string, list func(ctx context.Context, from, to int64, limit int) ([]T, error)) (any, error) {
	from, to, err := s.span(r)
	if err != nil {
		return nil, err
	}
	limit, err := number(r, "limit", 100, maxListed)
	if err != nil {
		return nil, err
	}
	found, err := list(r.Context(), from, to, limit)
	return map[string]any{name: first(found)}, err
}

func (s *Server) incidents(_ http.ResponseWriter, r *http.Request) (any, error) {
	return between(s, r, "incidents", s.opts.Rules.Incidents)
}

func (s *Server) incident(_ http.ResponseWriter, r *http.Request) (any, error) {
	i, err := s.opts.Rules.Incident(r.Context(), r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	until := i.Ended
	if until == 0 {
		until = s.opts.Now().UnixNano()
	}
	deploys, err := s.opts.Rules.Deploys(r.Context(), i.Opened-int64(deploysBefore), until)
	return map[string]any{"incident": i, "down": i.Down(s.opts.Now().UnixNano()), "deploys": first(deploys), "classes": incident.Classes()}, err
}

// deploysBefore is how long before an incident a deploy is looked for: a leak
// takes its hours.
const deploysBefore = 6 * time.Hour

func (s *Server) act(_ http.ResponseWriter, r *http.Request) (any, error) {
	var a incident.Act
	if err := decode(r, &a); err != nil {
		return nil, err
	}
	return s.opts.Rules.Act(r.Context(), r.PathValue("id"), a)
}

// evidence asks the lines of an incident what they have in common.
func (s *Server) evidence(_ http.ResponseWriter, r *http.Request) (any, error) {
	names, err := s.opts.Store.FieldNames(r.Context(), nil)
	if err != nil {
		return nil, err
	}
	kinds := map[string]string{} // none of those that tell lines apart and join none
	for _, x := range s.opts.Store.Extents(nil) {
		d := s.opts.Dataset(x.Dataset)
		for _, name := range names {
			if d.Tells(name) {
				kinds[name] = s.kindIn(nil, name)
			}
		}
	}
	return s.opts.Rules.Evidence(r.Context(), r.PathValue("id"), kinds)
}

// warnings are those that began after since=, yesterday when it is left out.
func (s *Server) warnings(_ http.ResponseWriter, r *http.Request) (any, error) {
	text := r.FormValue("since")
	if text == "" {
		text = "-1d@d"
	}
	since, err := when.Relative(text, s.opts.Now().UnixNano(), time.UTC)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "since=")
	}
	list, err := s.opts.Rules.Warnings(r.Context(), since)
	return map[string]any{"since": since, "warnings": list}, err
}

func (s *Server) postmortem(w http.ResponseWriter, r *http.Request) (any, error) {
	i, err := s.opts.Rules.Incident(r.Context(), r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	h := w.Header()
	h.Set("Content-Type", "text/markdown; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="incident-`+i.ID+`.md"`)
	_, _ = w.Write([]byte(i.Postmortem(time.UTC, s.opts.Now().UnixNano()))) // the client has gone; there is nobody to tell
	return nil, nil
}

func (s *Server) putOff(_ http.ResponseWriter, r *http.Request) (any, error) {
	var p watch.PutOff
	if err := decode(r, &p); err != nil {
		return nil, err
	}
	return p, s.opts.Rules.PutOff(r.Context(), p)
}

func (s *Server) notices(_ http.ResponseWriter, r *http.Request) (any, error) {
	return between(s, r, "notices", s.opts.Rules.Notices)
}

func (s *Server) tryChannel(_ http.ResponseWriter, r *http.Request) (any, error) {
	var ask struct {
		Channel string `json:"channel"`
	}
	if err := decode(r, &ask); err != nil {
		return nil, err
	}
	return map[string]bool{"sent": true}, s.opts.Rules.Try(r.Context(), ask.Channel)
}

func (s *Server) changes(_ http.ResponseWriter, r *http.Request) (any, error) {
	from, to, err := s.span(r)
	if err != nil {
		return nil, err
	}
	list, err := s.opts.Rules.Changes(r.Context(), from, to)
	return map[string]any{"changes": first(list), "count": len(list)}, err
}

func (s *Server) deploys(_ http.ResponseWriter, r *http.Request) (any, error) {
	from, to, err := s.span(r)
	if err != nil {
		return nil, err
	}
	list, err := s.opts.Rules.Deploys(r.Context(), from, to)
	list = list[max(0, len(list)-maxListed):] // the newest matter
	return map[string]any{"deploys": first(list)}, err
}

// deploy takes a deploy; its time is as people and programs write times, now
// when it is left out.
func (s *Server) deploy(_ http.ResponseWriter, r *http.Request) (any, error) {
	var d struct {
		watch.Deploy
		At string `json:"at"`
	}
	if err := decode(r, &d); err != nil {
		return nil, err
	}
	if d.At != "" {
		var err error
		if d.Deploy.At, err = when.Relative(d.At, s.opts.Now().UnixNano(), time.UTC); err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "at")
		}
	}
	return s.opts.Rules.Told(r.Context(), d.Deploy)
}

// effect compares the time before a deploy with the time after it.
func (s *Server) effect(_ http.ResponseWriter, r *http.Request) (any, error) {
	over := watch.DefaultSpan
	if text := r.FormValue("over"); text != "" {
		ns, err := when.ParseDuration(text)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "over=")
		}
		over = time.Duration(ns)
	}
	return s.opts.Rules.Effect(r.Context(), r.FormValue("service"), r.FormValue("release"), over)
}

// quarter sums up the quarter in which at lies, now when it is left out, or a
// range of its own.
func (s *Server) quarter(_ http.ResponseWriter, r *http.Request) (any, error) {
	if r.FormValue("from") != "" {
		from, to, err := s.span(r)
		if err != nil {
			return nil, err
		}
		return s.opts.Rules.Quarter(r.Context(), from, to)
	}
	at := s.opts.Now()
	if text := r.FormValue("at"); text != "" {
		ns, err := when.Relative(text, at.UnixNano(), time.UTC)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "at=")
		}
		at = time.Unix(0, ns)
	}
	from, to := watch.QuarterOf(at.UTC())
	return s.opts.Rules.Quarter(r.Context(), from.UnixNano(), to.UnixNano())
}
