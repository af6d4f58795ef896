package main

import (
	"fmt"
	"os/exec"
	"testing"

	"golang.org/x/sys/unix"
)

// TestMatchedInterfaceComesLater: the kernel's link events lead interfaces in and
// out, in a network of our own. wext watches for them, none takes them.
func TestMatchedInterfaceComesLater(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	if out, err := exec.Command("unshare", "-n", "ip", "link", "add", "wk0", "type", "ifb").CombinedOutput(); err != nil {
		t.Skipf("no network of our own, or no virtual interfaces: %v %s", err, out)
	}
	p := startProgram(t, "/usr/bin/unshare", "-n "+program(t)+" -g"+dir+"/global -M -iwk[0-4] -Dwext,none -C"+dir+"/c")
	g := dial(t, dir+"/global")
	if err := g.Attach(); err != nil {
		t.Fatal(err)
	}
	ip := func(args ...string) {
		t.Helper()
		ns := fmt.Sprintf("--net=/proc/%d/ns/net", p.cmd.Process.Pid)
		if out, err := exec.Command("nsenter", append([]string{ns, "ip", "link"}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("ip link %v: %v %s", args, err, out)
		}
	}
	ip("add", "wk7", "type", "ifb")
	ip("add", "wk1", "type", "ifb")
	want(t, dial(t, dir+"/c/wk1"), "PING", "PONG")
	want(t, g, "INTERFACES", "wk1")
	ip("set", "wk7", "name", "wk2")
	want(t, dial(t, dir+"/c/wk2"), "IFNAME", "wk2")
	if got := managed(ask(t, g, "INTERFACES")); got != "wk1 wk2" {
		t.Errorf("interfaces %q", got)
	}
	p.leave(unix.SIGTERM)
}
