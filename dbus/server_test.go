package dbus

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gosupplicant/dbus/bus"
	"gosupplicant/dbus/bustest"
	"gosupplicant/drivers"
	"gosupplicant/drivers/none"
	"gosupplicant/drivers/sim"
	"gosupplicant/engine"
	"gosupplicant/engine/logs"
	"gosupplicant/engine/loop"
)

// world is the service on a private bus, over simulated and absent devices.
type world struct {
	t    testing.TB
	bus  *bustest.Bus
	loop *loop.Real
	sup  *engine.Supervisor
	srv  *Server
	air  *sim.Driver
	c    *bustest.Client
}

// quickAir is an air whose scans take a few milliseconds.
const quickAir = `dwell active=1ms passive=1ms
radio phy0 interfaces=sim0,sim1 bands=2
ap "open" bssid=02:00:00:00:01:01 channel=1 signal=-40
ap "secret" bssid=02:00:00:00:01:02 channel=6 signal=-50 security=wpa2 phy=legacy
ap "new" bssid=02:00:00:00:01:03 channel=11 signal=-60 security=wpa3 wps=pbc
ap "work" bssid=02:00:00:00:01:04 channel=11 signal=-70 security=wpa2-eap
`

// manyReplies lets one client wait for more answers than the usual 128.
const manyReplies = `<limit name="max_replies_per_connection">50000</limit>`

func newWorld(t testing.TB, air string) *world {
	t.Helper()
	return newWorldOn(t, bustest.Start(t, bustest.Config{Extra: manyReplies}), air)
}

func newWorldOn(t testing.TB, b *bustest.Bus, air string) *world {
	t.Helper()
	w := &world{t: t, bus: b, loop: loop.New()}
	hub := logs.New(logs.LevelInfo)
	hub.AddSink(logs.NewWriter(testLog{t}))
	var err error
	if w.air, err = sim.New(w.loop, rand.NewChaCha8([32]byte{1})); err != nil {
		t.Fatal(err)
	}
	if air != "" {
		p, err := sim.ParsePlan(t.Name(), []byte(air))
		if err != nil {
			t.Fatal(err)
		}
		if _, err = w.air.Load(p); err != nil {
			t.Fatal(err)
		}
	}
	w.sup = engine.New(engine.Options{Loop: w.loop, Logs: hub, Rand: rand.NewChaCha8([32]byte{2}), Drivers: []drivers.Driver{w.air, none.Driver{}}})
	w.srv = New(w.sup, Options{})
	conn, err := bus.Dial(t.Context(), w.bus.Address(), w.srv.BusOptions())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	stopped, served := make(chan struct{}), make(chan struct{})
	go func() { w.loop.Run(); close(stopped) }()
	go func() { w.srv.Run(ctx, w.bus.Address(), conn); close(served) }()
	t.Cleanup(func() {
		cancel()
		<-served
		w.loop.Call(w.sup.Shutdown)
		w.loop.Post(w.loop.Stop)
		<-stopped
	})
	w.c = w.bus.Connect()
	return w
}

// testLog sends log lines of failing tests to where they are wanted.
type testLog struct{ t testing.TB }

func (l testLog) Write(b []byte) (int, error) {
	if testing.Verbose() {
		fmt.Fprint(os.Stderr, string(b))
	}
	return len(b), nil
}

func (w *world) listen() { w.c.Listen("type='signal',sender='" + Name + "'") }

// call makes a call that must succeed.
func (w *world) call(path bus.ObjectPath, iface, member string, args ...any) []any {
	w.t.Helper()
	out, err := w.c.Call(bus.Target{Dest: Name, Path: path, Interface: iface, Member: member}, args...)
	if err != nil {
		w.t.Fatalf("%s.%s(%s): %s", iface, member, bustest.Text(args...), bustest.ErrorText(err))
	}
	return out
}

// refused makes a call that must fail, and returns the error as text.
func (w *world) refused(path bus.ObjectPath, iface, member string, args ...any) string {
	w.t.Helper()
	out, err := w.c.Call(bus.Target{Dest: Name, Path: path, Interface: iface, Member: member}, args...)
	if err == nil {
		w.t.Fatalf("%s.%s(%s) succeeded with %s", iface, member, bustest.Text(args...), bustest.Text(out...))
	}
	return bustest.ErrorText(err)
}

func dict(pairs ...any) bus.Dict {
	d := bus.Dict{}
	for i := 0; i+1 < len(pairs); i += 2 {
		d.Add(pairs[i].(string), pairs[i+1])
	}
	return d
}

// create makes an interface and returns its path.
func (w *world) create(pairs ...any) bus.ObjectPath {
	w.t.Helper()
	return w.call(rootPath, ifaceRoot, "CreateInterface", dict(pairs...))[0].(bus.ObjectPath)
}

func (w *world) get(path bus.ObjectPath, iface, name string) any {
	w.t.Helper()
	v, err := w.c.Get(Name, path, iface, name)
	if err != nil {
		w.t.Fatalf("%s.%s: %v", iface, name, err)
	}
	return v
}

// idle waits until a new interface has nothing to do, and forgets what was
// told until then.
func (w *world) idle(path bus.ObjectPath) {
	w.t.Helper()
	for range 10000 {
		if w.get(path, ifaceInterface, "State") == "inactive" {
			w.call(rootPath, ifaceProperties, "Get", ifaceRoot, "DebugLevel") // its reply flushed the changes
			w.c.Sync()
			w.c.Take()
			return
		}
	}
	w.t.Fatalf("%s does not become inactive", path)
}

// scan runs an active scan to its end.
func (w *world) scan(path bus.ObjectPath) {
	w.t.Helper()
	w.c.Take()
	w.call(path, ifaceInterface, "Scan", dict("Type", "active"))
	if ok, _ := w.c.AwaitSignal("ScanDone").Args(); !ok[0].(bool) {
		w.t.Fatal("the scan failed")
	}
}

func TestScanFromCreationToProperties(t *testing.T) {
	w := newWorld(t, quickAir)
	w.listen()
	path := w.create("Ifname", "sim0", "Driver", "sim")
	if path != "/fi/w1/wpa_supplicant1/Interfaces/0" {
		t.Fatalf("path %s", path)
	}
	added, _ := w.c.AwaitSignal("InterfaceAdded").Args()
	if added[0] != path || len(added[1].(bus.Dict)) != len(descriptors()[kindInterface].properties) {
		t.Fatalf("InterfaceAdded(%s)", bustest.Text(added...))
	}
	w.scan(path)
	paths := w.get(path, ifaceInterface, "BSSs").([]bus.ObjectPath)
	if len(paths) != 4 {
		t.Fatalf("BSSs %v", paths)
	}
	var got []string
	for _, p := range paths {
		d, err := w.c.GetAll(Name, p, ifaceBSS)
		if err != nil {
			t.Fatal(err)
		}
		if len(d) != len(descriptors()[kindBSS].properties) {
			t.Errorf("%s has %d properties", p, len(d))
		}
		line := ""
		for _, n := range []string{"SSID", "BSSID", "Privacy", "Mode", "Frequency", "WPA", "RSN", "WPS"} {
			v, _ := d.Get(n)
			line += n + "=" + bustest.Text(v) + " "
		}
		got = append(got, line)
	}
	bustest.Golden(t, "bss.golden", strings.Join(got, "\n")+"\n")
	var order []string
	w.c.Until("changes behind the scan", func(seen []bustest.Arrival) bool {
		order = order[:0]
		for _, a := range seen {
			if a.Signal != nil {
				order = append(order, a.Signal.Member)
			}
		}
		return strings.Count(strings.Join(order, " "), "PropertiesChanged") >= 4
	})
	text := strings.Join(order, " ")
	if !strings.Contains(text, "BSSAdded BSSAdded BSSAdded BSSAdded ScanDone") {
		t.Errorf("order of signals: %s", text)
	}
}

func TestNetworkLife(t *testing.T) {
	w := newWorld(t, quickAir)
	w.listen()
	iface := w.create("Ifname", "sim0", "Driver", "sim")
	w.idle(iface)
	tr := w.c.Transcript(Name, bustest.Text(blankNetwork()), "BLANK")
	add := func(pairs ...any) { tr.Call(iface, ifaceInterface, "AddNetwork", dict(pairs...)) }
	add("ssid", "plain", "key_mgmt", "NONE", "priority", int32(3), "scan_ssid", uint32(1))
	add("ssid", []byte{0xff, 0x00}, "psk", "12345678", "key_mgmt", "WPA-PSK", "bssid", "02:00:00:00:00:01")
	add("nosuch", "x")
	add("psk", "short")
	add("ssid", true)
	add("ssid", "a", "mac_addr", int32(3))
	add("psk", "line\nfeed=1")
	n := iface + "/Networks/0"
	tr.Call(n, ifaceProperties, "Get", ifaceNetwork, "Enabled")
	tr.Call(n, ifaceProperties, "Set", ifaceNetwork, "Properties", bus.MakeVariant(dict("priority", int32(9), "psk", "no")))
	tr.Call(n, ifaceProperties, "Set", ifaceNetwork, "Properties", bus.MakeVariant(dict("priority", int32(9))))
	tr.Call(iface, ifaceInterface, "RemoveNetwork", n)
	tr.Call(iface, ifaceInterface, "RemoveNetwork", n)
	tr.Call(iface, ifaceInterface, "RemoveNetwork", bus.ObjectPath("/x"))
	tr.Call(iface, ifaceInterface, "RemoveAllNetworks")
	tr.Call(iface, ifaceProperties, "Get", ifaceInterface, "Networks")
	if w.c.Sync(); strings.Contains(tr.String(), "PropertiesChanged") {
		t.Error("a change was told and nothing changed")
	}
	bustest.Golden(t, "networks.golden", tr.String())
}

func TestEnablingANetwork(t *testing.T) {
	w := newWorld(t, quickAir)
	w.listen()
	iface := w.create("Ifname", "sim0", "Driver", "sim")
	w.idle(iface)
	n := w.call(iface, ifaceInterface, "AddNetwork", dict("ssid", "nowhere", "key_mgmt", "NONE"))[0].(bus.ObjectPath)
	if w.get(n, ifaceNetwork, "Enabled") != false {
		t.Error("a new network is enabled")
	}
	w.call(n, ifaceProperties, "Set", ifaceNetwork, "Enabled", bus.MakeVariant(true))
	w.c.Until("the change", func(seen []bustest.Arrival) bool {
		for _, a := range seen {
			if a.Signal != nil && a.Signal.Path == n && a.Signal.Interface == ifaceNetwork {
				args, _ := a.Signal.Args()
				if text := bustest.Text(args...); text != `{"Enabled": <true>}` {
					t.Errorf("told %s", text)
				}
				return true
			}
		}
		return false
	})
	w.call(iface, ifaceInterface, "SelectNetwork", n)
	if args, _ := w.c.AwaitSignal("NetworkSelected").Args(); args[0] != n {
		t.Errorf("selected %v", args)
	}
}

func TestPropertiesOfNetworkHideSecrets(t *testing.T) {
	w := newWorld(t, quickAir)
	iface := w.create("Ifname", "sim0", "Driver", "sim")
	w.call(iface, ifaceInterface, "AddNetwork", dict("ssid", "x", "psk", "very secret", "wep_key0", "abcde", "password", "hidden word", "identity", "me"))
	d := w.get(iface+"/Networks/0", ifaceNetwork, "Properties").(bus.Dict)
	text := bustest.DictText(d)
	for _, s := range []string{"very secret", "abcde", "hidden word"} {
		if strings.Contains(text, s) {
			t.Errorf("Properties show %q", s)
		}
	}
	if v, _ := d.Get("ssid"); v.Value != `"x"` {
		t.Errorf("ssid reads %v", v)
	}
	if v, _ := d.Get("identity"); v.Value != `"me"` {
		t.Errorf("identity reads %v", v)
	}
}

func TestChangesAreFoldedAndValuesReadWhenSent(t *testing.T) {
	w := newWorld(t, quickAir)
	iface := w.create("Ifname", "sim0", "Driver", "sim")
	w.idle(iface)
	w.listen()
	w.c.Take()
	// One turn of the loop: what changes to and fro is told once, as it is.
	w.loop.Call(func() {
		i := w.sup.Interfaces()[0]
		for _, n := range []int{0, 2, 1, 2} {
			if err := i.SetAPScan(n); err != nil {
				t.Error(err)
			}
		}
	})
	w.c.AwaitSignal("PropertiesChanged")
	w.c.Until("both signals", func(seen []bustest.Arrival) bool { return len(seen) >= 2 })
	w.c.Sync()
	var got []string
	for _, a := range w.c.Take() {
		if a.Signal != nil {
			args, _ := a.Signal.Args()
			got = append(got, a.Signal.Interface+" "+bustest.Text(args...))
		}
	}
	want := []string{
		`org.freedesktop.DBus.Properties "fi.w1.wpa_supplicant1.Interface", {"ApScan": <u:2>}, []`,
		`fi.w1.wpa_supplicant1.Interface {"ApScan": <u:2>}`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestChangesFollowTheReply(t *testing.T) {
	w := newWorld(t, quickAir)
	w.listen()
	w.c.Take()
	serial := w.c.Send(bus.Target{Dest: Name, Path: rootPath, Interface: ifaceProperties, Member: "Set"},
		ifaceRoot, "DebugTimestamp", bus.MakeVariant(true))
	w.c.Await(serial)
	w.c.Until("both signals", func(seen []bustest.Arrival) bool { return len(seen) >= 3 })
	seen := w.c.Take()
	if seen[0].Call != serial || seen[1].Signal == nil || seen[2].Signal == nil {
		t.Fatal("a change came before the reply")
	}
	// A second time nothing changes, and nothing is said.
	w.call(rootPath, ifaceProperties, "Set", ifaceRoot, "DebugTimestamp", bus.MakeVariant(true))
	w.call(rootPath, ifaceProperties, "Set", ifaceRoot, "DebugShowKeys", bus.MakeVariant(true))
	w.c.Until("the change of DebugShowKeys", func(seen []bustest.Arrival) bool {
		for _, a := range seen {
			if a.Signal != nil && a.Signal.Interface == ifaceRoot {
				args, _ := a.Signal.Args()
				text := bustest.Text(args...)
				if text != `{"DebugShowKeys": <true>}` {
					t.Fatalf("a change was told that was none: %s", text)
				}
				return true
			}
		}
		return false
	})
}

func TestCreateInterfaceHoldsItsCallerAndNobodyElse(t *testing.T) {
	w := newWorld(t, "")
	gate := make(chan struct{})
	slow := &slowDriver{gate: gate, entered: make(chan struct{})}
	w.withDriver(slow)
	create := w.c.Send(bus.Target{Dest: Name, Path: rootPath, Interface: ifaceRoot, Member: "CreateInterface"}, dict("Ifname", "slow0"))
	after := w.c.Send(bus.Target{Dest: Name, Path: rootPath, Interface: ifaceRoot, Member: "GetInterface"}, "slow0")
	last := w.c.Send(bus.Target{Dest: Name, Path: rootPath, Interface: ifaceRoot, Member: "GetInterface"}, "other")
	w.c.Flush()
	<-slow.entered
	other := w.bus.Connect()
	if _, err := other.Get(Name, rootPath, ifaceRoot, "DebugLevel"); err != nil {
		t.Fatalf("another client waits too: %v", err)
	}
	for _, a := range w.c.Take() {
		if a.Call == after || a.Call == last {
			t.Fatal("a later call was answered first")
		}
	}
	close(gate)
	w.c.Await(last)
	var order []uint32
	for _, a := range w.c.Take() {
		if a.Call != 0 {
			order = append(order, a.Call)
		}
	}
	if fmt.Sprint(order) != fmt.Sprint([]uint32{create, after, last}) {
		t.Errorf("answers came in order %v, want %v", order, []uint32{create, after, last})
	}
}

// slowDriver opens when its gate does.
type slowDriver struct {
	gate    chan struct{}
	entered chan struct{}
}

func (d *slowDriver) Name() string        { return "slow" }
func (d *slowDriver) Description() string { return "opens late" }
func (d *slowDriver) Open(cfg drivers.Config) (drivers.Interface, error) {
	close(d.entered)
	<-d.gate
	cfg.Ifname = "lo"
	return none.Driver{}.Open(cfg)
}

func TestBusRestart(t *testing.T) {
	w := newWorld(t, quickAir)
	iface := w.create("Ifname", "sim0", "Driver", "sim")
	w.bus.Stop()
	w.loop.Call(func() { w.sup.Interfaces()[0].SetAPScan(2) })
	w.bus.Launch()
	w.c = w.bus.Connect()
	w.listen()
	owner := "org.freedesktop.DBus"
	w.c.Listen("type='signal',sender='" + owner + "',member='NameOwnerChanged',arg0='" + Name + "'")
	if out, err := w.c.Call(bus.Target{Dest: owner, Path: "/org/freedesktop/DBus", Interface: owner, Member: "NameHasOwner"}, Name); err != nil {
		t.Fatal(err)
	} else if !out[0].(bool) {
		w.c.AwaitSignal("NameOwnerChanged")
	}
	if v := w.get(iface, ifaceInterface, "ApScan"); v != uint32(2) {
		t.Errorf("ApScan is %v", v)
	}
	if v := w.get(rootPath, ifaceRoot, "Interfaces"); bustest.Text(v) != bustest.Text([]bus.ObjectPath{iface}) {
		t.Errorf("Interfaces: %v", v)
	}
}

func TestRemovedInterfaceTakesItsObjectsAlong(t *testing.T) {
	w := newWorld(t, quickAir)
	w.listen()
	iface := w.create("Ifname", "sim0", "Driver", "sim")
	w.scan(iface)
	b := w.get(iface, ifaceInterface, "BSSs").([]bus.ObjectPath)[0]
	w.call(iface, ifaceInterface, "AddNetwork", dict("ssid", "x"))
	w.call(rootPath, ifaceRoot, "RemoveInterface", iface)
	for _, p := range []bus.ObjectPath{iface, b, iface + "/Networks/0"} {
		if text := w.refused(p, ifaceProperties, "GetAll", ifaceBSS); !strings.HasPrefix(text, nameUnknownMethod) {
			t.Errorf("%s: %s", p, text)
		}
	}
	if text := w.refused(rootPath, ifaceRoot, "RemoveInterface", iface); !strings.HasPrefix(text, nameInterfaceUnknown) {
		t.Error(text)
	}
	if next := w.create("Ifname", "sim0", "Driver", "sim"); next != "/fi/w1/wpa_supplicant1/Interfaces/1" {
		t.Errorf("the number of a removed interface was used again: %s", next)
	}
	w.loop.Call(func() {
		if n := len(w.srv.changes.marks); n > 1 {
			t.Errorf("%d change marks are left", n)
		}
		if n := len(w.srv.held); n != 0 {
			t.Errorf("%d held queues are left", n)
		}
	})
}

// TestWhatComesAndGoesWithAnInterface: the networks of its file, and what a
// scan found.
func TestWhatComesAndGoesWithAnInterface(t *testing.T) {
	w := newWorld(t, quickAir)
	file := filepath.Join(t.TempDir(), "c.conf")
	text := "network={\n\tssid=\"one\"\n\tkey_mgmt=NONE\n\tdisabled=1\n}\nnetwork={\n\tssid=\"two\"\n\tpsk=\"hidden word\"\n\tdisabled=1\n}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	w.listen()
	iface := w.create("Ifname", "sim0", "Driver", "sim", "ConfigFile", file)
	var coming []string
	for _, a := range w.c.Take() {
		if a.Signal != nil && a.Signal.Member != "PropertiesChanged" {
			args, _ := a.Signal.Args()
			line := a.Signal.Member + " " + bustest.Text(args[0])
			if a.Signal.Member == "NetworkAdded" {
				d, _ := args[1].(bus.Dict).Get("Properties")
				ssid, _ := d.Value.(bus.Dict).Get("ssid")
				line += " " + bustest.Text(ssid)
				if strings.Contains(bustest.Text(args...), "hidden word") {
					t.Error("NetworkAdded shows a secret")
				}
			}
			coming = append(coming, line)
		}
	}
	want := []string{
		`InterfaceAdded o"/fi/w1/wpa_supplicant1/Interfaces/0"`,
		`NetworkAdded o"/fi/w1/wpa_supplicant1/Interfaces/0/Networks/0" <"\"one\"">`,
		`NetworkAdded o"/fi/w1/wpa_supplicant1/Interfaces/0/Networks/1" <"\"two\"">`,
	}
	if fmt.Sprint(coming) != fmt.Sprint(want) {
		t.Errorf("came %q", coming)
	}
	w.scan(iface)
	w.c.Sync()
	w.c.Take()
	w.call(rootPath, ifaceRoot, "RemoveInterface", iface)
	var going []string
	for _, a := range w.c.Take() {
		if a.Signal != nil && a.Signal.Member != "PropertiesChanged" {
			going = append(going, a.Signal.Member)
		}
	}
	if got := strings.Join(going, " "); got != "BSSRemoved BSSRemoved BSSRemoved BSSRemoved NetworkRemoved NetworkRemoved InterfaceRemoved" {
		t.Errorf("went %s", got)
	}
}

func TestBlobsAndCreds(t *testing.T) {
	w := newWorld(t, quickAir)
	w.listen()
	iface := w.create("Ifname", "sim0", "Driver", "sim")
	w.idle(iface)
	tr := w.c.Transcript(Name)
	tr.Call(iface, ifaceInterface, "AddBlob", "b1", []byte("abc"))
	tr.Call(iface, ifaceInterface, "AddBlob", "b1", []byte("abc"))
	tr.Call(iface, ifaceInterface, "GetBlob", "b1")
	tr.Call(iface, ifaceInterface, "GetBlob", "b2")
	tr.Call(iface, ifaceProperties, "Get", ifaceInterface, "Blobs")
	tr.Call(iface, ifaceInterface, "RemoveBlob", "b1")
	tr.Call(iface, ifaceInterface, "RemoveBlob", "b1")
	tr.Call(iface, ifaceInterface, "AddBlob", "a\nb", []byte("x"))
	tr.Call(iface, ifaceInterface, "AddCred", dict("realm", "example.com", "domain", []string{"a.example", "b.example"}, "priority", int32(1)))
	tr.Call(iface, ifaceInterface, "AddCred", dict("nosuch", "x"))
	tr.Call(iface, ifaceInterface, "RemoveCred", iface+"/Credentials/0")
	tr.Call(iface, ifaceInterface, "RemoveCred", iface+"/Credentials/0")
	tr.Call(iface, ifaceInterface, "RemoveCred", bus.ObjectPath("/x"))
	tr.Call(iface, ifaceInterface, "RemoveAllCreds")
	bustest.Golden(t, "store.golden", tr.String())
}

func TestSaveConfig(t *testing.T) {
	w := newWorld(t, quickAir)
	file := filepath.Join(t.TempDir(), "c.conf")
	if err := os.WriteFile(file, []byte("update_config=1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	iface := w.create("Ifname", "sim0", "Driver", "sim", "ConfigFile", file)
	w.call(iface, ifaceInterface, "AddNetwork", dict("ssid", "saved", "key_mgmt", "NONE"))
	w.call(iface, ifaceInterface, "SetPKCS11EngineAndModulePath", "/lib/engine.so", "")
	if v := w.get(iface, ifaceInterface, "PKCS11EnginePath"); v != "/lib/engine.so" {
		t.Errorf("PKCS11EnginePath %v", v)
	}
	if text := w.refused(iface, ifaceInterface, "SetPKCS11EngineAndModulePath", "/other", "a\nb"); !strings.HasPrefix(text, nameStdInvalidArgs) {
		t.Error(text)
	}
	if v := w.get(iface, ifaceInterface, "PKCS11EnginePath"); v != "/lib/engine.so" {
		t.Errorf("a refused call changed PKCS11EnginePath to %v", v)
	}
	w.call(iface, ifaceInterface, "SaveConfig")
	if b, _ := os.ReadFile(file); !strings.Contains(string(b), `ssid="saved"`) ||
		!strings.Contains(string(b), "pkcs11_engine_path=/lib/engine.so\n") || strings.Contains(string(b), "pkcs11_module_path") {
		t.Errorf("file:\n%s", b)
	}
	w.call(iface, ifaceProperties, "Set", ifaceInterface, "UpdateConfig", bus.MakeVariant("0"))
	if text := w.refused(iface, ifaceInterface, "SaveConfig"); !strings.Contains(text, "update_config=0") {
		t.Error(text)
	}
}

func TestUrgentChangesDoNotWait(t *testing.T) {
	w := newWorld(t, quickAir)
	iface := w.create("Ifname", "sim0", "Driver", "sim")
	w.idle(iface)
	w.listen()
	w.c.Take()
	w.loop.Call(func() {
		k := interfaceObject(w.sup.Interfaces()[0]).key()
		w.srv.observe(engine.PropChanged{Iface: w.sup.Interfaces()[0], Prop: engine.PropDisconnectReason})
		if n := w.srv.changes.marks[k]; n != 0 {
			t.Errorf("marks %b wait", n)
		}
		w.srv.observe(engine.PropChanged{Iface: w.sup.Interfaces()[0], Prop: engine.PropMACAddress})
		if w.srv.changes.marks[k] == 0 || !w.srv.changes.timer.Pending() {
			t.Error("an ordinary change does not wait")
		}
	})
	w.c.Until("both changes", func(seen []bustest.Arrival) bool { return len(seen) >= 4 })
	var got []string
	for _, a := range w.c.Take() {
		if a.Signal != nil && a.Signal.Interface == ifaceInterface {
			args, _ := a.Signal.Args()
			got = append(got, bustest.Text(args...))
		}
	}
	if want := `{"DisconnectReason": <i:0>} {"MACAddress": <ay:`; !strings.HasPrefix(strings.Join(got, " "), want) {
		t.Errorf("told %q", got)
	}
}

// TestMalformedElementsHideNothing: an AP cannot make its BSS unseen by an
// element that cannot be read.
func TestMalformedElementsHideNothing(t *testing.T) {
	w := newWorld(t, "")
	dev := newCrowd(1)
	dev.ies[0] = []byte{0, 1, 'x', 48, 4, 1, 0, 0, 0x0f}
	w.withDriver(dev)
	w.listen()
	iface := w.create("Ifname", "crowd0")
	w.scan(iface)
	var props bus.Dict
	for _, a := range w.c.Take() {
		if a.Signal != nil && a.Signal.Member == "BSSAdded" {
			args, _ := a.Signal.Args()
			props = args[1].(bus.Dict)
		}
	}
	if _, ok := props.Get("RSN"); ok || len(props) != len(descriptors()[kindBSS].properties)-1 {
		t.Errorf("BSSAdded with %s", bustest.Text(props))
	}
	b := w.get(iface, ifaceInterface, "BSSs").([]bus.ObjectPath)[0]
	want := nameStdFailed + `("failed to parse RSN IE")`
	if got := w.refused(b, ifaceProperties, "Get", ifaceBSS, "RSN"); got != want {
		t.Error(got)
	}
	if got := w.refused(b, ifaceProperties, "GetAll", ifaceBSS); got != want {
		t.Error(got)
	}
	if got := w.get(b, ifaceBSS, "SSID"); bustest.Text(got) != "ay:78" {
		t.Errorf("SSID %v", got)
	}
}

func TestHandlerThatPanicsIsAnswered(t *testing.T) {
	w := newWorld(t, quickAir)
	d := descriptors()[kindRoot]
	w.loop.Call(func() {
		d.methodIndex["Break"] = &method{name: "Break", call: func(*request) ([]any, error) { panic("broken") }}
	})
	defer w.loop.Call(func() { delete(d.methodIndex, "Break") })
	if got := w.refused(rootPath, ifaceRoot, "Break"); got != nameStdFailed+`("Internal error")` {
		t.Error(got)
	}
	w.get(rootPath, ifaceRoot, "DebugLevel")
}

// TestReconfigureTellsTheNewNetworks: what replaces the old blocks is announced
// with what it holds.
func TestReconfigureTellsTheNewNetworks(t *testing.T) {
	w := newWorld(t, quickAir)
	file := filepath.Join(t.TempDir(), "c.conf")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("network={\n\tssid=\"old\"\n\tkey_mgmt=NONE\n\tdisabled=1\n}\n")
	w.listen()
	iface := w.create("Ifname", "sim0", "Driver", "sim", "ConfigFile", file)
	w.idle(iface)
	write("country=DE\nnetwork={\n\tssid=\"new\"\n\tkey_mgmt=NONE\n\tdisabled=1\n}\n")
	w.loop.Call(func() { w.sup.Reconfigure() })
	args, _ := w.c.AwaitSignal("NetworkAdded").Args()
	d := args[1].(bus.Dict)
	props, _ := d.Get("Properties")
	ssid, _ := props.Value.(bus.Dict).Get("ssid")
	enabled, _ := d.Get("Enabled")
	if ssid.Value != `"new"` || enabled.Value != false {
		t.Errorf("announced %s", bustest.Text(args...))
	}
	for _, a := range w.c.Take() {
		if a.Signal != nil && a.Signal.Member == "NetworkAdded" {
			break
		}
		if a.Signal != nil && a.Signal.Member == "NetworkRemoved" {
			if v := w.get(iface, ifaceInterface, "Country"); v != "DE" {
				t.Errorf("Country %v", v)
			}
			return
		}
	}
	t.Error("the old network was not taken leave of before")
}
