package dataset

import (
	"slices"
	"strings"

	"github.com/plumbline/plumbline/internal/fault"
)

// Kind is the kind of id that a field holds; "" when it is no id, or one that
// joins no lines. By default every field named id, *_id or *.id is an id of its
// own kind, but for those of users, hosts and the like.
func (d Dataset) Kind(field string) string {
	stands := field
	if f := d.Aliases[field]; f != "" {
		stands = f
	}
	kind := stands
	for _, name := range [...]string{field, stands} {
		if k := d.Kinds[name]; k != "" {
			kind = k
			break
		}
	}
	names := [...]string{field, stands, kind}
	says := func(list []string) bool {
		return slices.ContainsFunc(names[:], func(n string) bool { return slices.Contains(list, n) })
	}
	switch {
	case says(d.Hubs):
		return ""
	case says(d.IDs), d.Kinds[field] != "", d.Kinds[stands] != "":
		return kind
	case looksLikeID(stands) && !looksLikeHub(stands):
		return kind
	}
	return ""
}

// Names are the fields in which rows may hold ids of a kind, by what is
// declared; the kind is the first.
func (d Dataset) Names(kind string) []string {
	names := []string{kind}
	for field, k := range d.Kinds {
		if k == kind {
			names = append(names, field)
		}
	}
	for alias, field := range d.Aliases {
		if field == kind || d.Kinds[field] == kind {
			names = append(names, alias)
		}
	}
	slices.Sort(names[1:])
	return slices.Compact(names)
}

// Tells reports whether a field holds ids, also of what too many lines share to
// join them: of users, hosts and the like.
func (d Dataset) Tells(field string) bool {
	return d.Kind(field) != "" || looksLikeID(field) || slices.Contains(d.Hubs, field) || field == "host"
}

// looksLikeID reports whether a field is named id, *_id or *.id. What the house
// itself writes begins with _.
func looksLikeID(field string) bool {
	return field == "id" || field[:min(1, len(field))] != "_" && (strings.HasSuffix(field, "_id") || strings.HasSuffix(field, ".id"))
}

// looksLikeHub reports whether a field names what too many lines share: the
// word before id.
func looksLikeHub(field string) bool {
	word := field[:max(0, len(field)-len("_id"))]
	switch word[strings.LastIndexAny(word, "_.-")+1:] {
	case "user", "customer", "account", "key", "tenant", "host", "session", "process", "thread":
		return true
	}
	return false
}

// checkKinds says what is wrong with the declaration of kinds.
func (d Dataset) checkKinds() error {
	for field, kind := range d.Kinds {
		if kind == "" {
			return fault.New(fault.Invalid, "dataset %s: kinds: %s wants the name of a kind, as order_id", d.Name, field)
		}
		if slices.Contains(d.Hubs, field) {
			return fault.New(fault.Invalid, "dataset %s: %s is among the hubs, which have no kind", d.Name, field)
		}
	}
	return nil
}
