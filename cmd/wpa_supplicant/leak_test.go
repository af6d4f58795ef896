package main

import (
	"fmt"
	"os"
	"testing"

	"gosupplicant/dbus/bustest"

	"golang.org/x/sys/unix"
)

// TestInterfacesComeAndGoWithoutLeaks: descriptors and threads stay what they
// were, whatever the driver, and so does the bus's count of our connections.
func TestInterfacesComeAndGoWithoutLeaks(t *testing.T) {
	t.Parallel()
	dir, bus := folder(t), bustest.Start(t, bustest.Config{})
	p := start(t, "-qq -u -g"+dir+"/global", withBus(bus.Address()))
	g := dial(t, dir+"/global")
	round := func() {
		for _, add := range []string{"sim0\t\tsim", "lo\t\tnone", "sim1\t\tsim"} {
			want(t, g, "INTERFACE_ADD "+add+"\t"+dir+"/c", "OK")
		}
		for _, name := range []string{"sim0", "lo", "sim1"} {
			want(t, g, "IFNAME="+name+" PING", "PONG")
			want(t, g, "INTERFACE_REMOVE "+name, "OK")
		}
		want(t, g, "INTERFACE_ADD nosuch0\t\twext", "FAIL")
	}
	count := func(what string) int {
		entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/%s", p.cmd.Process.Pid, what))
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	round()
	fds, tasks := count("fd"), count("task")
	const rounds = 60
	for range rounds {
		round()
	}
	if n := count("fd"); n > fds+5 {
		t.Errorf("%d descriptors after %d rounds, %d before", n, rounds, fds)
	}
	if n := count("task"); n > tasks+10 {
		t.Errorf("%d threads after %d rounds, %d before", n, rounds, tasks)
	}
	if exists(dir + "/c") {
		t.Error("the folder of the sockets is left behind")
	}
	p.leave(unix.SIGTERM)
}
