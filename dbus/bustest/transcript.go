package bustest

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"gosupplicant/dbus/bus"
)

var update = flag.Bool("update", false, "write golden files instead of comparing with them")

// Text writes values in one line: strings quoted, numbers with the letter of
// their type, variants as <value>, dictionaries with sorted keys.
func Text(values ...any) string {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = text(v)
	}
	return strings.Join(parts, ", ")
}

func text(v any) string {
	switch v := v.(type) {
	case string:
		return fmt.Sprintf("%q", v)
	case bus.ObjectPath:
		return "o" + fmt.Sprintf("%q", string(v))
	case bus.Signature:
		return "g" + fmt.Sprintf("%q", string(v))
	case bool:
		return fmt.Sprint(v)
	case []byte:
		return fmt.Sprintf("ay:%x", v)
	case bus.Variant:
		return "<" + text(v.Value) + ">"
	case bus.Dict:
		return "{" + strings.Join(dictLines(v), ", ") + "}"
	case bus.Struct:
		return "(" + Text(v...) + ")"
	case bus.Array:
		return "[" + Text(v.Items...) + "]"
	}
	if s, ok := textSlice(v); ok {
		return s
	}
	sig, err := bus.SignatureOf(v)
	if err != nil {
		return fmt.Sprintf("?%T", v)
	}
	return fmt.Sprintf("%s:%v", sig, v)
}

func textSlice(v any) (string, bool) {
	switch v := v.(type) {
	case []string:
		return each(v), true
	case []bus.ObjectPath:
		return each(v), true
	case [][]byte:
		return each(v), true
	case []uint16:
		return each(v), true
	case []int32:
		return each(v), true
	case []uint32:
		return each(v), true
	}
	return "", false
}

func each[T any](list []T) string {
	parts := make([]string, len(list))
	for i, v := range list {
		parts[i] = text(v)
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

func dictLines(d bus.Dict) []string {
	lines := make([]string, len(d))
	for i, e := range d {
		lines[i] = fmt.Sprintf("%q: %s", e.Key, text(e.Value))
	}
	sort.Strings(lines)
	return lines
}

// DictText writes a dictionary with one line for each entry, sorted.
func DictText(d bus.Dict) string {
	if len(d) == 0 {
		return ""
	}
	return strings.Join(dictLines(d), "\n") + "\n"
}

// ErrorText writes an error reply as its name and arguments.
func ErrorText(err error) string {
	var remote *bus.RemoteError
	if errors.As(err, &remote) {
		return fmt.Sprintf("%s(%s)", remote.Name, Text(remote.Args...))
	}
	return err.Error()
}

// Transcript writes down a conversation with one service.
type Transcript struct {
	c    *Client
	dest string
	b    strings.Builder
	mask *strings.Replacer
}

// Transcript begins a transcript of calls to dest. Each pair of names replaces
// text that differs from run to run (paths, times) by a fixed word.
func (c *Client) Transcript(dest string, oldnew ...string) *Transcript {
	return &Transcript{c: c, dest: dest, mask: strings.NewReplacer(oldnew...)}
}

func (t *Transcript) line(format string, args ...any) {
	t.b.WriteString(t.mask.Replace(fmt.Sprintf(format, args...)))
	t.b.WriteByte('\n')
}

// Note adds a line of prose.
func (t *Transcript) Note(format string, args ...any) { t.line("# "+format, args...) }

// Call makes a call, waits for the answer and writes both down, together with
// the signals that arrived before it. What came behind the answer is left for
// the next call, [Transcript.AwaitSignal] or [Transcript.Arrived], so that the
// transcript does not depend on how fast the test was.
func (t *Transcript) Call(path bus.ObjectPath, iface, member string, args ...any) ([]any, error) {
	t.c.t.Helper()
	t.line("> %s %s.%s(%s)", path, iface, member, Text(args...))
	serial := t.c.Send(bus.Target{Dest: t.dest, Path: path, Interface: iface, Member: member}, args...)
	answer := t.c.Await(serial)
	t.write(t.c.takeThrough(func(a Arrival) bool { return a.Call == serial }))
	return answer.Args()
}

// Arrived writes down what arrived since the last line, in order.
func (t *Transcript) Arrived() { t.write(t.c.Take()) }

func (t *Transcript) write(arrivals []Arrival) {
	for _, a := range arrivals {
		switch {
		case a.Signal != nil:
			args, err := a.Signal.Args()
			if err != nil {
				t.line("* %s %s.%s malformed: %v", a.Signal.Path, a.Signal.Interface, a.Signal.Member, err)
				continue
			}
			t.line("* %s %s.%s(%s)", a.Signal.Path, a.Signal.Interface, a.Signal.Member, Text(args...))
		case a.Answer.Err != nil:
			t.line("< error %s", ErrorText(a.Answer.Err))
		default:
			args, err := a.Answer.Args()
			if err != nil {
				t.line("< malformed: %v", err)
				continue
			}
			t.line("< (%s)", Text(args...))
		}
	}
}

// AwaitSignal waits for a signal that was not written down yet, and writes
// down all up to it.
func (t *Transcript) AwaitSignal(member string) *bus.Signal {
	t.c.t.Helper()
	s := t.c.AwaitSignal(member)
	t.write(t.c.takeThrough(func(a Arrival) bool { return a.Signal == s }))
	return s
}

// String returns the transcript so far.
func (t *Transcript) String() string { return t.b.String() }

// Golden compares text with a file under testdata, or writes the file when the
// test runs with -update.
func Golden(t testing.TB, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (run the test with -update to record it)", err)
	}
	if string(want) == got {
		return
	}
	wl, gl := strings.Split(string(want), "\n"), strings.Split(got, "\n")
	for i := range max(len(wl), len(gl)) {
		var w, g string
		if i < len(wl) {
			w = wl[i]
		}
		if i < len(gl) {
			g = gl[i]
		}
		if w != g {
			t.Fatalf("%s differs at line %d\n got: %s\nwant: %s", path, i+1, g, w)
		}
	}
}
