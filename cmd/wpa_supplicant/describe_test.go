package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"gosupplicant/dbus/bustest"

	"golang.org/x/sys/unix"
)

// managed lists the interfaces of a daemon, sorted.
func managed(reply string) string {
	names := strings.Fields(reply)
	slices.Sort(names)
	return strings.Join(names, " ")
}

func TestSeveralInterfaces(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	air := write(t, dir, "air", "radio r0 interfaces=sim0,sim1\nradio r1 interfaces=sim2\nap \"one\" bssid=02:00:00:00:01:00 channel=1 signal=-50\n")
	a := write(t, dir, "a.conf", "ctrl_interface="+dir+"/c\ndriver_param=air="+air+"\n"+oneNetwork)
	p := start(t, "-g"+dir+"/global -Dsim -isim0 -c"+a+" -N -isim1 -Dsim -C"+dir+"/d -pair="+air+" -N -isim2 -Dwext,sim -c"+a+" -C"+dir+"/d -pair="+air)
	c := dial(t, dir+"/c/sim0")
	d := dial(t, dir+"/d/sim2")
	g := dial(t, dir+"/global")
	if got := managed(ask(t, g, "INTERFACES")); got != "sim0 sim1 sim2" {
		t.Errorf("interfaces %q", got)
	}
	if got := ssids(ask(t, d, "LIST_NETWORKS")); got != "one" {
		t.Errorf("networks of sim2 %q", got)
	}
	if got := ssids(ask(t, dial(t, dir+"/d/sim1"), "LIST_NETWORKS")); got != "" {
		t.Errorf("networks of sim1 %q, want none", got)
	}
	if err := c.Attach(); err != nil {
		t.Fatal(err)
	}
	want(t, c, "SCAN freq=2412", "OK")
	awaitEvent(t, c, "CTRL-EVENT-SCAN-RESULTS")
	if got := ask(t, c, "SCAN_RESULTS"); !strings.Contains(got, "02:00:00:00:01:00\t2412") {
		t.Errorf("driver_param of the file does not count:\n%s", got)
	}
	p.leave(unix.SIGTERM)
}

func TestOverlayIsReadAndNeverWritten(t *testing.T) {
	dir := folder(t)
	main := write(t, dir, "a.conf", "ctrl_interface="+dir+"/c\nupdate_config=1\n"+oneNetwork)
	over := write(t, dir, "b.conf", strings.Replace(oneNetwork, "one", "overlay", 1))
	p := start(t, "-Dsim -isim0 -c a.conf -I b.conf", inDir(dir))
	c := dial(t, dir+"/c/sim0")
	if got := ssids(ask(t, c, "LIST_NETWORKS")); got != "one overlay" {
		t.Errorf("networks %q", got)
	}
	before := readFile(over)
	want(t, c, "SET_NETWORK 0 priority 7", "OK")
	want(t, c, "SAVE_CONFIG", "OK")
	if got := readFile(main); !strings.Contains(got, "priority=7") || strings.Contains(got, "overlay") {
		t.Errorf("the main file holds:\n%s", got)
	}
	if got := readFile(over); got != before {
		t.Errorf("the overlay holds:\n%s", got)
	}
	p.leave(unix.SIGTERM)
	if code, out := run1(t, "-Dsim -isim0 -c a.conf -I no.conf", inDir(dir)); code != exitFailure || !strings.Contains(out, "no.conf") {
		t.Errorf("missing overlay: status %d, %s", code, out)
	}
}

func TestOverridesForLaterInterfaces(t *testing.T) {
	dir := folder(t)
	p := start(t, "-g"+dir+"/global -o sim '-ODIR="+dir+"/o GROUP=0' -Dsim -isim0 -C"+dir+"/c")
	dial(t, dir+"/c/sim0") // -O is not for the command line's own
	g := dial(t, dir+"/global")
	want(t, g, "INTERFACE_ADD sim1\t\tnone\t"+dir+"/x", "OK")
	want(t, dial(t, dir+"/o/sim1"), "PING", "PONG")
	if exists(dir+"/x") || exists(dir+"/o/sim0") {
		t.Error("-O does not override, or overrides too much")
	}
	p.signal(unix.SIGUSR1)
	p.awaitLine("interface sim1: driver=sim")
	p.leave(unix.SIGTERM)
}

func TestMatchedInterfaces(t *testing.T) {
	dir := folder(t)
	air := write(t, dir, "air", "radio r0 interfaces=wlan0,wlan1,mon0\n")
	p := start(t, "-imon0 -Dsim -pair="+air+" -C"+dir+"/d -M -iwlan[0-8] -Dsim -pair="+air+" -C"+dir+"/c")
	want(t, dial(t, dir+"/c/wlan0"), "PING", "PONG")
	want(t, dial(t, dir+"/c/wlan1"), "PING", "PONG")
	want(t, dial(t, dir+"/d/mon0"), "PING", "PONG")
	if exists(dir + "/c/mon0") {
		t.Error("mon0 was matched by wlan[0-8]")
	}
	p.leave(unix.SIGTERM)
}

// TestMatchNothingYet: a pattern that fits nothing is no failure.
func TestMatchNothingYet(t *testing.T) {
	dir := folder(t)
	p := start(t, "-g"+dir+"/global -M -ifoo* -Dsim -C"+dir+"/c")
	want(t, dial(t, dir+"/global"), "INTERFACES", "")
	p.leave(unix.SIGTERM)
	if code, out := run1(t, "-M -iwlan[ -Dsim -C"+dir+"/c"); code != exitFailure || !strings.Contains(out, "wlan[") {
		t.Errorf("bad pattern: status %d, %s", code, out)
	}
}

func TestAirFileErrors(t *testing.T) {
	dir := folder(t)
	for text, message := range map[string]string{
		"radio r0 interfaces=sim0\nfoo bar\n":             ":2: ",
		"radio r0 interfaces=sim0\nap \"x\" channel=99\n": ":2: ",
		"radio r0 interfaces=sim0\nloss 300%\n":           ":2: ",
		"radio r0 interfaces=other\n":                     "sim0",
	} {
		air := write(t, dir, "air", text)
		code, out := run1(t, "-Dsim -isim0 -C"+dir+"/c -pair="+air)
		if code != exitFailure || !strings.Contains(out, message) || !strings.Contains(out, "sim0: Failed to add interface") {
			t.Errorf("%q: status %d, %s; want a word about %s", text, code, out, message)
		}
	}
	for param, message := range map[string]string{"air=" + dir + "/no": "/no"} {
		if code, out := run1(t, "-Dsim -isim0 -C"+dir+"/c -p"+param); code != exitFailure || !strings.Contains(out, message) {
			t.Errorf("-p %s: status %d, %s", param, code, out)
		}
	}
}

// TestFaultsOfAFileStandOnLinesOfTheirOwn: each with file and line.
func TestFaultsOfAFileStandOnLinesOfTheirOwn(t *testing.T) {
	dir := folder(t)
	file := write(t, dir, "a.conf", "nonsense\nnetwork={\n\tssid=one\n\tfoo=1\n}\n")
	for _, args := range []string{"-c" + file, "-Dsim -isim0 -c" + file} {
		code, out := run1(t, args)
		if code != exitFailure {
			t.Errorf("%s: status %d", args, code)
		}
		for _, at := range []string{"Line 1:", "Line 3:", "Line 4:", "Failed to read or parse configuration '" + file + "'"} {
			if n := strings.Count(out, at); n != 1 {
				t.Errorf("%s: %q stands %d times in\n%s", args, at, n, out)
			}
		}
		if strings.Contains(out, `\n`) {
			t.Errorf("%s: faults share a line:\n%s", args, out)
		}
	}
}

func TestTexts(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	const hello = "Successfully initialized wpa_supplicant"
	for args, form := range map[string]string{
		"":    "^" + hello + "$",
		"-t":  `^\d{10}\.\d{6}: ` + hello + "$",
		"-tt": `^\d{10}\.\d{6}: ` + hello + "$",
		"-dt": `^\d{10}\.\d{6}: ` + hello + "$",
		"-qd": "^" + hello + "$",
	} {
		p := start(t, args+" -g"+dir+"/global")
		if line := p.awaitLine(hello); !regexp.MustCompile(form).MatchString(line) {
			t.Errorf("%q: %q, want %s", args, line, form)
		}
		p.leave(unix.SIGTERM)
	}
	for _, args := range []string{"-q", "-qq", "-dqqq"} {
		p := start(t, args+" -g"+dir+"/global")
		want(t, dial(t, dir+"/global"), "PING", "PONG")
		p.leave(unix.SIGTERM)
		if out := p.output(); out != "" {
			t.Errorf("%s: %q, want nothing", args, out)
		}
	}
}

func TestDebugFlagsAreSeenOnTheBus(t *testing.T) {
	t.Parallel()
	bus := bustest.Start(t, bustest.Config{})
	client := bus.Connect()
	for args, values := range map[string][3]string{
		"":      {`"info"`, "false", "false"},
		"-dd":   {`"msgdump"`, "false", "false"},
		"-ddd":  {`"excessive"`, "false", "false"},
		"-Kt":   {`"info"`, "true", "true"},
		"-q":    {`"warning"`, "false", "false"},
		"-qqqK": {`"error"`, "false", "true"},
	} {
		p := start(t, "-f/dev/null -u "+args, withBus(bus.Address()))
		client.Listen("type='signal',member='NameOwnerChanged',arg0='" + busName + "'")
		client.Until("the name", func([]bustest.Arrival) bool {
			_, err := client.Get(busName, "/fi/w1/wpa_supplicant1", busName, "DebugLevel")
			return err == nil
		})
		for k, name := range []string{"DebugLevel", "DebugTimestamp", "DebugShowKeys"} {
			v, err := client.Get(busName, "/fi/w1/wpa_supplicant1", busName, name)
			if got := bustest.Text(v); err != nil || got != values[k] {
				t.Errorf("%q: %s is %s (%v), want %s", args, name, got, err, values[k])
			}
		}
		p.leave(unix.SIGTERM)
	}
}
