package wired

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"gosupplicant/drivers"
	"gosupplicant/drivers/internal/link"
	"gosupplicant/drivers/internal/packet"
	"gosupplicant/engine/dot11"
)

// inNamespace tells a test process that it is alone in a network namespace.
const inNamespace = "WIRED_TEST_NAMESPACE"

// TestMain runs the tests again in a process of a network namespace of its own:
// the driver's goroutines open sockets too, on threads of any kind.
func TestMain(m *testing.M) {
	if os.Getenv(inNamespace) != "" || os.Getuid() != 0 {
		os.Exit(m.Run())
	}
	cmd := exec.Command(os.Args[0], os.Args[1:]...)
	cmd.Env = append(os.Environ(), inNamespace+"=1")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); err == nil || errors.As(err, &exit) {
		os.Exit(cmd.ProcessState.ExitCode())
	}
	os.Exit(m.Run()) // no namespace to be had: the tests skip
}

// cable makes a veth pair, "sta" being ours and "sw" the switch's.
func cable(t *testing.T) {
	t.Helper()
	if os.Getenv(inNamespace) == "" {
		t.Skip("needs root and a network namespace")
	}
	ip(t, "link set lo up")
	ip(t, "link add sta address 02:00:00:00:00:01 type veth peer name sw address 02:00:00:00:00:02")
	ip(t, "link set sw up")
	t.Cleanup(func() {
		for _, name := range []string{"sw", "br0"} {
			_ = exec.Command("ip", "link", "del", name).Run()
		}
	})
}

func ip(t *testing.T, args string) {
	t.Helper()
	if out, err := exec.Command("ip", strings.Fields(args)...).CombinedOutput(); err != nil {
		t.Fatalf("ip %s: %v: %s", args, err, out)
	}
}

// station is an open interface and its events.
type station struct {
	t      *testing.T
	i      *iface
	events chan drivers.Event
}

func open(t *testing.T, cfg drivers.Config) *station {
	t.Helper()
	s := &station{t: t, events: make(chan drivers.Event, 100)}
	cfg.Events = func(e drivers.Event) { s.events <- e }
	i, err := Driver{}.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s.i = i.(*iface)
	t.Cleanup(func() { _ = i.Close() })
	return s
}

// wait returns the first event that f likes.
func (s *station) wait(what string, f func(drivers.Event) bool) drivers.Event {
	s.t.Helper()
	for {
		select {
		case e := <-s.events:
			if f(e) {
				return e
			}
		case <-time.After(10 * time.Second):
			s.t.Fatalf("no event: %s", what)
		}
	}
}

func (s *station) waitState(what string, f func(drivers.State) bool) drivers.State {
	s.t.Helper()
	e := s.wait(what, func(e drivers.Event) bool { st, ok := e.(drivers.EventState); return ok && f(st.State) })
	return e.(drivers.EventState).State
}

func (s *station) state() drivers.State {
	s.t.Helper()
	st, err := s.i.State()
	if err != nil {
		s.t.Fatal(err)
	}
	return st
}

// switchPort is the other end.
type switchPort struct {
	*packet.Conn
	frames chan []byte
}

func openSwitch(t *testing.T, name string) *switchPort {
	t.Helper()
	c, err := link.Dial()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	l, err := c.ByName(name)
	if err != nil {
		t.Fatal(err)
	}
	p := &switchPort{frames: make(chan []byte, 10)}
	if p.Conn, err = packet.Open(l.Index, func(_ dot11.MAC, f []byte) { p.frames <- f }); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	if err := p.Join(paeGroup); err != nil {
		t.Fatal(err)
	}
	return p
}

// talk sends frames both ways: to the group, and to the station alone.
func talk(t *testing.T, s *station, sw *switchPort) {
	t.Helper()
	if err := s.i.SendEAPOL(s.i.PAEAddress(), []byte("\x02\x01\x00\x00"), false); err != nil {
		t.Fatal(err)
	}
	select {
	case f := <-sw.frames:
		if !bytes.Equal(f, []byte("\x02\x01\x00\x00")) {
			t.Errorf("%x arrived", f)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("nothing arrived at the switch")
	}
	for n, dst := range []dot11.MAC{paeGroup, {2, 0, 0, 0, 0, 1}} {
		pdu := []byte{2, 0, 0, 1, byte(n)}
		if err := sw.Send(dst, pdu); err != nil {
			t.Fatal(err)
		}
		s.wait(fmt.Sprintf("frame to %v", dst), func(e drivers.Event) bool {
			f, ok := e.(drivers.EventEAPOL)
			return ok && bytes.Equal(f.PDU, pdu) && f.Src == dot11.MAC{2, 0, 0, 0, 0, 2}
		})
	}
}

func TestCable(t *testing.T) {
	cable(t)
	s := open(t, drivers.Config{Ifname: "sta"})
	if info := s.i.Info(); info.Driver != "wired" || info.Ifname != "sta" || info.Ifindex == 0 {
		t.Errorf("%+v", info)
	}
	if s.i.Capability().Flags != drivers.FlagWired {
		t.Errorf("%+v", s.i.Capability())
	}
	var st drivers.State // set up by Open; the carrier may take a moment
	if st = s.state(); !st.Running {
		st = s.waitState("carrier", func(st drivers.State) bool { return st.Running })
	}
	if !st.Up || !st.Associated || st.BSSID != paeGroup || st.MAC != (dot11.MAC{2, 0, 0, 0, 0, 1}) || st.BridgedWith != "" {
		t.Errorf("%+v", st)
	}
	talk(t, s, openSwitch(t, "sw"))

	ip(t, "link set sw down")
	if st := s.waitState("no carrier", func(st drivers.State) bool { return !st.Running }); !st.Up || st.Associated || st.BSSID != (dot11.MAC{}) {
		t.Errorf("%+v", st)
	}
	ip(t, "link set sw up")
	s.waitState("carrier again", func(st drivers.State) bool { return st.Associated })
	ip(t, "link set sta down")
	s.waitState("down", func(st drivers.State) bool { return !st.Up })
	if err := s.i.SendEAPOL(paeGroup, []byte{2, 1, 0, 0}, false); !errors.Is(err, drivers.ErrDown) {
		t.Errorf("sent while down: %v", err)
	}
	ip(t, "link set sta up") // what the socket heard of the interrupt is no error any more
	s.waitState("up again", func(st drivers.State) bool { return st.Running })
	if err := s.i.SendEAPOL(paeGroup, []byte{2, 1, 0, 0}, false); err != nil {
		t.Error(err)
	}
	ip(t, "link set sta down")
	ip(t, "link set sta up")
	s.waitState("up once more", func(st drivers.State) bool { return st.Running })
	if err := s.i.SendEAPOL(paeGroup, []byte{2, 1, 0, 0}, false); err != nil {
		t.Error(err)
	}
	ip(t, "link set sta name eth7")
	s.wait("renamed", func(e drivers.Event) bool { return e == drivers.EventRenamed{Ifname: "eth7"} })
	ip(t, "link del eth7")
	s.wait("removed", func(e drivers.Event) bool { _, ok := e.(drivers.EventRemoved); return ok })
	if _, err := s.i.State(); !errors.Is(err, drivers.ErrClosed) {
		t.Errorf("state of what has gone: %v", err)
	}
	if err := s.i.Close(); err != nil {
		t.Error(err)
	}
	if err := s.i.Close(); !errors.Is(err, drivers.ErrClosed) {
		t.Errorf("closed twice: %v", err)
	}
}

// TestGiveBack: what was down is down again, what was up stays up, and the link
// mode is the kernel's.
func TestGiveBack(t *testing.T) {
	cable(t)
	c, err := link.Dial()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, up := range []bool{false, true} {
		if up {
			ip(t, "link set sta up")
		}
		s := open(t, drivers.Config{Ifname: "sta"})
		if l, err := c.ByName("sta"); err != nil || !l.Up() || l.LinkMode != link.ModeDefault {
			t.Errorf("open: %+v, %v", l, err)
		}
		if err := s.i.SetOperState(false); err != nil {
			t.Error(err)
		}
		if l, err := c.ByName("sta"); err != nil || l.LinkMode != link.ModeDormant {
			t.Errorf("dormant: %+v, %v", l, err)
		}
		if st := s.state(); !st.Running {
			s.waitState("a dormant cable has a carrier", func(st drivers.State) bool { return st.Running })
		}
		if err := s.i.SetOperState(true); err != nil {
			t.Error(err)
		}
		if err := s.i.Close(); err != nil {
			t.Error(err)
		}
		if l, err := c.ByName("sta"); err != nil || l.Up() != up || l.LinkMode != link.ModeDefault {
			t.Errorf("closed: %+v, %v", l, err)
		}
	}
}

// TestVLAN: the tagged device works like any other.
func TestVLAN(t *testing.T) {
	cable(t)
	ip(t, "link set sta up")
	for _, name := range []string{"sta", "sw"} {
		args := strings.Fields("link add link " + name + " name " + name + ".7 type vlan id 7")
		if out, err := exec.Command("ip", args...).CombinedOutput(); strings.Contains(string(out), "Unknown device type") {
			t.Skip("the kernel has no VLANs; the one of the virtual machine has")
		} else if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	ip(t, "link set sw.7 up")
	s := open(t, drivers.Config{Ifname: "sta.7"})
	if !s.state().Running {
		s.waitState("carrier", func(st drivers.State) bool { return st.Running })
	}
	talk(t, s, openSwitch(t, "sw.7"))
}

// waitForwarding waits until a bridge takes frames from a port of its own: the kernel
// tells nobody when.
func waitForwarding(t *testing.T, name string) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; {
		b, err := exec.Command("ip", "-d", "link", "show", name).CombinedOutput()
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("port %s: %s, %v", name, b, err)
		}
		if bytes.Contains(b, []byte("state forwarding")) {
			return
		}
	}
}

// TestBridgePort: named, found, and joined later.
func TestBridgePort(t *testing.T) {
	cable(t)
	ip(t, "link add br0 type bridge")
	ip(t, "link set br0 up")
	sw := openSwitch(t, "sw")
	ip(t, "link set sta up master br0")
	waitForwarding(t, "sta")
	for _, bridge := range []string{"br0", ""} {
		s := open(t, drivers.Config{Ifname: "sta", BridgeIfname: bridge})
		if st := s.state(); st.BridgedWith != "br0" {
			t.Errorf("%+v", st)
		}
		if !s.state().Running {
			s.waitState("carrier", func(st drivers.State) bool { return st.Running })
		}
		talk(t, s, sw)
		if err := s.i.Close(); err != nil {
			t.Error(err)
		}
	}
	ip(t, "link set sta nomaster")
	s := open(t, drivers.Config{Ifname: "sta"})
	ip(t, "link set sta master br0")
	s.waitState("in the bridge", func(st drivers.State) bool { return st.BridgedWith == "br0" })
	talk(t, s, sw)
	ip(t, "link set sta nomaster")
	s.waitState("out of the bridge", func(st drivers.State) bool { return st.BridgedWith == "" })
	talk(t, s, sw)
	if _, err := (Driver{}).Open(drivers.Config{Ifname: "sta", BridgeIfname: "br9"}); !errors.Is(err, link.ErrNotFound) {
		t.Errorf("a bridge that is not there: %v", err)
	}
	ip(t, "link set sta down")
	if _, err := (Driver{}).Open(drivers.Config{Ifname: "sta", BridgeIfname: "br9"}); err == nil {
		t.Error("a bridge that is not there")
	}
	c, err := link.Dial()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if l, err := c.ByName("sta"); err != nil || l.Up() {
		t.Errorf("left up by an Open that failed: %+v, %v", l, err)
	}
}

func TestRefusals(t *testing.T) {
	cable(t)
	if _, err := (Driver{}).Open(drivers.Config{Ifname: "none0"}); !errors.Is(err, drivers.ErrNoInterface) {
		t.Errorf("no such interface: %v", err)
	}
	if _, err := (Driver{}).Open(drivers.Config{Ifname: "lo"}); !errors.Is(err, drivers.ErrNotSupported) {
		t.Errorf("loopback: %v", err)
	}
	s := open(t, drivers.Config{Ifname: "sta"})
	if err := s.i.Scan(&drivers.ScanParams{}); !errors.Is(err, drivers.ErrNotSupported) {
		t.Errorf("scan: %v", err)
	}
	if r, err := s.i.ScanResults(); err != nil || len(r.Results) != 0 {
		t.Errorf("results: %+v, %v", r, err)
	}
	if err := s.i.SetKey(&drivers.Key{Key: []byte{1}}); !errors.Is(err, drivers.ErrNotSupported) {
		t.Errorf("key: %v", err)
	}
	for what, err := range map[string]error{"no key": s.i.SetKey(&drivers.Key{}), "leave": s.i.Deauthenticate(paeGroup, 3), "authorize": s.i.SetAuthorized(paeGroup, true)} {
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := s.i.Close(); err != nil {
		t.Fatal(err)
	}
	for what, err := range map[string]error{"scan": s.i.Scan(nil), "leave": s.i.Deauthenticate(paeGroup, 3), "send": s.i.SendEAPOL(paeGroup, nil, false),
		"key": s.i.SetKey(&drivers.Key{}), "operstate": s.i.SetOperState(true)} {
		if !errors.Is(err, drivers.ErrClosed) {
			t.Errorf("%s when closed: %v", what, err)
		}
	}
	if _, err := s.i.ScanResults(); !errors.Is(err, drivers.ErrClosed) {
		t.Errorf("results when closed: %v", err)
	}
}

func TestWatch(t *testing.T) {
	cable(t)
	events := make(chan drivers.LinkEvent, 100)
	stop, err := Driver{}.Watch(func(e drivers.LinkEvent) { events <- e })
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	next := func(name string, present bool) {
		t.Helper()
		for {
			select {
			case e := <-events:
				if e.Ifname == "lo" {
					t.Error("loopback is reported")
				}
				if e.Ifname == name && e.Present == present {
					return
				}
			case <-time.After(10 * time.Second):
				t.Fatalf("no report of %s", name)
			}
		}
	}
	next("sta", true)
	ip(t, "link set sta name eth7")
	next("sta", false)
	next("eth7", true)
	ip(t, "link del eth7")
	next("eth7", false)
}
