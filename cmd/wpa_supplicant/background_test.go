package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gosupplicant/dbus/bustest"

	"golang.org/x/sys/unix"
)

// statField is a field of /proc/PID/stat, counted as in proc(5).
func statField(t *testing.T, pid, n int) string {
	t.Helper()
	s := readFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, rest, ok := strings.Cut(s, ") ")
	fields := strings.Fields(rest)
	if !ok || len(fields) < n-2 {
		t.Fatalf("/proc/%d/stat: %q", pid, s)
	}
	return fields[n-3]
}

func TestBackgroundIsReadyWhenTheParentEnds(t *testing.T) {
	dir, bus := folder(t), bustest.Start(t, bustest.Config{})
	client := bus.Connect()
	write(t, dir, "a.conf", "ctrl_interface="+dir+"/c\nupdate_config=1\n")
	// Every path is relative: the daemon leaves the folder but must not lose them.
	p := start(t, "-B -u -Dsim -isim0 -ca.conf -P pid -g global -f log", inDir(dir), withBus(bus.Address()))
	if code := p.wait(); code != 0 {
		t.Fatalf("exit status %d", code)
	}
	pid := pidOf(t, dir+"/pid")
	if pid == p.cmd.Process.Pid {
		t.Error("the PID file names the foreground process")
	}
	for _, path := range []string{"/c/sim0", "/global", "/log"} {
		if !exists(dir + path) {
			t.Errorf("%s is not there when the parent ends", path)
		}
	}
	owner, err := client.Introspect("fi.w1.wpa_supplicant1", "/fi/w1/wpa_supplicant1")
	if err != nil || !strings.Contains(owner, "CreateInterface") {
		t.Errorf("D-Bus is not served when the parent ends: %v %q", err, owner)
	}
	if sid := statField(t, pid, 6); sid != fmt.Sprint(pid) {
		t.Errorf("session %s, want the daemon's own, %d", sid, pid)
	}
	for fd := range 3 {
		if to, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", pid, fd)); to != "/dev/null" {
			t.Errorf("descriptor %d is %s, want /dev/null (%v)", fd, to, err)
		}
	}
	if cwd, _ := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid)); cwd != "/" {
		t.Errorf("the daemon stays in %s", cwd)
	}
	c := dial(t, dir+"/c/sim0")
	want(t, c, "PING", "PONG")
	want(t, c, "RECONFIGURE", "OK")
	want(t, c, "SAVE_CONFIG", "OK")
	g := dial(t, dir+"/global")
	want(t, g, "TERMINATE", "OK")
	awaitGone(t, pid)
	for _, path := range []string{"/pid", "/global", "/c"} {
		if exists(dir + path) {
			t.Errorf("%s is left behind", path)
		}
	}
}

func TestBackgroundFailureReachesTheCaller(t *testing.T) {
	dir := folder(t)
	for args, message := range map[string]string{
		"-B -Dsim -iwlan7 -C" + dir + "/c -P" + dir + "/pid":      "wlan7",
		"-B -Dsim -isim0 -c" + dir + "/no.conf -P" + dir + "/pid": "no.conf",
		"-B -Dsim -isim0 -C" + dir + "/c -P" + dir + "/no/pid":    "PID file",
		"-B -g" + dir + "/no/g -P" + dir + "/pid":                 "/no/g",
		"-B -Dfoo -isim0 -C" + dir + "/c -P" + dir + "/pid -t":    "Unsupported driver 'foo'",
	} {
		code, out := run1(t, args)
		if code != exitFailure || !strings.Contains(out, message) {
			t.Errorf("%s: status %d, output %q; want %d and a word about %s", args, code, out, exitFailure, message)
		}
		if exists(dir+"/pid") || exists(dir+"/c") {
			t.Errorf("%s: files are left behind", args)
		}
	}
}

func TestBackgroundWithoutInterface(t *testing.T) {
	dir := folder(t)
	pidFile := filepath.Join(dir, "pid")
	if code, out := run1(t, "-B -g"+dir+"/g -P"+pidFile); code != 0 {
		t.Fatalf("status %d: %s", code, out)
	}
	pid := pidOf(t, pidFile)
	want(t, dial(t, dir+"/g"), "PING", "PONG")
	if err := unix.Kill(pid, unix.SIGTERM); err != nil {
		t.Fatal(err)
	}
	awaitGone(t, pid)
	if exists(pidFile) || exists(dir+"/g") {
		t.Error("files are left behind")
	}
}

// TestPIDFileNeedsBackground: as with the original, -P alone writes nothing.
func TestPIDFileNeedsBackground(t *testing.T) {
	dir := folder(t)
	p := start(t, "-g"+dir+"/g -P"+dir+"/pid")
	want(t, dial(t, dir+"/g"), "PING", "PONG")
	p.leave(unix.SIGTERM)
	if exists(dir + "/pid") {
		t.Error("a PID file without -B")
	}
}
