//go:build parity

package parity

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gosupplicant/cmd/wpa_supplicant/vmtest/lab"
)

var (
	update = flag.Bool("update", false, "record the reference's answers anew")
	keep   = flag.String("keep", "", "folder in which our transcript and the differences are left")
)

const (
	goldenFile  = "testdata/upstream.golden"
	reasonsFile = "testdata/differences.tsv"
	ifname      = "par0" // and par1, of a namespace that the test makes
)

// launcher starts a program where there are just two interfaces with known
// addresses, whatever the host has.
const launcher = `ip link add par0 address 02:00:00:00:0a:00 type veth peer name par1 address 02:00:00:00:0a:01 && exec "$@"`

func TestParity(t *testing.T) {
	script, err := os.Open("testdata/script.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer script.Close()
	steps, err := ParseScript(script)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		bin := os.Getenv("REFERENCE")
		if bin == "" {
			bin = "/sbin/wpa_supplicant"
		}
		writeFile(t, goldenFile, FormatTranscript(record(t, bin, steps)))
		return
	}
	upstream, err := ParseTranscript(readFile(t, goldenFile))
	if err != nil {
		t.Fatal(err)
	}
	reasons, err := ParseReasons(readFile(t, reasonsFile))
	if err != nil {
		t.Fatal(err)
	}
	text := FormatTranscript(record(t, underTest(t), steps))
	ours, err := ParseTranscript(text)
	if err != nil {
		t.Fatal(err)
	}
	found := Compare(upstream, ours)
	unexplained, vanished := Explain(found, reasons)
	if *keep != "" {
		writeFile(t, filepath.Join(*keep, "ours.golden"), text)
		var all strings.Builder
		for _, d := range unexplained {
			fmt.Fprintf(&all, "%s\t\n", d)
		}
		writeFile(t, filepath.Join(*keep, "unexplained.tsv"), all.String())
	}
	for _, d := range unexplained {
		t.Errorf("%s\n    upstream %s\n    ours     %s", d.Input, shorten(d.Upstream), shorten(d.Ours))
	}
	for _, r := range vanished {
		t.Errorf("%s:%d: no such difference any more: %s", reasonsFile, r.Line, r.Difference)
	}
	t.Logf("%d inputs, %d differences, of which %d are unexplained; %d reasons, of which %d have vanished",
		len(steps), len(found), len(unexplained), len(reasons), len(vanished))
}

func underTest(t *testing.T) string {
	t.Helper()
	if bin := os.Getenv("SUPPLICANT"); bin != "" {
		return bin
	}
	bin := filepath.Join(t.TempDir(), "wpa_supplicant")
	if out, err := exec.Command("go", "build", "-o", bin, "gosupplicant/cmd/wpa_supplicant").CombinedOutput(); err != nil {
		t.Fatalf("build the daemon (or set SUPPLICANT): %v\n%s", err, out)
	}
	return bin
}

// session is one run of the script.
type session struct {
	t      *testing.T
	dir    string // of the daemon's sockets and files
	client *lab.Client
	ctrl   *lab.Ctrl
	global *lab.Ctrl
}

// record asks a binary the whole script.
func record(t *testing.T, bin string, steps []Step) []Answer {
	t.Helper()
	s := &session{t: t, dir: t.TempDir()}
	config := filepath.Join(s.dir, "start.conf")
	if err := os.WriteFile(config, []byte(strings.ReplaceAll(readFile(t, "testdata/start.conf"), "$DIR", s.dir)), 0o600); err != nil {
		t.Fatal(err)
	}
	bus := lab.StartBus(t)
	argv := []string{"unshare", "--net"}
	if os.Geteuid() != 0 {
		argv = append(argv, "--map-root-user")
	}
	argv = append(argv, "sh", "-c", launcher, "launcher", bin, "-u", "-g", s.dir+"/global", "-i", ifname, "-D", "none", "-c", config)
	daemon := lab.Start(t, "daemon", bus.Env(), argv...)
	bus.WaitName(lab.Service)
	s.client = bus.Client()
	s.global = lab.DialCtrl(t, s.dir+"/global")
	s.ctrl = lab.DialCtrl(t, s.dir+"/ctrl/"+ifname)
	var answers []Answer
	for _, step := range steps {
		answers = append(answers, Answer{step.Input, s.ask(step)})
		if t.Failed() {
			t.FailNow()
		}
		if !daemon.Running() && step.Input != steps[len(steps)-1].Input {
			t.Fatalf("the daemon ended at script line %d: %s\n%s", step.Line, step.Input, daemon.Tail(20))
		}
	}
	if code, ended := daemon.WaitEnd(lab.Patience); !ended || code != 0 {
		t.Errorf("after the script: ended %v, exit code %d", ended, code)
	}
	return answers
}

// duration is how RADIO_WORK and others print seconds with microseconds.
var duration = regexp.MustCompile(`\b[0-9]+\.[0-9]{6}\b`)

// ask performs a step.
func (s *session) ask(step Step) []Fact {
	s.t.Helper()
	for i, a := range step.Args {
		step.Args[i] = strings.ReplaceAll(a, "$DIR", s.dir)
	}
	var facts []Fact
	switch step.Verb {
	case "ctrl", "global":
		to := s.ctrl
		if step.Verb == "global" {
			to = s.global
		}
		reply, err := to.TryAsk(step.Args[0])
		if err != nil {
			reply = "(no reply)"
		}
		facts = ReplyFacts(reply)
	case "dbus":
		facts = valueFacts("", s.call(step.Args))
	case "getall":
		facts = s.getAll(step.Args[0], step.Args[1])
	case "introspect":
		facts = s.introspect(step.Args[0])
	case "saved":
		facts = configFacts(readFile(s.t, filepath.Join(s.dir, "start.conf")))
	}
	for i := range facts {
		facts[i].Value = duration.ReplaceAllString(strings.ReplaceAll(facts[i].Value, s.dir, "$DIR"), "$$TIME")
	}
	return facts
}

// call: path interface.member [signature arguments].
func (s *session) call(args []string) lab.Answer {
	dot := strings.LastIndexByte(args[1], '.')
	c := lab.Call{Path: args[0], Iface: args[1][:dot], Member: args[1][dot+1:]}
	if len(args) > 2 {
		c.Sig = args[2]
	}
	if len(args) > 3 {
		c.Args = args[3]
	}
	a := s.client.Do(c)
	if a.Broken != "" {
		s.t.Errorf("the script is wrong: %v: %s", args, a.Broken)
	}
	return a
}

func (s *session) getAll(path, iface string) []Fact {
	const properties = "org.freedesktop.DBus.Properties"
	a := s.client.Do(lab.Call{Path: path, Iface: properties, Member: "GetAll", Sig: "s", Args: fmt.Sprintf("(%q,)", iface)})
	if a.Error != "" {
		return []Fact{{"", a.String()}}
	}
	names := s.client.Do(lab.Call{Path: path, Iface: properties, Member: "GetAll", Sig: "s", Args: fmt.Sprintf("(%q,)", iface)}).Plain[0].(map[string]any)
	facts := []Fact{{"(signature)", a.Sig}}
	for _, name := range sortedKeys(names) {
		v := s.client.Do(lab.Call{Path: path, Iface: properties, Member: "Get", Sig: "ss", Args: fmt.Sprintf("(%q, %q)", iface, name)})
		facts = append(facts, valueFacts(name, v)...)
		if !strings.Contains(a.Reply, strings.TrimPrefix(v.Reply, "<")) {
			s.t.Logf("GetAll and Get of %s %s differ: %s", iface, name, v.Reply)
		}
	}
	return facts
}

// valueFacts is an answer as one fact, or a fact a key when it is a dictionary.
func valueFacts(key string, a lab.Answer) []Fact {
	if len(a.Plain) != 1 {
		return []Fact{{key, a.String()}}
	}
	dict, ok := a.Plain[0].(map[string]any)
	if !ok {
		return []Fact{{key, a.String()}}
	}
	facts := []Fact{{key, "dictionary " + a.Sig}}
	if key != "" {
		key += "."
	}
	for _, k := range sortedKeys(dict) {
		facts = append(facts, Fact{key + k, fmt.Sprint(dict[k])})
	}
	return facts
}

func (s *session) introspect(path string) []Fact {
	a := s.client.Do(lab.Call{Path: path, Iface: "org.freedesktop.DBus.Introspectable", Member: "Introspect"})
	if a.Error != "" {
		return []Fact{{"", a.String()}}
	}
	facts, err := introspectionFacts(a.Plain[0].(string))
	if err != nil {
		s.t.Errorf("%s: %v", path, err)
	}
	return facts
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func shorten(s string) string {
	if len(s) > 400 {
		return s[:400] + "..."
	}
	return s
}
