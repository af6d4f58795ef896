package main

import (
	"strings"
	"testing"

	"gosupplicant/dbus/bustest"

	"golang.org/x/sys/unix"
)

const busName = "fi.w1.wpa_supplicant1"

// serves checks that the daemon answers on the bus and knows an interface.
func serves(t *testing.T, bus *bustest.Bus) {
	t.Helper()
	paths, err := bus.Connect().Get(busName, "/fi/w1/wpa_supplicant1", busName, "Interfaces")
	if err != nil || !strings.Contains(bustest.Text(paths), "/fi/w1/wpa_supplicant1/Interfaces/0") {
		t.Errorf("Interfaces: %v, %v", paths, err)
	}
}

func TestBusComesLater(t *testing.T) {
	t.Parallel()
	dir, bus := folder(t), bustest.Start(t, bustest.Config{})
	bus.Stop()
	p := start(t, "-u -Dsim -isim0 -C"+dir+"/c", withBus(bus.Address()))
	p.awaitLine("D-Bus is not there")
	c := dial(t, dir+"/c/sim0")
	want(t, c, "SCAN", "OK")
	bus.Launch()
	p.awaitLine("bus: connected")
	serves(t, bus)
	p.leave(unix.SIGTERM)
}

func TestBusRestarts(t *testing.T) {
	t.Parallel()
	dir, bus := folder(t), bustest.Start(t, bustest.Config{})
	p := start(t, "-u -Dsim -isim0 -C"+dir+"/c", withBus(bus.Address()))
	c := dial(t, dir+"/c/sim0")
	for range 2 {
		p.awaitLine("bus: connected")
		serves(t, bus)
		bus.Stop()
		p.awaitLine("bus: connection lost")
		want(t, c, "PING", "PONG")
		bus.Launch()
	}
	p.awaitLine("bus: connected")
	serves(t, bus)
	p.leave(unix.SIGTERM)
}

func TestBusNameTakenAtStart(t *testing.T) {
	dir, bus := folder(t), bustest.Start(t, bustest.Config{})
	bus.ConnectAs(busName)
	for _, background := range []string{"", "-B "} {
		code, out := run1(t, background+"-u -g"+dir+"/global", withBus(bus.Address()))
		if code != exitFailure || !strings.Contains(out, busName) || !strings.Contains(out, "Failed to initialize wpa_supplicant") {
			t.Errorf("%q: status %d, %q", background, code, out)
		}
		if exists(dir + "/global") {
			t.Errorf("%q: the global socket is left behind", background)
		}
	}
}

// TestBusNameTakenLater: someone else is quicker after a restart of the bus.
func TestBusNameTakenLater(t *testing.T) {
	t.Parallel()
	dir, bus := folder(t), bustest.Start(t, bustest.Config{})
	p := start(t, "-u -Dsim -isim0 -C"+dir+"/c", withBus(bus.Address()))
	c := dial(t, dir+"/c/sim0")
	p.awaitLine("bus: connected")
	p.signal(unix.SIGSTOP)
	bus.Stop()
	bus.Launch()
	thief := bus.ConnectAs(busName)
	p.signal(unix.SIGCONT)
	p.awaitLine("bus: connection lost")
	if line := p.awaitLine("bus: not connected"); !strings.Contains(line, busName) {
		t.Errorf("%q does not name the name", line)
	}
	want(t, c, "PING", "PONG")
	thief.Close()
	p.awaitLine("bus: connected")
	serves(t, bus)
	p.leave(unix.SIGTERM)
}

// TestBackgroundWithoutBus: a bus that is not there holds nothing up.
func TestBackgroundWithoutBus(t *testing.T) {
	t.Parallel()
	dir, bus := folder(t), bustest.Start(t, bustest.Config{})
	bus.Stop()
	if code, out := run1(t, "-B -u -Dsim -isim0 -C"+dir+"/c -P"+dir+"/pid", withBus(bus.Address())); code != 0 {
		t.Fatalf("status %d: %s", code, out)
	}
	pid := pidOf(t, dir+"/pid")
	want(t, dial(t, dir+"/c/sim0"), "PING", "PONG")
	bus.Launch()
	client := bus.Connect()
	client.Listen("type='signal',member='NameOwnerChanged',arg0='" + busName + "'")
	// It may have been quicker than the rule.
	if _, err := client.Get(busName, "/fi/w1/wpa_supplicant1", busName, "Interfaces"); err != nil {
		client.AwaitSignal("NameOwnerChanged")
	}
	serves(t, bus)
	if err := unix.Kill(pid, unix.SIGTERM); err != nil {
		t.Fatal(err)
	}
	awaitGone(t, pid)
	if exists(dir+"/pid") || exists(dir+"/c") {
		t.Error("files are left behind")
	}
}
