package main

import (
	"os"
	"strings"
	"testing"

	"gosupplicant/dbus/bustest"

	"golang.org/x/sys/unix"
)

const oneNetwork = "network={\n\tssid=\"one\"\n\tkey_mgmt=NONE\n\tdisabled=1\n}\n"

// ssids lists the names of the configured networks.
func ssids(list string) string {
	var out []string
	for line := range strings.SplitSeq(list, "\n") {
		if f := strings.Split(line, "\t"); len(f) > 1 {
			out = append(out, f[1])
		}
	}
	return strings.Join(out, " ")
}

func TestHangupReadsConfigurationAgain(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	file := write(t, dir, "a.conf", "ctrl_interface="+dir+"/c\n"+oneNetwork)
	p := start(t, "-d -Dsim -isim0 -c"+file)
	c := dial(t, dir+"/c/sim0")
	if got := ssids(ask(t, c, "LIST_NETWORKS")); got != "one" {
		t.Fatalf("networks %q", got)
	}
	write(t, dir, "a.conf", "ctrl_interface="+dir+"/c\n"+oneNetwork+strings.Replace(oneNetwork, "one", "two", 1))
	p.signal(unix.SIGHUP)
	p.awaitLine("Reconfiguration completed")
	if got := ssids(ask(t, c, "LIST_NETWORKS")); got != "one two" {
		t.Errorf("networks after SIGHUP %q", got)
	}
	write(t, dir, "a.conf", "ctrl_interface="+dir+"/c\nnetwork={\n\tssid=\"three\"\n\tfoo=1\n}\n")
	p.signal(unix.SIGHUP)
	p.awaitLine("Failed to read the configuration again")
	p.awaitLine("a.conf: Line 4: unknown network field 'foo'")
	if got := ssids(ask(t, c, "LIST_NETWORKS")); got != "one two" {
		t.Errorf("networks after SIGHUP on a bad file %q: the running configuration was to be kept", got)
	}
	want(t, c, "RECONFIGURE", "FAIL")
	os.Remove(file)
	p.signal(unix.SIGHUP)
	p.awaitLine("Failed to read the configuration again")
	want(t, c, "PING", "PONG")
	p.leave(unix.SIGTERM)
}

func TestHangupOpensLogAgain(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	log := dir + "/log"
	p := start(t, "-g global -f log", inDir(dir))
	c := dial(t, dir+"/global")
	want(t, c, "NOTE first", "OK")
	for _, how := range []string{"SIGHUP", "SIGUSR1", "RELOG"} {
		if err := os.Rename(log, log+".1"); err != nil {
			t.Fatal(err)
		}
		switch how {
		case "SIGHUP":
			p.signal(unix.SIGHUP)
		case "SIGUSR1":
			p.signal(unix.SIGUSR1)
		default:
			want(t, c, "RELOG", "OK")
		}
		awaitPath(t, log)
		want(t, c, "NOTE by "+how, "OK")
		if got := readFile(log); !strings.Contains(got, "by "+how) || strings.Contains(got, "first") {
			t.Errorf("the new log after %s holds %q", how, got)
		}
	}
	p.leave(unix.SIGINT)
	if p.output() != "" {
		t.Errorf("standard output in spite of -f: %q", p.output())
	}
}

func TestLogFileThatCannotBeOpened(t *testing.T) {
	dir := folder(t)
	p := start(t, "-f "+dir+"/no/log -g "+dir+"/global")
	p.awaitLine("cannot open the log file, using standard output")
	p.awaitLine("Successfully initialized wpa_supplicant")
	p.leave(unix.SIGTERM)
}

func TestUserSignalDumpsTables(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	file := write(t, dir, "a.conf", "ctrl_interface="+dir+"/c\n"+oneNetwork)
	p := start(t, "-Dsim -isim0 -c"+file)
	c := dial(t, dir+"/c/sim0")
	if err := c.Attach(); err != nil {
		t.Fatal(err)
	}
	want(t, c, "SCAN freq=2412,2437", "OK")
	awaitEvent(t, c, "CTRL-EVENT-SCAN-RESULTS")
	p.signal(unix.SIGUSR1)
	line := p.awaitLine("interface sim0: driver=sim")
	for _, part := range []string{"networks=1", "state=", "bsss="} {
		if !strings.Contains(line, part) {
			t.Errorf("%q lacks %s", line, part)
		}
	}
	if strings.Contains(line, "bsss=0 ") {
		t.Errorf("%q: the table is empty after a scan", line)
	}
	p.awaitLine("timer ") // of BSS expiry at least
	p.leave(unix.SIGTERM)
}

func TestLeavesWithinASecond(t *testing.T) {
	for _, c := range []struct {
		name   string
		signal os.Signal
		bus    func(*bustest.Bus)
	}{
		{"with the bus", unix.SIGTERM, func(*bustest.Bus) {}},
		{"interrupted", unix.SIGINT, func(*bustest.Bus) {}},
		{"bus killed before", unix.SIGTERM, (*bustest.Bus).Stop},
		{"bus frozen before", unix.SIGTERM, (*bustest.Bus).Freeze},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, bus := folder(t), bustest.Start(t, bustest.Config{})
			p := start(t, "-u -Dsim -isim0 -C"+dir+"/c -g"+dir+"/global", withBus(bus.Address()))
			want(t, dial(t, dir+"/c/sim0"), "SCAN", "OK")
			p.awaitLine("bus: connected")
			c.bus(bus)
			p.leave(c.signal)
			for _, f := range []string{"/c", "/global"} {
				if exists(dir + f) {
					t.Errorf("%s is left behind", f)
				}
			}
		})
	}
}

// TestLeavesWhileTheBusIsSilent: a bus that accepts and says nothing must not
// hold the start, nor the end, up.
func TestLeavesWhileTheBusIsSilent(t *testing.T) {
	dir, bus := folder(t), bustest.Start(t, bustest.Config{})
	bus.Freeze()
	defer bus.Thaw()
	p := start(t, "-u -g"+dir+"/global", withBus(bus.Address()))
	awaitPath(t, dir+"/global") // made before the bus is tried
	p.leave(unix.SIGTERM)
	if exists(dir + "/global") {
		t.Error("the global socket is left behind")
	}
}
