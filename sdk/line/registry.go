package line

import (
	"cmp"
	"hash/fnv"
	"slices"
	"sync"

	"github.com/plumbline/plumbline/sdk/internal/jsonline"
)

// key is a field that somebody registered. There is one for each name, for as long
// as the program runs; two lines hold the same field where they hold the same key.
type key struct {
	id     int // place in the registry, -1 outside it
	name   string
	head   jsonline.Name
	kind   kind
	number int // of the field in protobuf
	about  string
	unit   string
	class  class
	own    bool // the line writes it by itself
}

type class uint8

const (
	open class = iota
	personal
	secret
)

// Option says more of a key than its name and type.
type Option func(*key)

// About says in a few words what the field holds, for the schema.
func About(text string) Option { return func(k *key) { k.about = text } }

// Unit names the unit of a number, such as bytes. A duration has s by itself.
func Unit(name string) Option { return func(k *key) { k.unit = name } }

// Personal marks a field that tells of a person. The schema says so, for whoever
// decides how long such data are kept.
func Personal() Option { return func(k *key) { k.class = personal } }

// Secret marks a field whose value is never written: the line says *** in its
// place, which still tells that there was one.
func Secret() Option { return func(k *key) { k.class = secret } }

// Number fixes the number of the field in protobuf. Without it the number follows
// from the name, and so survives everything but a renaming.
func Number(n int) Option { return func(k *key) { k.number = n } }

// registry is the table of all keys. There is one in a program, as keys are the
// package variables of whoever owns a field: a handler, a driver, a library. It
// is written while packages are initialised and read ever after.
var registry = keyTable{byName: map[string]*key{}, byNumber: map[int]*key{}}

type keyTable struct {
	mu       sync.RWMutex
	keys     []*key // by id
	byName   map[string]*key
	byNumber map[int]*key
	clashes  []string
}

// maxKeys bounds a program that makes keys out of data; beyond it a key works
// and is in no schema.
const maxKeys = 4096

// key is the one key of this name, registered now where it is new. A name that
// is taken by another type gets the type behind it, so that no field ever has two.
func (t *keyTable) key(name string, k kind, options []Option) *key {
	t.mu.Lock()
	defer t.mu.Unlock()
	if known := t.byName[name]; known != nil && known.kind != k {
		t.clashes = append(t.clashes, name)
		name += "_" + k.String()
	}
	if known := t.byName[name]; known != nil {
		for _, o := range options {
			o(known)
		}
		return known
	}
	made := newKey(name, k, options)
	if len(t.keys) >= maxKeys {
		return made
	}
	made.id = len(t.keys)
	for !usable(made.number) || t.byNumber[made.number] != nil {
		made.number = numberOf(name, made.number)
	}
	t.keys = append(t.keys, made)
	t.byName[name], t.byNumber[made.number] = made, made
	return made
}

func newKey(name string, k kind, options []Option) *key {
	made := &key{id: -1, name: name, head: jsonline.NameOf(name), kind: k}
	if k == kindSeconds {
		made.unit = "s"
	}
	for _, o := range options {
		o(made)
	}
	return made
}

// Numbers below firstHashed are given out by hand. The hashed ones take four bytes
// with their type, and a hundred keys share one with a chance of 1 in 6,000.
const (
	firstHashed = 1 << 16
	lastHashed  = 1<<25 - 1
)

// usable tells whether a field may have this number: extra has its own, and
// protobuf keeps some for itself.
func usable(n int) bool {
	return n > 0 && n <= lastHashed && n != extraNumber && (n < 19000 || n > 19999)
}

// numberOf is the number that follows from a name, and from the number that was
// taken already.
func numberOf(name string, taken int) int {
	h := fnv.New32a()
	h.Write([]byte(name))
	h.Write([]byte{byte(taken), byte(taken >> 8), byte(taken >> 16)})
	return firstHashed + int(h.Sum32()%(lastHashed-firstHashed+1))
}

// named is the registered key of this name and type, or one that only this line
// has.
func (t *keyTable) named(name string, k kind) *key {
	t.mu.RLock()
	known := t.byName[name]
	t.mu.RUnlock()
	if known != nil && known.kind == k {
		return known
	}
	if known != nil {
		name += "_" + k.String()
	}
	return newKey(name, k, nil)
}

// all are the keys as they stand, by number.
func (t *keyTable) all() []*key {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return slices.SortedFunc(slices.Values(t.keys), func(a, b *key) int { return cmp.Compare(a.number, b.number) })
}
