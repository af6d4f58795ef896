package sim

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/loop"
	"gosupplicant/engine/loop/looptest"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestRFKill(t *testing.T) {
	b := newBench(t, twoAPs)
	h := b.open("sim0")
	must(t, h.Scan(&drivers.ScanParams{}))
	b.loop.Advance(100 * time.Millisecond)
	must(t, b.air.Block("phy0", false))
	b.want("0s sim0 started external=false",
		"100ms sim0 done aborted=true external=false freqs=3 ssids=[]",
		"100ms sim0 state up=false rfkill=1 mac=02:00:00:00:00:00")
	if err := h.Scan(&drivers.ScanParams{}); !errors.Is(err, drivers.ErrDown) {
		t.Errorf("scan while blocked: %v, want ErrDown", err)
	}
	must(t, b.air.Block("phy0", true))
	must(t, b.air.Unblock("phy0", false))
	must(t, b.air.Unblock("phy0", false)) // no change, no event
	must(t, b.air.Unblock("phy0", true))
	b.want("100ms sim0 state up=false rfkill=2 mac=02:00:00:00:00:00",
		"100ms sim0 state up=false rfkill=2 mac=02:00:00:00:00:00",
		"100ms sim0 state up=true rfkill=0 mac=02:00:00:00:00:00")
	if err := b.air.Block("phy7", false); err == nil {
		t.Error("blocking a radio that does not exist succeeds")
	}
	must(t, h.Scan(&drivers.ScanParams{}))
}

func TestOpenBlocked(t *testing.T) {
	b := newBench(t, "radio phy0 interfaces=sim0 rfkill=hard\nradio phy1 interfaces=sim1 down")
	st, err := b.open("sim0").State()
	if err != nil || st.Up || st.RFKill != drivers.RFKillHard {
		t.Errorf("state of a blocked radio: %+v, %v", st, err)
	}
	if st, err = b.open("sim1").State(); err != nil || st.Up || st.RFKill != drivers.RFKillUnblocked {
		t.Errorf("state of an interface that stays down: %+v, %v", st, err)
	}
}

func TestUpDown(t *testing.T) {
	b := newBench(t, twoAPs)
	h := b.open("sim0")
	must(t, b.air.SetUp("sim0", false))
	must(t, b.air.SetUp("sim0", false))
	b.want("0s sim0 state up=false rfkill=0 mac=02:00:00:00:00:00")
	must(t, b.air.Block("phy0", false))
	if err := b.air.SetUp("sim0", true); !errors.Is(err, drivers.ErrDown) {
		t.Errorf("up while blocked: %v, want ErrDown", err)
	}
	must(t, b.air.Unblock("phy0", false))
	must(t, b.air.SetUp("sim0", true))
	b.want("0s sim0 state up=false rfkill=1 mac=02:00:00:00:00:00",
		"0s sim0 state up=false rfkill=0 mac=02:00:00:00:00:00",
		"0s sim0 state up=true rfkill=0 mac=02:00:00:00:00:00")
	must(t, h.SetMACAddress(dot11.MAC{2, 1}))
	must(t, h.SetMACAddress(dot11.MAC{2, 1}))
	if err := h.SetMACAddress(dot11.Broadcast); err == nil {
		t.Error("a group address is taken")
	}
	b.want("0s sim0 state up=true rfkill=0 mac=02:01:00:00:00:00")
	must(t, h.SetOperState(true))
	kv, err := h.DriverStatus()
	if err != nil || !strings.Contains(fmt.Sprint(kv), "{operstate 1}") {
		t.Errorf("DriverStatus = %v, %v", kv, err)
	}
	must(t, h.Close())
	if i := b.air.find("sim0"); i.mac != i.perm || i.up {
		t.Errorf("not given back as found: %+v", i)
	}
}

func TestRemoval(t *testing.T) {
	b := newBench(t, twoAPs)
	var links []string
	stop, err := b.drv.Watch(func(e drivers.LinkEvent) { links = append(links, fmt.Sprintf("%s %v", e.Ifname, e.Present)) })
	must(t, err)
	h := b.open("sim0")
	must(t, h.Scan(&drivers.ScanParams{}))
	must(t, b.drv.CreateInterface("sim0", "sim9", drivers.IfaceStation, nil))
	must(t, b.air.Rename("sim9", "wlan9"))
	must(t, b.air.RemoveInterface("sim0"))
	must(t, b.drv.DeleteInterface("wlan9"))
	b.want("0s sim0 done aborted=true external=false freqs=0 ssids=[]",
		"0s sim0 drivers.EventRemoved{Reason:interface removed}")
	want := "sim0 true,sim9 true,sim9 false,wlan9 true,sim0 false,wlan9 false"
	if got := strings.Join(links, ","); got != want {
		t.Errorf("links: %s, want %s", got, want)
	}
	if _, err := h.State(); !errors.Is(err, drivers.ErrClosed) {
		t.Errorf("state after removal: %v", err)
	}
	must(t, h.Close())
	if _, err := b.drv.Open(drivers.Config{Ifname: "sim0"}); !errors.Is(err, drivers.ErrNoInterface) {
		t.Errorf("opening what was removed: %v", err)
	}
	stop()
	must(t, b.air.AddInterface("phy0", "sim0", dot11.MAC{}))
	b.loop.Drain()
	if len(links) != 6 {
		t.Errorf("link events after stop: %v", links[6:])
	}
	if !b.loop.Idle() {
		t.Error("timers are left")
	}
}

func TestRadios(t *testing.T) {
	b := newBench(t, twoAPs)
	must(t, b.air.AddRadio(RadioPlan{Name: "usb", Interfaces: []string{"sim7"}, Bands: []dot11.Band{dot11.Band2GHz}, Sensitivity: -92, ScanSSIDs: 4}))
	h := b.open("sim7")
	if got := b.scan(h, drivers.ScanParams{}); len(got) != 2 {
		t.Errorf("results on the new radio: %s", bssNames(got))
	}
	if n := h.Capability().MaxScanSSIDs; n != 4 {
		t.Errorf("MaxScanSSIDs = %d", n)
	}
	b.trace()
	must(t, b.air.RemoveRadio("usb"))
	b.want("390ms sim7 drivers.EventRemoved{Reason:radio removed}")
	for name, err := range map[string]error{
		"same radio":       b.air.AddRadio(newRadioPlan("phy0")),
		"same interface":   b.air.AddRadio(RadioPlan{Name: "x", Interfaces: []string{"sim0"}, Bands: []dot11.Band{1}, ScanSSIDs: 1}),
		"no bands":         b.air.AddRadio(RadioPlan{Name: "x", ScanSSIDs: 1}),
		"removed radio":    b.air.RemoveRadio("usb"),
		"interface twice":  b.air.AddInterface("phy0", "sim0", dot11.MAC{}),
		"interface name":   b.air.AddInterface("phy0", "a b", dot11.MAC{}),
		"radio missing":    b.air.AddInterface("usb", "x", dot11.MAC{}),
		"group address":    b.air.AddInterface("phy0", "x", dot11.Broadcast),
		"AP interface":     b.drv.CreateInterface("sim0", "x", drivers.IfaceAP, nil),
		"parent missing":   b.drv.CreateInterface("sim7", "x", drivers.IfaceStation, nil),
		"rename to itself": b.air.Rename("sim0", "sim0"),
		"rename missing":   b.air.Rename("sim7", "x"),
	} {
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestSharedRadio(t *testing.T) {
	b := newBench(t, strings.Replace(twoAPs, "interfaces=sim0", "interfaces=sim0,sim1", 1))
	one, two := b.open("sim0"), b.open("sim1")
	if one.Info().Radio != "phy0" || two.Info().Radio != "phy0" || one.Info().Ifindex == two.Info().Ifindex {
		t.Errorf("infos %+v, %+v", one.Info(), two.Info())
	}
	if _, err := b.drv.Open(drivers.Config{Ifname: "sim1"}); !errors.Is(err, drivers.ErrBusy) {
		t.Errorf("second open: %v, want ErrBusy", err)
	}
	b.scan(one, drivers.ScanParams{})
	if got := b.results(two); len(got) != 2 {
		t.Errorf("the other interface of the radio knows %s", bssNames(got))
	}
	b.trace()
	must(t, b.air.ExternalScan("sim1"))
	if err := one.Scan(&drivers.ScanParams{}); !errors.Is(err, drivers.ErrBusy) {
		t.Errorf("scan while the radio scans: %v, want ErrBusy", err)
	}
	b.loop.Advance(time.Second)
	b.want("390ms sim1 started external=true", "780ms sim1 done aborted=false external=true freqs=13 ssids=[]")
}

func TestSchedScan(t *testing.T) {
	b := newBench(t, twoAPs+`ap "late" bssid=02:00:00:00:aa:09 channel=1 signal=-50 from=25s`)
	h := b.open("sim0")
	p := &drivers.SchedScanParams{
		Plans:      []drivers.SchedScanPlan{{Interval: 10 * time.Second, Iterations: 2}, {Interval: 60 * time.Second}},
		StartDelay: 5 * time.Second, MatchSSIDs: [][]byte{[]byte("late")}}
	must(t, h.StartSchedScan(p))
	if err := h.StartSchedScan(p); !errors.Is(err, drivers.ErrBusy) {
		t.Errorf("second scheduled scan: %v, want ErrBusy", err)
	}
	b.loop.Advance(90 * time.Second) // rounds at 5, 15, 25, 85 s
	b.want("25.39s sim0 drivers.EventSchedScanResults{}", "1m25.39s sim0 drivers.EventSchedScanResults{}")
	must(t, h.StopSchedScan())
	b.want("1m30s sim0 drivers.EventSchedScanStopped{}")
	if !b.loop.Idle() {
		t.Error("timers are left")
	}
	if err := h.StopSchedScan(); err == nil {
		t.Error("stopping nothing succeeds")
	}
	for name, change := range map[string]func(*drivers.SchedScanParams){
		"no plan":         func(p *drivers.SchedScanParams) { p.Plans = nil },
		"endless first":   func(p *drivers.SchedScanParams) { p.Plans[0].Iterations = 0 },
		"ending last":     func(p *drivers.SchedScanParams) { p.Plans[1].Iterations = 1 },
		"short interval":  func(p *drivers.SchedScanParams) { p.Plans[0].Interval = time.Millisecond },
		"many match sets": func(p *drivers.SchedScanParams) { p.MatchSSIDs = make([][]byte, 17) },
		"many SSIDs":      func(p *drivers.SchedScanParams) { p.SSIDs = make([][]byte, 17) },
		"negative delay":  func(p *drivers.SchedScanParams) { p.StartDelay = -1 },
		"bad frequency":   func(p *drivers.SchedScanParams) { p.Freqs = []int{1} },
	} {
		bad := *p
		bad.Plans = append([]drivers.SchedScanPlan(nil), p.Plans...)
		change(&bad)
		if err := h.StartSchedScan(&bad); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// TestSchedScanYields has an ordinary scan interrupt a round.
func TestSchedScanYields(t *testing.T) {
	b := newBench(t, twoAPs)
	h := b.open("sim0")
	must(t, h.StartSchedScan(&drivers.SchedScanParams{Plans: []drivers.SchedScanPlan{{Interval: 10 * time.Second}}}))
	b.loop.Advance(100 * time.Millisecond)
	must(t, h.Scan(&drivers.ScanParams{}))
	b.loop.Advance(3 * time.Second)
	b.want("100ms sim0 started external=false", "490ms sim0 done aborted=false external=false freqs=13 ssids=[]",
		"1.49s sim0 drivers.EventSchedScanResults{}")
	must(t, b.air.SetUp("sim0", false))
	b.want("3.1s sim0 drivers.EventSchedScanStopped{}", "3.1s sim0 state up=false rfkill=0 mac=02:00:00:00:00:00")
	if !b.loop.Idle() {
		t.Error("timers are left")
	}
}

func TestSurvey(t *testing.T) {
	b := newBench(t, twoAPs+`ap "busy" bssid=02:00:00:00:aa:05 channel=1 signal=-50 load=3/51`)
	h := b.open("sim0")
	if s, err := h.Survey(0); err != nil || len(s) != 0 {
		t.Errorf("survey before a scan: %+v, %v", s, err)
	}
	b.scan(h, drivers.ScanParams{})
	all, err := h.Survey(0)
	must(t, err)
	one, err := h.Survey(2412)
	must(t, err)
	if len(all) != 13 || len(one) != 1 {
		t.Fatalf("surveys of %d and %d channels", len(all), len(one))
	}
	if s := one[0]; s.Noise != -95 || s.Time != 30*time.Millisecond || s.Busy != 6*time.Millisecond {
		t.Errorf("survey of channel 1: %+v", s)
	}
}

func TestMovingAPs(t *testing.T) {
	b := newBench(t, twoAPs)
	h := b.open("sim0")
	near := dot11.MAC{2, 0, 0, 0, 0xaa, 1}
	must(t, b.air.SetSignal(near, -70))
	if r := b.scan(h, drivers.ScanParams{})[`02:00:00:00:aa:01 "near"`]; r.Level != -70 {
		t.Errorf("level %d, want -70", r.Level)
	}
	must(t, b.air.RemoveAP(near))
	b.trace()
	if got := b.scan(h, drivers.ScanParams{Flush: true}); bssNames(got) != `02:00:00:00:aa:02 "far"` {
		t.Errorf("after removal: %s", bssNames(got))
	}
	if b.air.RemoveAP(near) == nil || b.air.SetSignal(near, -3) == nil {
		t.Error("an AP that has gone is found")
	}
	ap := APPlan{Signal: -50, Loss: -1}
	ap.BSSID, ap.SSID, ap.Freq = near, []byte("again"), 2462
	must(t, b.air.AddAP(ap))
	b.trace()
	if got := b.scan(h, drivers.ScanParams{Flush: true}); len(got) != 2 {
		t.Errorf("after return: %s", bssNames(got))
	}
	if b.air.AddAP(ap) == nil {
		t.Error("one BSSID is added twice")
	}
	ap.Freq, ap.BSSID = 1, dot11.MAC{2, 9}
	if b.air.AddAP(ap) == nil {
		t.Error("an impossible AP is added")
	}
	must(t, b.air.Resync("sim0", "test"))
	b.trace()
}

func TestClosed(t *testing.T) {
	b := newBench(t, twoAPs)
	h := b.open("sim0")
	must(t, h.Scan(&drivers.ScanParams{}))
	must(t, b.air.SetUp("sim0", false))
	must(t, h.Close())
	b.loop.Advance(time.Second)
	b.want() // not even the queued events
	_, e1 := h.State()
	_, e2 := h.ScanResults()
	_, e3 := h.Survey(0)
	_, e4 := h.Country()
	_, e5 := h.DriverStatus()
	for n, err := range []error{e1, e2, e3, e4, e5, h.Scan(&drivers.ScanParams{}), h.AbortScan(), h.SetCountry("DE"),
		h.StartSchedScan(&drivers.SchedScanParams{}), h.StopSchedScan(), h.SetOperState(true), h.SetMACAddress(dot11.MAC{2}), h.Close()} {
		if !errors.Is(err, drivers.ErrClosed) {
			t.Errorf("call %d: %v, want ErrClosed", n, err)
		}
	}
	if !b.loop.Idle() {
		t.Error("timers are left")
	}
}

func TestParams(t *testing.T) {
	dir := t.TempDir()
	good, bad := filepath.Join(dir, "good.air"), filepath.Join(dir, "bad.air")
	must(t, os.WriteFile(good, []byte("radio phy0 interfaces=wifi5\n"), 0o600))
	must(t, os.WriteFile(bad, []byte("\nap nonsense\n"), 0o600))
	d, err := New(looptest.New(), zeros{})
	must(t, err)
	_, err = d.Open(drivers.Config{Ifname: "sim0", Params: "air=" + bad})
	if err == nil || !strings.Contains(err.Error(), bad+":2: ") {
		t.Errorf("error of a bad file: %v", err)
	}
	_, err = d.Open(drivers.Config{Ifname: "sim0", Params: "air=" + filepath.Join(dir, "none")})
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error of a missing file: %v", err)
	}
	h, err := d.Open(drivers.Config{Ifname: "wifi5", Params: "use_p2p_group_interface=1 air=" + good})
	must(t, err)
	if _, err := d.Load(DefaultPlan()); !errors.Is(err, drivers.ErrBusy) {
		t.Errorf("loading over open interfaces: %v", err)
	}
	must(t, h.Close())
	if _, err := d.Load(DefaultPlan()); err != nil {
		t.Error(err)
	}
	if d.Air().find("sim0") == nil {
		t.Error("the default air is not in use")
	}
	if _, err := New(looptest.New(), io.LimitReader(zeros{}, 31)); err == nil {
		t.Error("a short seed is accepted")
	}
}

// TestWatchFollowsLoad replaces the air under a watcher.
func TestWatchFollowsLoad(t *testing.T) {
	b := newBench(t, twoAPs)
	var links []string
	stop, err := b.drv.Watch(func(e drivers.LinkEvent) {
		links = append(links, fmt.Sprintf("%s#%d %v", e.Ifname, e.Ifindex, e.Present))
	})
	must(t, err)
	p, err := ParsePlan("two", []byte("radio r interfaces=sim5\n"))
	must(t, err)
	_, err = b.drv.Load(p)
	must(t, err)
	b.loop.Drain()
	if got, want := strings.Join(links, ","), "sim0#3 true,sim0#3 false,sim5#4 true"; got != want {
		t.Errorf("links %s, want %s", got, want)
	}
	stop()
}

// TestRealLoop runs on the machine's clock with calls from another goroutine;
// the race detector watches.
func TestRealLoop(t *testing.T) {
	l := loop.New()
	d, err := New(l, zeros{})
	must(t, err)
	p, err := ParsePlan("real", []byte("dwell active=1ms passive=2ms\n"+twoAPs))
	must(t, err)
	air, err := d.Load(p)
	must(t, err)
	ended := make(chan struct{})
	go func() {
		l.Run()
		close(ended)
	}()
	done := make(chan drivers.EventScanDone, 16)
	h, err := d.Open(drivers.Config{Ifname: "sim0", Events: func(e drivers.Event) {
		if e, ok := e.(drivers.EventScanDone); ok {
			done <- e
		}
	}})
	must(t, err)
	must(t, h.Scan(&drivers.ScanParams{}))
	must(t, air.SetSignal(dot11.MAC{2, 0, 0, 0, 0xaa, 2}, -60))
	if e := <-done; e.Aborted {
		t.Errorf("scan ended with %+v", e)
	}
	res, err := h.ScanResults()
	if err != nil || len(res.Results) != 2 {
		t.Errorf("results %+v, %v", res, err)
	}
	must(t, h.Scan(&drivers.ScanParams{}))
	must(t, air.Block("phy0", false))
	if e := <-done; !e.Aborted {
		t.Errorf("scan ended with %+v", e)
	}
	must(t, h.Close())
	l.Post(l.Stop)
	<-ended
}
