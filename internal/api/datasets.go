package api

import (
	"net/http"

	"github.com/plumbline/plumbline/internal/agg"
	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/pipe"
)

type datasetInfo struct {
	Name  string `json:"name"`
	Rows  int64  `json:"rows"`
	Bytes int64  `json:"bytes"`
	From  string `json:"from,omitempty"`
	To    string `json:"to,omitempty"`
}

// datasets says what there is to ask.
func (s *Server) datasets(w http.ResponseWriter, r *http.Request) {
	list := []datasetInfo{}
	for _, x := range s.opts.Store.Extents(callerOf(r).datasets) {
		d := datasetInfo{Name: x.Dataset, Rows: x.Rows, Bytes: x.Bytes}
		if x.Rows > 0 {
			d.From, d.To = rfc3339(x.From), rfc3339(x.To)
		}
		list = append(list, d)
	}
	answer(w, map[string]any{"datasets": list})
}

type word struct {
	Name    string `json:"name"`
	Syntax  string `json:"syntax"`
	Summary string `json:"summary"`
}

// language gives the words of the language, for completion.
func (s *Server) language(w http.ResponseWriter, _ *http.Request) {
	var pipes, functions, aggregates []word
	for _, k := range pipe.Kinds() {
		pipes = append(pipes, word{k.Name, k.Syntax, k.Summary})
	}
	for _, name := range expr.FunctionNames() {
		f, _ := expr.FunctionOf(name)
		functions = append(functions, word{f.Name, f.Name + "(" + f.Params + ")", f.Summary})
	}
	for f := range agg.Functions() {
		aggregates = append(aggregates, word{f.Name, f.Name + "(" + f.Params + ")", f.Summary})
	}
	answer(w, map[string]any{"pipes": pipes, "functions": functions, "aggregates": aggregates})
}
