package status

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/plumbline/plumbline/sdk/internal/series"
	"github.com/plumbline/plumbline/sdk/metric"
)

// variable is one thing a Set holds, under the names it goes by.
type variable struct {
	name   string        // CON_ACTIVE, in JSON and in lines of names and values
	field  string        // con_active, in status lines
	family metric.Family // proxy_con_active, for Prometheus
	holds  any           // *Counter, *Gauge, *Level, *State, Func or vec
}

// Func is a gauge that is asked for when it is read. It must be quick.
type Func func() int64

// variables finds those of a struct, in the order they are declared; structs
// within it lend their names as a prefix, embedded ones do not.
func variables(vars any, spell func(string) string) ([]variable, error) {
	v := reflect.ValueOf(vars)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return nil, fmt.Errorf("variables are the fields of a struct given by pointer, not a %T", vars)
	}
	return fields(v.Elem(), "", spell)
}

func fields(v reflect.Value, prefix string, spell func(string) string) ([]variable, error) {
	var found []variable
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !f.IsExported() {
			if f.Type.PkgPath() == reflect.TypeFor[Counter]().PkgPath() {
				return nil, fmt.Errorf("variable %s is not exported, so nobody would see it", f.Name)
			}
			continue
		}
		name := prefix + spell(f.Name)
		if own := f.Tag.Get("name"); own != "" {
			name = prefix + own
		}
		one, err := hold(v.Field(i), f)
		switch {
		case err != nil:
			return nil, fmt.Errorf("variable %s: %w", f.Name, err)
		case one != nil:
			found = append(found, variable{name: name, holds: one, family: metric.Family{Help: f.Tag.Get("help")}})
			continue
		case f.Type.Kind() != reflect.Struct:
			return nil, fmt.Errorf("field %s is a %s, which is no variable", f.Name, f.Type)
		}
		within := name + "_"
		if f.Anonymous {
			within = prefix
		}
		more, err := fields(v.Field(i), within, spell)
		if err != nil {
			return nil, err
		}
		found = append(found, more...)
	}
	return found, nil
}

// hold is the variable a field is, nil where it is none.
func hold(v reflect.Value, f reflect.StructField) (any, error) {
	switch one := v.Addr().Interface().(type) {
	case *Counter, *Gauge, *Level, *State:
		return one, nil
	case *Func:
		if *one == nil {
			return nil, fmt.Errorf("it is a func that is nil")
		}
		return *one, nil
	case vec:
		if err := one.check(); err != nil {
			return nil, err
		}
		if tag := f.Tag.Get("max"); tag != "" {
			most, err := strconv.Atoi(tag)
			if err != nil || most < 1 {
				return nil, fmt.Errorf("tag max:%q is no number of series", tag)
			}
			one.limit(most)
		}
		return one, nil
	}
	return nil, nil
}

// Words spells a field's name as words, an acronym one of them: HTTPServed →
// HTTP_SERVED.
func Words(field string) string { return strings.ToUpper(series.Snake(field)) }

// Capitals spells it as BFE does, an underscore before every capital: HTTPServed →
// H_T_T_P_SERVED.
func Capitals(field string) string {
	var b strings.Builder
	for i, r := range field {
		if r >= 'A' && r <= 'Z' && i > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(r)
	}
	return strings.ToUpper(b.String())
}

func kindOf(holds any) metric.Kind {
	switch h := holds.(type) {
	case *Counter:
		return metric.Counter
	case vec:
		if h.counts() {
			return metric.Counter
		}
	}
	return metric.Gauge
}
