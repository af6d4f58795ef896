package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gosupplicant/drivers/sim"
	"gosupplicant/engine"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/rsn"
)

// What the campaign has found, one test each.

var (
	pairOne = dot11.MAC{2, 0, 0, 0, 4, 1}
	pairTwo = dot11.MAC{2, 0, 0, 0, 4, 2}
)

// slowPairAir gives frames a way to go.
const slowPairAir = pairAir + "delay 1ms\n"

// roaming begins a roam whose authentication is never answered, and forgets the
// trace.
func roaming(t *testing.T) (*world, *spy, *engine.Interface) {
	w, s := newSpyWorld(t, pairAir)
	i := w.online(pairBlock)
	w.air.Air().OnFrame(func(f sim.Frame) sim.Fate { return sim.Fate{Drop: f.BSSID == pairTwo} })
	if err := i.Roam(pairTwo); err != nil {
		t.Fatal(err)
	}
	w.loop.Drain()
	if i.State() != engine.StateAuthenticating || i.Link() == nil {
		t.Fatalf("state %v", i.State())
	}
	w.events()
	return w, s, i
}

func TestRoamRefusedByTheDeviceKeepsTheConnection(t *testing.T) {
	w, s := newSpyWorld(t, pairAir)
	i := w.online(pairBlock)
	w.air.Air().RemoveAP(pairTwo)
	w.loop.Advance(40 * time.Second)
	w.air.Air().ExternalScan("sim0") // the device forgets what it does not hear
	w.loop.Advance(10 * time.Second)
	w.events()
	if err := i.Roam(pairTwo); err != nil {
		t.Fatal(err)
	}
	w.loop.Advance(3 * time.Second)
	ev := strings.Join(w.events(), "\n")
	if i.State() != engine.StateCompleted || strings.Contains(ev, "disconnected from") || slices.Contains(s.deauths, pairOne) {
		t.Fatalf("state %v after\n%s", i.State(), ev)
	}
	w.expect(strings.Split(ev, "\n"), "attempt failed in authentication by device")
	if ok, err := w.air.Air().Secure("sim0"); !ok || err != nil {
		t.Errorf("the old connection does not stand: %v", err)
	}
}

func TestRoamWithoutAnswerTellsOfTheLoss(t *testing.T) {
	w, _, i := roaming(t)
	if !w.until(10*time.Second, "-> DISCONNECTED") {
		t.Fatalf("state %v", i.State())
	}
	w.expect(w.events(), "disconnected from "+pairOne.String(), "AUTHENTICATING -> DISCONNECTED")
}

// The device has left the old BSS for a roam, and then goes back to it: what that
// BSS sends now is about the attempt.
func TestDisconnectionWhileGoingBackEndsTheAttempt(t *testing.T) {
	w, _, i := roaming(t)
	w.air.Air().OnFrame(func(f sim.Frame) sim.Fate { return sim.Fate{Drop: true} })
	if err := i.Reattach(); err != nil {
		t.Fatal(err)
	}
	w.loop.Drain()
	h := dot11.MgmtHeader{Subtype: dot11.SubtypeDeauth, DA: i.MACAddress(), SA: pairOne, BSSID: pairOne}
	w.inject(sim.Frame{Ifname: "sim0", BSSID: pairOne, Bytes: append(h.Append(nil), 17, 0)})
	w.expect(w.events(), "disconnected from "+pairOne.String(), "-> DISCONNECTED", "attempt failed in authentication by access point")
	for _, work := range i.RadioWorks() {
		if work.Kind == "connect" {
			t.Error("the attempt still has the radio")
		}
	}
}

func TestUserDisconnectsDuringARoam(t *testing.T) {
	w, s := newSpyWorld(t, slowPairAir)
	i := w.online(pairBlock)
	if err := i.Roam(pairTwo); err != nil {
		t.Fatal(err)
	}
	if !w.loop.Until(time.Second, func() bool { return i.State() == engine.StateAssociating }) {
		t.Fatalf("state %v", i.State())
	}
	i.Disconnect()
	w.loop.Drain() // before the answer arrives
	if !slices.Contains(s.deauths, pairTwo) {
		t.Errorf("left %v, not the target of the roam", s.deauths)
	}
	w.loop.Advance(10 * time.Second)
	if i.State() != engine.StateDisconnected || i.LinkState().Associated {
		t.Errorf("state %v, device associated: %v", i.State(), i.LinkState().Associated)
	}
}

func TestLossBeforeARoamBeganIsALoss(t *testing.T) {
	w, _ := newSpyWorld(t, pairAir)
	i := w.online(pairBlock)
	if _, err := i.AddRadioWork("taken", 0, 0); err != nil {
		t.Fatal(err)
	}
	w.loop.Drain()
	if err := i.Roam(pairTwo); err != nil {
		t.Fatal(err)
	}
	if err := w.air.Air().RemoveAP(pairOne); err != nil {
		t.Fatal(err)
	}
	if !w.until(5*time.Second, "disconnected from "+pairOne.String()) {
		t.Fatalf("the loss was not told: state %v", i.State())
	}
	if !w.until(20*time.Second, "connected to "+pairTwo.String()) {
		t.Errorf("did not go on: %v", w.events())
	}
}

func TestOldGroupKeyMessageDuringARoamDoesNotEndTheAttempt(t *testing.T) {
	for step := 1; step < 30; step++ {
		w, s := newSpyWorld(t, slowPairAir)
		i := w.online(pairBlock)
		w.loop.Advance(time.Second)
		w.events()
		n := 0
		w.loop.Each = func() {
			if n++; n == step {
				if err := i.Roam(pairOne); err != nil {
					t.Fatal(err)
				}
			}
		}
		w.air.Air().Rekey(pairOne, false)
		w.loop.Advance(2 * time.Second)
		w.loop.Each = nil
		// One goodbye is the roam's own.
		if i.State() != engine.StateCompleted || len(s.deauths) > 1 {
			t.Fatalf("step %d: left %v, state %v: %v", step, s.deauths, i.State(), w.events())
		}
	}
}

// An AP that has forgotten the PMK of OWE gets a public key each time.
func TestOWEWithAForgottenPMK(t *testing.T) {
	w, _ := newSpyWorld(t, attackAir)
	i := w.online(attackBlocks["owe"])
	if len(i.PMKSAs()) != 1 {
		t.Fatalf("%d cached keys", len(i.PMKSAs()))
	}
	bssid := i.Link().BSSID
	w.air.Air().Kick(bssid, 5, false)
	w.air.Air().RestartAP(bssid)
	if !w.until(5*time.Second, "connected to") {
		t.Fatalf("not back: %v", w.events())
	}
	if ev := strings.Join(w.events(), "\n"); strings.Contains(ev, "refused") || strings.Contains(ev, "attempt failed in association") {
		t.Errorf("the AP had to refuse:\n%s", ev)
	}
}

func TestOWEGroupsTakeTurns(t *testing.T) {
	w, s := newSpyWorld(t, attackAir)
	s.record(w, nil)
	i := w.begin(attackBlocks["owe"])
	bssid := dot11.MAC{2, 0, 0, 0, 5, 4}
	w.air.Air().RefuseAP(bssid, 0, dot11.StatusUnsupportedGroup)
	w.loop.Advance(2 * time.Minute)
	groups := map[byte]bool{}
	for _, f := range s.air {
		h, body, err := dot11.ParseMgmt(f.Bytes)
		if f.EAPOL || err != nil || h.Subtype != dot11.SubtypeAssocRequest {
			continue
		}
		r, err := dot11.ParseAssocRequest(body, false)
		if err != nil {
			t.Fatal(err)
		}
		if dh, ok := r.Elements.FindExt(dot11.ExtIDDHParameter); ok {
			groups[dh[0]] = true
		}
	}
	if !groups[19] || !groups[20] || !groups[21] {
		t.Errorf("groups asked for: %v", groups)
	}
	w.air.Air().RefuseAP(bssid, 0, 0)
	if !w.loop.Until(6*time.Minute, func() bool { return i.State() == engine.StateCompleted }) {
		t.Errorf("state %v: stuck with one group", i.State())
	}
}

// A refusal of any kind makes the next attempt do without the cached key.
func TestRefusedCachedKeyIsForgotten(t *testing.T) {
	w, _ := newSpyWorld(t, attackAir)
	i := w.online(attackBlocks["sae"])
	bssid := i.Link().BSSID
	w.air.Air().RefuseAP(bssid, 0, 1)
	w.air.Air().Kick(bssid, 5, false)
	if !w.until(10*time.Second, "association refused") {
		t.Fatalf("no refusal: %v", w.events())
	}
	if n := len(i.PMKSAs()); n != 0 {
		t.Errorf("%d cached keys", n)
	}
}

// A scan that waits for a busy device survives commands that stop the search.
func TestScanForABusyDeviceIsNotForgotten(t *testing.T) {
	w, _ := newSpyWorld(t, pairAir)
	i := w.online(pairBlock)
	for range 3 {
		if err := w.air.Air().ExternalScan("sim0"); err != nil {
			t.Logf("external scan: %v", err)
		}
		w.air.Air().Kick(pairOne, 5, false)
		i.FlushBSS(0)
		w.loop.Advance(300 * time.Millisecond)
		i.Reassociate()
		w.loop.Advance(100 * time.Millisecond)
		i.Reattach()
		if !w.loop.Until(time.Minute, func() bool { return i.State() == engine.StateCompleted && !i.ScanPending() }) {
			t.Fatalf("state %v, scan pending %v, works %+v", i.State(), i.ScanPending(), i.RadioWorks())
		}
	}
}

// Lost events during a scan leave no turn on the radio behind.
func TestResyncDuringAScanLosesNoTurn(t *testing.T) {
	for ms := range 60 {
		w, _ := newSpyWorld(t, attackAir)
		i := w.begin(pairBlock) // which is not there: all slices are scanned
		w.loop.Until(time.Second, i.Scanning)
		w.loop.Advance(time.Duration(ms) * 30 * time.Millisecond)
		if err := w.air.Air().Resync("sim0", "test"); err != nil {
			t.Fatal(err)
		}
		w.loop.Advance(30 * time.Second)
		if works := i.RadioWorks(); len(works) > 1 || len(works) == 1 && works[0].Age > 10*time.Second {
			t.Fatalf("%d: works left: %+v", ms, works)
		}
		w.events()
		if _, err := i.Scan(engine.ScanRequest{Queue: true}); err != nil {
			t.Fatal(err)
		}
		if !w.until(20*time.Second, "scan done success=true") {
			t.Fatalf("%d: no scan any more: %v, works %+v", ms, w.events(), i.RadioWorks())
		}
	}
}

// Scans of users, one or several, that must not lead to a connection do not end
// the search for one.
func TestScansOfUsersDoNotEndTheSearch(t *testing.T) {
	for n := range 4 {
		w, _ := newSpyWorld(t, pairAir)
		i := w.online(pairBlock)
		i.Disconnect()
		w.loop.Advance(time.Second)
		for range n {
			if _, err := i.Scan(engine.ScanRequest{Queue: true, Passive: true}); err != nil {
				t.Fatal(err)
			}
		}
		w.loop.Drain()
		i.FlushBSS(0)
		if err := i.Reconnect(); err != nil {
			t.Fatal(err)
		}
		if !w.loop.Until(time.Minute, func() bool { return i.State() == engine.StateCompleted }) {
			t.Errorf("%d scans: state %v", n, i.State())
		}
	}
}

// The BSS of an attempt stays in the table until the attempt is over.
func TestFlushDuringAnAttemptKeepsItsBSS(t *testing.T) {
	w, _ := newSpyWorld(t, slowPairAir)
	i := w.begin(pairBlock)
	if !w.loop.Until(20*time.Second, func() bool { return i.State() == engine.StateAuthenticating }) {
		t.Fatal("no attempt")
	}
	i.FlushBSS(0)
	if i.BSSs().Get(pairOne, []byte("pair")) == nil || i.BSSs().Len() != 1 {
		t.Errorf("%d BSSs left", i.BSSs().Len())
	}
	if !w.until(5*time.Second, "connected to") || i.CurrentBSS() != i.BSSs().Get(pairOne, []byte("pair")) {
		t.Errorf("state %v at %v", i.State(), i.CurrentBSS())
	}
}

// Who hears of keys or of the connection may send at once: the device has them.
// (A rekey was told of before message 4 had gone, and data overtook it.)
func TestKeysAreToldOfWhenTheDeviceHasThem(t *testing.T) {
	w, s := newSpyWorld(t, attackAir)
	w.loop.Late = true
	var heard []string
	w.sup.Observe(func(ev engine.Event) {
		switch ev.(type) {
		case engine.KeysNegotiated:
			heard = append(heard, fmt.Sprintf("keys: %d set, %d messages", len(s.keys), len(s.eapol)))
		case engine.Connected:
			heard = append(heard, fmt.Sprintf("connected: %d set, authorized %v", len(s.keys), s.authorized))
		}
	})
	i := w.online(attackBlocks["psk"])
	w.air.Air().Rekey(i.Link().BSSID, true)
	w.loop.Advance(time.Second)
	want := []string{"keys: 2 set, 2 messages", "connected: 2 set, authorized true", "keys: 3 set, 4 messages"}
	if !slices.Equal(heard, want) {
		t.Errorf("heard %q, want %q", heard, want)
	}
}

// A BSS that the device lists but forgot for joining, as the kernel does after
// thirty seconds, is left alone until it is heard: it costs neither the network
// nor the way back to the other access point.
func TestListedButUnknownBSS(t *testing.T) {
	w, s := newSpyWorld(t, pairAir)
	i := w.online(pairBlock)
	if _, err := i.Scan(engine.ScanRequest{Queue: true}); err != nil || !w.until(20*time.Second, "scan done") {
		t.Fatal("no scan", err)
	}
	w.loop.Advance(40 * time.Second)
	s.unknown = pairTwo
	air := w.air.Air()
	if i.Link().BSSID != pairOne || air.RemoveAP(pairTwo) != nil || air.RemoveAP(pairOne) != nil {
		t.Fatal("the air is not as it should be")
	}
	w.loop.Advance(5 * time.Second)
	plan, err := sim.ParsePlan("back", []byte(pairAir))
	if err == nil {
		err = air.AddAP(plan.APs[0])
	}
	if err != nil {
		t.Fatal(err)
	}
	w.loop.Until(time.Second, func() bool { return i.State() == engine.StateCompleted })
	ev := strings.Join(w.events(), "\n")
	if i.State() != engine.StateCompleted || strings.Contains(ev, "held") || strings.Contains(ev, "ignored") {
		t.Errorf("state %v after:\n%s", i.State(), ev)
	}
}

// An access point that does not answer SAE is given up when the device has tried
// enough: it does not hear of the BSS again before the next scan.
func TestSilentSAE(t *testing.T) {
	w, s := newSpyWorld(t, attackAir)
	i := w.online(attackBlocks["sae"])
	bssid := i.Link().BSSID
	i.FlushPMKSAs()
	s.record(w, func(f sim.Frame) sim.Fate { return sim.Fate{Drop: !f.ToAP && f.BSSID == bssid} })
	i.Disconnect()
	if err := i.Reconnect(); err != nil {
		t.Fatal(err)
	}
	begun := w.loop.Now()
	if !w.until(5*time.Second, "attempt failed in authentication by no answer") {
		t.Fatal(w.events())
	}
	if took := w.loop.Now().Sub(begun); took > 900*time.Millisecond {
		t.Errorf("given up after %v", took)
	}
}

// An access point that says that it leaves, or falls silent though it is near, has
// lost its keys of SAE; one that is out of range, or throws us out, has not.
func TestKeysOfAnAccessPointThatWentDown(t *testing.T) {
	const near, far = -50, -75
	for name, c := range map[string]struct {
		level int
		end   func(air *sim.Air, bssid dot11.MAC) error
		kept  bool
	}{
		"silent, near":  {near, (*sim.Air).RemoveAP, false},
		"silent, far":   {far, (*sim.Air).RemoveAP, true},
		"leaves":        {far, func(a *sim.Air, b dot11.MAC) error { return a.Kick(b, dot11.ReasonDeauthLeaving, false) }, false},
		"throws us out": {near, func(a *sim.Air, b dot11.MAC) error { return a.Kick(b, 5, false) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := newSpyWorld(t, attackAir)
			bssid := dot11.MAC{2, 0, 0, 0, 5, 3}
			if err := w.air.Air().SetSignal(bssid, c.level); err != nil {
				t.Fatal(err)
			}
			i := w.online(attackBlocks["sae"])
			if i.Link().BSSID != bssid || len(i.PMKSAs()) != 1 {
				t.Fatalf("at %v, %d PMKSAs", i.Link().BSSID, len(i.PMKSAs()))
			}
			was := i.PMKSAs()[0].PMKID
			if err := c.end(w.air.Air(), bssid); err != nil {
				t.Fatal(err)
			}
			if !w.until(10*time.Second, "disconnected from") {
				t.Fatal("not lost")
			}
			if kept := slices.ContainsFunc(i.PMKSAs(), func(e rsn.PMKSA) bool { return e.PMKID == was }); kept != c.kept {
				t.Errorf("kept: %v, want %v", kept, c.kept)
			}
		})
	}
}

// Roaming with SAE says goodbye to the old access point while the commit is
// computed, unless the device may have forgotten the new one.
func TestRoamingWithSAELeavesAtOnce(t *testing.T) {
	for name, heard := range map[string]time.Duration{"lately": time.Second, "long ago": 20 * time.Second} {
		t.Run(name, func(t *testing.T) {
			w, s := newSpyWorld(t, strings.ReplaceAll(pairAir, "security=wpa2", "security=wpa3"))
			i := w.online("network={\nssid=\"pair\"\nsae_password=\"12345678\"\nkey_mgmt=SAE\nieee80211w=2\n}\n")
			if _, err := i.Scan(engine.ScanRequest{Queue: true}); err != nil || !w.until(20*time.Second, "scan done") {
				t.Fatal("no scan", err)
			}
			w.loop.Advance(heard)
			w.events()
			if err := i.Roam(pairTwo); err != nil {
				t.Fatal(err)
			}
			if !w.until(5*time.Second, "connected to "+pairTwo.String()) {
				t.Fatalf("state %v: %v", i.State(), w.events())
			}
			if left := slices.Contains(s.deauths, pairOne); left != (heard < 10*time.Second) {
				t.Errorf("goodbye: %v", left)
			}
			if ev := strings.Join(w.events(), "\n"); strings.Contains(ev, "-> DISCONNECTED") {
				t.Errorf("the state was told as disconnected:\n%s", ev)
			}
			if ok, err := w.air.Air().Secure("sim0"); !ok || err != nil {
				t.Errorf("keys differ: %v", err)
			}
		})
	}
}
