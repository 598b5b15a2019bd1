package columnar

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/disk"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/store/columnar/colfile"
	"github.com/plumbline/plumbline/internal/when"
)

// inspectCacheBytes is what is kept of a part while it is looked at.
const inspectCacheBytes = 64 << 20

// Inspect writes what the folder of a store that is not running holds – its
// datasets, partitions, parts, fields, forms and sizes – and checks every byte
// of every part. It changes nothing. The error is of kind Corrupt when
// something was damaged; all else is written all the same.
func Inspect(d disk.FS, dir string, out io.Writer) error {
	lock, err := d.Lock(dir)
	if err != nil {
		return fmt.Errorf("inspect %s: %w", dir, err)
	}
	defer lock.Close()
	infos, err := d.List(dir)
	if err != nil {
		return fmt.Errorf("inspect %s: %w", dir, err)
	}
	i := inspection{disk: d, out: out}
	for _, info := range infos {
		if info.Dir && dataset.CheckName(info.Name) == nil {
			i.dataset(path.Join(dir, info.Name), info.Name)
		}
	}
	fmt.Fprintf(out, "%d parts, %d rows, %d bytes; %d damaged\n", i.parts, i.rows, i.bytes, len(i.damaged))
	if len(i.damaged) > 0 {
		return fault.Wrap(fault.Corrupt, errors.Join(i.damaged...), "inspect %s", dir)
	}
	return nil
}

// inspection is one run of Inspect.
type inspection struct {
	disk        disk.FS
	out         io.Writer
	parts       int
	rows, bytes int64
	damaged     []error
}

func (i *inspection) damage(where string, err error) {
	fmt.Fprintf(i.out, "  DAMAGED %s: %v\n", where, err)
	i.damaged = append(i.damaged, fmt.Errorf("%s: %w", where, err))
}

func (i *inspection) dataset(dir, name string) {
	m, damaged, err := readManifest(i.disk, dir)
	if err == nil {
		err = damaged
	}
	if err != nil {
		i.damage(path.Join(dir, "MANIFEST"), err)
	}
	if m == nil {
		return
	}
	fmt.Fprintf(i.out, "dataset %s: %d partitions, last number %d\n", name, len(m.slots), m.lastSeq)
	for _, s := range m.slots {
		if len(s.parts) > 0 {
			fmt.Fprintf(i.out, " partition %s\n", s.folder)
		}
		for _, f := range s.parts {
			file := path.Join(dir, s.folder, partName(f.number))
			if err := i.part(file); err != nil {
				i.damage(file, err)
			}
		}
	}
}

// part describes a part and checks it.
func (i *inspection) part(name string) error {
	file, err := i.disk.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	size, err := file.Size()
	if err != nil {
		return err
	}
	p, err := colfile.Open(file, size, name, colfile.NewCache(inspectCacheBytes))
	if err != nil {
		return err
	}
	d, err := colfile.Describe(p)
	if err != nil {
		return err
	}
	i.parts, i.rows, i.bytes = i.parts+1, i.rows+d.Meta.Rows, i.bytes+size
	fmt.Fprintf(i.out, "  part %s: %d rows, %d bytes (%.1f a row), %d groups, %s to %s\n", path.Base(name), d.Meta.Rows, size,
		float64(size)/float64(max(d.Meta.Rows, 1)), len(d.Groups), when.AppendRFC3339(nil, d.Meta.MinTime), when.AppendRFC3339(nil, d.Meta.MaxTime))
	for _, f := range d.Fields {
		fmt.Fprintf(i.out, "    %-24s %10d bytes  %7.2f a row  %s\n", printable(f.Name), f.Total(), float64(f.Total())/float64(max(d.Meta.Rows, 1)), forms(f))
	}
	return colfile.Verify(p)
}

// forms says how the pages of a field are kept: "dict ×12, const ×2".
func forms(f colfile.FieldSize) string {
	var list []string
	for _, form := range slices.Sorted(maps.Keys(f.Forms)) {
		list = append(list, fmt.Sprintf("%s ×%d", form, f.Forms[form]))
	}
	if f.Values > 0 {
		list = append(list, fmt.Sprintf("%d values", f.Values))
	}
	return strings.Join(list, ", ")
}

// printable is a name that a sender made up, harmless on a terminal.
func printable(name string) string {
	quoted := fmt.Sprintf("%q", name)
	return quoted[1 : len(quoted)-1]
}
