package ctrl

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"gosupplicant/engine"
	"gosupplicant/engine/ctrl/ctrlclient"
	"gosupplicant/engine/logs"
)

func TestParsePlace(t *testing.T) {
	for _, tt := range []struct {
		value string
		want  place
		bad   bool
	}{
		{value: "/run/x", want: place{"/run/x", "def"}},
		{value: "DIR=/run/x", want: place{"/run/x", "def"}},
		{value: "DIR=/run/x GROUP=netdev", want: place{"/run/x", "netdev"}},
		{value: "DIR=/run/a b GROUP=0", want: place{"/run/a b", "0"}},
		{value: "udp", bad: true},
		{value: "udp:9877", bad: true},
		{value: "DIR=", bad: true},
		{value: "DIR= GROUP=x", bad: true},
		{value: "/run/\x00", bad: true},
	} {
		got, err := parsePlace(tt.value, "def")
		if (err != nil) != tt.bad || err == nil && got != tt.want {
			t.Errorf("%q: %+v, %v", tt.value, got, err)
		}
	}
}

// FuzzPlace: a place that is taken names a folder, and no other transport.
func FuzzPlace(f *testing.F) {
	f.Add("DIR=/run/x GROUP=netdev", "")
	f.Fuzz(func(t *testing.T, value, group string) {
		p, err := parsePlace(value, group)
		if err == nil && (p.dir == "" || strings.HasPrefix(p.dir, "udp") || strings.ContainsRune(p.dir, 0)) {
			t.Fatalf("%q: %+v", value, p)
		}
	})
}

// rights returns permissions and group of a path.
func rights(t *testing.T, path string) string {
	t.Helper()
	st, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%v %d", st.Mode(), st.Sys().(*syscall.Stat_t).Gid)
}

func TestFilesAndRights(t *testing.T) {
	dir := t.TempDir()
	gid := os.Getgid()
	if os.Geteuid() == 0 {
		gid = 12345
	}
	p := place{filepath.Join(dir, "ctrl"), fmt.Sprint(gid)}
	s, err := listenInterface(p, "w0")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := rights(t, p.dir), fmt.Sprintf("drwxr-x--- %d", gid); got != want {
		t.Errorf("folder: %s, want %s", got, want)
	}
	if got, want := rights(t, s.path), fmt.Sprintf("Srwxrwx--- %d", gid); got != want {
		t.Errorf("socket: %s, want %s", got, want)
	}
	if _, err := listenInterface(p, "w0"); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("second daemon on one socket: %v", err)
	}
	other, err := listenInterface(p, "w1")
	if err != nil {
		t.Fatal(err)
	}
	other.close()
	s.close()
	if _, err := os.Lstat(p.dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the empty folder was left: %v", err)
	}
	g, err := listenGlobal(filepath.Join(dir, "global"), "")
	if err != nil {
		t.Fatal(err)
	}
	if got := rights(t, g.path); !strings.HasPrefix(got, "Srwx------ ") {
		t.Errorf("global socket: %s", got)
	}
	g.close()
	g, err = listenGlobal(filepath.Join(dir, "global"), fmt.Sprint(gid))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := rights(t, g.path), fmt.Sprintf("Srwxrwx--- %d", gid); got != want {
		t.Errorf("global socket with group: %s, want %s", got, want)
	}
	g.close()
}

func TestRefusedPlaces(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("keep"), 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]func() (*socket, error){
		"unknown group":     func() (*socket, error) { return listenInterface(place{dir, "no-such-group"}, "w") },
		"missing parent":    func() (*socket, error) { return listenInterface(place{dir + "/a/b", ""}, "w") },
		"link as folder":    func() (*socket, error) { return listenInterface(place{link, fmt.Sprint(os.Getgid())}, "w") },
		"slash in name":     func() (*socket, error) { return listenInterface(place{dir, ""}, "../w") },
		"file in the way":   func() (*socket, error) { return listenGlobal(file, "") },
		"long path":         func() (*socket, error) { return listenGlobal(filepath.Join(dir, strings.Repeat("x", 100)), "") },
		"long abstract":     func() (*socket, error) { return listenGlobal("@abstract:"+strings.Repeat("x", 200), "") },
		"udp":               func() (*socket, error) { return listenGlobal("udp:9878", "") },
		"group of no group": func() (*socket, error) { return listenGlobal(filepath.Join(dir, "g"), "no-such-group") },
	} {
		if s, err := f(); err == nil {
			s.close()
			t.Errorf("%s: no error", name)
		}
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != "keep" {
		t.Errorf("a file in the way was touched: %q, %v", text, err)
	}
}

// TestStaleSocket: the file of a dead daemon is replaced.
func TestStaleSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	old, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	old.Close() // the file stays: datagram sockets are not unlinked
	if _, err := os.Lstat(path); err != nil {
		t.Fatal(err)
	}
	s, err := listenGlobal(path, "")
	if err != nil {
		t.Fatal(err)
	}
	s.close()
}

func TestAbstractAndInherited(t *testing.T) {
	name := "@abstract:gosupplicant-" + filepath.Base(filepath.Dir(t.TempDir()))
	path := filepath.Join(t.TempDir(), "inherited")
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	f, err := l.File()
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	start(t, Options{GlobalPath: name, Inherited: []*os.File{f}})
	expect(t, dial(t, name), "PING", "PONG\n", "INTERFACES", "")
	expect(t, dial(t, path), "PING", "PONG\n", "IFNAME=x PING", replyNoIface)

	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if _, err := inherited(r); err == nil {
		t.Error("a pipe was taken as a socket")
	}
	r.Close()
}

func TestIgnoredRequests(t *testing.T) {
	d := startSim(t)
	c := d.dial("sim0")
	long := strings.Repeat("A", maxRequest+1)
	if r, err := c.Request(long[:maxRequest], replyTime); err != nil || r != replyUnknown {
		t.Errorf("request of %d bytes: %q, %v", maxRequest, r, err)
	}
	raw, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: filepath.Join(d.dir, "ctrl", "sim0"), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	for _, msg := range []string{long, "PING", "ATTACH", "ADD_NETWORK", ""} { // nowhere to answer
		if _, err := raw.Write([]byte(msg)); err != nil {
			t.Fatal(err)
		}
	}
	if got := ask(t, c, "LIST_NETWORKS"); strings.Count(got, "\n") != 2 {
		t.Errorf("a command without return address was not run: %q", got)
	}
}

func TestMonitors(t *testing.T) {
	d := startSim(t)
	c, g := d.dial("sim0"), d.global()
	expect(t, c, "LEVEL 2", replyFail, "ATTACH", replyOK, "ATTACH", replyOK)
	expect(t, g, "ATTACH", replyOK)
	other := d.dial("sim0")
	expect(t, other, "ADD_NETWORK", "0\n", "BSSID_IGNORE 02:00:00:00:00:01", replyOK)
	for _, want := range []string{"CTRL-EVENT-NETWORK-ADDED 0", "Added BSSID 02:00:00:00:00:01 into ignore list, ignoring for 10 seconds"} {
		if e := wait(t, c, want); e.Text != want || e.Level != 3 || e.Ifname != "" {
			t.Errorf("interface monitor: %+v", e)
		}
		if e := wait(t, g, want); e.Text != want || e.Level != 3 || e.Ifname != "sim0" {
			t.Errorf("global monitor: %+v", e)
		}
	}
	expect(t, c, "LEVEL 2", replyOK)
	expect(t, other, "REMOVE_NETWORK 77", replyFail)
	if e := wait(t, c, "Control command refused"); e.Level != 2 {
		t.Errorf("free text: %+v", e)
	}
	expect(t, c, "LEVEL 5", replyOK)
	expect(t, other, "ADD_NETWORK", "1\n")
	expect(t, c, "LEVEL 3", replyOK)
	expect(t, other, "ADD_NETWORK", "2\n")
	if e := wait(t, c, "CTRL-EVENT-NETWORK-ADDED"); e.Text != "CTRL-EVENT-NETWORK-ADDED 2" {
		t.Errorf("an event below the monitor's level came: %+v", e)
	}
	expect(t, c, "DETACH", replyOK, "DETACH", replyFail, "LEVEL 3", replyFail)
	expect(t, g, "INTERFACE_REMOVE sim0", replyOK)
	if e := wait(t, g, "CTRL-EVENT-TERMINATING "); e.Ifname != "sim0" {
		t.Errorf("end of an interface: %+v", e)
	}
	if _, err := os.Lstat(filepath.Join(d.dir, "ctrl")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder of a removed interface: %v", err)
	}
}

// on runs f on the loop.
func (d *daemon) on(f func()) {
	d.t.Helper()
	if !d.loop.Call(f) {
		d.t.Fatal("the loop has ended")
	}
}

// TestStoppedMonitor: a monitor that reads nothing delays nobody, gets what was
// queued in order when it reads again, and is dropped when its socket is gone.
func TestStoppedMonitor(t *testing.T) {
	d := startSim(t)
	dir := t.TempDir()
	slow, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(dir, "slow"), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := slow.WriteToUnix([]byte("ATTACH"), &net.UnixAddr{Name: filepath.Join(d.dir, "ctrl", "sim0"), Net: "unixgram"}); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 1000)
	if n, err := slow.Read(buf); err != nil || string(buf[:n]) != replyOK {
		t.Fatalf("ATTACH: %q, %v", buf[:n], err)
	}
	var i *engine.Interface
	d.on(func() { i = d.sup.InterfaceByName("sim0") })
	const count = 600 // more than the kernel queues for a datagram socket
	for k := range count {
		d.on(func() { d.srv.tell(i, logs.LevelError, fmt.Sprintf("EVENT %d", k)) })
	}
	expect(t, d.dial("sim0"), "PING", "PONG\n")
	for k := 0; k < count; {
		slow.SetReadDeadline(time.Now().Add(replyTime))
		n, err := slow.Read(buf)
		if err != nil {
			t.Fatalf("event %d: %v", k, err)
		}
		text, ok := strings.CutPrefix(string(buf[:n]), "<5>EVENT ")
		if !ok {
			continue // of the running scan
		}
		if text != fmt.Sprint(k) {
			t.Fatalf("event %q, want %d", text, k)
		}
		k++
	}
	slow.Close()
	os.Remove(filepath.Join(dir, "slow"))
	left := -1
	d.on(func() {
		d.srv.tell(i, logs.LevelError, "EVENT last")
		left = len(d.srv.find(i).ep.monitors)
	})
	if left != 0 {
		t.Errorf("%d monitors left after the client's end", left)
	}
}

// TestGivenUpMonitor: in virtual time, a monitor whose socket stays full is
// dropped, and costs a bounded number of attempts until then.
func TestGivenUpMonitor(t *testing.T) {
	v := newVirtual(t, testAir)
	dir := t.TempDir()
	slow, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(dir, "slow"), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Close()
	sock, err := listenGlobal(filepath.Join(dir, "g"), "")
	if err != nil {
		t.Fatal(err)
	}
	ep := &endpoint{srv: v.srv, sock: sock}
	defer ep.close()
	if !ep.attach(filepath.Join(dir, "slow")) || ep.attach("") {
		t.Fatal("attach")
	}
	for range maxQueued {
		ep.tell(logs.LevelError, "<5>x")
	}
	m := ep.monitors[0]
	if len(m.queue) == 0 || len(m.queue) > maxQueued {
		t.Fatalf("%d messages queued", len(m.queue))
	}
	v.loop.Advance(monitorGrace / 2)
	if len(ep.monitors) != 1 {
		t.Fatal("dropped too early")
	}
	v.loop.Advance(monitorGrace)
	if len(ep.monitors) != 0 || m.retry.Pending() {
		t.Fatal("a monitor that never reads was kept")
	}
	ep.attach(filepath.Join(dir, "slow"))
	for range 3 * maxQueued {
		ep.tell(logs.LevelError, "<5>x")
	}
	if len(ep.monitors) != 0 {
		t.Fatal("a monitor whose queue overflowed was kept")
	}
	if err := sock.send(filepath.Join(dir, "slow"), "x"); !errors.Is(err, errFull) {
		t.Errorf("full socket: %v", err)
	}
	if err := sock.send(filepath.Join(dir, "none"), "x"); !errors.Is(err, errPeerGone) || !errors.Is(err, unix.ENOENT) {
		t.Errorf("no socket: %v", err)
	}
	if err := sock.send(filepath.Join(dir, strings.Repeat("n", 200)), "x"); err == nil {
		t.Error("an address that is too long: no error")
	}
}

// TestGate: with -W an interface starts when a monitor has attached.
func TestGate(t *testing.T) {
	d := start(t, Options{WaitMonitor: true})
	d.add(engine.InterfaceConfig{Ifname: "sim0", Driver: "sim", Startup: true}, "ctrl_interface=$DIR/ctrl\nnetwork={\n ssid=\"x\"\n key_mgmt=NONE\n}\n")
	c := d.dial("sim0")
	expect(t, c, "PING", "PONG\n")
	pending := true
	d.on(func() { pending = d.sup.InterfaceByName("sim0").ScanPending() })
	if pending {
		t.Fatal("the interface started without a monitor")
	}
	expect(t, c, "ATTACH", replyOK)
	wait(t, c, "CTRL-EVENT-SCAN-STARTED ")
}

// TestReconfigureMovesSocket: a changed ctrl_interface of the file takes effect
// when it is read again, and only then.
func TestReconfigureMovesSocket(t *testing.T) {
	d := start(t, Options{})
	d.add(engine.InterfaceConfig{Ifname: "sim0", Driver: "sim"}, "ctrl_interface=$DIR/ctrl\nupdate_config=1\n")
	c := d.dial("sim0")
	expect(t, c, "SET ctrl_interface "+d.dir+"/moved", replyOK, "PING", "PONG\n")
	if _, err := os.Lstat(d.dir + "/moved"); err == nil {
		t.Fatal("a client moved the socket")
	}
	text := "ctrl_interface=" + d.dir + "/moved\n"
	if err := os.WriteFile(filepath.Join(d.dir, "sim0.conf"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	g := d.global()
	expect(t, g, "IFNAME=sim0 RECONFIGURE", replyOK, "INTERFACES ctrl", "sim0 ctrl_iface="+d.dir+"/moved\n")
	expect(t, dial(t, filepath.Join(d.dir, "moved", "sim0")), "PING", "PONG\n")
	if _, err := os.Lstat(d.dir + "/ctrl"); err == nil {
		t.Error("the old folder is still there")
	}
}

// TestSecondDaemon: an interface whose socket another process holds is not
// managed, and the adder is told.
func TestSecondDaemon(t *testing.T) {
	first := startSim(t)
	second := start(t, Options{})
	failed := make(chan error, 1)
	second.loop.Post(func() {
		second.sup.AddInterface(engine.InterfaceConfig{Ifname: "sim0", Driver: "sim", CtrlInterface: first.dir + "/ctrl"},
			func(_ *engine.Interface, err error) { failed <- err })
	})
	if err := <-failed; err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("AddInterface: %v", err)
	}
	expect(t, second.global(), "INTERFACES", "", "INTERFACE_ADD sim0\t\tsim\tudp", replyFail,
		"INTERFACE_ADD sim0\t\tsim\t"+second.dir+"/ctrl", replyOK, "INTERFACES", "sim0\n")
	expect(t, first.dial("sim0"), "PING", "PONG\n")
}

func TestInterfaceAdd(t *testing.T) {
	d := start(t, Options{})
	g := d.global()
	expect(t, g, "ATTACH", replyOK,
		"INTERFACE_ADD sim0\t\tsim\t"+d.dir+"/ctrl", replyOK,
		"INTERFACE_ADD sim0\t\tsim\t"+d.dir+"/ctrl", replyFail,
		"INTERFACE_ADD sim77\t\tsim", replyFail,
		"INTERFACE_ADD sim1\t\tnosuchdriver", replyFail,
		"INTERFACE_ADD sim1\t\tsim\t\t\t\tcreat", replyFail,
		"INTERFACE_ADD sim1\t\tsim\t\t\t\tcreate\tnan", replyFail,
		"INTERFACE_ADD sim1\t\tsim\t\t\t\tcreate\tsta\tx", replyFail,
		"INTERFACE_ADD \t", replyFail,
		"INTERFACE_ADD a\tb\tc\td\te\tf\tg\th\ti\tj", replyFail,
		"INTERFACE_ADD sim1\t/nonexistent\tsim", replyFail,
		"INTERFACE_ADD sim1\t\tsim", replyOK,
		"INTERFACES ctrl", "sim1 ctrl_iface=N/A\nsim0 ctrl_iface="+d.dir+"/ctrl\n",
		"DUP_NETWORK sim0 sim1 0 0 psk", replyFail,
		"IFNAME=sim0 ADD_NETWORK", "0\n", "IFNAME=sim1 ADD_NETWORK", "0\n",
		`IFNAME=sim0 SET_NETWORK 0 psk "from sim0"`, replyOK,
		"DUP_NETWORK sim0 sim1 0 0 psk", replyOK, "IFNAME=sim1 GET_NETWORK 0 psk", "*",
		"INTERFACE_REMOVE sim1", replyOK, "INTERFACE_REMOVE sim1", replyFail, "SAVE_CONFIG", replyFail,
	)
	expect(t, d.dial("sim0"), "IFNAME", "sim0", "IFNAME=sim0 PING", replyUnknown)
}

// TestManyClients: requests of many clients at once are all answered.
func TestManyClients(t *testing.T) {
	d := startSim(t)
	const clients, requests = 20, 50
	failed := make(chan error, clients)
	for range clients {
		c := d.dial("sim0")
		go func() {
			for range requests {
				if r, err := c.Request("LIST_NETWORKS", replyTime); err != nil || !strings.HasPrefix(r, "network id") {
					failed <- fmt.Errorf("%q, %v", r, err)
					return
				}
			}
			failed <- nil
		}()
	}
	for range clients {
		if err := <-failed; err != nil {
			t.Error(err)
		}
	}
}

func TestTerminate(t *testing.T) {
	d := startSim(t)
	c := d.dial("sim0")
	expect(t, c, "TERMINATE", replyOK)
	if _, err := c.Request("PING", 50*time.Millisecond); err == nil {
		t.Error("the loop runs on after TERMINATE")
	} else if !errors.Is(err, ctrlclient.ErrTimeout) && !errors.Is(err, ctrlclient.ErrClosed) && !errors.Is(err, unix.ECONNREFUSED) {
		t.Errorf("after TERMINATE: %v", err)
	}
}

// TestRemoveAndAdd: an interface can be added again at once after its removal,
// though its device is given back in the background.
func TestRemoveAndAdd(t *testing.T) {
	d := startSim(t)
	g := d.global()
	for range 50 {
		expect(t, g, "INTERFACE_REMOVE sim0", replyOK, "INTERFACE_ADD sim0\t\tsim", replyOK)
	}
}
