package parity

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// Step is one input of the script.
type Step struct {
	Line  int      // in the script
	Verb  string   // ctrl, global, dbus, getall, introspect, saved
	Args  []string // the rest: one string for ctrl and global, words otherwise
	Input string   // the whole line: what differences are listed under, with " (2)" and so on when it was asked before
}

// Verbs and the least number of their arguments.
var verbs = map[string]int{
	"ctrl":       1, // command on the interface's control socket; \t is a tab
	"global":     1, // command on the global control socket
	"dbus":       2, // path interface.member [signature arguments-in-python]
	"getall":     2, // path interface
	"introspect": 1, // path
	"saved":      0, // the configuration file as it is now
}

// ParseScript reads a script: one step a line, blank lines and lines that
// begin with # skipped.
func ParseScript(r io.Reader) ([]Step, error) {
	var steps []Step
	asked := map[string]int{}
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimLeft(lines.Text(), " ")
		if line == "" || line[0] == '#' {
			continue
		}
		verb, rest, _ := strings.Cut(line, " ")
		least, known := verbs[verb]
		if !known {
			return nil, fmt.Errorf("script line %d: unknown verb %q", n, verb)
		}
		s := Step{Line: n, Verb: verb, Input: line}
		switch verb {
		case "ctrl", "global":
			s.Args = []string{strings.ReplaceAll(rest, `\t`, "\t")}
		case "dbus":
			s.Args = strings.SplitN(rest, " ", 4)
		default:
			s.Args = strings.Fields(rest)
		}
		if len(s.Args) < least {
			return nil, fmt.Errorf("script line %d: %s wants %d arguments", n, verb, least)
		}
		asked[line]++
		if k := asked[line]; k > 1 {
			s.Input = fmt.Sprintf("%s (%d)", line, k)
		}
		steps = append(steps, s)
	}
	return steps, lines.Err()
}
