package api

import (
	"net"
	"net/http"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/intake"
)

// maxBatchName bounds the name of a batch, which lies in the log beside its
// rows: a path of 4 KiB and what tells its chunks apart.
const maxBatchName = 5 << 10

// ingest takes lines in: 200 when those accepted are on disk.
func (s *Server) ingest(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if len(q.Get("batch")) > maxBatchName {
		fail(w, fault.New(fault.Invalid, "batch= is a name of at most %d bytes", maxBatchName))
		return
	}
	s.take(w, r, http.StatusOK, intake.Request{
		Format: r.PathValue("format"), Dataset: q.Get("dataset"), BatchName: q.Get("batch"),
		TimeField: q.Get("time_field"), MsgField: q.Get("msg_field"), TimeFormat: q.Get("time_format"), Multiline: q.Get("multiline"),
	})
}

// links takes links in: lines of two ids each, which are rows of a dataset of
// their own.
func (s *Server) links(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("batch")
	if len(name) > maxBatchName {
		fail(w, fault.New(fault.Invalid, "batch= is a name of at most %d bytes", maxBatchName))
		return
	}
	s.take(w, r, http.StatusOK, intake.Request{Format: "links", Dataset: dataset.Links, BatchName: name})
}

// gelf takes one GELF message, as Graylog's input does: 202.
func (s *Server) gelf(w http.ResponseWriter, r *http.Request) {
	s.take(w, r, http.StatusAccepted, intake.Request{Format: "gelf", Dataset: r.URL.Query().Get("dataset")})
}

func (s *Server) take(w http.ResponseWriter, r *http.Request, status int, req intake.Request) {
	if req.Dataset == "" {
		req.Dataset = dataset.Default
	}
	lineDataset.Set(r.Context(), req.Dataset)
	lineFormat.Set(r.Context(), req.Format)
	if !callerOf(r).may(req.Dataset) {
		fail(w, fault.New(fault.Denied, "this token may not write to dataset %s", req.Dataset))
		return
	}
	req.Body = &body{r.Body, http.NewResponseController(w), bodyIdle}
	req.Encoding, req.Size = r.Header.Get("Content-Encoding"), max(r.ContentLength, 0)
	req.Source, _, _ = net.SplitHostPort(r.RemoteAddr)
	receipt, err := s.opts.Intake.Ingest(r.Context(), req)
	if err != nil {
		fail(w, err)
		return
	}
	tellLines(r.Context(), receipt)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	answer(w, receipt)
}
