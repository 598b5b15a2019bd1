package incident

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/plumbline/plumbline/internal/rule"
)

// Policy is how alerts become incidents and notices.
type Policy struct {
	Join  time.Duration // an incident that fires again within it has one more episode
	Near  time.Duration // lamps that went out so long before an incident stand beside it
	By    []string      // labels that tell incidents apart; none: what burns together is one
	Grow  time.Duration // between two notices that an incident grew
	Delay time.Duration // a warning that closes itself within it was never sent
	// Quiet is the first time, from t on, at which a warning may be sent. Nil:
	// any time.
	Quiet func(t time.Time) time.Time
}

// DefaultPolicy is that of a team that has said nothing.
func DefaultPolicy() Policy {
	return Policy{
		// A service that flaps is down: 15 minutes of quiet are the least that
		// lets people go back to sleep.
		Join: 15 * time.Minute,
		Near: 10 * time.Minute,
		Grow: 5 * time.Minute, // people who repair read nothing more often
		// Most warnings that pass by themselves pass within ten minutes.
		Delay: 10 * time.Minute,
	}
}

// Lamp is an alert: lit from From until To, 0 while it burns.
type Lamp struct {
	Rule     string        `json:"rule"`
	Labels   rule.Labels   `json:"labels"`
	Severity rule.Severity `json:"severity"`
	Title    string        `json:"title"`
	From     int64         `json:"from"`
	To       int64         `json:"to,omitempty"`
	Times    int           `json:"times"` // it was lit, within its incident
	Value    float64       `json:"value"`
	Status   rule.Status   `json:"status"`
	Notified bool          `json:"notified,omitempty"` // a warning that was sent
	PutOff   int64         `json:"put_off,omitempty"`  // by a person, until then
	PutOffBy string        `json:"put_off_by,omitempty"`
	Helped   bool          `json:"helped,omitempty"` // a person found it useful in its incident
	False    bool          `json:"false,omitempty"`  // a person said that the trigger is wrong
	Said     *rule.Said    `json:"said,omitempty"`   // by another program that found it

	key string
}

// Key tells lamps apart.
func (l *Lamp) Key() string {
	if l.key == "" {
		l.key = lampKey(l.Rule, l.Labels)
	}
	return l.key
}

func lampKey(name string, labels rule.Labels) string {
	if len(labels) == 0 {
		return name
	}
	return name + " " + labels.String()
}

// Book is all lamps that are lit or went out lately, and all incidents that may
// still burn again.
type Book struct {
	Policy Policy
	Lamps  map[string]*Lamp
	Open   []*Incident
	// Behind says that a rule has not been asked up to now. An incident of its does
	// not end for good meanwhile: nobody knows whether it burns. Nil: none is.
	Behind func(rule string) bool

	rules   func(name string) *rule.Rule
	touched map[*Incident]bool
	notices []Notice
}

// NewBook returns an empty book. rules gives a rule by name, nil when there is
// none any more.
func NewBook(p Policy, rules func(name string) *rule.Rule) *Book {
	return &Book{Policy: p, Lamps: map[string]*Lamp{}, rules: rules, touched: map[*Incident]bool{}}
}

// Absorb takes in an alert that began or ended.
func (b *Book) Absorb(c rule.Change) {
	key := keyOf(c)
	if !c.To.Burning() {
		b.off(key, c)
		return
	}
	r := b.ruleOf(c)
	l := b.Lamps[key]
	if l == nil || l.To != 0 {
		l = &Lamp{key: key, Rule: c.Rule, Labels: c.Labels, From: c.At, PutOff: putOff(l), Notified: sentLately(l, c.At, b.Policy)}
		b.Lamps[key] = l
	}
	l.Severity, l.Title, l.Value, l.Status, l.Times = c.Severity, Plain(r.Title(c.Labels, c.Values)), c.Value, c.To, 1
	l.Said = c.Said
	if c.Reason != "" {
		l.Title += ": " + Plain(c.Reason)
	}
	b.light(l, c.At)
}

// keyOf is the key of the lamp that an alert lights.
func keyOf(c rule.Change) string {
	if c.Key != "" {
		return c.Rule + " " + c.Key
	}
	return lampKey(c.Rule, c.Labels)
}

// putOff is until when a person has put off the lamp before this one.
func putOff(before *Lamp) int64 {
	if before == nil {
		return 0
	}
	return before.PutOff
}

// sentLately reports whether a warning that comes again was sent a short while
// ago: it flaps, and people know.
func sentLately(before *Lamp, at int64, p Policy) bool {
	return before != nil && before.Notified && at-before.To < int64(p.Join)
}

func (b *Book) ruleOf(c rule.Change) *rule.Rule {
	if r := b.rules(c.Rule); r != nil {
		return r
	}
	return &rule.Rule{Name: c.Rule}
}

// light puts a lamp where it belongs: a critical one opens an incident or joins
// one, others stand beside what burns.
func (b *Book) light(l *Lamp, at int64) {
	group := b.group(l)
	i := b.find(group, at)
	if l.Severity < rule.Critical {
		if i != nil && i.Status == Burning {
			i.stand(l, at)
			b.touched[i] = true
		}
		return
	}
	switch {
	case i == nil:
		i = b.open(l, group, at)
	case i.Status == Ended:
		i.again(at)
		i.stand(l, at)
	default:
		if i.stand(l, at) {
			i.Grown = append(i.Grown, l.Title)
		}
	}
	b.touched[i] = true
}

// group is what tells the incident of a lamp from others.
func (b *Book) group(l *Lamp) string {
	if len(b.Policy.By) == 0 {
		return ""
	}
	r := b.rules(l.Rule)
	var g rule.Labels
	for _, name := range b.Policy.By {
		value := l.Labels.Get(name)
		if value == "" && r != nil {
			value = r.Labels[name]
		}
		g = append(g, rule.Pair{Name: name, Value: value})
	}
	return g.String()
}

// find is the incident of a group that burns, or ended so lately that it burns
// again.
func (b *Book) find(group string, at int64) *Incident {
	for _, i := range b.Open {
		if i.Group == group && (i.Status == Burning || i.Status == Ended && at-i.Ended < int64(b.Policy.Join)) {
			return i
		}
	}
	return nil
}

func (b *Book) open(l *Lamp, group string, at int64) *Incident {
	i := &Incident{
		ID: id(l, at), Status: Burning, Title: l.Title, Group: group, Labels: b.labels(l), Opened: at,
		Episodes: []Episode{{From: at}}, Told: at,
	}
	i.say(at, "", KindOpened, l.Title)
	i.stand(l, at)
	for _, key := range sortedKeys(b.Lamps) {
		o := b.Lamps[key]
		if o != l && b.group(o) == group && (o.To == 0 || at-o.To < int64(b.Policy.Near)) {
			i.stand(o, o.From)
		}
	}
	b.Open = append(b.Open, i)
	b.notices = append(b.notices, i.notice(NoticeOpened, at))
	return i
}

// id is the time an incident was opened and what opened it, so that the same
// alert gives the same id when it is worked out again.
func id(l *Lamp, at int64) string {
	h := fnv.New32a()
	fmt.Fprint(h, l.Key(), at)
	return fmt.Sprintf("%s-%04x", time.Unix(0, at).UTC().Format("20060102-150405"), h.Sum32()&0xffff)
}

// off takes a lamp out, also in the incidents where it stands.
func (b *Book) off(key string, c rule.Change) {
	l := b.Lamps[key]
	if l == nil || l.To != 0 {
		return
	}
	l.To, l.Status = c.At, rule.Quiet
	l.ends(c.Said)
	for _, i := range b.Open {
		if !i.off(l, c) {
			continue
		}
		b.touched[i] = true
	}
}

// Tick lets time pass: incidents end for good, and what was held back is told.
// It forgets lamps that went out long ago.
func (b *Book) Tick(now int64) {
	for _, i := range b.Open {
		b.grow(i, now)
		if i.Status == Ended && now-i.Ended >= int64(b.Policy.Join) && !b.unknown(i) {
			i.Status = NeedsCause
			i.say(now, "", KindEnded, fmt.Sprintf("quiet for %s; what was the cause?", rule.Duration(b.Policy.Join)))
			b.notices = append(b.notices, i.notice(NoticeEnded, now))
			b.touched[i] = true
		}
	}
	b.Open = slices.DeleteFunc(b.Open, func(i *Incident) bool { return i.Status > Ended })
	keep := int64(max(b.Policy.Near, b.Policy.Join))
	var due []*Lamp
	for key, l := range b.Lamps {
		if l.To != 0 && now-l.To >= keep && now >= l.PutOff {
			delete(b.Lamps, key)
		} else if b.overdue(l, now) {
			due = append(due, l)
		}
	}
	slices.SortFunc(due, func(x, y *Lamp) int { return strings.Compare(x.Key(), y.Key()) })
	b.warn(due, now)
}

// unknown reports whether a rule of an incident is behind.
func (b *Book) unknown(i *Incident) bool {
	return b.Behind != nil && slices.ContainsFunc(i.Lamps, func(l Lamp) bool { return b.Behind(l.Rule) })
}

// grow tells of alerts that joined an incident, not more often than people read.
func (b *Book) grow(i *Incident, now int64) {
	if len(i.Grown) == 0 || now-i.Told < int64(b.Policy.Grow) {
		return
	}
	n := i.notice(NoticeGrew, now)
	n.Key = fmt.Sprintf("%s/grew/%d", i.ID, i.Told)
	n.Lines = append([]string{"also burning:"}, i.Grown...)
	b.notices = append(b.notices, n)
	i.Grown, i.Told = nil, now
	b.touched[i] = true
}

// overdue reports whether a warning has burnt for so long that it will not close
// itself, and the team wants to hear of it at this hour.
func (b *Book) overdue(l *Lamp, now int64) bool {
	if l.Severity != rule.Warning || l.To != 0 || l.Notified || now < l.From+int64(b.Policy.Delay) || now < l.PutOff {
		return false
	}
	return b.Policy.Quiet == nil || b.Policy.Quiet(time.Unix(0, now)).UnixNano() <= now
}

// warn tells of warnings: of one by itself, of several in a digest whose labels
// are those that all of them have.
func (b *Book) warn(due []*Lamp, now int64) {
	if len(due) == 0 {
		return
	}
	first := due[0]
	n := Notice{
		Key: fmt.Sprintf("%s/%d", first.Key(), first.From), Kind: NoticeWarning, Severity: rule.Warning,
		At: now, Since: first.From, Title: first.Title, Rule: first.Rule, Labels: b.labels(first),
	}
	for _, l := range due {
		l.Notified = true
		b.tell(&n, l)
		if len(due) == 1 {
			continue
		}
		n.Since = min(n.Since, l.From)
		n.Lines = append(n.Lines, l.Title)
		own := b.labels(l)
		maps.DeleteFunc(n.Labels, func(name, value string) bool { return own[name] != value })
	}
	n.Group = b.grouped(n.Labels)
	if len(due) > 1 {
		n.Key, n.Kind, n.Title = fmt.Sprintf("digest/%d/%s", now, n.Key), NoticeDigest, fmt.Sprintf("%d warnings burn", len(due))
	}
	b.notices = append(b.notices, n)
}

// labels are those of an alert and of its rule, for routing.
func (b *Book) labels(l *Lamp) map[string]string {
	out := map[string]string{"rule": l.Rule, "severity": l.Severity.String()}
	if r := b.rules(l.Rule); r != nil {
		for k, v := range r.Labels {
			out[k] = v
		}
	}
	for _, p := range l.Labels {
		out[p.Name] = p.Value
	}
	return out
}

// ends takes over what another program says of the end. It may say only that: the
// alert began when it was said first.
func (l *Lamp) ends(said *rule.Said) {
	if said == nil || l.Said == nil {
		return
	}
	last := *said
	if l.Said.StartsAt.Before(last.StartsAt) {
		last.StartsAt = l.Said.StartsAt
	}
	l.Said = &last
}

// tell puts a lamp among the alerts of a notice.
func (b *Book) tell(n *Notice, l *Lamp) {
	if len(n.Alerts) == maxAlerts {
		n.More++
		return
	}
	n.Alerts = append(n.Alerts, b.alert(l))
}

// alert is a lamp as receivers of alerts know them.
func (b *Book) alert(l *Lamp) Alert {
	if l.Said == nil {
		labels := b.labels(l)
		labels["alertname"] = l.Rule
		return Alert{Labels: labels, Annotations: map[string]string{"summary": l.Title}, From: l.From, To: l.To}
	}
	a := Alert{Labels: l.Said.Labels, Annotations: l.Said.Annotations, From: l.Said.StartsAt.UnixNano(), Link: l.Said.Link}
	if l.To != 0 {
		a.To = l.Said.EndsAt.UnixNano()
	}
	return a
}

// telling puts what burns in an incident, or did, into the notices of it, once all
// alerts of a step are known.
func (b *Book) telling(list []*Incident, notices []Notice) {
	for k := range notices {
		n := &notices[k]
		at := slices.IndexFunc(list, func(i *Incident) bool { return i.ID == n.Incident })
		if at < 0 {
			continue // warnings know theirs
		}
		n.Group = b.grouped(list[at].Labels)
		for j := range list[at].Lamps {
			b.tell(n, &list[at].Lamps[j])
		}
	}
}

// grouped are the labels that tell incidents apart.
func (b *Book) grouped(labels map[string]string) map[string]string {
	out := map[string]string{}
	for _, name := range b.Policy.By {
		out[name] = labels[name]
	}
	return out
}

// Take gives what has changed since it was called last: incidents to be kept,
// and notices to be sent, both in an order that depends on nothing else.
func (b *Book) Take() ([]*Incident, []Notice) {
	var list []*Incident
	for i := range b.touched {
		list = append(list, i)
	}
	slices.SortFunc(list, func(x, y *Incident) int { return cmp.Or(cmp.Compare(x.Opened, y.Opened), cmp.Compare(x.ID, y.ID)) })
	notices := b.notices
	b.telling(list, notices)
	b.touched, b.notices = map[*Incident]bool{}, nil
	return list, notices
}

func sortedKeys(m map[string]*Lamp) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
