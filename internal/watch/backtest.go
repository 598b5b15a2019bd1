package watch

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/incident"
	"github.com/plumbline/plumbline/internal/pipe"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/rule"
)

// Past is what a rule would have seen: for each instance and each step of a
// range, its value and what it showed. It can be judged again with another
// threshold without asking again.
type Past struct {
	ready     *Ready
	from, to  int64 // the first step lies behind from, the last not behind to
	steps     int
	instances []*track
	byKey     map[string]*track
}

// track is one instance over all steps.
type track struct {
	labels rule.Labels
	key    string    // of labels
	sights []byte    // a rule.Sight a step
	values []float64 // NaN where a row had none
	limits []float64 // of each step, where they move; else nil
	rest   []bool    // whether the rest of the condition was true; nil: there is none
	peaks  []float64 // the value nearest to firing of each stretch of steps
}

// maxCells bounds the memory of a backtest: 9 bytes a cell, 300 MB; twice that
// where the limit moves.
const maxCells = 32 << 20

// Remember asks for what a rule would have seen between two times.
func Remember(ctx context.Context, a Asker, r *rule.Rule, from, to int64) (*Past, error) {
	c, err := Compile(r)
	if err != nil {
		return nil, err
	}
	p := &Past{ready: c, from: from, to: to, byKey: map[string]*track{}}
	if p.steps = int((p.last()-p.first())/int64(r.Every)) + 1; p.steps < 1 || p.steps > maxCells {
		return nil, fault.New(fault.Invalid, "a backtest from %s to %s has no steps, or too many", rfc3339(from), rfc3339(to))
	}
	window, ok := p.windows()
	if !ok {
		err := p.stepwise(ctx, a)
		p.sort()
		return p, err
	}
	for phase := range window {
		if err := p.windowed(ctx, a, int64(phase), p.first(), p.last()+1); err != nil {
			return nil, err
		}
	}
	if err := p.fillGaps(ctx, a); err != nil {
		return nil, err
	}
	p.sort()
	return p, nil
}

// sort puts the instances into the order in which a live step takes them, and
// notes how far their values go.
func (p *Past) sort() {
	for _, t := range p.instances {
		t.climb(p.ready.gauge)
	}
	slices.SortFunc(p.instances, func(x, y *track) int { return strings.Compare(x.key, y.key) })
}

// fillGaps gives steps without lines the row that stats without by gives for no
// lines: a count of 0.
func (p *Past) fillGaps(ctx context.Context, a Asker) error {
	if p.ready.By == nil || len(p.ready.By) > 0 {
		return nil
	}
	const noLines = 1 // a nanosecond in 1970
	b, err := ask(ctx, a, p.ready.text, noLines, noLines+1, 1)
	if err != nil || b.Len == 0 {
		return err
	}
	t, err := p.track(nil)
	if err != nil || t == nil {
		return err
	}
	rows := p.ready.Rows(b)
	judged := p.ready.judgement(b, 0)
	for at, s := range t.sights {
		if s == byte(rule.Absent) {
			t.put(at, rows, 0, judged)
		}
	}
	return nil
}

func (p *Past) first() int64 { return p.ready.firstStep(p.from) }

// last is the last step.
func (p *Past) last() int64 { return floor(p.to, int64(p.ready.Rule.Every)) }

// maxPhases bounds how often the lines are read for windows that overlap; with
// more, single steps are cheaper.
const maxPhases = 60

// windows is in how many phases the windows lie that tile the time. ok is false
// when the steps can only be asked one by one.
func (p *Past) windows() (phases int, ok bool) {
	every, over := int64(p.ready.Rule.Every), int64(p.ready.Rule.Over)
	if p.ready.Rule.Burn != nil || over%every != 0 || over/every > maxPhases {
		return 0, false
	}
	_, ok = p.ready.measure.Windowed(nil, windowField)
	return int(over / every), ok
}

const windowField = "_window"

// windowed asks for all windows of one phase that end at steps from first to
// before end, in stretches of time that the limit of groups allows.
func (p *Past) windowed(ctx context.Context, a Asker, phase, first, end int64) error {
	every, over := int64(p.ready.Rule.Every), int64(p.ready.Rule.Over)
	stretch := max(over, floor(24*int64(time.Hour), over))
	// The windows of a phase start at whole multiples of over, shifted.
	for from := floor(first-over-phase*every, over) + phase*every; from < end-over; {
		to := from + stretch
		b, err := ask(ctx, a, p.question(phase*every), from, min(to, p.last()), 0)
		var limit *fault.Limit
		if errors.As(err, &limit) && stretch > over && limit.Name == "groups" {
			stretch = max(over, floor(stretch/4, over))
			continue
		}
		if err != nil {
			return err
		}
		if err := p.take(b, phase*every); err != nil {
			return err
		}
		from = to
	}
	return nil
}

// question measures all windows of a phase at once.
func (p *Past) question(shift int64) string {
	over := p.ready.Rule.Over
	text := fmt.Sprintf("| bin span=%s _time as %s", over, windowField)
	if shift != 0 {
		text = fmt.Sprintf("| eval %[1]s = _time - %[3]s | bin span=%[2]s %[1]s", windowField, over, rule.Duration(shift))
	}
	window, err := pipe.Parse(text)
	if err != nil {
		return "" // cannot be: durations print as they parse, and a test asks for it
	}
	q, _ := p.ready.measure.Windowed(window.Pipes, windowField)
	return q.String()
}

// take puts the rows of a windowed answer into the tracks.
func (p *Past) take(b *row.Batch, shift int64) error {
	if b.Len == 0 {
		return nil
	}
	judged := p.ready.judgement(b, 0)
	windows := b.Col(windowField)
	over, every, first := int64(p.ready.Rule.Over), int64(p.ready.Rule.Every), p.first()
	in := newInstances(p, b.Without(windowField))
	for i := range b.Len {
		w := windows.Value(i)
		step := w.Nums() + shift + over
		at := (step - first) / every
		if w.Kind != row.Time || step < first || at >= int64(p.steps) {
			continue
		}
		if err := in.note(i, int(at), judged); err != nil {
			return err
		}
	}
	return nil
}

// stepwise asks every step as it is asked live.
func (p *Past) stepwise(ctx context.Context, a Asker) error {
	m := newMeters()
	for at, step := 0, p.first(); step <= p.to; at, step = at+1, step+int64(p.ready.Rule.Every) {
		b, err := p.ready.measured(ctx, a, m, step)
		if err != nil {
			return err
		}
		if b.Len == 0 {
			continue
		}
		judged := p.ready.judgement(b, step)
		in := newInstances(p, b)
		for i := range b.Len {
			if err := in.note(i, at, judged); err != nil {
				return err
			}
		}
	}
	return nil
}

// Result is what a rule would have done.
type Result struct {
	From      int64               `json:"from"`
	To        int64               `json:"to"`
	Steps     int                 `json:"steps"`
	Instances int                 `json:"instances"`
	Threshold *float64            `json:"threshold,omitempty"`
	Notices   []incident.Notice   `json:"notices"`
	Incidents []incident.Incident `json:"incidents"`
	Changes   []rule.Change       `json:"changes"`
	Firing    int64               `json:"firing"`             // nanoseconds in which anything fired
	Channels  []ChannelCount      `json:"channels,omitempty"` // who would have been told, by name
	Chart     *Chart              `json:"chart,omitempty"`
}

// ChannelCount is how often a channel would have been told.
type ChannelCount struct {
	Channel   string `json:"channel"`
	Notices   int    `json:"notices"`
	Escalated int    `json:"escalated,omitempty"` // at most, when nobody acknowledges in time
}

// Summary says it in a line: 14 notices, 3 incidents, 42m firing.
func (r *Result) Summary() string {
	return fmt.Sprintf("%d notices, %d incidents, %s firing", len(r.Notices), len(r.Incidents), rule.Duration(r.Firing))
}

// told is how often somebody would have been told; a rule of severity info
// tells nobody, so it counts how often it was lit.
func (r *Result) told(s rule.Severity) int {
	if s != rule.Info {
		return len(r.Notices)
	}
	n := 0
	for _, c := range r.Changes {
		if c.To.Burning() {
			n++
		}
	}
	return n
}

// Replay steps the rule over its past. limit, when not nil, takes the place of
// the number in its condition; that is refused for conditions without one.
func (p *Past) Replay(policy incident.Policy, limit *float64) (*Result, error) {
	j := judge{p.ready.gauge, limit}
	out := &Result{From: p.from, To: p.to, Steps: p.steps, Instances: len(p.instances), Threshold: limit}
	if limit != nil {
		if err := p.ready.slides(); err != nil {
			return nil, err
		}
	} else if own, ok := p.ready.gauge.number(); ok {
		out.Threshold = &own
	}
	out.Changes = p.changes(j)
	p.conclude(policy, out)
	return out, nil
}

// changes walks every instance, in the order of their keys, through its steps, and
// gives what came of it in the order of time.
func (p *Past) changes(j judge) []rule.Change {
	var found []rule.Change
	var steps []int32 // of what was found
	every, first := int64(p.ready.Rule.Every), p.first()
	waits := p.ready.Rule.NoData == rule.NoDataFire
	for _, t := range p.instances {
		s := rule.State{Labels: t.labels}
		for at := 0; at < p.steps; at++ {
			if s.Status == rule.Quiet && !waits {
				// Nothing happens to a quiet instance until it fires.
				if at = j.next(t, at); at < 0 {
					break
				}
			}
			now, from, sight := first+int64(at)*every, s.Status, j.sight(t, at)
			if sight != rule.Absent {
				if s.Value = t.values[at]; math.IsNaN(s.Value) {
					s.Value = 0
				}
			}
			if p.ready.Next(&s, sight, now) {
				found, steps = append(found, p.change(&s, t.key, from, now)), append(steps, int32(at))
			}
		}
	}
	return inTime(found, steps, p.steps)
}

// inTime puts what was found at some of n steps into their order.
func inTime(found []rule.Change, steps []int32, n int) []rule.Change {
	places := make([]int32, n+1) // where what was found at a step goes
	for _, at := range steps {
		places[at+1]++
	}
	for at := range n {
		places[at+1] += places[at]
	}
	if len(found) == 0 {
		return nil
	}
	out := make([]rule.Change, len(found))
	for i, c := range found {
		out[places[steps[i]]] = c
		places[steps[i]]++
	}
	return out
}

func (p *Past) change(s *rule.State, key string, from rule.Status, now int64) rule.Change {
	s.Values = nil
	if p.ready.Value != "" {
		s.Values = []rule.Pair{{Name: p.ready.Value, Value: row.FloatOf(s.Value).Text()}}
	}
	return p.ready.Change(s, key, from, now)
}

// conclude turns changes into incidents and notices as they would have been.
func (p *Past) conclude(policy incident.Policy, out *Result) {
	book := incident.NewBook(policy, func(name string) *rule.Rule {
		if name == p.ready.Rule.Name {
			return p.ready.Rule
		}
		return nil
	})
	byID := map[string]*incident.Incident{}
	burning, changes := 0, out.Changes
	every := int64(p.ready.Rule.Every)
	for step := p.first(); step <= p.to; step += every {
		if burning > 0 {
			out.Firing += every
		}
		if len(changes) == 0 && len(book.Lamps)+len(book.Open) == 0 {
			break
		}
		if len(book.Lamps)+len(book.Open) == 0 && changes[0].At > step {
			step = changes[0].At // nothing is lit: time may pass at once
		}
		for len(changes) > 0 && changes[0].At <= step {
			burning += map[bool]int{true: 1, false: -1}[changes[0].To.Burning()]
			book.Absorb(changes[0])
			changes = changes[1:]
		}
		book.Tick(step)
		list, notices := book.Take()
		for _, i := range list {
			byID[i.ID] = i
		}
		out.Notices = append(out.Notices, notices...)
	}
	for _, i := range byID {
		out.Incidents = append(out.Incidents, *i)
	}
	slices.SortFunc(out.Incidents, func(x, y incident.Incident) int { return strings.Compare(x.ID, y.ID) })
}
