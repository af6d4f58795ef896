package dbus

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gosupplicant/dbus/bustest"
)

// run runs a foreign client that must succeed, and returns what it printed.
func (w *world) run(name string, args ...string) string {
	w.t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		w.t.Fatalf("%s is not installed", name)
	}
	out, err := w.bus.Run(name, args...)
	if err != nil {
		w.t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return out
}

func TestGdbus(t *testing.T) {
	w := newWorld(t, quickAir)
	on := func(path string, args ...string) string {
		return w.run("gdbus", append([]string{"call", "--system", "-d", Name, "-o", path, "-m"}, args...)...)
	}
	if got := on(string(rootPath), ifaceRoot+".CreateInterface", "{'Ifname': <'sim0'>, 'Driver': <'sim'>}"); got != "(objectpath '/fi/w1/wpa_supplicant1/Interfaces/0',)\n" {
		t.Error(got)
	}
	iface := string(rootPath) + "/Interfaces/0"
	w.listen()
	if got := on(iface, ifaceInterface+".Scan", "{'Type': <'active'>, 'Channels': <[(uint32 2412, uint32 20)]>}"); got != "()\n" {
		t.Error(got)
	}
	w.c.AwaitSignal("ScanDone")
	text := w.run("gdbus", "introspect", "--system", "-d", Name, "-o", string(rootPath), "-r")
	for _, s := range []string{"node /fi/w1/wpa_supplicant1 {", "node /fi/w1/wpa_supplicant1/Interfaces/0 {", "Interfaces/0/BSSs/0 {",
		"CreateInterface(in  a{sv} args,", "readwrite s DebugLevel = 'info';", "readonly ay SSID = [0x6f, 0x70, 0x65, 0x6e];"} {
		if !strings.Contains(text, s) {
			t.Errorf("gdbus introspect does not show %q:\n%s", s, text)
		}
	}
	if got := on(iface, ifaceProperties+".Get", ifaceInterface, "MACAddressRandomizationMask"); got != "(<@a{say} {}>,)\n" {
		t.Error(got)
	}
	if got := on(iface, ifaceProperties+".Set", ifaceInterface, "MACAddressRandomizationMask", "<{'scan': [byte 0xff, 0xff, 0xff, 0, 0, 0]}>"); got != "()\n" {
		t.Error(got)
	}
	if got := on(iface, ifaceProperties+".Get", ifaceInterface, "MACAddressRandomizationMask"); got != "(<{'scan': [byte 0xff, 0xff, 0xff, 0x00, 0x00, 0x00]}>,)\n" {
		t.Error(got)
	}
}

func TestBusctl(t *testing.T) {
	w := newWorld(t, quickAir)
	bc := func(args ...string) string {
		return w.run("busctl", append([]string{"--address=$BUS"}, args...)...)
	}
	root := string(rootPath)
	if got := bc("call", Name, root, ifaceRoot, "CreateInterface", "a{sv}", "2", "Ifname", "s", "sim1", "Driver", "s", "sim"); got != "o \"/fi/w1/wpa_supplicant1/Interfaces/0\"\n" {
		t.Error(got)
	}
	if got := bc("tree", "--list", Name); !strings.Contains(got, root+"/Interfaces/0\n") {
		t.Errorf("tree:\n%s", got)
	}
	if got := bc("get-property", Name, root+"/Interfaces/0", ifaceInterface, "Ifname", "ApScan", "CurrentBSS"); got != "s \"sim1\"\nu 1\no \"/\"\n" {
		t.Error(got)
	}
	bc("set-property", Name, root+"/Interfaces/0", ifaceInterface, "ApScan", "u", "2")
	if got := bc("get-property", Name, root+"/Interfaces/0", ifaceInterface, "ApScan"); got != "u 2\n" {
		t.Error(got)
	}
	text := bc("introspect", Name, root+"/Interfaces/0")
	for _, s := range []string{".Scan", "method", ".ScanDone", "signal", ".P2pGoIntent", "writable"} {
		if !strings.Contains(text, s) {
			t.Errorf("busctl introspect does not show %q", s)
		}
	}
	if out, err := w.bus.Run("busctl", "--address=$BUS", "call", Name, root, ifaceRoot, "GetInterface", "s", "nope"); err == nil || !strings.Contains(out, "wpa_supplicant knows nothing about this interface.") {
		t.Errorf("%v: %s", err, out)
	}
}

// pythonClient is a client as applications write them with python3-dbus.
const pythonClient = `
import dbus, sys
bus = dbus.SystemBus()
root = bus.get_object("fi.w1.wpa_supplicant1", "/fi/w1/wpa_supplicant1")
w = dbus.Interface(root, "fi.w1.wpa_supplicant1")
path = w.CreateInterface({"Ifname": "sim0", "Driver": "sim"})
obj = bus.get_object("fi.w1.wpa_supplicant1", path)
iface = dbus.Interface(obj, "fi.w1.wpa_supplicant1.Interface")
props = dbus.Interface(obj, "org.freedesktop.DBus.Properties")
n = iface.AddNetwork(dbus.Dictionary({"ssid": dbus.ByteArray(b"caf\xc3\xa9"), "psk": "12345678", "priority": 5}, signature="sv"))
net = dbus.Interface(bus.get_object("fi.w1.wpa_supplicant1", n), "org.freedesktop.DBus.Properties")
print(net.Get("fi.w1.wpa_supplicant1.Network", "Properties")["ssid"], net.Get("fi.w1.wpa_supplicant1.Network", "Enabled"))
print(sorted(props.GetAll("fi.w1.wpa_supplicant1.Interface"))[:3])
try:
    iface.AddNetwork({"psk": "x"})
except dbus.DBusException as e:
    print(e.get_dbus_name(), e.args)
try:
    iface.Scan({"Type": "loud"})
except dbus.DBusException as e:
    print(e.get_dbus_name(), e.args)
w.RemoveInterface(path)
print(list(root.Get("fi.w1.wpa_supplicant1", "Interfaces", dbus_interface="org.freedesktop.DBus.Properties")))
`

func TestPythonDBus(t *testing.T) {
	w := newWorld(t, quickAir)
	file := filepath.Join(t.TempDir(), "client.py")
	if err := os.WriteFile(file, []byte(pythonClient), 0o600); err != nil {
		t.Fatal(err)
	}
	got := w.run("/usr/bin/python3", file)
	want := `636166c3a9 0
[dbus.String('AccessNetworkType'), dbus.String('ApAssocrespElements'), dbus.String('ApIsolate')]
org.freedesktop.DBus.Error.InvalidArgs ('invalid message format',)
fi.w1.wpa_supplicant1.InvalidArgs ('Did not receive correct message arguments.',)
[]
`
	if got != want {
		t.Errorf("got:\n%swant:\n%s", got, want)
	}
}

// TestShippedPolicyLetsRootIn: on a bus that denies what a system bus denies.
func TestShippedPolicyLetsRootIn(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("the policy is about root")
	}
	w := newWorldOn(t, bustest.Start(t, bustest.Config{Policy: "../packaging/fi.w1.wpa_supplicant1.conf"}), quickAir)
	if err := w.c.Conn().AddMatch("type='signal',sender='" + Name + "'"); err != nil {
		t.Fatal(err)
	}
	iface := w.create("Ifname", "sim0", "Driver", "sim")
	w.scan(iface)
	if text := w.run("gdbus", "introspect", "--system", "-d", Name, "-o", string(iface)); !strings.Contains(text, "readonly ao BSSs = [") {
		t.Errorf("gdbus:\n%s", text)
	}
}
