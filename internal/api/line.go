package api

import (
	"context"
	"strings"

	"github.com/plumbline/plumbline/internal/intake"
	"github.com/plumbline/plumbline/internal/query"
	"github.com/plumbline/plumbline/sdk/line"
)

// Fields of the canonical lines of this server, beside those that the SDK sets.
var (
	lineQuestion = line.Text("question", line.About("as it was asked"))
	lineRows     = line.Int("rows", line.About("of the answer"))
	lineRowsRead = line.Int("rows_read", line.About("looked at for the answer"))
	lineRead     = line.Int("bytes_read", line.Unit("bytes"), line.About("of pages, for the answer"))
	lineGroups   = line.Int("groups_read", line.About("row groups, for the answer"))
	linePartial  = line.Bool("partial", line.About("not everything could be read"))

	lineDataset  = line.Text("dataset", line.About("that lines went to"))
	lineFormat   = line.Text("format", line.About("that lines came in"))
	lineAccepted = line.Int("accepted", line.About("lines stored"))
	lineRejected = line.Int("rejected", line.About("lines that could not be read"))
	lineRepeated = line.Bool("repeated", line.About("the batch was there already"))
)

// told reports whether each request of a route has a canonical line: those that
// take lines in, ask, or change something. Probes, scrapes and files of the page
// come by the thousand and say nothing.
func (r Route) told() bool {
	return r.Access != Open && (strings.Contains(r.Pattern, " /api/") || strings.HasSuffix(r.Pattern, " /gelf"))
}

// tellAnswer puts what an answer took on the line of its request.
func tellAnswer(ctx context.Context, a *query.Answer) {
	m := a.Meta()
	lineRows.Add(ctx, m.Rows)
	lineRowsRead.Add(ctx, m.RowsRead)
	lineRead.Add(ctx, m.Bytes)
	lineGroups.Add(ctx, m.Groups)
	if m.Partial {
		linePartial.Set(ctx, true)
	}
}

// tellLines puts what became of lines on the line of their request.
func tellLines(ctx context.Context, r intake.Receipt) {
	lineAccepted.Set(ctx, int64(r.Accepted))
	lineRejected.Set(ctx, int64(r.Rejected))
	if r.Repeated {
		lineRepeated.Set(ctx, true)
	}
}
