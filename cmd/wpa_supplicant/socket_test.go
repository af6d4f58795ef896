package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func TestWaitsForMonitor(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	file := write(t, dir, "a.conf", "ctrl_interface="+dir+"/c\nnetwork={\n\tssid=\"nowhere\"\n\tkey_mgmt=NONE\n}\n")
	// The parent ends although no monitor is there yet: that comes last.
	if code, out := run1(t, "-W -B -Dsim -isim0 -c"+file+" -P"+dir+"/pid"); code != 0 {
		t.Fatalf("status %d: %s", code, out)
	}
	pid := pidOf(t, dir+"/pid")
	c := dial(t, dir+"/c/sim0")
	if got := ask(t, c, "STATUS"); strings.Contains(got, "wpa_state=SCANNING") {
		t.Errorf("started without a monitor:\n%s", got)
	}
	if err := c.Attach(); err != nil {
		t.Fatal(err)
	}
	awaitEvent(t, c, "CTRL-EVENT-SCAN-STARTED")
	want(t, c, "TERMINATE", "OK")
	awaitEvent(t, c, "CTRL-EVENT-TERMINATING")
	awaitGone(t, pid)
}

// TestWaitsForMonitorCanBeEnded: without monitor the daemon still leaves.
func TestWaitsForMonitorCanBeEnded(t *testing.T) {
	dir := folder(t)
	p := start(t, "-W -Dsim -isim0 -C"+dir+"/c")
	awaitPath(t, dir+"/c/sim0")
	p.leave(unix.SIGTERM)
}

func TestGlobalSocketModes(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("needs root, to give files to a group")
	}
	dir := folder(t)
	group, err := user.LookupGroupId("1")
	if err != nil {
		t.Skip(err)
	}
	for _, c := range []struct {
		args string
		mode os.FileMode
		gid  uint32
	}{
		{"", 0o700, uint32(os.Getgid())},
		{" -G" + group.Name, 0o770, 1},
		{" -G 1", 0o770, 1},
	} {
		p := start(t, "-g"+dir+"/global"+c.args)
		p.awaitLine("Successfully initialized wpa_supplicant")
		st, err := os.Stat(dir + "/global")
		if err != nil {
			t.Fatal(err)
		}
		if gid := st.Sys().(*syscall.Stat_t).Gid; st.Mode().Perm() != c.mode || gid != c.gid {
			t.Errorf("%q: mode %o, group %d; want %o, %d", c.args, st.Mode().Perm(), gid, c.mode, c.gid)
		}
		p.leave(unix.SIGTERM)
	}
}

func TestInterfaceSocketModes(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root, to give files to a group")
	}
	dir := folder(t)
	p := start(t, "-Dsim -isim0 '-CDIR="+dir+"/c GROUP=1' -N -Dsim -isim1 -C"+dir+"/d")
	awaitPath(t, dir+"/d/sim1")
	want(t, dial(t, dir+"/d/sim1"), "PING", "PONG") // answers come when it is set up
	for path, mode := range map[string]string{
		"/c": "750 1", "/c/sim0": "770 1",
		"/d/sim1": fmt.Sprintf("770 %d", os.Getgid()),
	} {
		st, err := os.Stat(dir + path)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%o %d", st.Mode().Perm(), st.Sys().(*syscall.Stat_t).Gid); got != mode {
			t.Errorf("%s: %s, want %s", path, got, mode)
		}
	}
	p.leave(unix.SIGTERM)
}

func TestAbstractSocket(t *testing.T) {
	name := fmt.Sprintf("@abstract:wpas-test-%d", os.Getpid())
	for _, background := range []string{"", "-B -P" + folder(t) + "/pid "} {
		p := start(t, background+"-g"+name)
		if background == "" {
			p.awaitLine("Successfully initialized wpa_supplicant")
		} else if code := p.wait(); code != 0 {
			t.Fatalf("status %d", code)
		}
		c := dial(t, name)
		want(t, c, "PING", "PONG")
		want(t, c, "INTERFACE_ADD sim0\t\tsim", "OK")
		want(t, c, "INTERFACES", "sim0")
		if background == "" {
			p.leave(unix.SIGTERM)
			continue
		}
		pid := pidOf(t, strings.TrimPrefix(strings.TrimSpace(background), "-B -P"))
		want(t, c, "TERMINATE", "OK")
		awaitGone(t, pid)
	}
}

// activate passes a socket as systemd does: as descriptor 3, for the process
// that is started.
func activate(t *testing.T, network, path string) (setting, func(args string) (string, string)) {
	t.Helper()
	var file *os.File
	var err error
	switch network {
	case "unixgram":
		var c *net.UnixConn
		if c, err = net.ListenUnixgram(network, &net.UnixAddr{Name: path, Net: network}); err == nil {
			defer c.Close()
			file, err = c.File()
		}
	default:
		var l *net.UnixListener
		if l, err = net.ListenUnix(network, &net.UnixAddr{Name: path, Net: network}); err == nil {
			l.SetUnlinkOnClose(false)
			defer l.Close()
			file, err = l.File()
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	set := func(c *exec.Cmd) {
		c.ExtraFiles = []*os.File{file}
		c.Env = append(c.Env, "LISTEN_FDS=1", "LISTEN_FDNAMES=wpa_supplicant.socket")
	}
	return set, func(args string) (string, string) {
		return "/bin/sh", "-c 'LISTEN_PID=$$ exec " + program(t) + " " + args + "'"
	}
}

func TestSocketActivation(t *testing.T) {
	t.Parallel()
	for _, background := range []string{"", "-B "} {
		dir := folder(t)
		path := dir + "/global"
		set, command := activate(t, "unixgram", path)
		// -g of the same path is the same socket.
		shell, args := command(background + "-g" + path + " -P" + dir + "/pid")
		p := startProgram(t, shell, args, set)
		if background != "" {
			if code := p.wait(); code != 0 {
				t.Fatalf("status %d", code)
			}
		}
		c := dial(t, path)
		want(t, c, "PING", "PONG")
		want(t, c, "INTERFACE_ADD sim0\t\tsim\t"+dir+"/c", "OK")
		want(t, dial(t, dir+"/c/sim0"), "PING", "PONG")
		if background == "" {
			p.leave(unix.SIGTERM)
		} else {
			pid := pidOf(t, dir+"/pid")
			want(t, c, "TERMINATE", "OK")
			awaitGone(t, pid)
		}
		if !exists(path) {
			t.Errorf("%q: the socket of the service manager was removed", background)
		}
	}
}

func TestSocketActivationIsNotForOthers(t *testing.T) {
	dir := folder(t)
	set, _ := activate(t, "unixgram", dir+"/theirs")
	p := start(t, "-g"+dir+"/ours", set, withEnv("LISTEN_PID=1"))
	c := dial(t, dir+"/ours")
	want(t, c, "PING", "PONG")
	p.leave(unix.SIGTERM)
	if exists(dir + "/ours") {
		t.Error("the global socket is left behind")
	}
}

func TestSocketActivationOfTheWrongKind(t *testing.T) {
	dir := folder(t)
	set, command := activate(t, "unix", dir+"/stream")
	shell, args := command("-g" + dir + "/global")
	p := startProgram(t, shell, args, set)
	if code := p.wait(); code != exitFailure || !strings.Contains(p.output(), "not a UNIX datagram socket") {
		t.Errorf("status %d: %s", code, p.output())
	}
}

func TestStaleSocketIsReplaced(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	path := dir + "/global"
	first := start(t, "-g"+path)
	want(t, dial(t, path), "PING", "PONG")
	if code, out := run1(t, "-g"+path); code != exitFailure || !strings.Contains(out, path) {
		t.Errorf("a second daemon on the same socket: status %d, %s", code, out)
	}
	first.signal(unix.SIGKILL)
	first.wait()
	if !exists(path) {
		t.Fatal("the killed daemon left no socket")
	}
	second := start(t, "-g"+path)
	second.awaitLine("Successfully initialized wpa_supplicant")
	want(t, dial(t, path), "PING", "PONG")
	second.leave(unix.SIGTERM)
}

// TestInterfaceSocketInUse: one interface is not controlled by two daemons.
func TestInterfaceSocketInUse(t *testing.T) {
	dir := folder(t)
	first := start(t, "-Dsim -isim0 -C"+dir+"/c")
	c := dial(t, dir+"/c/sim0")
	if code, out := run1(t, "-Dsim -isim0 -C"+dir+"/c"); code != exitFailure || !strings.Contains(out, dir+"/c/sim0") {
		t.Errorf("a second daemon: status %d, %s", code, out)
	}
	want(t, c, "PING", "PONG")
	first.leave(unix.SIGTERM)
}

// TestOutputThatNobodyReads: the daemon outlives the terminal it was started in.
func TestOutputThatNobodyReads(t *testing.T) {
	dir := folder(t)
	p := start(t, "-d -g"+dir+"/global")
	c := dial(t, dir+"/global")
	p.deaf()
	for range 3 {
		want(t, c, "NOTE into the void", "OK")
	}
	want(t, c, "PING", "PONG")
	want(t, c, "TERMINATE", "OK")
	if err := p.cmd.Wait(); err != nil {
		t.Error(err)
	}
}
