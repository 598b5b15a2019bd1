package watch

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/incident"
	"github.com/plumbline/plumbline/internal/intake"
	"github.com/plumbline/plumbline/internal/pipe"
	"github.com/plumbline/plumbline/internal/query"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/rule"
	"github.com/plumbline/plumbline/internal/store/memory"
	"github.com/plumbline/plumbline/internal/when"
)

// Trial is a test of rules: a text file with rules, lines, and what is to come
// of them.
//
//	Charges that fail are told after two minutes.
//
//	--- rules
//	rules:
//	  - name: charges-fail
//	    …
//	--- lines
//	2026-01-01T10:00:10Z {"_msg":"canonical-log-line","http_status":500}
//	2026-01-01T10:00:10Z every 5s until 2026-01-01T10:05:00Z {"_msg":"canonical-log-line","http_status":500}
//	--- want
//	2026-01-01T10:03:00Z begins charges-fail
//	2026-01-01T10:03:00Z notice opened charges-fail
//	2026-01-01T10:05:00Z ends charges-fail
//	2026-01-01T10:20:00Z notice ended charges-fail
//
// Lines go to the dataset app, or to the one that their field _dataset names.
type Trial struct {
	Name  string
	Rules []byte
	Lines []trialLine
	Want  []string
}

type trialLine struct {
	at   int64
	json string
}

// maxTrialLines bounds what "every" may make of one line.
const maxTrialLines = 1_000_000

// ParseTrial reads a test of rules.
func ParseTrial(name, text string) (*Trial, error) {
	t := &Trial{Name: name}
	section := ""
	for n, line := range strings.Split(text, "\n") {
		if s, ok := strings.CutPrefix(line, "--- "); ok {
			section = strings.TrimSpace(s)
			if section != "rules" && section != "lines" && section != "want" {
				return nil, fault.New(fault.Invalid, "%s:%d: there is no section %q; there are rules, lines and want", name, n+1, section)
			}
			continue
		}
		trimmed := strings.TrimSpace(line)
		switch {
		case section == "rules":
			t.Rules = append(append(t.Rules, line...), '\n')
		case section == "" || trimmed == "" || strings.HasPrefix(trimmed, "#"):
		case section == "want":
			t.Want = append(t.Want, trimmed)
		default:
			if err := t.addLines(trimmed); err != nil {
				return nil, fault.Wrap(fault.Invalid, err, "%s:%d", name, n+1)
			}
		}
	}
	if len(t.Rules) == 0 || len(t.Lines) == 0 {
		return nil, fault.New(fault.Invalid, "%s: a test of rules has the sections --- rules, --- lines and --- want", name)
	}
	return t, nil
}

// addLines reads "TIME {…}" or "TIME every LENGTH until TIME {…}".
func (t *Trial) addLines(text string) error {
	head, _, found := strings.Cut(text, "{")
	if !found {
		return fmt.Errorf("expected a time and an object of JSON, found %q", text)
	}
	json := text[len(head):]
	words := strings.Fields(head)
	if len(words) != 1 && (len(words) != 5 || words[1] != "every" || words[3] != "until") {
		return fmt.Errorf("expected TIME, or TIME every LENGTH until TIME, found %q", strings.TrimSpace(head))
	}
	from, ok := when.ParseTime(words[0], time.UTC)
	if !ok {
		return fmt.Errorf("%q is no time; write it as 2026-01-01T10:00:00Z", words[0])
	}
	if len(words) == 1 {
		t.Lines = append(t.Lines, trialLine{from, json})
		return nil
	}
	every, err := when.ParseDuration(words[2])
	if err != nil {
		return err
	}
	until, ok := when.ParseTime(words[4], time.UTC)
	if !ok || every <= 0 || (until-from)/every > maxTrialLines {
		return fmt.Errorf("every %s until %s makes no lines, or too many", words[2], words[4])
	}
	for at := from; at < until; at += every {
		t.Lines = append(t.Lines, trialLine{at, json})
	}
	return nil
}

// Run steps the rules over the lines and gives what came of it, a line each, in
// the form of the section want.
func (t *Trial) Run(ctx context.Context) ([]string, error) {
	rules, err := rule.Parse(t.Name, t.Rules, Check)
	if err != nil {
		return nil, err
	}
	ready, err := CompileAll(rules)
	if err != nil {
		return nil, err
	}
	engine, from, to, err := t.open(ctx)
	if err != nil {
		return nil, err
	}
	policy := incident.DefaultPolicy()
	d := newDesk(ready, policy)
	end := to + int64(policy.Join+policy.Delay)
	for _, c := range ready {
		d.last[c.Rule.Name] = from - 1
		end = max(end, to+int64(policy.Join+policy.Delay)+int64(c.Rule.Over+c.Rule.For+c.Rule.KeepFor+2*c.Rule.Every))
	}
	var out []string
	for c, at := d.next(); c != nil && at <= end; c, at = d.next() {
		changes, err := d.step(ctx, engine, c, at)
		if err != nil {
			return nil, err
		}
		d.book.Tick(at)
		out = append(out, told(d, changes)...)
	}
	return out, nil
}

// told are the lines of one step.
func told(d *desk, changes []rule.Change) []string {
	var out []string
	for _, c := range changes {
		verb := "ends"
		if c.To.Burning() {
			verb = "begins"
		}
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", rfc3339(c.At), verb, c.Rule, c.Labels)))
	}
	_, notices := d.book.Take()
	for _, n := range notices {
		out = append(out, fmt.Sprintf("%s notice %s %s", rfc3339(n.At), n.Kind, n.Title))
	}
	return out
}

// open takes the lines in, as a server would, and gives an engine over them.
func (t *Trial) open(ctx context.Context) (engine *query.Engine, from, to int64, err error) {
	store := memory.Open(expr.Env{Zone: time.UTC})
	from, to = math.MaxInt64, math.MinInt64
	bodies := map[string]*strings.Builder{}
	for _, l := range t.Lines {
		from, to = min(from, l.at), max(to, l.at)
		name := datasetOf(l.json)
		if bodies[name] == nil {
			bodies[name] = &strings.Builder{}
		}
		fmt.Fprintf(bodies[name], "{\"_time\":%q,%s\n", rfc3339(l.at), l.json[1:])
	}
	in := intake.New(intake.Options{Store: once{store}, Now: func() time.Time { return time.Unix(0, to) }})
	for name, body := range bodies {
		receipt, err := in.Ingest(ctx, intake.Request{Format: "jsonl", Dataset: name, TimeField: "_time", Body: strings.NewReader(body.String())})
		if err != nil {
			return nil, 0, 0, err
		}
		if len(receipt.Errors) > 0 {
			return nil, 0, 0, fault.New(fault.Invalid, "%s: a line cannot be read: %s", t.Name, receipt.Errors[0].Reason)
		}
	}
	return query.New(query.Options{Source: store, Budget: pipe.NewBudget(1 << 30)}), from, to, nil
}

// datasetOf is what the field _dataset of a line says.
func datasetOf(json string) string {
	_, rest, found := strings.Cut(json, `"_dataset":"`)
	name, _, closed := strings.Cut(rest, `"`)
	if !found || !closed {
		return "app"
	}
	return name
}

// once is a store that knows no batches by name.
type once struct{ *memory.Store }

func (o once) Append(ctx context.Context, batches ...*row.Batch) error {
	for _, b := range batches {
		if err := o.Store.Append(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

func (o once) AppendOnce(ctx context.Context, _ string, _ []byte, batches ...*row.Batch) ([]byte, error) {
	return nil, o.Append(ctx, batches...)
}

// Compare says where what came differs from what was wanted; empty: nowhere.
func (t *Trial) Compare(got []string) string {
	var b strings.Builder
	have, want := strings.Join(got, "\n"), strings.Join(t.Want, "\n")
	if have == want {
		return ""
	}
	fmt.Fprintf(&b, "%s: it came otherwise\n", t.Name)
	wanted := map[string]int{}
	for _, w := range t.Want {
		wanted[w]++
	}
	for _, g := range got {
		mark := "+"
		if wanted[g] > 0 {
			wanted[g]--
			mark = " "
		}
		fmt.Fprintf(&b, "%s %s\n", mark, g)
	}
	for _, w := range t.Want {
		if wanted[w] > 0 {
			wanted[w]--
			fmt.Fprintf(&b, "- %s\n", w)
		}
	}
	return b.String()
}
