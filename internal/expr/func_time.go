package expr

import (
	"strings"

	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/when"
)

func now(ev *Evaluator, _ []row.Value) row.Value { return row.TimeOf(ev.env.now()) }

// moment is a value as a time in nanoseconds: a time, or Unix seconds.
func moment(v row.Value) (int64, bool) {
	if v.Kind == row.Time {
		return v.Nums(), true
	}
	return nanoseconds(v.Number())
}

func checkLayout(text string) error {
	if _, err := when.ParseLayout(text); err != nil {
		return invalid("%w", err)
	}
	return nil
}

// layout is a time format ready to use, nil when it does not read.
func (ev *Evaluator) layout(text string) *when.Layout {
	l, known := ev.layouts[text]
	if !known {
		if read, err := when.ParseLayout(text); err == nil {
			l = &read
		}
		if ev.layouts == nil || len(ev.layouts) >= maxCompiled {
			ev.layouts = map[string]*when.Layout{}
		}
		ev.layouts[strings.Clone(text)] = l
	}
	return l
}

func strftime(ev *Evaluator, a []row.Value) row.Value {
	ns, ok := moment(a[0])
	l := ev.layout(a[1].Text())
	if !ok || l == nil {
		return row.Value{}
	}
	return row.TextOf(l.Format(ns, ev.env.Zone))
}

func strptime(ev *Evaluator, a []row.Value) row.Value {
	l := ev.layout(a[1].Text())
	if l == nil {
		return row.Value{}
	}
	ns, ok := l.Parse(a[0].Text(), ev.env.Zone, ev.env.now())
	if !ok {
		return row.Value{}
	}
	return row.TimeOf(ns)
}

// checkSteps reads steps.
func checkSteps(text string) error {
	if err := when.CheckRelative(text); err != nil {
		return invalid("%w", err)
	}
	return nil
}

func relativeTime(ev *Evaluator, a []row.Value) row.Value {
	ns, ok := moment(a[0])
	if !ok {
		return row.Value{}
	}
	moved, err := when.Relative(a[1].Text(), ns, ev.env.Zone)
	if err != nil {
		return row.Value{}
	}
	return row.TimeOf(moved)
}
