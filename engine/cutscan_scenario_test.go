package engine_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"gosupplicant/engine"
)

// longAir has scans of everything that take seconds.
const longAir = pairAir + "dwell active=200ms passive=500ms\n"

// An attempt that was asked for does not wait for a scan: the scan ends, its results
// so far are told, and a scan that waited behind it is made when all is over.
func TestRoamEndsTheScan(t *testing.T) {
	w := newWorld(t)
	i := w.connect(pairBlock, longAir)
	for range 2 {
		if _, err := i.Scan(engine.ScanRequest{Queue: true}); err != nil {
			t.Fatal(err)
		}
	}
	if !w.until(time.Second, "scan started") {
		t.Fatal("no scan")
	}
	w.loop.Advance(100 * time.Millisecond)
	begun := w.loop.Now()
	if err := i.Roam(pairTwo); err != nil {
		t.Fatal(err)
	}
	if !w.until(2*time.Second, "roamed=true") {
		t.Fatalf("did not roam: %v", w.events())
	}
	if took := w.loop.Now().Sub(begun); took > 200*time.Millisecond {
		t.Errorf("took %v", took)
	}
	w.expect(w.events(), "scan started", "scan done success=true", "connected to 02:00:00:00:04:02 roamed=true")
	if !w.until(time.Minute, "scan done success=true") {
		t.Errorf("the scan that waited was not made: %v", w.events())
	}
}

// However far a scan has come when the attempt is asked for, it does not keep it long.
func TestRoamEndsTheScanAtEachStep(t *testing.T) {
	for step := 1; step < 8; step++ {
		w := newWorld(t)
		i := w.connect(pairBlock, longAir)
		if _, err := i.Scan(engine.ScanRequest{}); err != nil {
			t.Fatal(err)
		}
		n := 0
		w.loop.Each = func() {
			if n++; n == step {
				if err := i.Roam(pairTwo); err != nil {
					t.Fatal(err)
				}
			}
		}
		if !w.until(450*time.Millisecond, "roamed=true") {
			t.Fatalf("step %d: did not roam: %v", step, w.events())
		}
	}
}

// The scan for a lost access point ends when that has been heard, not when its time is
// up; one that hears nothing runs to its end.
func TestHuntEndsWhenItHears(t *testing.T) {
	const dwell = 100 * time.Millisecond
	w := newWorld(t)
	i := w.connect(pairBlock, "radio phy0 interfaces=sim0\n"+onlyAP+"dwell active=100ms\n")
	w.loseAP(i)
	spans := func() (spans []time.Duration) {
		var begun time.Duration
		for _, l := range w.trace {
			at, what, _ := strings.Cut(strings.TrimSpace(l), " ")
			when, err := time.ParseDuration(at)
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case strings.HasSuffix(what, "scan started"):
				begun = when
			case strings.Contains(what, "scan done"):
				spans = append(spans, when-begun)
			}
		}
		return spans
	}
	w.events()
	w.loop.Advance(2 * time.Second)
	for _, s := range spans() {
		if s < dwell {
			t.Errorf("a scan that heard nothing took %v", s)
		}
	}
	w.events()
	if !w.until(time.Second, "scan done") { // the next one is whole
		t.Fatal("the hunt is over")
	}
	w.events()
	w.addAP(onlyAP)
	if !w.until(10*time.Second, "connected to") {
		t.Fatalf("not back: %v", w.events())
	}
	all := spans()
	if len(all) == 0 || all[len(all)-1] > dwell*3/4 {
		t.Errorf("the scan that heard it took %v of %v", all, dwell)
	}
}

// A device that scans in place is asked to join while the scan that heard the access
// point ends; a scan that is asked for before or meanwhile is made after that.
func TestHuntInPlace(t *testing.T) {
	for _, when := range []engine.State{engine.StateScanning, engine.StateAuthenticating} {
		t.Run(when.String(), func(t *testing.T) { huntInPlace(t, when) })
	}
}

// huntInPlace has the scan asked for in a state.
func huntInPlace(t *testing.T, when engine.State) {
	w := newWorld(t)
	w.drive(spyDriver{w.air, &spy{stubborn: true}})
	i := w.connect(pairBlock, "radio phy0 interfaces=sim0 scan-in-place\n"+onlyAP+"dwell active=100ms\n")
	w.loseAP(i)
	w.addAP(onlyAP)
	asked := false
	w.loop.Each = func() {
		if i.State() == engine.StateAuthenticating && i.Scanning() {
			t.Error("a scan that nobody waits for is told")
		}
		if asked || i.State() != when || when == engine.StateScanning && !i.Scanning() {
			return
		}
		asked = true
		if _, err := i.Scan(engine.ScanRequest{Queue: true}); err != nil {
			t.Error(err)
		}
	}
	if !w.until(10*time.Second, "connected to") || !asked || !w.until(time.Minute, "scan done success=true") {
		t.Fatalf("not back, or no scan then: %v", w.events())
	}
	for _, l := range w.trace {
		if strings.Contains(l, "scan failed") {
			t.Error(l)
		}
	}
}

// Where a scan is in place, the first frame to the access point that it has heard goes
// before the scan ends, even the one that takes a while to compute.
func TestAskedBeforeTheScanEnds(t *testing.T) {
	for name, c := range map[string]struct{ block, ap string }{"WPA2": {pairBlock, onlyAP}, "SAE": {saeBlock, saeAP}} {
		t.Run(name, func(t *testing.T) {
			w, s := newWorld(t), &spy{}
			w.drive(spyDriver{w.air, s})
			i := w.connect(c.block, "radio phy0 interfaces=sim0 scan-in-place\n"+c.ap+"dwell active=100ms\n")
			w.loseAP(i)
			w.addAP(c.ap)
			s.order = nil
			if !w.until(10*time.Second, "connected to") {
				t.Fatalf("not back: %v", w.events())
			}
			if k := slices.Index(s.order, "abort scan"); k < 1 || s.order[k-1] != "authenticate" {
				t.Errorf("order: %q", s.order)
			}
		})
	}
}

// Shortly after the loss the device scans again at once, several times for one scan that
// is told; a scan that somebody asks for meanwhile comes when the present one ends.
func TestHuntLooksAgain(t *testing.T) {
	for _, asked := range []bool{false, true} {
		w, s := newWorld(t), &spy{}
		w.drive(spyDriver{w.air, s})
		i := w.connect(pairBlock, "radio phy0 interfaces=sim0\n"+onlyAP+"dwell active=50ms\n")
		if err := w.air.Air().RemoveAP(i.Link().BSSID); err != nil {
			t.Fatal(err)
		}
		if !w.until(30*time.Second, "disconnected from") || !w.until(time.Second, "scan started") {
			t.Fatalf("no hunt: %v", w.events())
		}
		lost := w.loop.Now()
		s.order = nil
		if asked {
			if _, err := i.Scan(engine.ScanRequest{Queue: true}); err != nil {
				t.Fatal(err)
			}
		}
		if !w.until(time.Second, "scan done success=true") {
			t.Fatalf("the hunt does not end: %v", w.events())
		}
		took, scans := w.loop.Now().Sub(lost), 0
		for _, what := range s.order {
			if what == "scan" {
				scans++
			}
		}
		// The first one had begun; the one that was asked for may have begun, too.
		if asked && (scans > 1 || took > 60*time.Millisecond) || !asked && (scans != 7 || took > 460*time.Millisecond) {
			t.Errorf("asked %v: %d more scans in %v", asked, scans, took)
		}
	}
}

// A device that can probes instead of scanning again, for no other name than the lost
// one's; where it refuses, and where it would have to scan with another address than
// its own, it scans.
func TestHuntProbes(t *testing.T) {
	const hidden = "network={\nssid=\"other\"\nscan_ssid=1\nkey_mgmt=NONE\n}\n"
	named := strings.Replace(pairBlock, "psk=", "scan_ssid=1\npsk=", 1)
	for name, c := range map[string]struct {
		block  string
		spy    spy
		probes bool
		ssids  []string // of each
	}{
		"wildcard":    {pairBlock, spy{}, true, []string{""}},
		"hidden":      {hidden + named, spy{}, true, []string{"pair"}},
		"not hidden":  {hidden + pairBlock, spy{}, true, nil},
		"refused":     {pairBlock, spy{noProbes: true}, false, nil},
		"passive":     {"passive_scan=1\n" + pairBlock, spy{}, false, nil},
		"random scan": {pairBlock, spy{}, false, nil},
	} {
		t.Run(name, func(t *testing.T) {
			w, s := newWorld(t), &c.spy
			w.drive(spyDriver{w.air, s})
			i := w.connect(c.block, "radio phy0 interfaces=sim0 scan-in-place\n"+onlyAP+"dwell active=100ms passive=100ms\n")
			if name == "random scan" {
				if err := i.SetMACRandomization("scan", true, nil, nil); err != nil {
					t.Fatal(err)
				}
			}
			s.order = nil
			w.loseAP(i)
			if len(s.order) < 3 || s.order[0] != "scan" || slices.Contains(s.order, "probe") != c.probes || c.probes && slices.Contains(s.order[1:], "scan") {
				t.Errorf("order: %q", s.order)
			}
			for _, p := range s.probes {
				if s.noProbes {
					break
				}
				var ssids []string
				for _, ssid := range p.SSIDs {
					ssids = append(ssids, string(ssid))
				}
				if !slices.Equal(ssids, c.ssids) || !slices.Equal(p.Freqs, []int{2412}) {
					t.Errorf("probe for %q on %v", ssids, p.Freqs)
				}
			}
			w.addAP(onlyAP)
			if !w.until(10*time.Second, "connected to") {
				t.Errorf("not back: %v", w.events())
			}
		})
	}
}
