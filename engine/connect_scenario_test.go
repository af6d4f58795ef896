package engine_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gosupplicant/drivers/sim"
	"gosupplicant/engine"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/keys"
	"gosupplicant/engine/loop/looptest"
)

func (w *world) until(d time.Duration, part string) bool {
	return w.loop.Until(d, func() bool { return strings.Contains(strings.Join(w.trace, "\n"), part) })
}

const connectAir = `
radio phy0 interfaces=sim0
ap "open" bssid=02:00:00:00:03:01 channel=1 signal=-40
ap "psk" bssid=02:00:00:00:03:02 channel=6 signal=-50 security=wpa2 passphrase="12345678"
ap "sae" bssid=02:00:00:00:03:03 channel=36 signal=-50 security=wpa3 passphrase="12345678"
ap "both" bssid=02:00:00:00:03:04 channel=40 signal=-50 security=wpa2-wpa3 passphrase="12345678"
ap "owe" bssid=02:00:00:00:03:05 channel=44 signal=-50 security=owe
ap "pmf" bssid=02:00:00:00:03:06 channel=11 signal=-50 security=wpa2-pmf passphrase="12345678"
ap "wpa" bssid=02:00:00:00:03:07 channel=11 signal=-50 security=wpa passphrase="12345678"
owe "cafe" bssid=02:00:00:00:03:08 twin=02:00:00:00:03:09 channel=11 signal=-50
`

func TestConnects(t *testing.T) {
	for _, c := range []struct{ name, block, bssid, how string }{
		{"open", "ssid=\"open\"\nkey_mgmt=NONE", "02:00:00:00:03:01", "no encryption"},
		{"psk", "ssid=\"psk\"\npsk=\"12345678\"", "02:00:00:00:03:02", "WPA-PSK"},
		{"sae", "ssid=\"sae\"\nsae_password=\"12345678\"\nkey_mgmt=SAE\nieee80211w=2", "02:00:00:00:03:03", "SAE"},
		{"transition", "ssid=\"both\"\npsk=\"12345678\"\nkey_mgmt=WPA-PSK SAE", "02:00:00:00:03:04", "SAE"},
		{"owe", "ssid=\"owe\"\nkey_mgmt=OWE\nieee80211w=2", "02:00:00:00:03:05", "OWE"},
		{"owe transition", "ssid=\"cafe\"\nkey_mgmt=OWE", "02:00:00:00:03:09", "OWE"},
		{"pmf", "ssid=\"pmf\"\npsk=\"12345678\"\nkey_mgmt=WPA-PSK-SHA256 WPA-PSK\nieee80211w=2", "02:00:00:00:03:06", "PSK"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			i := w.add(engine.InterfaceConfig{Ifname: "sim0", ConfigFile: confFile(t, "network={\n"+c.block+"\n}\n"), DriverParam: airFile(t, connectAir)})
			if !w.loop.Until(20*time.Second, func() bool { return i.State() == engine.StateCompleted }) {
				t.Fatalf("state is %v", i.State())
			}
			l := i.Link()
			if l.BSSID.String() != c.bssid {
				t.Errorf("connected to %v", l.BSSID)
			}
			how := "no encryption"
			if l.Security != nil {
				how = fmt.Sprint(l.Security.AKM)
			}
			if !strings.Contains(how, c.how) {
				t.Errorf("by %s, want %s", how, c.how)
			}
		})
	}
}

const pairAir = `
radio phy0 interfaces=sim0
ap "pair" bssid=02:00:00:00:04:01 channel=1 signal=-50 security=wpa2 passphrase="12345678"
ap "pair" bssid=02:00:00:00:04:02 channel=6 signal=-60 security=wpa2 passphrase="12345678"
ap "sae" bssid=02:00:00:00:04:03 channel=11 signal=-50 security=wpa3 passphrase="12345678"
`

const pairBlock = "network={\nssid=\"pair\"\npsk=\"12345678\"\nkey_mgmt=WPA-PSK\n}\n"

// connect brings an interface to the connected state and forgets the trace.
func (w *world) connect(block, air string) *engine.Interface {
	w.t.Helper()
	i := w.add(engine.InterfaceConfig{Ifname: "sim0", ConfigFile: confFile(w.t, block), DriverParam: airFile(w.t, air)})
	if !w.loop.Until(20*time.Second, func() bool { return i.State() == engine.StateCompleted }) {
		w.t.Fatalf("not connected: %v", i.State())
	}
	w.loop.Advance(time.Second)
	w.events()
	return i
}

func (w *world) expect(events []string, parts ...string) {
	w.t.Helper()
	all := strings.Join(events, "\n")
	at := 0
	for _, p := range parts {
		k := strings.Index(all[at:], p)
		if k < 0 {
			w.t.Fatalf("no %q (in that order) in\n%s", p, all)
		}
		at += k + len(p)
	}
}

func TestWrongPassphraseIsNamed(t *testing.T) {
	for _, c := range []struct{ name, block string }{
		{"psk", "network={\nssid=\"pair\"\npsk=\"wrong-one\"\nkey_mgmt=WPA-PSK\n}\n"},
		{"sae", "network={\nssid=\"sae\"\nsae_password=\"wrong-one\"\nkey_mgmt=SAE\nieee80211w=2\n}\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			i := w.add(engine.InterfaceConfig{Ifname: "sim0", ConfigFile: confFile(t, c.block), DriverParam: airFile(t, pairAir)})
			if !w.until(40*time.Second, "held for 10s") {
				t.Fatalf("no hold: %v", w.events())
			}
			w.expect(w.events(), fmt.Sprintf("wrong key of network 0 sae=%v", c.name == "sae"), "held for 10s after 1: WRONG_KEY")
			n := i.Config().Networks[0]
			w.loop.Advance(time.Second)
			fs := i.Failures(n)
			if len(fs) != 1 || !strings.Contains(fs[0].Line(), "check the pass") {
				t.Errorf("record: %v", fs)
			}
			if !w.until(3*time.Minute, "held for 20s after 2: WRONG_KEY") {
				t.Errorf("the second failure does not hold longer: %v", w.events())
			}
		})
	}
}

func TestKickedStationIsBackAtOnce(t *testing.T) {
	w := newWorld(t)
	i := w.connect(pairBlock, pairAir)
	begun := w.loop.Now()
	if err := w.air.Air().Kick(i.Link().BSSID, 7, false); err != nil {
		t.Fatal(err)
	}
	if !w.until(5*time.Second, "connected to") {
		t.Fatalf("not back: %v", w.events())
	}
	took := w.loop.Now().Sub(begun)
	ev := w.events()
	w.expect(ev, "disconnected from 02:00:00:00:04:01 reason=7 local=false", "COMPLETED -> DISCONNECTED", "connected to 02:00:00:00:04:01")
	if strings.Contains(strings.Join(ev, "\n"), "scan started") || took > 300*time.Millisecond {
		t.Errorf("took %v: %v", took, ev)
	}
}

func TestRestartedAPIsFoundOnItsChannel(t *testing.T) {
	w := newWorld(t)
	i := w.connect(pairBlock, pairAir)
	bssid := i.Link().BSSID
	w.air.Air().Kick(bssid, 6, false)
	if err := w.air.Air().RestartAP(bssid); err != nil {
		t.Fatal(err)
	}
	if !w.until(30*time.Second, "connected to") {
		t.Fatalf("not back: %v", w.events())
	}
}

func TestRoamOnCommand(t *testing.T) {
	w := newWorld(t)
	i := w.connect(pairBlock, pairAir)
	from := i.Link().BSSID
	for b := range i.BSSs().All() {
		if string(b.SSID) == "pair" && b.BSSID != from {
			if err := i.Roam(b.BSSID); err != nil {
				t.Fatal(err)
			}
			break
		}
	}
	if !w.until(5*time.Second, "roamed=true") {
		t.Fatalf("did not roam: %v", w.events())
	}
	if i.Link().BSSID == from || i.State() != engine.StateCompleted || !i.RoamComplete() || i.RoamTime() > time.Second {
		t.Errorf("at %v, state %v, complete %v, time %v", i.Link().BSSID, i.State(), i.RoamComplete(), i.RoamTime())
	}
	w.loop.Advance(time.Minute)
	if i.State() != engine.StateCompleted {
		t.Errorf("state a minute later: %v, %v", i.State(), w.events())
	}
}

func TestRekeysKeepTheConnection(t *testing.T) {
	w := newWorld(t)
	i := w.connect(pairBlock, pairAir)
	for _, pairwise := range []bool{false, true, false} {
		if err := w.air.Air().Rekey(i.Link().BSSID, pairwise); err != nil {
			t.Fatal(err)
		}
		w.loop.Advance(2 * time.Second)
		ev := w.events()
		w.expect(ev, fmt.Sprintf("keys negotiated group=%v", !pairwise))
		if strings.Contains(strings.Join(ev, "\n"), "->") {
			t.Errorf("the state changed: %v", ev)
		}
		if ok, err := w.air.Air().Secure("sim0"); err != nil || !ok {
			t.Errorf("keys of both sides differ after a rekey (pairwise %v): %v", pairwise, err)
		}
	}
}

func TestDisconnectAndReconnect(t *testing.T) {
	w := newWorld(t)
	i := w.connect(pairBlock, pairAir)
	i.Disconnect()
	w.loop.Advance(5 * time.Minute)
	w.want("sim0 disconnected from 02:00:00:00:04:01 reason=3 local=true", "sim0 COMPLETED -> DISCONNECTED",
		"sim0 - 0 02:00:00:00:04:01", "sim0 - 1 02:00:00:00:04:02", "sim0 - 2 02:00:00:00:04:03")
	if err := i.Reconnect(); err != nil {
		t.Fatal(err)
	}
	if !w.until(20*time.Second, "connected to") {
		t.Fatalf("not back: %v", w.events())
	}
}

func TestRefusalsGoToTheNextBSS(t *testing.T) {
	w := newWorld(t)
	i := w.add(engine.InterfaceConfig{Ifname: "sim0", ConfigFile: confFile(t, pairBlock), DriverParam: airFile(t, pairAir)})
	bad, _ := dot11.ParseMAC("02:00:00:00:04:01")
	if err := w.air.Air().RefuseAP(bad, 0, 17); err != nil {
		t.Fatal(err)
	}
	if !w.until(30*time.Second, "connected to") {
		t.Fatalf("not connected: %v", w.events())
	}
	w.expect(w.events(), "association refused by 02:00:00:00:04:01: 17", "attempt failed in association by access point", "connected to 02:00:00:00:04:02")
	if i.State() != engine.StateCompleted {
		t.Errorf("state %v", i.State())
	}
}

func TestSAERejoinsWithTheCachedKey(t *testing.T) {
	w := newWorld(t)
	i := w.connect("network={\nssid=\"sae\"\nsae_password=\"12345678\"\nkey_mgmt=SAE\nieee80211w=2\n}\n", pairAir)
	if len(i.PMKSAs()) != 1 {
		t.Fatalf("%d cached keys", len(i.PMKSAs()))
	}
	algs := 0
	w.air.Air().OnFrame(func(f sim.Frame) sim.Fate {
		if h, body, err := dot11.ParseMgmt(f.Bytes); !f.EAPOL && err == nil && h.Subtype == dot11.SubtypeAuth {
			if a, err := dot11.ParseAuth(body); err == nil && a.Alg == dot11.AuthAlgSAE {
				algs++
			}
		}
		return sim.Fate{}
	})
	if err := w.air.Air().Kick(i.Link().BSSID, 5, false); err != nil {
		t.Fatal(err)
	}
	if !w.until(10*time.Second, "connected to") {
		t.Fatalf("not back: %v", w.events())
	}
	if algs != 0 {
		t.Errorf("%d SAE frames were sent", algs)
	}
}

func TestRadioGoesAwayInEveryPhase(t *testing.T) {
	for ms := 0; ms < 60; ms += 3 {
		w := newWorld(t)
		i := w.add(engine.InterfaceConfig{Ifname: "sim0", ConfigFile: confFile(t, pairBlock), DriverParam: airFile(t, pairAir)})
		if !w.until(20*time.Second, "SCANNING -> AUTHENTICATING") {
			t.Fatal("no attempt")
		}
		w.loop.Advance(time.Duration(ms) * 100 * time.Microsecond)
		if ms%2 == 0 {
			w.air.Air().Block("phy0", true)
			w.loop.Advance(time.Second)
			if i.State() != engine.StateInterfaceDisabled || i.Link() != nil {
				t.Fatalf("%d: state %v after the block", ms, i.State())
			}
			w.air.Air().Unblock("phy0", true)
			if !w.until(30*time.Second, "connected to") {
				t.Fatalf("%d: not back: %v", ms, w.events())
			}
			continue
		}
		w.air.Air().RemoveInterface("sim0")
		w.loop.Advance(time.Minute)
		if i.Link() != nil || i.State() != engine.StateInterfaceDisabled {
			t.Fatalf("%d: state %v after the removal", ms, i.State())
		}
	}
}

// TestGoodCandidateEndsTheScan: the likeliest channels come first, and the rest
// is not scanned once a good access point was heard.
func TestGoodCandidateEndsTheScan(t *testing.T) {
	for _, c := range []struct {
		name, ap string
		within   time.Duration
	}{
		{"strong, first slice", `channel=6 signal=-50`, 200 * time.Millisecond},
		{"weak, first slice", `channel=6 signal=-80`, 5 * time.Second},
		{"strong, rare channel", `channel=3 signal=-50`, 1500 * time.Millisecond},
	} {
		w := newWorld(t)
		w.add(engine.InterfaceConfig{Ifname: "sim0", ConfigFile: confFile(t, "network={\nssid=\"x\"\nkey_mgmt=NONE\n}\n"),
			DriverParam: airFile(t, "radio phy0 interfaces=sim0\nap \"x\" bssid=02:00:00:00:05:01 "+c.ap+"\n")})
		if !w.until(20*time.Second, "connected to") {
			t.Fatalf("%s: not connected", c.name)
		}
		if took := w.loop.Now().Sub(looptest.Start); took > c.within {
			t.Errorf("%s: took %v, want at most %v", c.name, took, c.within)
		}
		if n := strings.Count(strings.Join(w.events(), "\n"), "scan started"); n != 1 {
			t.Errorf("%s: %d scans to observers", c.name, n)
		}
	}
}

// TestReturningAPIsJoinedSoon: an access point that was away is joined within a
// fraction of the time it was away.
func TestReturningAPIsJoinedSoon(t *testing.T) {
	w := newWorld(t)
	i := w.connect(pairBlock, "radio phy0 interfaces=sim0\n"+onlyAP)
	bssid := i.Link().BSSID
	if err := w.air.Air().RemoveAP(bssid); err != nil {
		t.Fatal(err)
	}
	if !w.until(30*time.Second, "disconnected from") {
		t.Fatal("the loss was not noticed")
	}
	plan, err := sim.ParsePlan("again", []byte(onlyAP))
	if err != nil {
		t.Fatal(err)
	}
	for _, away := range []time.Duration{2 * time.Second, 12 * time.Second, 50 * time.Second} {
		w.loop.Advance(away)
		begun := w.loop.Now()
		if err := w.air.Air().AddAP(plan.APs[0]); err != nil {
			t.Fatal(err)
		}
		if !w.loop.Until(30*time.Second, func() bool { return i.State() == engine.StateCompleted }) {
			t.Fatalf("not back after %v: %v", away, w.events())
		}
		if took := w.loop.Now().Sub(begun); took > 400*time.Millisecond+away/10 {
			t.Errorf("away for %v, back %v after its return", away, took)
		}
		w.loop.Advance(time.Second)
		w.events()
		if err := w.air.Air().RemoveAP(bssid); err != nil {
			t.Fatal(err)
		}
		if !w.until(30*time.Second, "disconnected from") {
			t.Fatal("the loss was not noticed")
		}
	}
}

const onlyAP = `ap "pair" bssid=02:00:00:00:04:01 channel=1 signal=-50 security=wpa2 passphrase="12345678"` + "\n"

// TestSecretInExternalStore joins with psk=ext:NAME, for a passphrase, a key, SAE,
// and tells what is wrong with the store.
func TestSecretInExternalStore(t *testing.T) {
	store := filepath.Join(t.TempDir(), "secrets")
	key, err := keys.PSK([]byte("12345678"), []byte("pair"))
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("home=12345678\nraw=%x\nshort=1234567\n", []byte(key))
	if err := os.WriteFile(store, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ ssid, name, mgmt, bad string }{
		{"pair", "home", "WPA-PSK", ""},
		{"pair", "raw", "WPA-PSK", ""},
		{"sae", "home", "SAE\nieee80211w=2", ""},
		{"pair", "absent", "WPA-PSK", `external password "absent" is not in the store`},
		{"pair", "short", "WPA-PSK", "this one 7"},
	} {
		t.Run(c.ssid+" "+c.name, func(t *testing.T) {
			w := newWorld(t)
			block := fmt.Sprintf("ext_password_backend=file:%s\nnetwork={\nssid=%q\npsk=ext:%s\nkey_mgmt=%s\n}\n", store, c.ssid, c.name, c.mgmt)
			i := w.add(engine.InterfaceConfig{Ifname: "sim0", ConfigFile: confFile(t, block), DriverParam: airFile(t, pairAir)})
			n := i.Config().Networks[0]
			if c.bad == "" {
				if !w.loop.Until(20*time.Second, func() bool { return i.State() == engine.StateCompleted }) {
					t.Fatalf("not connected: %v", i.Failures(n))
				}
				return
			}
			if !w.loop.Until(20*time.Second, func() bool { return len(i.Failures(n)) > 0 }) {
				t.Fatalf("no failure: %v", w.events())
			}
			if line := i.Failures(n)[0].Line(); !strings.Contains(line, c.bad) || strings.Contains(line, "1234567") {
				t.Errorf("the record says %q", line)
			}
		})
	}
}

// TestReconnectsWhereItWas: the access point of a moment ago is asked without a
// scan, though the results are old; when it does not answer, a scan follows.
func TestReconnectsWhereItWas(t *testing.T) {
	for _, c := range []struct {
		name   string
		pause  time.Duration
		silent bool
		scan   bool
		bssid  string
	}{
		{"there", 10 * time.Second, false, false, "04:01"},
		{"gone", 10 * time.Second, true, true, "04:02"},
		{"long ago", time.Minute, false, true, "04:01"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			i := w.connect(pairBlock, pairAir)
			w.loop.Advance(20 * time.Second)
			i.Disconnect()
			w.loop.Advance(c.pause)
			w.events()
			if c.silent {
				first := dot11.MAC{2, 0, 0, 0, 4, 1}
				w.air.Air().OnFrame(func(f sim.Frame) sim.Fate { return sim.Fate{Drop: f.BSSID == first} })
			}
			if err := i.Reconnect(); err != nil {
				t.Fatal(err)
			}
			if !w.until(20*time.Second, "connected to 02:00:00:00:"+c.bssid) {
				t.Fatalf("not back: %v", w.events())
			}
			ev := strings.Join(w.events(), "\n")
			if strings.Contains(ev, "scan started") != c.scan {
				t.Errorf("scanned: %v, want %v:\n%s", !c.scan, c.scan, ev)
			}
		})
	}
}

// TestNewNetworkIsJoinedAtOnce: a network made by commands is joined from fresh
// results, with the key derived meanwhile, also when it is changed under way.
func TestNewNetworkIsJoinedAtOnce(t *testing.T) {
	for _, late := range []bool{false, true} {
		w := newWorld(t)
		i := w.connect(pairBlock, pairAir)
		i.RemoveAllNetworks()
		w.loop.Advance(time.Second)
		i.Scan(engine.ScanRequest{})
		if !w.until(20*time.Second, "scan done") {
			t.Fatalf("no scan: %v", w.events())
		}
		w.events()
		n, err := i.AddNetwork()
		if err != nil {
			t.Fatal(err)
		}
		first := `"12345678"`
		if late {
			first = `"something else"`
		}
		for _, f := range [][2]string{{"ssid", `"pair"`}, {"psk", first}, {"key_mgmt", "WPA-PSK"}, {"psk", `"12345678"`}} {
			if err := i.SetNetwork(n.ID, f[0], f[1]); err != nil {
				t.Fatal(err)
			}
		}
		if err := i.SelectNetwork(n.ID, nil); err != nil {
			t.Fatal(err)
		}
		if !w.until(time.Second, "connected to") {
			t.Fatalf("late %v: %v", late, w.events())
		}
		if ev := strings.Join(w.events(), "\n"); strings.Contains(ev, "scan started") {
			t.Errorf("late %v: scanned:\n%s", late, ev)
		}
	}
}

// TestKickedBesideABetterOne: with another access point in the table, the one that
// threw us out is asked at once while it is hardly worse; else the other one is
// looked for.
func TestKickedBesideABetterOne(t *testing.T) {
	for level, scan := range map[int]bool{-57: false, -75: true} {
		w, _ := newSpyWorld(t, pairAir)
		second := dot11.MAC{2, 0, 0, 0, 4, 2}
		if err := w.air.Air().SetSignal(second, level); err != nil {
			t.Fatal(err)
		}
		i := w.online(pairBlock)
		if _, err := i.Scan(engine.ScanRequest{Queue: true}); err != nil || !w.until(20*time.Second, "scan done") {
			t.Fatal("no scan", err)
		}
		if err := i.Roam(second); err != nil || !w.until(5*time.Second, "connected to "+second.String()) {
			t.Fatal("no roam", err)
		}
		w.loop.Advance(10 * time.Second)
		w.events()
		if err := w.air.Air().Kick(second, 7, false); err != nil {
			t.Fatal(err)
		}
		if !w.until(5*time.Second, "connected to") {
			t.Fatalf("not back: %v", w.events())
		}
		ev := strings.Join(w.events(), "\n")
		if strings.Contains(ev, "scan started") != scan || strings.Contains(ev, "connected to "+second.String()) == scan {
			t.Errorf("%d dBm:\n%s", level, ev)
		}
	}
}
