package watch

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/plumbline/plumbline/internal/incident"
	"github.com/plumbline/plumbline/internal/state"
)

// Quarter is where the downtime of a time came from.
type Quarter struct {
	From         int64            `json:"from"`
	To           int64            `json:"to"`
	Incidents    int              `json:"incidents"`
	Down         int64            `json:"down"`     // nanoseconds, all incidents together
	Acknowledged int64            `json:"to_ack"`   // nanoseconds from the opening, the mean of those acknowledged
	Acked        int              `json:"acked"`    // how many were
	Ended        int64            `json:"to_end"`   // nanoseconds from opening to the last end, the mean
	Classes      []Share          `json:"classes"`  // by class, the longest first
	Services     []Share          `json:"services"` // by the label service of what opened them, or of its rule
	Again        []Share          `json:"again"`    // causes there was more than one incident of
	Overdue      []Overdue        `json:"overdue"`  // tasks that should be done
	Notices      map[string]int   `json:"notices"`  // that were sent, by severity
	FalseAlarms  int              `json:"false"`    // alerts whose trigger was said to be wrong
	Useless      []Share          `json:"useless"`  // rules that lit in incidents and never helped
	Waiting      map[string]int   `json:"waiting"`  // incidents not done, by status
	List         []QuarterSummary `json:"list"`     // all incidents, the oldest first
}

// Share is a part of the incidents.
type Share struct {
	Name  string `json:"name"`
	Count int    `json:"count"`
	Down  int64  `json:"down,omitempty"` // nanoseconds
}

// Overdue is a task that should be done.
type Overdue struct {
	Incident string        `json:"incident"`
	Task     incident.Task `json:"task"`
}

// QuarterSummary is an incident in a line.
type QuarterSummary struct {
	ID     string          `json:"id"`
	Title  string          `json:"title"`
	Opened int64           `json:"opened"`
	Down   int64           `json:"down"`
	Class  string          `json:"class,omitempty"`
	Status incident.Status `json:"status"`
}

// QuarterOf is the quarter of the year in which t lies, in its zone.
func QuarterOf(t time.Time) (from, to time.Time) {
	first := time.Month((int(t.Month())-1)/3*3 + 1)
	from = time.Date(t.Year(), first, 1, 0, 0, 0, 0, t.Location())
	return from, from.AddDate(0, 3, 0)
}

// maxQuarter bounds the incidents of a report.
const maxQuarter = 10_000

// Quarter sums up the incidents opened in a range of time.
func (w *Watch) Quarter(ctx context.Context, from, to int64) (*Quarter, error) {
	list, err := w.opts.State.Incidents(ctx, from, to, maxQuarter)
	if err != nil {
		return nil, err
	}
	notices, err := w.opts.State.Notices(ctx, from, to, 10*maxQuarter)
	if err != nil {
		return nil, err
	}
	slices.Reverse(list)
	return sumUp(list, notices, from, to, w.opts.Now().UnixNano()), nil
}

// sumUp counts; the sums of classes and of services are the sum of all.
func sumUp(list []*incident.Incident, notices []state.Entry, from, to, now int64) *Quarter {
	q := &Quarter{From: from, To: to, Incidents: len(list), Notices: map[string]int{}, Waiting: map[string]int{}, Overdue: []Overdue{}, List: []QuarterSummary{}}
	classes, services, causes, lit, helped := tally{}, tally{}, tally{}, tally{}, map[string]bool{}
	var toAck, toEnd int64
	ends := 0
	for _, i := range list {
		down := int64(i.Down(now))
		q.Down += down
		classes.add(cmp.Or(i.Class, "not classed yet"), down)
		services.add(cmp.Or(i.Labels["service"], "not said"), down)
		if i.Cause != "" {
			causes.add(strings.ToLower(i.Cause), down)
		}
		if i.Acked != 0 {
			q.Acked++
			toAck += i.Acked - i.Opened
		}
		if last := i.Episodes[len(i.Episodes)-1].To; last != 0 {
			ends++
			toEnd += last - i.Opened
		}
		if i.Status != incident.Done {
			q.Waiting[i.Status.String()]++
		}
		q.lamps(i, lit, helped)
		for _, t := range i.Tasks {
			if t.Done == 0 && t.Due < now {
				q.Overdue = append(q.Overdue, Overdue{i.ID, t})
			}
		}
		q.List = append(q.List, QuarterSummary{i.ID, i.Title, i.Opened, down, i.Class, i.Status})
	}
	q.Acknowledged, q.Ended = mean(toAck, q.Acked), mean(toEnd, ends)
	for _, e := range notices {
		if e.Sent > 0 {
			q.Notices[e.Severity.String()]++
		}
	}
	q.Classes, q.Services = classes.list(nil), services.list(nil)
	q.Again = causes.list(func(s Share) bool { return s.Count > 1 })
	q.Useless = lit.list(func(s Share) bool { return !helped[s.Name] })
	return q
}

// lamps counts which rules stood at an incident and which of them helped; what
// opened it did.
func (q *Quarter) lamps(i *incident.Incident, lit tally, helped map[string]bool) {
	seen := map[string]bool{}
	for k, l := range i.Lamps {
		if l.False {
			q.FalseAlarms++
		}
		if k == 0 || l.Helped {
			helped[l.Rule] = true
		}
		if !seen[l.Rule] {
			seen[l.Rule] = true
			lit.add(l.Rule, 0)
		}
	}
}

func mean(sum int64, n int) int64 {
	if n == 0 {
		return 0
	}
	return sum / int64(n)
}

// tally sums by name.
type tally map[string]Share

func (t tally) add(name string, down int64) {
	s := t[name]
	t[name] = Share{name, s.Count + 1, s.Down + down}
}

// list is the shares that f keeps, the greatest first.
func (t tally) list(f func(Share) bool) []Share {
	out := []Share{}
	for _, name := range slices.Sorted(maps.Keys(t)) {
		if f == nil || f(t[name]) {
			out = append(out, t[name])
		}
	}
	slices.SortStableFunc(out, func(x, y Share) int { return cmp.Or(cmp.Compare(y.Down, x.Down), cmp.Compare(y.Count, x.Count)) })
	return out
}
