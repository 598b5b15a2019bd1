package tail

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/plumbline/plumbline/internal/disk"
)

// Random histories: a program writes, a rotator renames or copies and truncates,
// the follower stops, crashes, cannot save or is refused. In the end each line
// was taken once. A line is written whole before a file is truncated, because
// one that is torn there is torn for every reader.
func TestHistories(t *testing.T) {
	seeds := 150
	if testing.Short() {
		seeds = 30
	}
	for seed := range uint64(seeds) {
		for _, glob := range []string{"app.log", "app.log*"} {
			if !history(t, glob, rand.New(rand.NewPCG(seed, 7))) {
				t.Fatalf("seed %d, glob %s", seed, glob)
			}
		}
	}
}

var errSave = errors.New("the disk is full")

// program is the one that writes app.log.
type program struct {
	*yard
	random  *rand.Rand
	written int
	half    bool
	rotated int
	glob    string
	saving  bool // the positions can be saved
	trace   []string
}

func history(t *testing.T, glob string, random *rand.Rand) bool {
	p := &program{random: random, glob: glob, saving: true}
	p.yard = newYard(t, glob)
	p.o.State = disk.Failing(p.state, func(op disk.Op, _ string) error {
		if p.saving || op == disk.OpOpen || op == disk.OpRead || op == disk.OpSize || op == disk.OpClose {
			return nil
		}
		return errSave
	})
	p.start()
	for range 60 {
		p.step()
	}
	p.end()
	p.saving, p.sink.broken = true, nil
	p.start()
	for range 8 {
		p.must(p.round())
	}
	times := map[string]int{}
	for _, line := range p.sink.lines {
		times[line]++
	}
	ok := len(times) == p.written
	for i := range p.written {
		ok = ok && times[fmt.Sprintf("line %d", i+1)] == 1
	}
	if !ok {
		t.Errorf("of %d lines %d came: %v\n%s", p.written, len(p.sink.lines), missing(times, p.written), strings.Join(p.trace, "\n"))
	}
	p.f.close()
	return ok
}

func missing(times map[string]int, n int) (list []string) {
	for i := range n {
		line := fmt.Sprintf("line %d", i+1)
		if times[line] != 1 {
			list = append(list, fmt.Sprintf("%s: %d times", line, times[line]))
		}
		delete(times, line)
	}
	return append(list, slices.Sorted(maps.Keys(times))...)
}

func (p *program) step() {
	what := ""
	switch n := p.random.IntN(20); {
	case n < 8:
		what = p.append()
	case n < 13:
		what = "round: " + fmt.Sprint(p.round())
	case n == 13:
		what = p.rename()
	case n == 14:
		what = p.truncate()
	case n == 15:
		p.start()
		what = "crash and start"
	case n == 16:
		p.saving = !p.saving
		what = fmt.Sprintf("saving: %v", p.saving)
	case n == 17:
		p.sink.broken = map[bool]error{true: errors.New("refused"), false: nil}[p.sink.broken == nil]
		what = fmt.Sprintf("refused: %v", p.sink.broken)
	case n == 18:
		what = "save: " + fmt.Sprint(p.f.save())
		p.start()
	case n == 19:
		for range 3 {
			p.append()
		}
		what = "append more"
	}
	p.trace = append(p.trace, what)
}

// append writes some lines, the last perhaps half.
func (p *program) append() string {
	text := ""
	for range 1 + p.random.IntN(4) {
		if p.half {
			text += fmt.Sprintf("%d\n", p.written)
			p.half = false
			continue
		}
		p.written++
		text += "line "
		if p.half = p.random.IntN(6) == 0; p.half {
			continue
		}
		text += fmt.Sprintf("%d\n", p.written)
	}
	p.write("app.log", text)
	return fmt.Sprintf("append %q", text)
}

// seen lets the follower meet the present file: a narrow glob cannot lead to one
// that was renamed before anybody looked.
func (p *program) seen() {
	if p.glob == "app.log" || p.half {
		saving, broken := p.saving, p.sink.broken
		p.saving, p.sink.broken = true, nil
		p.must(p.round())
		p.saving, p.sink.broken = saving, broken
	}
}

func (p *program) end() {
	if p.half {
		p.write("app.log", fmt.Sprintf("%d\n", p.written))
		p.half = false
	}
}

func (p *program) rename() string {
	p.end()
	if _, err := os.Stat(p.path("app.log")); err != nil {
		return "nothing to rename"
	}
	p.seen()
	if p.random.IntN(2) == 0 && !p.half { // lines that are read behind the new name
		p.append()
		p.end()
	}
	p.rotated++
	p.yard.rename("app.log", fmt.Sprintf("app.log.%d", p.rotated))
	return "rename"
}

func (p *program) truncate() string {
	p.end()
	if _, err := os.Stat(p.path("app.log")); err != nil {
		return "nothing to truncate"
	}
	p.seen()
	if p.random.IntN(2) == 0 {
		p.append()
		p.end()
	}
	p.rotated++
	p.copyTruncate("app.log", fmt.Sprintf("app.log.%d", p.rotated))
	p.append()
	return "copy and truncate"
}
