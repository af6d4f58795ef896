package engine_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"gosupplicant/drivers/sim"
	"gosupplicant/engine"
	"gosupplicant/engine/dot11"
)

// Published attacks on stations, each against a whole interface on the simulated
// air. Those that are shown at the machine that has to withstand them:
//
//	KRACK, each message in each state, all orders     rsn TestKRACK, TestNoKeyInstalledTwice, TestEachMessageInEachState, TestOutOfOrder
//	all-zero key after a replayed message 3           rsn TestAllZeroTK
//	Key Data used before its MIC (CVE-2018-14526)     rsn TestDamagedMessage3, TestDamagedGroupMessage, FuzzAuthenticKeyData
//	replay counters over all kinds of frames          rsn TestReplayedCounters
//	SSID confusion (CVE-2023-52424)                   rsn TestSSIDConfusion
//	channel-based man in the middle (OCV)             rsn TestOCV, TestOCIValidate
//	transition downgrade, the bitmap itself           rsn TestTransitionDisable
//	group keys by other paths (AirSnitch)             rsn TestGroupKeysElsewhere, TestTooManyKeys
//	FT reassociation replay (CVE-2017-13082)          rsn TestFTMismatch
//	SAE timing (CVE-2019-9494, 2022-23303)            sae TestTimeIsTheSame, TestWorkIsTheSame
//	SAE states (CVE-2019-9496)                        sae TestConfirmFirst, TestOrders, TestStates
//	SAE scalar and element (CVE-2019-9497 to 9499)    sae TestInvalidCommits, TestReflection; owe TestBadAnswers, TestNotOnCurve
//	SAE group downgrade (2024-2), weak groups         sae TestGroupDowngrade, TestGroupsRefused
//	SAE token sizes                                   sae TestTokenBounds, TestTokenForEver, FuzzToken
//	SAE-PK fingerprint length                         sae TestPKFingerprint, FuzzPKProof
//	multi-link elements (2026-1)                      dot11 TestMultiLinkRefused, TestMultiLinkFragments, FuzzMultiLink
//	RSNE, EHT Operation and other lengths             dot11 FuzzRSNE, FuzzElements, TestPHYTruncated

// record keeps every frame from now on; fate decides about each.
func (s *spy) record(w *world, fate func(sim.Frame) sim.Fate) {
	w.air.Air().OnFrame(func(f sim.Frame) sim.Fate {
		f.Bytes = bytes.Clone(f.Bytes)
		s.air = append(s.air, f)
		if fate == nil {
			return sim.Fate{}
		}
		return fate(f)
	})
}

// begin takes sim0 into use with one network.
func (w *world) begin(block string) *engine.Interface {
	w.t.Helper()
	return w.add(engine.InterfaceConfig{Ifname: "sim0", ConfigFile: confFile(w.t, block)})
}

// online begins and connects.
func (w *world) online(block string) *engine.Interface {
	w.t.Helper()
	i := w.begin(block)
	if !w.loop.Until(20*time.Second, func() bool { return i.State() == engine.StateCompleted }) {
		w.t.Fatalf("state is %v", i.State())
	}
	w.events()
	return i
}

func (w *world) inject(f sim.Frame) {
	w.t.Helper()
	if err := w.air.Air().Inject(f); err != nil {
		w.t.Fatal(err)
	}
	w.loop.Advance(2 * time.Millisecond)
}

// forge is a management frame in the name of an AP to sim0.
func (w *world) forge(i *engine.Interface, kind dot11.Subtype, body ...byte) sim.Frame {
	bssid := i.Link().BSSID
	h := dot11.MgmtHeader{Subtype: kind, DA: i.MACAddress(), SA: bssid, BSSID: bssid}
	return sim.Frame{Ifname: "sim0", BSSID: bssid, Bytes: append(h.Append(nil), body...)}
}

// toStation are the recorded EAPOL frames of the AP.
func (s *spy) toStation() (out []sim.Frame) {
	for _, f := range s.air {
		if f.EAPOL && !f.ToAP {
			out = append(out, f)
		}
	}
	return out
}

const attackAir = `
radio phy0 interfaces=sim0
ap "psk" bssid=02:00:00:00:05:01 channel=1 signal=-50 security=wpa2 passphrase="12345678"
ap "pmf" bssid=02:00:00:00:05:02 channel=6 signal=-50 security=wpa2-pmf passphrase="12345678"
ap "sae" bssid=02:00:00:00:05:03 channel=11 signal=-50 security=wpa3 passphrase="12345678"
ap "owe" bssid=02:00:00:00:05:04 channel=36 signal=-50 security=owe
ap "both" bssid=02:00:00:00:05:05 channel=40 signal=-50 security=wpa2-wpa3 passphrase="12345678"
`

var attackBlocks = map[string]string{
	"psk": "network={\nssid=\"psk\"\npsk=\"12345678\"\nkey_mgmt=WPA-PSK\n}\n",
	"pmf": "network={\nssid=\"pmf\"\npsk=\"12345678\"\nkey_mgmt=WPA-PSK-SHA256 WPA-PSK\nieee80211w=2\n}\n",
	"sae": "network={\nssid=\"sae\"\nsae_password=\"12345678\"\nkey_mgmt=SAE\nieee80211w=2\n}\n",
	"owe": "network={\nssid=\"owe\"\nkey_mgmt=OWE\nieee80211w=2\n}\n",
}

// KRACK (CVE-2017-13077 to 13081, 2020-17497): every message of the AP arrives
// again after the handshake, in the clear and protected.
func TestAttackReplayedHandshakeInstallsNothing(t *testing.T) {
	for _, kind := range []string{"psk", "pmf", "sae", "owe"} {
		t.Run(kind, func(t *testing.T) {
			w, s := newSpyWorld(t, attackAir)
			s.record(w, nil)
			i := w.online(attackBlocks[kind])
			w.air.Air().Rekey(i.Link().BSSID, false)
			w.loop.Advance(time.Second)
			w.air.Air().Rekey(i.Link().BSSID, true)
			w.loop.Advance(time.Second)
			keys, sent := len(s.keys), len(s.eapol)
			if old := s.toStation(); keys < 4 || len(old) < 5 {
				t.Fatalf("%d keys and %d messages before the attack", keys, len(old))
			}
			for range 3 {
				for _, f := range s.toStation() {
					f.Ifname, f.Protected = "sim0", false
					w.inject(f)
					f.Protected = true
					w.inject(f)
				}
			}
			if len(s.keys) != keys || len(s.eapol) != sent {
				t.Errorf("%d keys installed and %d frames sent because of replays", len(s.keys)-keys, len(s.eapol)-sent)
			}
			s.checkKeys(t)
			if i.State() != engine.StateCompleted {
				t.Errorf("state %v", i.State())
			}
		})
	}
}

// checkKeys proves that no key was set twice, or is all zero.
func (s *spy) checkKeys(t *testing.T) {
	t.Helper()
	for k, a := range s.keys {
		if bytes.Equal(a.Key, make([]byte, len(a.Key))) {
			t.Errorf("key %d is all zero", k)
		}
		for _, b := range s.keys[:k] {
			if a.Use == b.Use && bytes.Equal(a.Key, b.Key) {
				t.Errorf("key %d (use %d, index %d) was set twice", k, a.Use, a.Index)
			}
		}
	}
}

// KRACK as it happens by loss: message 4 never arrives, so that the AP sends
// message 3 again and again.
func TestAttackRetransmittedMessage3(t *testing.T) {
	w, s := newSpyWorld(t, attackAir)
	lost := 0
	s.record(w, func(f sim.Frame) sim.Fate {
		if f.EAPOL && f.ToAP && f.Bytes[5] == 0x03 && lost < 3 { // key information with Secure: message 4
			lost++
			return sim.Fate{Drop: true}
		}
		return sim.Fate{}
	})
	i := w.online(attackBlocks["psk"])
	w.loop.Advance(3 * time.Second)
	if lost < 2 {
		t.Fatalf("%d messages 4 were sent, want an answer to each message 3", lost)
	}
	s.checkKeys(t)
	if len(s.keys) != 2 {
		t.Errorf("%d keys set, want one pairwise and one group key", len(s.keys))
	}
	if i.Link() == nil {
		t.Errorf("state %v", i.State())
	}
}

// Each handshake has nonces and SNonces of its own.
func TestAttackNoncesAreFresh(t *testing.T) {
	w, s := newSpyWorld(t, attackAir)
	i := w.online(attackBlocks["psk"])
	for range 5 {
		w.air.Air().Rekey(i.Link().BSSID, true)
		w.loop.Advance(time.Second)
	}
	seen := map[string]bool{}
	for _, pdu := range s.eapol {
		nonce := pdu[17:49]
		if bytes.Equal(nonce, make([]byte, 32)) {
			continue // message 4
		}
		if seen[string(nonce)] {
			t.Error("an SNonce was used in two handshakes")
		}
		seen[string(nonce)] = true
	}
	if len(seen) != 6 {
		t.Errorf("%d SNonces in 6 handshakes", len(seen))
	}
	s.checkKeys(t)
}

// Forged EAPOL frames are no means to disconnect: state, timers and link stay
// (iwd 1ef97e5c, ESP32Marauder 849).
func TestAttackForgedEAPOLChangesNothing(t *testing.T) {
	for _, kind := range []string{"psk", "pmf"} {
		t.Run(kind, func(t *testing.T) {
			w, s := newSpyWorld(t, attackAir)
			s.record(w, nil)
			i := w.online(attackBlocks[kind])
			w.loop.Advance(time.Second)
			w.events()
			timers, keys, sent := engineTimers(w), len(s.keys), len(s.eapol)
			rng := rand.New(rand.NewPCG(3, 4))
			for n := range 2000 {
				f := s.toStation()[n%len(s.toStation())]
				f.Bytes, f.Ifname, f.Protected = bytes.Clone(f.Bytes), "sim0", n%2 == 0
				for range 1 + rng.IntN(6) {
					f.Bytes[5+rng.IntN(len(f.Bytes)-5)] = byte(rng.Uint32())
				}
				f.Bytes[16] |= 0x80 // a replay counter that is new
				f.Bytes[5] |= 1     // with MIC: what only the AP can make
				if err := w.air.Air().Inject(f); err != nil {
					t.Fatal(err)
				}
				w.loop.Drain()
			}
			if now := engineTimers(w); !slices.Equal(now, timers) {
				t.Errorf("timers changed from %v to %v", timers, now)
			}
			if ev := w.events(); len(ev) > 0 || i.State() != engine.StateCompleted || len(s.keys) != keys || len(s.eapol) != sent {
				t.Errorf("state %v, %d keys, %d frames, events %q", i.State(), len(s.keys)-keys, len(s.eapol)-sent, ev)
			}
			if ok, _ := w.air.Air().Secure("sim0"); !ok {
				t.Error("keys differ after the attack")
			}
		})
	}
}

func engineTimers(w *world) (names []string) {
	for _, t := range w.loop.Timers() {
		if strings.HasPrefix(t.Name, "sim0 ") {
			names = append(names, t.Name)
		}
	}
	slices.Sort(names)
	return names
}

// A forged first message before the true one: the handshake goes on.
func TestAttackForgedMessage1(t *testing.T) {
	w, s := newSpyWorld(t, attackAir)
	forged := 0
	s.record(w, func(f sim.Frame) sim.Fate {
		if f.EAPOL && !f.ToAP && f.Bytes[6] == 0x8a && forged < 200 { // message 1
			for k := range 50 {
				b := bytes.Clone(f.Bytes)
				b[17] ^= byte(k + 1) // another ANonce
				forged++
				if k%5 == 0 {
					b = b[:len(b)-k/5]
				}
				w.loop.After(time.Duration(k)*20*time.Microsecond, "attacker", func() {
					w.air.Air().Inject(sim.Frame{Ifname: "sim0", BSSID: f.BSSID, EAPOL: true, Bytes: b})
				})
			}
		}
		return sim.Fate{}
	})
	i := w.begin(attackBlocks["psk"])
	if !w.loop.Until(30*time.Second, func() bool { return i.State() == engine.StateCompleted }) || forged == 0 {
		t.Fatalf("state %v after %d forged messages: %v", i.State(), forged, w.events())
	}
	s.checkKeys(t)
}

// Message 1 in the clear after keys are in use begins nothing (iwd 5b42cb6c); the
// same protected does.
func TestAttackUnencryptedEAPOLAfterKeys(t *testing.T) {
	w, s := newSpyWorld(t, attackAir)
	s.record(w, nil)
	i := w.online(attackBlocks["psk"])
	w.loop.Advance(time.Second)
	m1 := s.toStation()[0]
	m1.Bytes, m1.Ifname = bytes.Clone(m1.Bytes), "sim0"
	m1.Bytes[16] = 0x70 // a replay counter that is new
	sent := len(s.eapol)
	for range 10 {
		w.inject(m1)
	}
	if len(s.eapol) != sent {
		t.Errorf("%d answers to a message in the clear", len(s.eapol)-sent)
	}
	m1.Protected = true
	w.inject(m1)
	if len(s.eapol) != sent+1 || i.State() != engine.StateCompleted {
		t.Errorf("%d answers to a protected message, state %v", len(s.eapol)-sent, i.State())
	}
	if s.clear == len(s.eapol) {
		t.Error("the answer was not protected")
	}
}

// Forged disconnections with PMF (the station's side of CVE-2019-16275): SA Query
// asks, the AP answers, nothing else happens. A flood asks once in ten seconds.
func TestAttackForgedDisconnectionsWithPMF(t *testing.T) {
	for _, kind := range []dot11.Subtype{dot11.SubtypeDeauth, dot11.SubtypeDisassoc} {
		w, s := newSpyWorld(t, attackAir)
		i := w.online(attackBlocks["pmf"])
		w.events()
		for n := range 300 {
			w.inject(w.forge(i, kind, byte(1+n%30), 0))
			w.loop.Advance(98 * time.Millisecond)
		}
		if ev := w.events(); len(ev) > 0 || i.State() != engine.StateCompleted {
			t.Errorf("%v: state %v, events %q", kind, i.State(), ev)
		}
		if n := len(s.frames); n == 0 || n > 4 {
			t.Errorf("%v: %d SA Query requests in 30 s of attack", kind, n)
		}
	}
}

// The same frames after the AP really forgot: the station asks, hears nothing and
// comes back.
func TestAttackForgottenAssociationWithPMF(t *testing.T) {
	w, s := newSpyWorld(t, attackAir)
	i := w.online(attackBlocks["pmf"])
	w.events()
	bssid := i.Link().BSSID
	if err := w.air.Air().RestartAP(bssid); err != nil {
		t.Fatal(err)
	}
	if err := w.air.Air().Data("sim0"); err != nil {
		t.Fatal(err)
	}
	if !w.until(10*time.Second, "connected to") {
		t.Fatalf("not back: %v", w.events())
	}
	if len(s.frames) < 3 {
		t.Errorf("%d SA Query requests before giving up", len(s.frames))
	}
	w.expect(w.events(), "disconnected from "+bssid.String(), "local=true", "connected to "+bssid.String())
}

// An access point that begins anew says goodbye to everybody, without protection
// and with reason 2: nobody has to send data to find out.
func TestRestartedAccessPointWithPMF(t *testing.T) {
	w, _ := newSpyWorld(t, attackAir)
	i := w.online(attackBlocks["pmf"])
	w.events()
	bssid := i.Link().BSSID
	if err := w.air.Air().RestartAP(bssid); err != nil {
		t.Fatal(err)
	}
	w.inject(w.forge(i, dot11.SubtypeDeauth, 2, 0))
	if !w.until(2*time.Second, "connected to "+bssid.String()) {
		t.Fatalf("not back: %v", w.events())
	}
}

// A forged SA Query response, or one with another identifier, does not count.
func TestAttackForgedSAQueryResponse(t *testing.T) {
	w, s := newSpyWorld(t, attackAir)
	i := w.online(attackBlocks["pmf"])
	w.events()
	w.air.Air().RestartAP(i.Link().BSSID)
	w.inject(w.forge(i, dot11.SubtypeDeauth, 7, 0))
	gone := w.loop.Until(3*time.Second, func() bool {
		if i.Link() != nil && len(s.frames) > 0 {
			last := s.frames[len(s.frames)-1]
			f := w.forge(i, dot11.SubtypeAction, byte(dot11.CategorySAQuery), 1, last[len(last)-2], last[len(last)-1])
			w.air.Air().Inject(f) // right identifier, but in the clear
		}
		return strings.Contains(strings.Join(w.trace, "\n"), "disconnected from")
	})
	if !gone {
		t.Errorf("a forged answer kept a dead association: state %v", i.State())
	}
}

// Without PMF a deauthentication is believed: the station is back at once and
// the flood does not wear it out for good.
func TestAttackDeauthenticationFlood(t *testing.T) {
	w, _ := newSpyWorld(t, attackAir)
	i := w.online(attackBlocks["psk"])
	for range 200 {
		if i.Link() != nil {
			w.inject(w.forge(i, dot11.SubtypeDeauth, 7, 0))
		}
		w.loop.Advance(100 * time.Millisecond)
	}
	if !w.loop.Until(3*time.Minute, func() bool { return i.State() == engine.StateCompleted }) {
		t.Errorf("state %v after the flood", i.State())
	}
}

// PMKID capture: the association request of a network with a passphrase names no
// PMKID, also the second time.
func TestAttackNoPMKIDForPassphrases(t *testing.T) {
	w, s := newSpyWorld(t, attackAir)
	s.record(w, nil)
	i := w.online(attackBlocks["psk"])
	w.air.Air().Kick(i.Link().BSSID, 5, false)
	w.loop.Advance(5 * time.Second)
	requests := 0
	for _, f := range s.air {
		h, body, err := dot11.ParseMgmt(f.Bytes)
		if f.EAPOL || err != nil || h.Subtype != dot11.SubtypeAssocRequest {
			continue
		}
		requests++
		r, err := dot11.ParseAssocRequest(body, false)
		if err != nil {
			t.Fatal(err)
		}
		raw, _ := r.Elements.Find(dot11.ElementRSN)
		if e, err := dot11.ParseRSNE(raw); err != nil || len(e.PMKIDs) != 0 {
			t.Errorf("RSNE %x: %v", raw, err)
		}
	}
	if requests < 2 {
		t.Errorf("%d association requests", requests)
	}
}

// Transition downgrade: a network whose AP has ended the transition (or that was
// told so by the user) joins no WPA2 twin, an SAE network no open one.
func TestAttackTransitionDowngrade(t *testing.T) {
	const twins = `
radio phy0 interfaces=sim0
ap "both" bssid=02:00:00:00:06:01 channel=1 signal=-30 security=wpa2 passphrase="12345678"
ap "both" bssid=02:00:00:00:06:02 channel=6 signal=-30
ap "both" bssid=02:00:00:00:06:03 channel=11 signal=-30 security=wpa
`
	for _, block := range []string{
		"ssid=\"both\"\npsk=\"12345678\"\nkey_mgmt=WPA-PSK SAE\nieee80211w=1\ntransition_disable=1",
		"ssid=\"both\"\nsae_password=\"12345678\"\nkey_mgmt=SAE\nieee80211w=2",
		"ssid=\"both\"\nkey_mgmt=OWE\nieee80211w=2",
	} {
		w, s := newSpyWorld(t, twins)
		s.record(w, nil)
		i := w.begin("network={\n" + block + "\n}\n")
		w.loop.Advance(2 * time.Minute)
		if i.BSSs().Len() != 3 || len(s.air) != 0 {
			t.Errorf("%s: %d BSSs heard, %d frames sent", block, i.BSSs().Len(), len(s.air))
		}
	}
}

// A command that names the BSS joins no open twin either.
func TestAttackRoamToOpenTwin(t *testing.T) {
	w, s := newSpyWorld(t, pairAir+"ap \"pair\" bssid=02:00:00:00:04:09 channel=1 signal=-20\n")
	i := w.online(pairBlock)
	s.record(w, nil)
	twin, _ := dot11.ParseMAC("02:00:00:00:04:09")
	if err := i.Roam(twin); err != nil {
		t.Fatal(err)
	}
	w.loop.Advance(10 * time.Second)
	if len(s.air) != 0 || i.State() != engine.StateCompleted || i.Link().BSSID == twin {
		t.Errorf("%d frames to the twin, state %v", len(s.air), i.State())
	}
}

// SAE reflection: the station's own commit and confirm come back.
func TestAttackReflectedSAE(t *testing.T) {
	w, s := newSpyWorld(t, attackAir)
	s.record(w, func(f sim.Frame) sim.Fate {
		if h, body, err := dot11.ParseMgmt(f.Bytes); err == nil && !f.EAPOL && h.Subtype == dot11.SubtypeAuth && f.ToAP {
			bssid := f.BSSID
			back := dot11.MgmtHeader{Subtype: dot11.SubtypeAuth, DA: h.SA, SA: bssid, BSSID: bssid}
			frame := append(back.Append(nil), body...)
			w.loop.After(0, "attacker", func() { w.air.Air().Inject(sim.Frame{Ifname: "sim0", BSSID: bssid, Bytes: frame}) })
			return sim.Fate{Drop: true}
		}
		return sim.Fate{}
	})
	i := w.begin(attackBlocks["sae"])
	w.loop.Advance(time.Minute)
	if i.State() > engine.StateAuthenticating || len(s.keys) != 0 || len(i.PMKSAs()) != 0 {
		t.Errorf("state %v, %d keys, %d PMKSAs", i.State(), len(s.keys), len(i.PMKSAs()))
	}
	if f := i.LastFailure(); f == nil || f.Phase != engine.PhaseAuthentication {
		t.Errorf("record %+v", f)
	}
	s.record(w, nil)
	if !w.loop.Until(3*time.Minute, func() bool { return i.State() == engine.StateCompleted }) {
		t.Errorf("state %v after the attack: %v", i.State(), w.events())
	}
}

// Dragonblood downgrade: forged refusals of each group, forged tokens, forged
// confirms. The station stays with groups 19 to 21 and connects in the end.
func TestAttackForgedSAEAnswers(t *testing.T) {
	for _, status := range []dot11.Status{dot11.StatusUnsupportedGroup, dot11.StatusAntiCloggingToken, dot11.StatusUnspecifiedFailure, dot11.StatusSAEHashToElement, 65535} {
		w, s := newSpyWorld(t, attackAir)
		forged := 0
		s.record(w, func(f sim.Frame) sim.Fate {
			h, body, err := dot11.ParseMgmt(f.Bytes)
			if err != nil || f.EAPOL || h.Subtype != dot11.SubtypeAuth || !f.ToAP || forged >= 12 {
				return sim.Fate{}
			}
			forged++
			bssid := f.BSSID
			back := dot11.MgmtHeader{Subtype: dot11.SubtypeAuth, DA: h.SA, SA: bssid, BSSID: bssid}
			a := dot11.Auth{Alg: dot11.AuthAlgSAE, Seq: uint16(1 + forged%2), Status: status, Payload: body[6:min(8+forged, len(body))]}
			frame := append(back.Append(nil), a.Append(nil)...)
			w.loop.After(0, "attacker", func() { w.air.Air().Inject(sim.Frame{Ifname: "sim0", BSSID: bssid, Bytes: frame}) })
			return sim.Fate{}
		})
		i := w.begin(attackBlocks["sae"])
		if !w.loop.Until(4*time.Minute, func() bool { return i.State() == engine.StateCompleted }) || forged == 0 {
			t.Errorf("status %d: state %v after %d forged frames", status, i.State(), forged)
		}
		s.checkGroups(t)
	}
}

// checkGroups proves that every commit was in a group of 19 to 21.
func (s *spy) checkGroups(t *testing.T) {
	t.Helper()
	for _, c := range s.commits() {
		if g := int(c[0]) | int(c[1])<<8; g < 19 || g > 21 {
			t.Errorf("a commit in group %d", g)
		}
	}
}

// commits are the fields of every SAE commit that the station has sent.
func (s *spy) commits() (sent [][]byte) {
	for _, f := range s.air {
		h, body, err := dot11.ParseMgmt(f.Bytes)
		if err != nil || f.EAPOL || !f.ToAP || h.Subtype != dot11.SubtypeAuth {
			continue
		}
		if a, err := dot11.ParseAuth(body); err == nil && a.Alg == dot11.AuthAlgSAE && a.Seq == 1 && len(a.Payload) >= 2 {
			sent = append(sent, a.Payload)
		}
	}
	return sent
}

// OWE: damaged and reflected public keys in the association response.
func TestAttackBadOWEKeys(t *testing.T) {
	for _, attack := range []string{"flip", "reflect", "short", "none", "group"} {
		w, s := newSpyWorld(t, attackAir)
		var own []byte
		s.record(w, func(f sim.Frame) sim.Fate {
			h, body, err := dot11.ParseMgmt(f.Bytes)
			if err != nil || f.EAPOL {
				return sim.Fate{}
			}
			if h.Subtype == dot11.SubtypeAssocRequest {
				r, _ := dot11.ParseAssocRequest(body, false)
				own, _ = r.Elements.FindExt(dot11.ExtIDDHParameter)
			}
			if h.Subtype != dot11.SubtypeAssocResponse {
				return sim.Fate{}
			}
			at := bytes.LastIndex(f.Bytes, []byte{byte(dot11.ElementExtension), byte(1 + len(own)), byte(dot11.ExtIDDHParameter)})
			if at < 0 {
				return sim.Fate{}
			}
			b := bytes.Clone(f.Bytes)
			switch attack {
			case "flip":
				b[len(b)-1] ^= 1
			case "reflect":
				copy(b[at+3:], own)
			case "short":
				b = b[:len(b)-1]
				b[at+1]--
			case "none":
				b = b[:at]
			case "group":
				b[at+3] = 20
			}
			return sim.Fate{Bytes: b}
		})
		i := w.begin(attackBlocks["owe"])
		w.loop.Advance(30 * time.Second)
		if len(own) == 0 || i.State() >= engine.StateCompleted || len(s.keys) != 0 || len(i.PMKSAs()) != 0 {
			t.Errorf("%s: state %v, %d keys, %d PMKSAs", attack, i.State(), len(s.keys), len(i.PMKSAs()))
		}
		if i.LastFailure() == nil {
			t.Errorf("%s: no record of the failure", attack)
		}
	}
}

// Hostile beacons: each element with hostile lengths, cut off anywhere, and all
// of them at once. Nothing breaks and the good network is found.
func TestAttackInvalidElementsInBeacons(t *testing.T) {
	w, _ := newSpyWorld(t, attackAir)
	i := w.begin("network={\nssid=\"nowhere\"\nkey_mgmt=WPA-PSK SAE OWE NONE\npsk=\"12345678\"\n}\n")
	bad, _ := dot11.ParseMAC("02:00:00:00:05:05")
	if !w.loop.Until(20*time.Second, func() bool { return i.BSSs().Latest(bad) != nil }) {
		t.Fatal("not heard")
	}
	good := bytes.Clone(i.BSSs().Latest(bad).IEs)
	var cases [][]byte
	for id := range 256 {
		for _, n := range []int{0, 1, 2, 7, 31, 255} {
			body := bytes.Repeat([]byte{byte(id) ^ byte(n)}, n)
			cases = append(cases, append(append([]byte{0, 1, 'x', byte(id), byte(n)}, body...), good[6:]...))
		}
		cases = append(cases, append([]byte{0, 1, 'x', 255, 200, byte(id)}, bytes.Repeat([]byte{0xff}, 199)...))
	}
	for n := range good {
		cases = append(cases, good[:n])
	}
	cases = append(cases, append([]byte{0, 32}, bytes.Repeat([]byte{'s'}, 32)...), append([]byte{0, 33}, bytes.Repeat([]byte{'s'}, 33)...), []byte{0, 0}, []byte{0, 255})
	for _, c := range cases {
		if err := w.air.Air().Forge(bad, c); err != nil {
			t.Fatal(err)
		}
		if _, err := i.Scan(engine.ScanRequest{Freqs: []int{5200}, AllowRoam: true, Queue: true}); err != nil {
			t.Fatal(err)
		}
		w.loop.Until(20*time.Second, func() bool { return !i.ScanPending() })
		w.trace = nil
		w.log.Reset()
	}
	if i.State() != engine.StateScanning && i.State() != engine.StateDisconnected {
		t.Errorf("state %v", i.State())
	}
	if err := i.SetNetwork(0, "ssid", `"psk"`); err != nil {
		t.Fatal(err)
	}
	if err := i.SetNetwork(0, "key_mgmt", "WPA-PSK"); err != nil {
		t.Fatal(err)
	}
	if err := i.SelectNetwork(0, nil); err != nil {
		t.Fatal(err)
	}
	if !w.loop.Until(time.Minute, func() bool { return i.State() == engine.StateCompleted }) {
		t.Errorf("state %v after the hostile beacons", i.State())
	}
}

// The use-after-free list of 2024 to 2026 (hostap 5541f6631, c32922c0a,
// 13e87134b, f4c7c66d6, 207c17ec5, ae4fb3ffd): the interface, its network, its
// BSSs, its device or the whole program go away at every single step of a
// connection. Nothing may be told, run or kept after that.
func TestAttackRemovalAtEveryStep(t *testing.T) {
	ends := map[string]func(w *world, i *engine.Interface){
		"interface": func(w *world, i *engine.Interface) { w.sup.RemoveInterface(i) },
		"network":   func(w *world, i *engine.Interface) { i.RemoveNetwork(0) },
		"BSSs":      func(w *world, i *engine.Interface) { i.FlushBSS(0) },
		"device":    func(w *world, i *engine.Interface) { w.air.Air().RemoveInterface("sim0") },
		"program":   func(w *world, i *engine.Interface) { w.sup.Shutdown() },
		"AP":        func(w *world, i *engine.Interface) { w.air.Air().RemoveAP(dot11.MAC{2, 0, 0, 0, 5, 3}) },
	}
	for name, end := range ends {
		for _, kind := range []string{"psk", "sae"} {
			t.Run(name+" "+kind, func(t *testing.T) {
				step := 1
				for removeAtStep(t, kind, step, end, name) {
					step += 2
				}
				if step < 40 {
					t.Errorf("a connection of %d steps", step)
				}
			})
		}
	}
}

// removeAtStep runs a connection and calls end behind the given step of the loop
// after authentication began. It reports whether the connection was not through.
func removeAtStep(t *testing.T, kind string, step int, end func(*world, *engine.Interface), name string) bool {
	w, s := newSpyWorld(t, attackAir)
	removed, steps, done := false, 0, false
	w.sup.Observe(func(ev engine.Event) {
		if removed && ifaceOf(ev) != nil {
			t.Fatalf("step %d: %T after the removal", step, ev)
		}
		if _, ok := ev.(engine.InterfaceRemoved); ok {
			removed = true
		}
	})
	i := w.begin(attackBlocks[kind])
	w.loop.Each = func() {
		if i.State() < engine.StateAuthenticating && steps == 0 {
			return
		}
		if steps++; steps == step {
			done = true
			end(w, i)
		}
	}
	through := !w.loop.Until(20*time.Second, func() bool { return done || i.State() == engine.StateCompleted && steps > 0 && steps < step-20 })
	finished := !done
	w.loop.Each = nil
	w.loop.Advance(time.Minute)
	s.checkKeys(t)
	switch {
	case through:
		t.Fatalf("step %d was never reached, state %v", step, i.State())
	case removed && len(engineTimers(w)) != 0:
		t.Fatalf("step %d: timers left: %v", step, engineTimers(w))
	case removed:
	case name == "network" && !finished && (i.Link() != nil || i.State() != engine.StateInactive):
		t.Fatalf("step %d: state %v without a network", step, i.State())
	case name == "BSSs" && i.State() != engine.StateCompleted:
		t.Fatalf("step %d: state %v after a flush", step, i.State())
	case name == "device" && !finished && i.State() != engine.StateInterfaceDisabled:
		t.Fatalf("step %d: state %v without a device", step, i.State())
	}
	return !finished
}
