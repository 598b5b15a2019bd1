package incident

import (
	"fmt"
	"slices"
	"strings"

	"github.com/plumbline/plumbline/internal/fault"
)

// Classes of causes every team knows; it may add its own.
func Classes() []string {
	return []string{"people", "hosting", "bots", "release", "capacity", "dependency", "database", "unknown"}
}

// Act is what a person does to an incident.
type Act struct {
	Kind  string `json:"kind"` // acknowledge, note, cause, class, task, task-done, follow-up, helped, wrong
	By    string `json:"by"`
	Text  string `json:"text,omitempty"`
	Owner string `json:"owner,omitempty"` // of a task
	Due   int64  `json:"due,omitempty"`   // of a task
	Rule  string `json:"rule,omitempty"`  // of the lamp that helped, or whose trigger is wrong
	Task  int    `json:"task,omitempty"`  // which task is done, from 0
}

// acts are the kinds of acts and what they do. None of them ends an incident.
func acts() map[string]func(i *Incident, a Act, now int64) error {
	return map[string]func(i *Incident, a Act, now int64) error{
		"acknowledge": (*Incident).acknowledge,
		"note":        (*Incident).note,
		"cause":       (*Incident).cause,
		"class":       (*Incident).class,
		"task":        (*Incident).task,
		"task-done":   (*Incident).taskDone,
		"follow-up":   (*Incident).followUp,
		"helped":      (*Incident).helped,
		"wrong":       (*Incident).wrong,
	}
}

// maxText bounds what a person writes at once.
const maxText = 20_000

// Do lets a person act. Its error says why that is not possible now.
func (i *Incident) Do(a Act, now int64) error {
	known := acts()
	act := known[a.Kind]
	if act == nil {
		var names []string
		for n := range known {
			names = append(names, n)
		}
		slices.Sort(names)
		return fault.New(fault.Invalid, "there is no act %q; there are %s", a.Kind, strings.Join(names, ", "))
	}
	a.By, a.Text = strings.TrimSpace(a.By), strings.TrimSpace(a.Text)
	if a.By == "" {
		return fault.New(fault.Invalid, "say who does it: by is empty")
	}
	if len(a.Text) > maxText || len(a.By) > 200 {
		return fault.New(fault.Invalid, "the text is longer than %d bytes", maxText)
	}
	return act(i, a, now)
}

func (i *Incident) acknowledge(a Act, now int64) error {
	if i.Acked != 0 {
		return fault.New(fault.Conflict, "%s has acknowledged it already", i.AckedBy)
	}
	i.Acked, i.AckedBy = now, a.By
	i.say(now, a.By, KindAcked, "")
	return nil
}

func (i *Incident) note(a Act, now int64) error {
	if a.Text == "" {
		return fault.New(fault.Invalid, "the note is empty")
	}
	i.say(now, a.By, KindNote, a.Text)
	return nil
}

// waits is the error for a step of the life that is not reached.
func (i *Incident) waits(step Status) error {
	if i.Status >= step {
		return nil
	}
	if i.Status <= Ended {
		return fault.New(fault.Conflict, "the incident is %s; only its rules end it, and %s comes after", i.Status, step)
	}
	return fault.New(fault.Conflict, "the incident %s first", i.Status)
}

func (i *Incident) cause(a Act, now int64) error {
	if err := i.waits(NeedsCause); err != nil {
		return err
	}
	if a.Text == "" {
		return fault.New(fault.Invalid, "the cause is empty")
	}
	i.Cause, i.Status = a.Text, max(i.Status, NeedsClass)
	i.say(now, a.By, KindCause, a.Text)
	return nil
}

func (i *Incident) class(a Act, now int64) error {
	if err := i.waits(NeedsClass); err != nil {
		return err
	}
	if a.Text == "" || len(a.Text) > 100 {
		return fault.New(fault.Invalid, "a class is a word or two: %s, or one of your own", strings.Join(Classes(), ", "))
	}
	i.Class, i.Status = a.Text, max(i.Status, NeedsFollowUp)
	i.say(now, a.By, KindClass, a.Text)
	return nil
}

func (i *Incident) task(a Act, now int64) error {
	if a.Text == "" || strings.TrimSpace(a.Owner) == "" || a.Due == 0 {
		return fault.New(fault.Invalid, "a task wants a text, an owner and the date it is due")
	}
	i.Tasks = append(i.Tasks, Task{Text: a.Text, Owner: strings.TrimSpace(a.Owner), Due: a.Due})
	i.say(now, a.By, KindTask, a.Owner+": "+a.Text)
	return nil
}

func (i *Incident) taskDone(a Act, now int64) error {
	if a.Task < 0 || a.Task >= len(i.Tasks) {
		return fault.New(fault.NotFound, "there is no task %d", a.Task)
	}
	t := &i.Tasks[a.Task]
	if t.Done != 0 {
		return fault.New(fault.Conflict, "the task is done already")
	}
	t.Done = now
	i.say(now, a.By, KindTask, "done: "+t.Text)
	return nil
}

// followUp says that what has to be done is written down, or why nothing is.
func (i *Incident) followUp(a Act, now int64) error {
	if err := i.waits(NeedsFollowUp); err != nil {
		return err
	}
	if len(i.Tasks) == 0 && a.Text == "" {
		return fault.New(fault.Invalid, "add a task, or say why there is nothing to do")
	}
	i.FollowUp, i.Status = a.Text, Done
	i.say(now, a.By, KindDone, a.Text)
	return nil
}

// lampsOf are the lamps of a rule in the incident.
func (i *Incident) lampsOf(name string) ([]*Lamp, error) {
	var list []*Lamp
	for k := range i.Lamps {
		if i.Lamps[k].Rule == name {
			list = append(list, &i.Lamps[k])
		}
	}
	if list == nil {
		return nil, fault.New(fault.NotFound, "no alert of rule %q stands at this incident", name)
	}
	return list, nil
}

func (i *Incident) helped(a Act, _ int64) error {
	list, err := i.lampsOf(a.Rule)
	for _, l := range list {
		l.Helped = true
	}
	return err
}

// wrongWithin is when a trigger that is wrong should be put right: before the
// next one wakes somebody for nothing.
const wrongWithin = 7 * 24 * 3600e9

// wrong says that a trigger should not have fired. It ends nothing; it makes a
// task.
func (i *Incident) wrong(a Act, now int64) error {
	list, err := i.lampsOf(a.Rule)
	if err != nil {
		return err
	}
	for _, l := range list {
		l.False = true
	}
	text := "put the trigger of rule " + a.Rule + " right"
	if a.Text != "" {
		text += ": " + a.Text
	}
	i.Tasks = append(i.Tasks, Task{Text: text, Owner: a.By, Due: now + wrongWithin})
	i.say(now, a.By, KindWrong, fmt.Sprintf("%s %s", a.Rule, a.Text))
	return nil
}
