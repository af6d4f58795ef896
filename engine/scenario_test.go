package engine_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gosupplicant/drivers"
	"gosupplicant/drivers/sim"
	"gosupplicant/engine"
	"gosupplicant/engine/logs"
	"gosupplicant/engine/loop/looptest"
)

// world is a supervisor on a simulated air in virtual time, with a readable
// trace of everything observers hear.
type world struct {
	drawn *counted
	t     *testing.T
	loop  *looptest.Loop
	sup   *engine.Supervisor
	air   *sim.Driver
	trace []string
	log   bytes.Buffer
}

// random is the randomness of a scenario: the same each time, so that it replays.
func random() io.Reader { return rand.NewChaCha8([32]byte{1}) }

// counted is randomness that knows how many bytes of it were drawn.
type counted struct {
	io.Reader
	bytes int
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.bytes += n
	return n, err
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, loop: looptest.New()}
	var err error
	if w.air, err = sim.New(w.loop, random()); err != nil {
		t.Fatal(err)
	}
	w.drive(w.air)
	t.Cleanup(func() {
		w.sup.Shutdown()
		w.loop.Drain()
		if t.Failed() {
			t.Logf("trace:\n%s\nlog:\n%s", strings.Join(w.trace, "\n"), w.log.String())
		}
	})
	return w
}

// drive has a new supervisor with that driver take the place of the one before.
func (w *world) drive(d drivers.Driver) {
	hub := logs.New(logs.LevelDebug)
	hub.AddSink(logs.NewWriter(&w.log))
	w.drawn = &counted{Reader: random()}
	w.sup = engine.New(engine.Options{Loop: w.loop, Logs: hub, Rand: w.drawn, Drivers: []drivers.Driver{d}})
	w.sup.Observe(w.observe)
}

// loseAP has the access point of the connection go off the air without a word, and
// waits until its hunt has begun.
func (w *world) loseAP(i *engine.Interface) {
	w.t.Helper()
	if err := w.air.Air().RemoveAP(i.Link().BSSID); err != nil {
		w.t.Fatal(err)
	}
	if !w.until(30*time.Second, "disconnected from") || !w.until(10*time.Second, "scan done") {
		w.t.Fatalf("no hunt: %v", w.events())
	}
}

// addAP puts the first access point of a plan on the air.
func (w *world) addAP(text string) {
	w.t.Helper()
	plan, err := sim.ParsePlan("plan", []byte(text))
	if err == nil {
		err = w.air.Air().AddAP(plan.APs[0])
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// airFile writes an air file and returns the driver parameter that names it.
func airFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "air")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return "air=" + path
}

func confFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "wpa_supplicant.conf")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func (w *world) observe(ev engine.Event) {
	at := w.loop.Now().Sub(looptest.Start).Round(time.Millisecond)
	var text string
	switch ev := ev.(type) {
	case engine.InterfaceAdded:
		text = fmt.Sprintf("interface %d %s added", ev.Iface.ID(), ev.Iface.Name())
	case engine.InterfaceRemoved:
		text = ev.Iface.Name() + " removed"
	case engine.StateChanged:
		text = fmt.Sprintf("%s %v -> %v", ev.Iface.Name(), ev.Old, ev.New)
	case engine.ScanStarted:
		text = ev.Iface.Name() + " scan started"
	case engine.ScanFailed:
		text = fmt.Sprintf("%s scan failed errno=%d retry=%v", ev.Iface.Name(), ev.Errno, ev.Retry)
	case engine.ScanDone:
		text = fmt.Sprintf("%s scan done success=%v bsss=%d", ev.Iface.Name(), ev.Success, ev.Iface.BSSs().Len())
	case engine.BSSAdded:
		text = fmt.Sprintf("%s + %d %v '%s' %d", ev.Iface.Name(), ev.BSS.ID, ev.BSS.BSSID, ev.BSS.SSID, ev.BSS.Freq)
	case engine.BSSRemoved:
		text = fmt.Sprintf("%s - %d %v", ev.Iface.Name(), ev.BSS.ID, ev.BSS.BSSID)
	case engine.CandidateChosen:
		text = fmt.Sprintf("%s candidate %v for network %d", ev.Iface.Name(), ev.BSS.BSSID, ev.Network.ID)
	case engine.NetworkNotFound:
		text = ev.Iface.Name() + " network not found"
	case engine.Connected:
		text = fmt.Sprintf("%s connected to %v roamed=%v", ev.Iface.Name(), ev.BSSID, ev.Roamed)
	case engine.Disconnected:
		text = fmt.Sprintf("%s disconnected from %v reason=%d local=%v", ev.Iface.Name(), ev.BSSID, ev.Reason, ev.Local)
	case engine.WrongKey:
		text = fmt.Sprintf("%s wrong key of network %d sae=%v", ev.Iface.Name(), ev.Network.ID, ev.SAE)
	case engine.NetworkHeld:
		text = fmt.Sprintf("%s network %d held for %v after %d: %s", ev.Iface.Name(), ev.Network.ID, ev.Duration, ev.Failures, ev.Reason)
	case engine.AuthRejected:
		text = fmt.Sprintf("%s authentication refused by %v: %d", ev.Iface.Name(), ev.BSSID, ev.Status)
	case engine.AssocRejected:
		text = fmt.Sprintf("%s association refused by %v: %d", ev.Iface.Name(), ev.BSSID, ev.Status)
	case engine.KeysNegotiated:
		text = fmt.Sprintf("%s keys negotiated group=%v", ev.Iface.Name(), ev.Group)
	case engine.AttemptFailed:
		text = fmt.Sprintf("%s attempt failed in %v by %v", ev.Iface.Name(), ev.Failure.Phase, ev.Failure.By)
	case engine.RadioWorkStarted:
		text = fmt.Sprintf("%s radio work %d started", ev.Iface.Name(), ev.ID)
	case engine.RadioWorkTimeout:
		text = fmt.Sprintf("%s radio work %d timed out", ev.Iface.Name(), ev.ID)
	default:
		return
	}
	w.trace = append(w.trace, fmt.Sprintf("%8v %s", at, text))
}

// events returns the trace without times, and forgets it.
func (w *world) events() []string {
	out := make([]string, len(w.trace))
	for k, l := range w.trace {
		out[k] = strings.TrimSpace(l[8:])
	}
	w.trace = nil
	return out
}

func (w *world) add(cfg engine.InterfaceConfig) *engine.Interface {
	w.t.Helper()
	var got *engine.Interface
	w.sup.AddInterface(cfg, func(i *engine.Interface, err error) {
		if err != nil {
			w.t.Fatal(err)
		}
		got = i
	})
	w.loop.Drain()
	if got == nil {
		w.t.Fatal("AddInterface did not end")
	}
	return got
}

func (w *world) want(events ...string) {
	w.t.Helper()
	got := w.events()
	if strings.Join(got, "\n") != strings.Join(events, "\n") {
		w.t.Errorf("events:\n\t%s\nwant:\n\t%s", strings.Join(got, "\n\t"), strings.Join(events, "\n\t"))
	}
}

const twoAPs = `
radio phy0 interfaces=sim0,sim1
ap "one" bssid=02:00:00:00:01:01 channel=1 signal=-50
ap "two" bssid=02:00:00:00:01:02 channel=36 signal=-60 security=wpa2
`

func TestScanOnRequest(t *testing.T) {
	w := newWorld(t)
	i := w.add(engine.InterfaceConfig{Ifname: "sim0", DriverParam: airFile(t, twoAPs)})
	w.want("interface 0 sim0 added", "sim0 DISCONNECTED -> INACTIVE")
	if _, err := i.Scan(engine.ScanRequest{AllowRoam: true}); err != nil {
		t.Fatal(err)
	}
	if !w.loop.Until(20*time.Second, func() bool { return i.BSSs().Len() > 0 && !i.Scanning() }) {
		t.Fatal("no result")
	}
	w.want("sim0 scan started",
		"sim0 + 0 02:00:00:00:01:01 'one' 2412",
		"sim0 + 1 02:00:00:00:01:02 'two' 5180",
		"sim0 scan done success=true bsss=2")
	if i.State() != engine.StateInactive {
		t.Errorf("state is %v", i.State())
	}
	if _, err := i.Scan(engine.ScanRequest{}); err != nil {
		t.Fatal(err)
	}
	w.loop.Advance(20 * time.Second)
	w.want("sim0 scan started", "sim0 scan done success=true bsss=2")
}

func TestSecondRequestIsBusyOrWaits(t *testing.T) {
	w := newWorld(t)
	i := w.add(engine.InterfaceConfig{Ifname: "sim0", DriverParam: airFile(t, twoAPs)})
	w.events()
	i.Scan(engine.ScanRequest{})
	w.loop.Drain()
	if _, err := i.Scan(engine.ScanRequest{}); err != engine.ErrBusy {
		t.Fatalf("second request: %v", err)
	}
	for range 3 {
		if _, err := i.Scan(engine.ScanRequest{Queue: true}); err != nil {
			t.Fatal(err)
		}
	}
	w.loop.Advance(time.Minute)
	n := strings.Count(strings.Join(w.events(), "\n"), "scan done success=true")
	if n != 4 {
		t.Fatalf("%d scans ended, want each of the 4 accepted", n)
	}
}

func TestInterfacesOfOneRadioTakeTurns(t *testing.T) {
	w := newWorld(t)
	air := airFile(t, twoAPs)
	a := w.add(engine.InterfaceConfig{Ifname: "sim0", DriverParam: air})
	b := w.add(engine.InterfaceConfig{Ifname: "sim1", DriverParam: air})
	w.events()
	a.Scan(engine.ScanRequest{})
	b.Scan(engine.ScanRequest{})
	w.loop.Drain()
	if works := a.RadioWorks(); len(works) != 2 || !works[0].Started || works[1].Started {
		t.Fatalf("radio works %+v", works)
	}
	w.loop.Advance(time.Minute)
	got := strings.Join(w.events(), "\n")
	first, second := strings.Index(got, "sim0 scan done"), strings.Index(got, "sim1 scan started")
	if first < 0 || second < first {
		t.Fatalf("sim1 did not wait for sim0:\n%s", got)
	}
}

func TestLooksForNetworkAgainAndChooses(t *testing.T) {
	w := newWorld(t)
	conf := confFile(t, "network={\n\tssid=\"late\"\n\tkey_mgmt=NONE\n}\n")
	i := w.add(engine.InterfaceConfig{Ifname: "sim0", ConfigFile: conf, DriverParam: airFile(t, twoAPs+
		`ap "late" bssid=02:00:00:00:01:03 channel=6 signal=-40 from=12s`+"\n")})
	if !w.loop.Until(time.Minute, func() bool { return strings.Contains(strings.Join(w.trace, "\n"), "candidate") }) {
		t.Fatal("never chosen")
	}
	got := strings.Join(w.events(), "\n")
	for _, part := range []string{"DISCONNECTED -> SCANNING", "network not found", "candidate 02:00:00:00:01:03 for network 0"} {
		if !strings.Contains(got, part) {
			t.Errorf("no %q in\n%s", part, got)
		}
	}
	if !strings.Contains(w.log.String(), "skip for network 0: SSID mismatch") {
		t.Error("a rejection was not explained")
	}
	i.Disconnect()
	w.loop.Advance(time.Minute)
	w.events()
	w.loop.Advance(10 * time.Minute)
	if ev := w.events(); strings.Contains(strings.Join(ev, "\n"), "scan started") {
		t.Errorf("scans after disconnect: %q", ev)
	}
}

func TestBlockedRadioDisablesAndComesBack(t *testing.T) {
	w := newWorld(t)
	conf := confFile(t, "network={\n\tssid=\"none of these\"\n\tkey_mgmt=NONE\n}\n")
	i := w.add(engine.InterfaceConfig{Ifname: "sim0", ConfigFile: conf, DriverParam: airFile(t, twoAPs)})
	if !w.loop.Until(time.Minute, func() bool { return i.BSSs().Len() == 2 }) {
		t.Fatal("no results")
	}
	w.loop.Until(10*time.Second, i.Scanning)
	w.events()
	if err := w.air.Air().Block("phy0", false); err != nil {
		t.Fatal(err)
	}
	w.loop.Advance(time.Minute)
	got := w.events()
	if i.State() != engine.StateInterfaceDisabled || i.BSSs().Len() != 0 || i.Scanning() {
		t.Fatalf("state %v, %d BSSs, scanning %v after %q", i.State(), i.BSSs().Len(), i.Scanning(), got)
	}
	if _, err := i.Scan(engine.ScanRequest{}); err != engine.ErrDisabled {
		t.Errorf("scan while disabled: %v", err)
	}
	w.air.Air().Unblock("phy0", false)
	if !w.loop.Until(time.Minute, func() bool { return i.BSSs().Len() == 2 }) {
		t.Fatalf("did not resume: %v", w.events())
	}
}

func TestRemovedInterfaceLeavesNothing(t *testing.T) {
	w := newWorld(t)
	i := w.add(engine.InterfaceConfig{Ifname: "sim0", DriverParam: airFile(t, twoAPs)})
	i.Scan(engine.ScanRequest{})
	i.AddRadioWork("test", 0, 0)
	w.loop.Advance(100 * time.Millisecond)
	w.events()
	if err := w.sup.RemoveInterface(i); err != nil {
		t.Fatal(err)
	}
	if err := w.sup.RemoveInterface(i); err != engine.ErrUnknownInterface {
		t.Errorf("second removal: %v", err)
	}
	w.loop.Advance(time.Minute)
	w.want("sim0 removed")
	for _, ti := range w.loop.Timers() {
		if strings.Contains(ti.Name, "sim0 ") {
			t.Errorf("timer %q is left", ti.Name)
		}
	}
	again := w.add(engine.InterfaceConfig{Ifname: "sim0"})
	if again.ID() != 1 {
		t.Errorf("number %d was used again", again.ID())
	}
}

func TestRadioWorkOfClients(t *testing.T) {
	w := newWorld(t)
	i := w.add(engine.InterfaceConfig{Ifname: "sim0", DriverParam: airFile(t, twoAPs)})
	w.events()
	one, _ := i.AddRadioWork("one", 2412, 0)
	two, _ := i.AddRadioWork("two", 0, 3*time.Second)
	i.Scan(engine.ScanRequest{})
	w.loop.Advance(5 * time.Second)
	w.want("sim0 radio work 1 started")
	if err := i.FinishRadioWork(one); err != nil {
		t.Fatal(err)
	}
	w.loop.Drain()
	w.want("sim0 radio work 2 started")
	if i.FinishRadioWork(one) == nil {
		t.Error("finished twice")
	}
	w.loop.Advance(4 * time.Second)
	if got := strings.Join(w.events(), "\n"); !strings.HasPrefix(got, fmt.Sprintf("sim0 radio work %d timed out\nsim0 scan started", two)) {
		t.Errorf("events:\n%s", got)
	}
}

func TestOldEntriesGoWithoutScans(t *testing.T) {
	w := newWorld(t)
	i := w.add(engine.InterfaceConfig{Ifname: "sim0", DriverParam: airFile(t, twoAPs)})
	i.Scan(engine.ScanRequest{})
	w.loop.Advance(30 * time.Second)
	w.events()
	w.loop.Advance(4 * time.Minute)
	w.want("sim0 - 0 02:00:00:00:01:01", "sim0 - 1 02:00:00:00:01:02")
	if !w.loop.Idle() {
		t.Errorf("timers left in an idle engine: %+v", w.loop.Timers())
	}
}

func TestMatchedInterfacesComeAndGo(t *testing.T) {
	w := newWorld(t)
	air := airFile(t, twoAPs)
	w.add(engine.InterfaceConfig{Ifname: "sim1", DriverParam: air})
	w.events()
	if err := w.sup.MatchInterfaces([]engine.InterfaceConfig{{Ifname: "sim*", DriverParam: air}}); err != nil {
		t.Fatal(err)
	}
	w.loop.Drain()
	w.want("interface 1 sim0 added", "sim0 DISCONNECTED -> INACTIVE")
	w.air.Air().RemoveInterface("sim0")
	w.loop.Drain()
	w.want("sim0 removed")
}
