package query

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/pipe"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/scan"
)

// hintRows is how many of the newest lines are looked through for names of
// fields when a question found nothing: each service writes a line within few
// thousand, and reading them takes no time that anybody would notice.
const hintRows = 4096

// hint says which fields an empty answer may have been asked by mistake: those
// that none of the newest lines has, and whose name is near one that they have.
// A question about a field that no line has is no error, for lines with it may
// come tomorrow.
func (e *Engine) hint(ctx context.Context, a *Answer) {
	asked := a.Plan.asked
	a.pipeHint()
	if len(asked) == 0 {
		return
	}
	want := scan.Scan{Datasets: a.Plan.Scan.Datasets, From: everything.From, To: everything.To, All: true, Fields: asked, Order: scan.NewestFirst, Limit: hintRows, Env: a.Plan.Scan.Env}
	streams, err := e.opts.Source.Scan(ctx, e.opts.Source.Fit(want), new(scan.Read))
	if err != nil {
		return
	}
	names, rows := map[string]bool{}, 0
	for _, s := range streams {
		for b, err := range s {
			if err != nil {
				return
			}
			for i := range b.Cols {
				if b.Cols[i].Present(b.Len).Any() {
					names[b.Cols[i].Name] = true
				}
			}
			if rows += b.Len; rows >= hintRows {
				break
			}
		}
	}
	known := make([]string, 0, len(names))
	for name := range names {
		known = append(known, name)
	}
	slices.Sort(known)
	for _, name := range asked {
		if names[name] {
			continue
		}
		if near := fault.Nearest(name, known); near != "" {
			a.note(pipe.Note{Kind: pipe.Warning, Text: fmt.Sprintf("no line of late has a field %s; did you mean %s?", name, near)})
		} else if strings.Contains(a.text, "'"+name+"'") {
			a.note(pipe.Note{Kind: pipe.Warning, Text: fmt.Sprintf("'%s' in single quotes is a field, and no line of late has it; a text stands in double quotes", name)})
		}
	}
}

// pipeHint says that a question which found nothing looked for the words of a
// pipe.
func (a *Answer) pipeHint() {
	word, _, _ := strings.Cut(strings.TrimSpace(a.text), " ")
	if pipe.KindOf(strings.ToLower(word)) == nil || strings.EqualFold(word, "search") {
		return
	}
	if q, err := pipe.Parse("| " + a.text); err == nil {
		a.note(pipe.Note{Kind: pipe.Warning, Text: fmt.Sprintf("this looked for the word “%s” in lines; did you mean | %s?", word, shortened(q.Pipes[0].String()))})
	}
}

// saysNothing reports whether the one row of b counts nothing and holds nothing:
// what stats gives when no line was found.
func saysNothing(b *row.Batch) bool {
	for i := range b.Cols {
		if v := b.Cols[i].Value(0); !v.IsMissing() && !row.Equal(v, row.IntOf(0)) {
			return false
		}
	}
	return true
}

// askedFields are the fields on which it hangs whether there is an answer:
// those of the filter, and those that the first pipe groups by.
func askedFields(where expr.Expr, pipes []pipe.Pipe, env *pipe.Env) []string {
	names, _ := expr.Fields(where)
	if len(pipes) > 0 {
		if g, ok := pipes[0].(grouper); ok {
			for _, k := range g.Group(env).Keys {
				if f, ok := k.(*expr.Field); ok && !slices.Contains(names, f.Name) {
					names = append(names, f.Name)
				}
			}
		}
	}
	return slices.DeleteFunc(names, func(name string) bool { return strings.HasPrefix(name, "_") })
}
