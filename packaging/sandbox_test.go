package packaging_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"gosupplicant/dbus/bustest"

	"golang.org/x/sys/unix"
)

// unitValues collects the values of a key of the unit.
func unitValues(t *testing.T, key string) []string {
	t.Helper()
	text, err := os.ReadFile("wpa_supplicant.service")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range regexp.MustCompile(`(?m)^`+key+`=(.*)$`).FindAllStringSubmatch(string(text), -1) {
		out = append(out, strings.Fields(m[1])...)
	}
	if len(out) == 0 {
		t.Fatalf("the unit has no %s", key)
	}
	return out
}

// sandbox writes the shell lines that give a process the files and capabilities
// of the unit, without systemd: all read-only but what the unit lets be written,
// and its bounding set.
func sandbox(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("set -e\nmount --make-rprivate /\n")
	for _, path := range unitValues(t, "ReadWritePaths") {
		fmt.Fprintf(&b, "mount --bind %s %s\n", path, path)
	}
	b.WriteString("mount --bind /tmp /tmp\nmount -o remount,bind,ro /tmp\nmount -o remount,bind,ro /\n")
	b.WriteString("touch /tmp/.writable /usr/.writable 2>/dev/null && { echo the sandbox is open; exit 99; }\n")
	caps := "-all"
	for _, c := range unitValues(t, "CapabilityBoundingSet") {
		caps += ",+" + strings.ToLower(strings.TrimPrefix(c, "CAP_"))
	}
	b.WriteString("umask 0027\nexec setpriv --no-new-privs --inh-caps=-all --bounding-set=" + caps + ` "$@"` + "\n")
	return b.String()
}

// TestDaemonInTheSandboxOfTheUnit: it makes its sockets, saves its file and
// answers clients of the group, whose sockets are in /tmp.
func TestDaemonInTheSandboxOfTheUnit(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root")
	}
	if _, err := user.LookupGroup("netdev"); err != nil {
		t.Skip(err)
	}
	dir, err := os.MkdirTemp("/run", "wpas")
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "a.conf")
	text := "ctrl_interface=DIR=" + dir + "/c GROUP=netdev\nupdate_config=1\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("unshare", "-m", "sh", "-c", sandbox(t), "sandbox", "true").CombinedOutput(); err != nil {
		t.Skipf("no sandbox here: %v %s", err, out)
	}
	cmd := exec.Command("unshare", "-m", "sh", "-c", sandbox(t), "sandbox",
		filepath.Join(installed(t), "usr/sbin/wpa_supplicant"), "-Dsim", "-isim0", "-c"+file, "-d")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	}()
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.Contains(lines.Text(), "Successfully initialized") {
	}
	awaitSocket(t, filepath.Join(dir, "c", "sim0"))
	go func() {
		for lines.Scan() {
		}
	}()
	// The tree of make install is root's alone; another user needs the program too.
	cli := filepath.Join(dir, "wpa_cli")
	program, err := os.ReadFile(filepath.Join(installed(t), "usr/sbin/wpa_cli"))
	if err == nil {
		err = os.WriteFile(cli, program, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2]string{{"ping", "PONG"}, {"set ap_scan 1", "OK"}, {"save_config", "OK"}} {
		args := append([]string{"--reuid=65534", "--regid=65534", "--groups=netdev", cli, "-p", dir + "/c", "-i", "sim0"}, strings.Fields(c[0])...)
		out, err := exec.Command("setpriv", args...).CombinedOutput()
		if err != nil || strings.TrimSpace(string(out)) != c[1] {
			t.Errorf("%s: %v, %q", c[0], err, out)
		}
	}
	args := []string{"--reuid=65534", "--regid=65534", "--clear-groups", cli, "-p", dir + "/c", "-i", "sim0", "ping"}
	if out, err := exec.Command("setpriv", args...).CombinedOutput(); err == nil || strings.Contains(string(out), "PONG") {
		t.Errorf("nobody is answered: %q", out)
	}
}

// awaitSocket waits until a file is there, in a folder that may come later.
func awaitSocket(t *testing.T, path string) {
	t.Helper()
	fd, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	f := os.NewFile(uintptr(fd), "inotify")
	defer f.Close()
	f.SetDeadline(time.Now().Add(bustest.Patience))
	dir := filepath.Dir(path)
	for buf := make([]byte, 4096); ; {
		for _, d := range []string{filepath.Dir(dir), dir} {
			unix.InotifyAddWatch(fd, d, unix.IN_CREATE|unix.IN_ATTRIB)
		}
		// Its mode is set last.
		if st, err := os.Stat(path); err == nil && st.Mode().Perm() == 0o770 {
			return
		}
		if _, err := f.Read(buf); err != nil {
			t.Fatalf("waiting for %s: %v", path, err)
		}
	}
}
