package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
)

// Started is how this program was started, to be put in front of commands that
// are printed to be pasted: the word that was typed, its last part where a shell
// finds it by that, or a go run where the program was built by one and is gone
// when it ends.
func Started() string {
	exe, err := os.Executable()
	if err != nil {
		exe = os.Args[0]
	}
	main := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		main = info.Path
	}
	return startedAs(os.Args[0], exe, main)
}

// mainFolder is where the program lies in its sources.
const mainFolder = "./cmd/plumbline"

// builtByRun matches a program that go run has built: in its folder for a build,
// or in its cache.
var builtByRun = regexp.MustCompile(`[/\\]go-build\d*[/\\]|[/\\][0-9a-f]{64}-d[/\\]`)

// startedAs is Started for a typed word, the path of the program, and the path of
// its main package.
func startedAs(typed, exe, main string) string {
	if builtByRun.MatchString(exe) {
		if _, err := os.Stat(filepath.FromSlash(mainFolder)); err == nil || main == "" {
			return "go run " + mainFolder
		}
		return "go run " + main // any folder of the module will do
	}
	if found, err := exec.LookPath(filepath.Base(typed)); err == nil && found == typed {
		typed = filepath.Base(typed)
	}
	if strings.ContainsAny(typed, " \t\n'\"\\$&;()*?<>|`") {
		return "'" + strings.ReplaceAll(typed, "'", `'\''`) + "'"
	}
	return typed
}
