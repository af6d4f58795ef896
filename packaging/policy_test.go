package packaging_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	dbusbus "gosupplicant/dbus/bus"
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

// TestActivation: the bus starts the daemon as the activation file says, and the
// call that asked for it is answered.
func TestActivation(t *testing.T) {
	file, err := os.ReadFile(filepath.Join(installed(t), "usr/share/dbus-1/system-services/fi.w1.wpa_supplicant1.service"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	bus := bustest.Start(t, bustest.Config{Extra: "<servicedir>" + dir + "</servicedir>"})
	// A bus of one user gives no other user's rights and starts no units; the
	// daemon looks for the bus of the system, which this one is to be.
	text := strings.NewReplacer(
		"Exec=/usr/", "Exec=/usr/bin/env DBUS_SYSTEM_BUS_ADDRESS="+bus.Address()+" "+installed(t)+"/usr/",
		"User=root\n", "", "SystemdService=wpa_supplicant.service\n", "",
	).Replace(string(file))
	if err := os.WriteFile(filepath.Join(dir, "fi.w1.wpa_supplicant1.service"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	client := bus.Connect()
	// The first call starts it.
	xml, err := client.Introspect("fi.w1.wpa_supplicant1", "/fi/w1/wpa_supplicant1")
	if err != nil || !strings.Contains(xml, "CreateInterface") {
		t.Fatalf("%v: %q", err, xml)
	}
	target := dbusbus.Target{Dest: "org.freedesktop.DBus", Path: "/org/freedesktop/DBus", Interface: "org.freedesktop.DBus", Member: "GetConnectionUnixProcessID"}
	out, err := client.Call(target, "fi.w1.wpa_supplicant1")
	if err != nil || len(out) != 1 {
		t.Fatal(out, err)
	}
	pid := out[0].(uint32)
	args, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		t.Fatal(err)
	}
	if words := strings.Split(string(args), "\x00"); !slices.Contains(words, "DIR=/run/wpa_supplicant GROUP=netdev") {
		t.Errorf("started as %q", words)
	}
	client.Listen("type='signal',member='NameOwnerChanged',arg0='fi.w1.wpa_supplicant1'")
	if err := syscall.Kill(int(pid), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	client.AwaitSignal("NameOwnerChanged")
}
