// Package series keeps one value for each set of labels, and no more of them
// than its cap: whoever puts a user's id into a label gets one series named
// other, not a full memory.
//
// A set of labels is a comparable struct, so that a lookup hashes the words and
// builds nothing:
//
//	type Answer struct{ Proto, Class string }
//	m.At(Answer{"h2", "5xx"})
package series

import (
	"fmt"
	"maps"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"github.com/plumbline/plumbline/sdk/metric"
)

const (
	// DefaultMax is the cap of a map that names none: a service with more rows
	// than that in one family reads none of them.
	DefaultMax = 1000
	// A longer label is a text somebody sent, not a name somebody chose.
	maxLabelBytes = 256
	// Other is the value of every label of the series that the rest share.
	Other = "other"
)

// Map keeps a T for each L. The zero value is ready; it must not be copied.
type Map[L comparable, T any] struct {
	Max int // cap; set before first use; 0: DefaultMax

	read    atomic.Pointer[map[L]*Series[T]] // never written once it is here
	refused atomic.Uint64

	mu     sync.Mutex
	all    map[L]*Series[T] // what read will be; several spellings may share a series
	order  []*Series[T]     // only ever appended to
	misses int              // lookups that read did not answer since it was made
	other  *Series[T]
}

// Series is one value and its labels.
type Series[T any] struct {
	Labels []metric.Label
	Value  T
}

// At is the value for l, made where there is none yet.
func (m *Map[L, T]) At(l L) *T {
	if read := m.read.Load(); read != nil {
		if s, ok := (*read)[l]; ok {
			return &s.Value
		}
	}
	return &m.miss(l).Value
}

// All are the series so far, in the order they came.
func (m *Map[L, T]) All() []*Series[T] {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.order[:len(m.order):len(m.order)]
}

// Refused counts lookups that went to the series named other.
func (m *Map[L, T]) Refused() uint64 { return m.refused.Load() }

// miss answers what read could not. After as many misses as there are entries a
// new read is worth its copying, which so costs each entry a constant.
func (m *Map[L, T]) miss(l L) *Series[T] {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, held := m.all[l]
	if !held {
		if s = m.add(l); s == m.other {
			m.refused.Add(1)
			return s
		}
	}
	if m.misses++; m.misses >= len(m.all) {
		read := maps.Clone(m.all)
		m.read.Store(&read)
		m.misses = 0
	}
	return s
}

// add makes the series of l, or gives the one named other; the caller holds the
// lock.
func (m *Map[L, T]) add(l L) *Series[T] {
	most := m.Max
	if most <= 0 {
		most = DefaultMax
	}
	own, labels, fits := describe(l)
	if !fits || len(m.all) >= most {
		return m.overflow(labels)
	}
	if m.all == nil {
		m.all = make(map[L]*Series[T])
	}
	s, held := m.all[own] // spelt in another way, written the same
	if !held {
		s = &Series[T]{Labels: labels}
		m.order = append(m.order, s)
		m.all[own] = s
	}
	if own != l && len(m.all) < most {
		m.all[clone(l)] = s
	}
	return s
}

func (m *Map[L, T]) overflow(like []metric.Label) *Series[T] {
	if m.other == nil {
		labels := make([]metric.Label, len(like))
		for i, l := range like {
			labels[i] = metric.Label{Name: l.Name, Value: Other}
		}
		m.other = &Series[T]{Labels: labels}
		m.order = append(m.order, m.other)
	}
	return m.other
}

// Check tells whether L can be a set of labels: a struct of exported texts,
// whole numbers and truths.
func Check[L comparable]() error {
	t := reflect.TypeFor[L]()
	if t.Kind() != reflect.Struct {
		return fmt.Errorf("labels are the fields of a struct, %s is none", t)
	}
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() {
			return fmt.Errorf("field %s of labels %s is not exported", f.Name, t)
		}
		switch f.Type.Kind() {
		case reflect.String, reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
			reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		default:
			return fmt.Errorf("field %s of labels %s is a %s: a label is a text, a whole number or a truth", f.Name, t, f.Type)
		}
	}
	return nil
}

// describe gives the labels of l, and l as it is kept: its texts valid UTF-8 and
// no part of a buffer somebody reads into.
func describe[L comparable](l L) (own L, labels []metric.Label, fits bool) {
	own, fits = l, true
	v := reflect.ValueOf(&own).Elem()
	if v.Kind() != reflect.Struct {
		return own, []metric.Label{{Name: "value", Value: fmt.Sprint(l)}}, true
	}
	for i := range v.NumField() {
		text := word(v.Field(i))
		if v.Field(i).CanSet() && v.Field(i).Kind() == reflect.String {
			v.Field(i).SetString(text)
		}
		fits = fits && len(text) <= maxLabelBytes
		labels = append(labels, metric.Label{Name: labelName(v.Type().Field(i)), Value: text})
	}
	return own, labels, fits
}

// clone frees the texts of l from the buffers they may be parts of.
func clone[L comparable](l L) L {
	v := reflect.ValueOf(&l).Elem()
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.String && f.CanSet() {
			f.SetString(strings.Clone(f.String()))
		}
	}
	return l
}

func word(v reflect.Value) string {
	switch {
	case v.Kind() == reflect.String:
		return strings.Clone(strings.ToValidUTF8(v.String(), string(utf8.RuneError)))
	case v.CanInt():
		return strconv.FormatInt(v.Int(), 10)
	case v.CanUint():
		return strconv.FormatUint(v.Uint(), 10)
	case v.Kind() == reflect.Bool:
		return strconv.FormatBool(v.Bool())
	}
	return fmt.Sprint(v)
}

func labelName(f reflect.StructField) string {
	if name := f.Tag.Get("label"); name != "" {
		return metric.Name(name)
	}
	return strings.ToLower(Snake(f.Name))
}

// Snake turns a Go name into one with underscores, an acronym one word:
//
//	ConActive → Con_Active   HTTPServed → HTTP_Served   HTTP2Conns → HTTP2_Conns
func Snake(name string) string {
	var b strings.Builder
	upper := func(i int) bool { return i < len(name) && name[i] >= 'A' && name[i] <= 'Z' }
	for i := range len(name) {
		if i > 0 && upper(i) && name[i-1] != '_' && (!upper(i-1) || i+1 < len(name) && !upper(i+1) && name[i+1] != '_' && !digit(name[i+1])) {
			b.WriteByte('_')
		}
		b.WriteByte(name[i])
	}
	return b.String()
}

func digit(c byte) bool { return c >= '0' && c <= '9' }
