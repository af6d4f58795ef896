//go:build oracle

package main

import (
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gosupplicant/dbus/bustest"
	"gosupplicant/engine/ctrl/ctrlclient"

	"golang.org/x/sys/unix"
)

// original is Debian's program.
const original = "/sbin/wpa_supplicant"

// line is a command line given to both programs. $D is a folder with the files
// of oracleFiles, new for each run, and the current one.
type line struct {
	args string
	up   string // control socket by which the daemon shows that it runs; empty: it is to end by itself
	// differs says why this program does something else. The row fails when it
	// does not.
	differs string
}

var oracleFiles = map[string]string{
	"good.conf":  "ctrl_interface=$D/c\nnetwork={\n\tssid=\"a\"\n\tkey_mgmt=NONE\n\tdisabled=1\n}\n",
	"empty.conf": "",
	"bad.conf":   "network={\n\tssid=a\"\n\tfoo=bar\n}\n",
	"open.conf":  "network={\n\tssid=\"a\"\n",
	"junk.conf":  "\x00\x01\x02 junk\n=\n",
	"range.conf": "ap_scan=7\n",
	"word.conf":  "ctrl_interface=$D/c\nnosuchglobal=1\n",
	"psk.conf":   "network={\n\tssid=\"a\"\n\tpsk=\"short\"\n}\n",
	"over.conf":  "network={\n\tssid=\"over\"\n\tkey_mgmt=NONE\n}\n",
}

const newer = "newer than 2.10: a configuration file alone is checked"

var oracleLines = []line{
	// what only prints
	{args: ""},
	{args: "-h"},
	{args: "-v"},
	{args: "-L"},
	{args: "-dh"},
	{args: "-tv"},
	{args: "-hv"},
	{args: "-vh"},
	{args: "-h -x"},
	{args: "-x -h"},
	{args: "-h -i"},
	// what getopt refuses
	{args: "-x"},
	{args: "-dx"},
	{args: "-x -y"},
	{args: "--help"},
	{args: "--version"},
	{args: "-i"},
	{args: "-c"},
	{args: "-ilo -c"},
	{args: "-D"},
	{args: "-g"},
	{args: "-P"},
	{args: "-f"},
	{args: "-I"},
	{args: "-Bddx"},
	{args: "-1"},
	{args: "-ilo -Dnone -C$D/c -Z"},
	{args: "-ilo -Dnone -C$D/c -T", differs: "no kernel trace marker: its flag is unknown, as in an original without it"},
	{args: "-ilo -Dnone -C$D/c -y", up: "c/lo", differs: "newer than 2.10: -y is a flag"},
	{args: "-m $D/good.conf -h", differs: "no P2P: its flag is unknown, as in an original without it"},
	// descriptions that lack something
	{args: "-ilo"},
	{args: "-ilo -Dnone"},
	{args: "-Dnone -C$D/c"},
	{args: "-ilo -Dnone -C$D/c -N"},
	{args: "-ilo -Dnone -C$D/c -N -ieth0"},
	{args: "-ilo -Dnone -C$D/c -N -C$D/d"},
	{args: "-N -ilo -Dnone -C$D/c"},
	{args: "-d"},
	{args: "-B"},
	{args: "-t -q"},
	{args: "word"},
	// -c alone
	{args: "-c $D/good.conf", differs: newer},
	{args: "-c $D/none.conf", differs: newer},
	{args: "-c $D/bad.conf", differs: newer},
	// files
	{args: "-ilo -Dnone -c$D/none.conf"},
	{args: "-ilo -Dnone -cnone.conf"},
	{args: "-ilo -Dnone -c$D -C$D/c", up: "c/lo", differs: "a folder is no empty configuration"},
	{args: "-ilo -Dnone -c$D/bad.conf"},
	{args: "-ilo -Dnone -c$D/open.conf"},
	{args: "-ilo -Dnone -c$D/junk.conf -C$D/c", up: "c/lo", differs: "a zero byte is a fault, not the end of the file"},
	{args: "-ilo -Dnone -c$D/range.conf -C$D/c", up: "c/lo"},
	{args: "-ilo -Dnone -c$D/word.conf"},
	{args: "-ilo -Dnone -c$D/psk.conf"},
	{args: "-ilo -Dnone -c$D/good.conf -I$D/none.conf"},
	{args: "-ilo -Dnone -c$D/good.conf -I$D/bad.conf"},
	{args: "-ilo -Dnone -c$D/good.conf", up: "c/lo"},
	{args: "-ilo -Dnone -cgood.conf", up: "c/lo"},
	{args: "-ilo -Dnone -c$D/good.conf -I$D/over.conf", up: "c/lo"},
	{args: "-ilo -Dnone -c$D/good.conf -C$D/d", up: "d/lo"},
	{args: "-ilo -Dnone -c$D/empty.conf -g$D/g -C$D/c", up: "c/lo"},
	{args: "-ilo -Dnone -c$D/empty.conf -C$D/c", up: "c/lo"},
	// drivers and interfaces
	{args: "-ilo -Dfoo -C$D/c"},
	{args: "-ilo -Dfoo,bar -C$D/c"},
	{args: "-ilo -Dfoo,none -C$D/c", up: "c/lo"},
	{args: "-ilo -Dnone,foo -C$D/c", up: "c/lo"},
	{args: "-ilo -DNONE -C$D/c"},
	{args: "-ilo -D, -C$D/c"},
	{args: "-ilo -Dwext,none -C$D/c", up: "c/lo"},
	{args: "-inosuch0 -Dnone -C$D/c"},
	{args: "-inosuch0 -Dwext -C$D/c"},
	{args: "-inosuch0 -Dnl80211 -C$D/c"},
	{args: "-inosuch0 -C$D/c"},
	{args: "-ilo -Dnl80211 -C$D/c"},
	{args: "-iname-too-long-for-linux -Dnone -C$D/c"},
	{args: "-i '' -Dnone -C$D/c", differs: "an empty name describes nothing: usage"},
	{args: "-ilo -Dnone -C$D/c -N -inosuch0 -Dnone -C$D/c"},
	{args: "-ilo -Dnone -C$D/c -N -ilo -Dnone -C$D/d", up: "d/lo", differs: "one interface is not managed twice"},
	{args: "-ilo -Dnone -C$D/c -N -ieth0 -Dnone -C$D/c", up: "c/eth0"},
	// words between flags, and the end of flags
	{args: "word -ilo -Dnone -C$D/c", up: "c/lo"},
	{args: "-ilo word -Dnone -C $D/c word", up: "c/lo"},
	{args: "-ilo -Dnone -- -C$D/c"},
	{args: "-- -h"},
	{args: "- -ilo -Dnone -C$D/c", up: "c/lo"},
	{args: "-ddilo -Dnone -tC$D/c", up: "c/lo"},
	{args: "-ieth0 -ilo -Dfoo -Dnone -C$D/c", up: "c/lo"},
	// sockets
	{args: "-ilo -Dnone -C$D/c", up: "c/lo"},
	{args: "-ilo -Dnone -C DIR=$D/c", up: "c/lo"},
	{args: "-ilo -Dnone -C 'DIR=$D/c GROUP=root'", up: "c/lo"},
	{args: "-ilo -Dnone -C 'DIR=$D/c GROUP=nosuchgroup'"},
	{args: "-ilo -Dnone -C 'DIR=$D/c GROUP=0'", up: "c/lo"},
	{args: "-ilo -Dnone -C$D/no/c"},
	{args: "-ilo -Dnone -C$D/good.conf"},
	{args: "-g$D/g", up: "g"},
	{args: "-g$D/g -G root", up: "g"},
	{args: "-g$D/g -G 0", up: "g"},
	{args: "-g$D/g -G nosuchgroup"},
	{args: "-g$D/no/g"},
	{args: "-g$D/g -ilo", up: "g"},
	{args: "-g$D/g -ilo -Dnone -C$D/c", up: "c/lo"},
	{args: "-g$D/g -O$D/o -onone", up: "g"},
	{args: "-W -ilo -Dnone -C$D/c", up: "c/lo"},
	// background and logs
	{args: "-f$D/no/log -g$D/g", up: "g"},
	{args: "-f$D/log -g$D/g", up: "g"},
	{args: "-s -g$D/g", up: "g"},
	{args: "-qq -g$D/g", up: "g"},
	{args: "-dddddd -g$D/g", up: "g"},
	{args: "-K -t -g$D/g", up: "g"},
	{args: "-e$D/entropy -g$D/g", up: "g"},
	{args: "-P$D/pid -g$D/g", up: "g"},
	{args: "-B -ilo -Dnone -c$D/none.conf"},
	{args: "-B -inosuch0 -Dnone -C$D/c -P$D/pid"},
	{args: "-B -x"},
	// the bus
	{args: "-u -g$D/g", differs: "a bus that is not there is waited for", up: "g"},
}

// outcome is what a user sees of a run.
type outcome struct {
	status int
	shape  string // kinds of messages, see shapes
	ran    bool
}

// shapes are kinds of messages; the groups of a pattern are part of the shape.
var shapes = []*regexp.Regexp{
	regexp.MustCompile(`(invalid option) -- '(.)'`),
	regexp.MustCompile(`(option requires an argument) -- '(.)'`),
	regexp.MustCompile(`(?m)^(wpa_supplicant v)\d`),
	regexp.MustCompile(`(?m)^(usage:)$`),
	regexp.MustCompile(`(Redistribution and use in source and binary forms)`),
	regexp.MustCompile(`(Failed to read or parse configuration) '`),
	regexp.MustCompile(`(?:none\.conf'?)(?:, error)?: (?:N|n)(o such file)`),
	regexp.MustCompile(`(Line \d+: failed to parse ssid|Line \d+: unknown network field|Line \d+: unknown global field|Line \d+: failed to parse psk)`),
	regexp.MustCompile(`Unsupported driver '(foo|NONE)`),
	regexp.MustCompile(`(Failed to initialize wpa_supplicant)`),
}

func shape(output string) string {
	var out []string
	for _, re := range shapes {
		for _, m := range re.FindAllStringSubmatch(output, -1) {
			if s := strings.Join(m[1:], " "); !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	return strings.Join(out, "; ")
}

// try runs a program in a folder of its own.
func try(t *testing.T, path string, l line) (outcome, string) {
	t.Helper()
	dir := folder(t)
	for name, text := range oracleFiles {
		write(t, dir, name, strings.ReplaceAll(text, "$D", dir))
	}
	p := startProgram(t, path, strings.ReplaceAll(l.args, "$D", dir), inDir(dir))
	var o outcome
	if l.up != "" {
		o.ran = p.comesUp(dir + "/" + l.up)
	}
	if o.ran {
		// A monitor lets -W go on; the answer shows that signals are heeded.
		c, err := ctrlclient.Dial(dir+"/"+l.up, ctrlclient.Options{})
		if err == nil {
			defer c.Close()
			err = c.Attach()
		}
		if err == nil {
			want(t, c, "PING", "PONG")
			p.signal(unix.SIGTERM)
		} else { // the start failed behind the socket: wait shows it
			o.ran = false
		}
	}
	o.status = p.wait()
	out := strings.ReplaceAll(p.output(), dir, "$D")
	o.shape = shape(out)
	return o, out
}

// comesUp waits until path is there, or the process has ended.
func (p *process) comesUp(path string) bool {
	p.t.Helper()
	fd, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	if err != nil {
		p.t.Fatal(err)
	}
	f := os.NewFile(uintptr(fd), "inotify")
	defer f.Close()
	up := make(chan bool, 1)
	go func() { up <- awaitFile(f, path) }()
	select {
	case ok := <-up:
		return ok
	case <-p.done:
		return false
	}
}

// ownNetwork gives this goroutine, and the programs it starts, a network of their
// own: the original takes down the interface that it leaves, even lo.
func ownNetwork(t *testing.T) {
	t.Helper()
	runtime.LockOSThread() // for ever: the thread ends with the goroutine
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		t.Fatalf("a network namespace (root is needed): %v", err)
	}
	if out, err := exec.Command("ip", "link", "set", "lo", "up").CombinedOutput(); err != nil {
		t.Fatalf("ip: %v %s", err, out)
	}
}

func TestCommandLinesAsTheOriginal(t *testing.T) {
	if _, err := os.Stat(original); err != nil {
		t.Fatal(err)
	}
	if len(oracleLines) < 60 {
		t.Fatalf("only %d command lines", len(oracleLines))
	}
	for _, l := range oracleLines {
		t.Run(l.args, func(t *testing.T) {
			ownNetwork(t)
			theirs, theirText := try(t, original, l)
			ours, ourText := try(t, program(t), l)
			switch {
			case theirs != ours && l.differs == "":
				t.Errorf("original %+v\nthis one %+v\noriginal said\n%s\nthis one said\n%s", theirs, ours, head(theirText), head(ourText))
			case theirs == ours && l.differs != "":
				t.Errorf("no longer differs (%s): %+v", l.differs, ours)
			}
		})
	}
}

func head(s string) string {
	lines := strings.Split(s, "\n")
	return strings.Join(lines[:min(len(lines), 8)], "\n")
}

// TestNameTakenAsTheOriginal: both end with 255 when the bus name has an owner.
func TestNameTakenAsTheOriginal(t *testing.T) {
	bus := bustest.Start(t, bustest.Config{})
	bus.ConnectAs(busName)
	for _, path := range []string{original, program(t)} {
		p := startProgram(t, path, "-u", withBus(bus.Address()))
		if code := p.wait(); code != exitFailure {
			t.Errorf("%s: status %d: %s", path, code, p.output())
		}
	}
}
