package watch

import (
	"bytes"
	"math"
	"slices"

	"github.com/plumbline/plumbline/internal/expr"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/rule"
)

// instances finds the track of each row of one batch.
type instances struct {
	past  *Past
	rows  rule.Rows
	cache map[string]*track
	key   []byte
}

func newInstances(p *Past, b *row.Batch) *instances {
	return &instances{past: p, rows: p.ready.Rows(b), cache: map[string]*track{}}
}

// note puts what row i showed at a step into its track. Of two rows of one
// instance the graver one counts.
func (in *instances) note(i, at int, j *judgement) error {
	t, err := in.track(i)
	if err != nil || t == nil {
		return err
	}
	if before := t.sights[at]; before != byte(rule.Absent) && byte(j.sights[i]) <= before {
		return nil
	}
	t.put(at, in.rows, i, j)
	return nil
}

// put keeps what row i of a batch showed at a step.
func (t *track) put(at int, rows rule.Rows, i int, j *judgement) {
	value, ok := rows.ValueOf(i)
	if !ok {
		value = math.NaN()
	}
	t.sights[at], t.values[at] = byte(j.sights[i]), value
	if t.limits != nil {
		t.limits[at] = j.limit(i)
	}
	if t.rest != nil {
		t.rest[at] = j.rest.Has(i)
	}
}

// judgement is what the rows of one batch show.
type judgement struct {
	sights []rule.Sight
	limits *row.Column // of each row, where they move
	rest   row.Bitmap  // where the rest of the condition is true
}

func (c *Ready) judgement(b *row.Batch, now int64) *judgement {
	j := &judgement{sights: c.Judge(b, now)}
	ev := expr.NewEvaluator(expr.Env{Now: now})
	if c.gauge.moves() {
		limits := ev.Eval(c.gauge.limit, b)
		j.limits = &limits
	}
	if c.gauge.rest != nil {
		j.rest = ev.Filter(c.gauge.rest, b)
	}
	return j
}

// limit is that of row i; NaN where it is missing.
func (j *judgement) limit(i int) float64 {
	if f, ok := j.limits.Value(i).Float(); ok {
		return f
	}
	return math.NaN()
}

// track is the one of row i; nil for an instance that the rule leaves out.
func (in *instances) track(i int) (*track, error) {
	in.key = in.key[:0]
	for _, c := range in.rows.Labels {
		in.key = append(c.AppendText(in.key, i), 0)
	}
	if t, ok := in.cache[string(in.key)]; ok {
		return t, nil
	}
	t, err := in.past.track(in.rows.LabelsOf(i))
	in.cache[string(in.key)] = t
	return t, err
}

// track finds or begins the track of an instance.
func (p *Past) track(labels rule.Labels) (*track, error) {
	key := labels.String()
	if t, ok := p.byKey[key]; ok {
		return t, nil
	}
	if p.ready.Excepted(labels) {
		p.byKey[key] = nil
		return nil, nil
	}
	if (len(p.instances)+1)*p.steps > maxCells {
		return nil, fault.New(fault.OverLimit, "the backtest has more than %d instances over %d steps; ask for a shorter time, or group by less", len(p.instances), p.steps)
	}
	t := &track{labels: labels, key: key, sights: make([]byte, p.steps), values: make([]float64, p.steps)}
	if p.ready.gauge.moves() {
		t.limits = make([]float64, p.steps)
	}
	if p.ready.gauge.rest != nil {
		t.rest = make([]bool, p.steps)
	}
	p.byKey[key] = t
	p.instances = append(p.instances, t)
	return t, nil
}

// stretch is how many steps share a peak.
const stretch = 32

// climb notes how near to firing each stretch of steps comes.
func (t *track) climb(g gauge) {
	worst := math.Inf(-1)
	if !g.upward() {
		worst = math.Inf(1)
	}
	t.peaks = make([]float64, (len(t.values)+stretch-1)/stretch)
	for i := range t.peaks {
		t.peaks[i] = worst
	}
	for i, v := range t.values {
		if peak := &t.peaks[i/stretch]; t.sights[i] != byte(rule.Absent) && (g.upward() && v > *peak || !g.upward() && v < *peak) {
			*peak = v
		}
	}
}

// judge says what the steps of a track show: as they were judged, or by another
// threshold.
type judge struct {
	gauge gauge
	limit *float64 // nil: as they were judged
}

func (j judge) sight(t *track, at int) rule.Sight {
	switch {
	case j.limit == nil || t.sights[at] == byte(rule.Absent):
		return rule.Sight(t.sights[at])
	case j.gauge.beyond(t.values[at], *j.limit) && (t.rest == nil || t.rest[at]):
		return rule.Fires
	}
	return rule.Cleared
}

// next is the first step from at on that fires; -1 when there is none.
func (j judge) next(t *track, at int) int {
	if j.limit == nil {
		if found := bytes.IndexByte(t.sights[at:], byte(rule.Fires)); found >= 0 {
			return at + found
		}
		return -1
	}
	for at < len(t.values) {
		end := min(at-at%stretch+stretch, len(t.values))
		if j.gauge.beyond(t.peaks[at/stretch], *j.limit) {
			for ; at < end; at++ {
				if j.sight(t, at) == rule.Fires {
					return at
				}
			}
		}
		at = end
	}
	return -1
}

// Reverse finds the threshold that gives at most so many notices: the one
// nearest to where nothing is told, among the values there were.
func (p *Past) Reverse(notices func(limit float64) (int, error), most int) (float64, error) {
	if err := p.ready.slides(); err != nil {
		return 0, err
	}
	candidates := p.candidates()
	if len(candidates) == 0 {
		return 0, fault.New(fault.NotFound, "there were no rows in this time to find a threshold from")
	}
	// From the strictest on the notices do not shrink, but for joined incidents;
	// so the loosest that is quiet enough is searched by halves and then checked.
	low, high := 0, len(candidates)-1
	for low < high {
		mid := (low + high + 1) / 2
		n, err := notices(candidates[mid])
		if err != nil {
			return 0, err
		}
		if n <= most {
			low = mid
		} else {
			high = mid - 1
		}
	}
	return candidates[low], nil
}

// maxCandidates is how finely a threshold is looked for.
const maxCandidates = 1000

// candidates are thresholds from the strictest, which fires never, to the
// loosest.
func (p *Past) candidates() []float64 {
	var values []float64
	for _, t := range p.instances {
		for i, v := range t.values {
			if t.sights[i] != byte(rule.Absent) && !math.IsNaN(v) && (t.rest == nil || t.rest[i]) {
				values = append(values, v)
			}
		}
	}
	slices.Sort(values)
	values = slices.Compact(values)
	if len(values) > maxCandidates {
		thin := make([]float64, 0, maxCandidates)
		for i := range maxCandidates {
			thin = append(thin, values[i*(len(values)-1)/(maxCandidates-1)])
		}
		values = slices.Compact(thin)
	}
	if p.ready.gauge.upward() {
		slices.Reverse(values)
	}
	return values
}
