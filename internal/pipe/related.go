package pipe

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/related"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/when"
)

// The fields that related makes.
const (
	FieldDistance = "_distance"
	FieldVia      = "_via"
)

// relate turns rows into all rows that belong together with them.
type relate struct {
	ids    bool // give the ids, not the rows
	said   map[string]string
	caps   related.Caps
	runFor time.Duration
	after  Need // what is wanted of its rows, set by the plan
}

var relatedKind = &Kind{
	Name:    "related",
	Syntax:  "related [ids] [depth=4] [within=7d] [max=2000] [rows=10000] [degree=1000] [time=5s]",
	Summary: "turns rows into all rows that share an id with them, and on from those, however late they were joined",
	Doc: "Every field named `id`, `*_id` or `*.id` holds an id of its own kind, but for those of what\n" +
		"too many rows share: user, customer, account, key, tenant, host, session, process, thread.\n" +
		"A dataset may declare [ids, kinds, aliases and hubs](../configuration.md). A list holds several ids.\n" +
		"The same kind and text is the same id; texts that stand for nothing (`-`, `null`, zeros) join no rows.\n" + `
Two rows are a hop apart when they share an id and lie at most within= apart. So the range of the
question chooses where to start, and the rows around reach beyond it, before and after, through
every dataset that may be read.

| option | bounds |
|---|---|
| depth= | hops |
| within= | time between two rows that share an id |
| max= | ids |
| rows= | rows, those at the start included |
| degree= | an id that more rows hold is not followed |
| time= | how long it takes |

An answer that ran into one of them says so. Rows come newest first, each with ` + "`_distance`" + ` in hops, 0 at
the start, and ` + "`_via`" + `, the id it was reached by. ` + "`related ids`" + ` gives the ids in its place: ` + "`kind`, `id`,\n" +
		"`degree` (rows that hold it), `first` and `last` (their times), `distance`, and `hub` where it was not followed.\n" + `
	message_id=abc | related depth=4 within=7d
	message_id=abc | related ids | sort first
	message_id=abc | related | timechart count by _dataset
`,
	Parse: parseRelated,
}

// relatedOption is an option of related: how it is read, and what it is when
// nothing is said.
type relatedOption struct {
	name      string
	otherwise string
	set       func(p *relate, text string) bool
}

// Four hops pass from a request to its message, a batch, a report and what
// hangs on that; a week covers the reports that come latest. 2,000 ids is what a person
// can look through in a picture, 1,000 rows of one id are more than one unit
// of work writes.
func relatedOptions() []relatedOption {
	return []relatedOption{
		{"depth", "4", countTo(func(p *relate) *int { return &p.caps.Depth }, 1000)},
		{"within", "7d", func(p *relate, text string) bool {
			ns, err := when.ParseDuration(text)
			p.caps.Within = ns
			return err == nil && ns >= 0
		}},
		{"max", "2000", countTo(func(p *relate) *int { return &p.caps.IDs }, 1_000_000)},
		{"rows", "10000", countTo(func(p *relate) *int { return &p.caps.Rows }, 1_000_000)},
		{"degree", "1000", countTo(func(p *relate) *int { return &p.caps.Degree }, 1_000_000)},
		{"time", "5s", func(p *relate, text string) bool {
			ns, err := when.ParseDuration(text)
			p.runFor = time.Duration(ns)
			return err == nil && ns > 0
		}},
	}
}

// countTo sets a number from 1 to most.
func countTo(at func(p *relate) *int, most int) func(p *relate, text string) bool {
	return func(p *relate, text string) bool {
		n, err := strconv.Atoi(text)
		*at(p) = n
		return err == nil && n >= 1 && n <= most
	}
}

func parseRelated(r *expr.Reader, _ string) (Pipe, error) {
	p := &relate{said: map[string]string{}, after: Everything()}
	options := relatedOptions()
	var names []string
	for _, o := range options {
		o.set(p, o.otherwise)
		names = append(names, o.name)
	}
	for !r.Done() {
		if r.TakeWord("ids") {
			p.ids = true
			continue
		}
		r.Space()
		at, ahead := r.Offset(), *r
		found := false
		for _, o := range options {
			text, at, ok, err := r.Option(o.name)
			if err != nil {
				return nil, err
			}
			if !ok {
				continue
			}
			if _, twice := p.said[o.name]; twice {
				return nil, r.Fail(at, o.name+"= is given twice", "")
			}
			if !o.set(p, text) {
				return nil, r.Fail(at, fmt.Sprintf("%s= cannot be “%s”", o.name, text), "for example "+o.name+"="+o.otherwise)
			}
			p.said[o.name], found = text, true
		}
		if !found {
			return nil, r.Fail(at, "related has no option "+r.Found(), fault.Nearest(ahead.Word(), names))
		}
	}
	return p, nil
}

func (p *relate) String() string {
	s := "related"
	if p.ids {
		s += " ids"
	}
	for _, o := range relatedOptions() {
		if text, ok := p.said[o.name]; ok {
			s += " " + o.name + "=" + expr.QuoteValue(text)
		}
	}
	return s
}

func (p *relate) Reads(after Need) Need {
	if p.ids {
		return Everything()
	}
	return Need{All: true, Fields: after.Without(FieldDistance, FieldVia).Fields}
}

func (p *relate) Wants(after Need) Pipe {
	with := *p
	with.after = p.Reads(after)
	return &with
}

func (p *relate) Shape() Shape {
	if p.ids {
		return Table
	}
	return Lines
}

func (p *relate) Run(ctx context.Context, env *Env, in row.Rows) row.Rows {
	return whole(func() ([]*row.Batch, error) {
		search := &relatedSearch{p: p, env: env, held: &pile{budget: env.Budget}}
		start, cut, err := search.start(ctx, in)
		if err != nil {
			return nil, err
		}
		timed, cancel := context.WithTimeout(ctx, p.runFor)
		defer cancel()
		caps := p.caps
		caps.Late = func() bool { return timed.Err() != nil && ctx.Err() == nil }
		answer, err := related.Walk(ctx, start, caps, search)
		if err != nil {
			return nil, err
		}
		if cut {
			answer.Cuts = append([]related.Cut{{Cap: related.Rows}}, answer.Cuts...)
		}
		search.say(answer)
		if p.ids {
			return []*row.Batch{idTable(answer)}, nil
		}
		b, err := search.rows(answer)
		return []*row.Batch{b}, err
	})
}

// idTable is the ids of an answer as rows.
func idTable(a *related.Answer) *row.Batch {
	out := row.NewBuilder("")
	for _, x := range a.IDs {
		out.BeginBare()
		out.Text([]byte("kind"), []byte(x.Kind))
		out.Text([]byte("id"), []byte(x.Text))
		out.Value([]byte("degree"), row.IntOf(int64(x.Rows)))
		if x.First <= x.Last {
			out.Value([]byte("first"), row.TimeOf(x.First))
			out.Value([]byte("last"), row.TimeOf(x.Last))
		}
		out.Value([]byte("distance"), row.IntOf(int64(x.Distance)))
		if x.Hub {
			out.Bool([]byte("hub"), true)
		}
	}
	return out.Batch()
}
