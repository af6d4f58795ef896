package packaging_test

import (
	"bufio"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"gosupplicant/dbus/bustest"
)

// serve runs the installed daemon on a bus, until the test ends.
func serve(t *testing.T, bus *bustest.Bus) {
	t.Helper()
	cmd := exec.Command(filepath.Join(installed(t), "usr/sbin/wpa_supplicant"), "-u")
	cmd.Env = append(os.Environ(), "DBUS_SYSTEM_BUS_ADDRESS="+bus.Address())
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		cmd.Wait()
	})
	for s := bufio.NewScanner(out); s.Scan(); {
		if strings.Contains(s.Text(), "bus: connected") {
			return
		}
	}
	t.Fatal("the daemon ended or never reached the bus")
}

// TestPolicyOfTheBus: with the rules of a system bus and the installed policy,
// root and the group netdev may use the service; others may not, nor take its
// name.
func TestPolicyOfTheBus(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root, to become others")
	}
	for _, p := range []string{"setpriv", "dbus-send"} {
		if _, err := exec.LookPath(p); err != nil {
			t.Skip(err)
		}
	}
	bus := bustest.Start(t, bustest.Config{Policy: filepath.Join(installed(t), policy)})
	if err := os.Chmod(filepath.Dir(bus.Socket()), 0o755); err != nil {
		t.Fatal(err)
	}
	serve(t, bus)
	send := func(who []string, args ...string) (string, error) {
		args = append([]string{"dbus-send", "--bus=$BUS", "--print-reply"}, args...)
		if len(who) > 0 {
			args = append(append([]string{"setpriv"}, who...), args...)
		}
		return bus.Run(args[0], args[1:]...)
	}
	get := []string{"--dest=fi.w1.wpa_supplicant1", "/fi/w1/wpa_supplicant1", "org.freedesktop.DBus.Properties.Get", "string:fi.w1.wpa_supplicant1", "string:DebugLevel"}
	own := []string{"--dest=org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus.RequestName", "string:fi.w1.wpa_supplicant1", "uint32:0"}
	nobody := []string{"--reuid=65534", "--regid=65534", "--clear-groups"}
	if out, err := send(nil, get...); err != nil || !strings.Contains(out, `"info"`) {
		t.Errorf("root: %v\n%s", err, out)
	}
	if out, err := send(nobody, get...); err == nil || !strings.Contains(out, "AccessDenied") {
		t.Errorf("nobody may call: %v\n%s", err, out)
	}
	if out, err := send(nobody, own...); err == nil || !strings.Contains(out, "AccessDenied") {
		t.Errorf("nobody may own the name: %v\n%s", err, out)
	}
	if _, err := user.LookupGroup("netdev"); err != nil {
		t.Log("no group netdev: its rule is not tested")
		return
	}
	member := []string{"--reuid=65534", "--regid=65534", "--groups=netdev"}
	if out, err := send(member, get...); err != nil || !strings.Contains(out, `"info"`) {
		t.Errorf("a member of netdev: %v\n%s", err, out)
	}
	if out, err := send(member, own...); err == nil || !strings.Contains(out, "AccessDenied") {
		t.Errorf("a member of netdev may own the name: %v\n%s", err, out)
	}
}
