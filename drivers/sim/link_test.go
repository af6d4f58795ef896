package sim

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
)

const linkAir = `
delay 1ms
radio phy0 interfaces=sim0 addr=02:00:00:00:00:00 bands=2
ap "open" bssid=02:00:00:00:aa:01 channel=1 signal=-40 security=open phy=he
ap "open" bssid=02:00:00:00:aa:02 channel=6 signal=-50 security=open
ap "wpa2" bssid=02:00:00:00:aa:03 channel=11 signal=-60 security=wpa2
`

var (
	apOne = dot11.MAC{2, 0, 0, 0, 0xaa, 1}
	apTwo = dot11.MAC{2, 0, 0, 0, 0xaa, 2}
	apWPA = dot11.MAC{2, 0, 0, 0, 0xaa, 3}
)

// linkBench is a bench with the air scanned and an empty trace.
func linkBench(t *testing.T, air string) (*bench, *handle) {
	b := newBench(t, air)
	h := b.open("sim0")
	b.scan(h, drivers.ScanParams{})
	b.trace()
	return b, h
}

// step runs for d and returns the events of that time without their moments.
func (b *bench) step(d time.Duration) []string {
	b.loop.Advance(d)
	var out []string
	for _, line := range strings.Split(b.trace(), "\n") {
		if _, what, ok := strings.Cut(line, " sim0 "); ok {
			out = append(out, what)
		}
	}
	return out
}

func (b *bench) wantStep(d time.Duration, want ...string) {
	b.t.Helper()
	got := b.step(d)
	for n := range max(len(got), len(want)) {
		if n >= len(got) || n >= len(want) || !strings.HasPrefix(got[n], want[n]) {
			b.t.Errorf("events:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			return
		}
	}
}

func openAuth(bssid dot11.MAC) *drivers.AuthParams {
	return &drivers.AuthParams{BSSID: bssid, SSID: []byte("open"), Alg: dot11.AuthAlgOpen}
}

func openAssoc(bssid dot11.MAC) *drivers.AssocParams {
	return &drivers.AssocParams{BSSID: bssid, SSID: []byte("open"), Freq: 2412}
}

const stateUp = "state up=true"

// connect associates with apOne.
func (b *bench) connect(h *handle) {
	b.t.Helper()
	must(b.t, h.Authenticate(openAuth(apOne)))
	b.wantStep(10*time.Millisecond, "drivers.EventAuth{BSSID:02:00:00:00:aa:01 Alg:0 Transaction:2 Status:0")
	must(b.t, h.Associate(openAssoc(apOne)))
	b.wantStep(10*time.Millisecond, "drivers.EventAssoc{BSSID:02:00:00:00:aa:01 Freq:2412", stateUp)
}

func TestConnectOpen(t *testing.T) {
	b, h := linkBench(t, linkAir)
	b.connect(h)
	st, err := h.State()
	if err != nil || !st.Associated || !st.Running || st.BSSID != apOne || string(st.SSID) != "open" || st.Frequency != 2412 {
		t.Errorf("state %+v, %v", st, err)
	}
	ap := b.air.findAP(apOne).ap
	if !ap.Associated(dot11.MAC{2}) {
		t.Error("the AP does not know the station")
	}
	must(t, h.SetOperState(false))
	if st, _ := h.State(); st.Running {
		t.Error("running while dormant")
	}
	must(t, h.SetOperState(true))
	b.wantStep(0, stateUp, stateUp)
	s, err := h.SignalPoll()
	if err != nil || s.Signal != -40 || s.Freq != 2412 || s.TxRate != 54000 {
		t.Errorf("signal %+v, %v", s, err)
	}
	must(t, h.SetAuthorized(apOne, true))
	if open, err := b.air.Authorized("sim0"); err != nil || !open {
		t.Error("the port is not open")
	}
	must(t, h.SendEAPOL(apOne, []byte{2, 1, 0, 0}, false))
	b.wantStep(time.Minute)
	must(t, h.Deauthenticate(apOne, 3))
	b.wantStep(10*time.Millisecond, "drivers.EventDisconnected{BSSID:02:00:00:00:aa:01 Reason:3 Local:true", stateUp)
	if ap.Associated(dot11.MAC{2}) {
		t.Error("the AP did not hear of the end")
	}
	if !b.loop.Idle() {
		t.Error("timers are left")
	}
	_, e1 := h.SignalPoll()
	for n, err := range []error{e1, h.SendEAPOL(apOne, nil, false), h.SetAuthorized(apOne, true)} {
		if !errors.Is(err, errNotAssociated) {
			t.Errorf("call %d without association: %v", n, err)
		}
	}
	if h.Deauthenticate(apOne, 3) == nil {
		t.Error("deauthenticating without a relation succeeds")
	}
}

func TestConnectRefused(t *testing.T) {
	b, h := linkBench(t, linkAir)
	if h.Authenticate(openAuth(dot11.MAC{2, 9})) == nil {
		t.Error("authenticating with an unknown BSS succeeds")
	}
	if h.Associate(openAssoc(apOne)) == nil {
		t.Error("associating without authentication succeeds")
	}
	// Algorithms that the AP does not speak.
	p := openAuth(apWPA)
	p.Alg, p.SAEData = dot11.AuthAlgSAE, []byte{1, 0, 126, 0, 19, 0}
	must(t, h.Authenticate(p))
	b.wantStep(10*time.Millisecond, "drivers.EventAuth{BSSID:02:00:00:00:aa:03 Alg:3 Transaction:2 Status:13")
	// Security that the AP does not have yet.
	must(t, h.Authenticate(openAuth(apWPA)))
	b.step(10 * time.Millisecond)
	a := openAssoc(apWPA)
	a.SSID = []byte("wpa2")
	must(t, h.Associate(a))
	b.wantStep(10*time.Millisecond, "drivers.EventAssocReject{BSSID:02:00:00:00:aa:03 Status:12")
	// Another name than the AP's.
	must(t, h.Authenticate(openAuth(apOne)))
	b.step(10 * time.Millisecond)
	a = openAssoc(apOne)
	a.SSID = []byte("other")
	must(t, h.Associate(a))
	b.wantStep(10*time.Millisecond, "drivers.EventAssocReject{BSSID:02:00:00:00:aa:01 Status:1 ")
	// An AP that has forgotten the station.
	must(t, h.Authenticate(openAuth(apOne)))
	b.step(10 * time.Millisecond)
	must(t, b.air.RestartAP(apOne))
	must(t, h.Associate(openAssoc(apOne)))
	b.wantStep(10*time.Millisecond, "drivers.EventDisconnected{BSSID:02:00:00:00:aa:01 Reason:9")
	if !b.loop.Idle() {
		t.Error("timers are left")
	}
}

func TestConnectTimeout(t *testing.T) {
	b, h := linkBench(t, linkAir)
	b.air.SetLoss(1)
	must(t, h.Authenticate(openAuth(apOne)))
	b.wantStep(599 * time.Millisecond)
	b.wantStep(time.Millisecond, "drivers.EventTimeout{BSSID:02:00:00:00:aa:01 Assoc:false}")
	b.air.SetLoss(0)
	must(t, h.Authenticate(openAuth(apOne)))
	b.step(10 * time.Millisecond)
	b.air.SetLoss(1)
	must(t, h.Associate(openAssoc(apOne)))
	b.wantStep(600*time.Millisecond, "drivers.EventTimeout{BSSID:02:00:00:00:aa:01 Assoc:true}")
	must(t, h.Authenticate(openAuth(apOne)))
	must(t, h.Authenticate(&drivers.AuthParams{Local: true}))
	b.wantStep(time.Second)
	if !b.loop.Idle() {
		t.Error("timers are left")
	}
}

// TestConnectLossy connects through a third of the frames lost, at most by
// asking again.
func TestConnectLossy(t *testing.T) {
	b, h := linkBench(t, linkAir)
	b.air.SetLoss(0.33)
	for n := range 100 {
		for tries := 0; ; tries++ {
			if tries == 20 {
				t.Fatalf("round %d: not connected after 20 tries", n)
			}
			must(t, h.Authenticate(openAuth(apOne)))
			if got := b.step(601 * time.Millisecond); !strings.Contains(strings.Join(got, " "), "Status:0") {
				continue
			}
			must(t, h.Associate(openAssoc(apOne)))
			b.step(601 * time.Millisecond)
			if st, _ := h.State(); st.Associated {
				break
			}
		}
		must(t, h.Deauthenticate(apOne, 3))
		b.step(time.Second)
		b.air.SetLoss(0)
		b.scan(h, drivers.ScanParams{})
		b.air.SetLoss(0.33)
	}
}

func TestDisconnects(t *testing.T) {
	b, h := linkBench(t, linkAir)
	b.connect(h)
	must(t, b.air.Kick(apOne, dot11.ReasonInactivity, false))
	b.wantStep(10*time.Millisecond, "drivers.EventDisconnected{BSSID:02:00:00:00:aa:01 Reason:4 Local:false Disassoc:false", stateUp)
	b.connect(h)
	must(t, b.air.Kick(apOne, dot11.ReasonAPBusy, true))
	b.wantStep(10*time.Millisecond, "drivers.EventDisconnected{BSSID:02:00:00:00:aa:01 Reason:5 Local:false Disassoc:true", stateUp)
	// Authenticating elsewhere ends the association.
	b.connect(h)
	must(t, h.Authenticate(openAuth(apTwo)))
	b.wantStep(10*time.Millisecond, "drivers.EventDisconnected{BSSID:02:00:00:00:aa:01 Reason:1 Local:true", stateUp,
		"drivers.EventAuth{BSSID:02:00:00:00:aa:02")
	// Out of range.
	b.connect(h)
	must(t, b.air.SetSignal(apOne, -100))
	b.wantStep(time.Second, "drivers.EventBeaconLoss{}")
	must(t, b.air.SetSignal(apOne, -40))
	b.wantStep(time.Second)
	must(t, b.air.SetSignal(apOne, -100))
	b.wantStep(1500*time.Millisecond, "drivers.EventBeaconLoss{}", "drivers.EventDisconnected{BSSID:02:00:00:00:aa:01 Reason:4 Local:true", stateUp)
	must(t, b.air.SetSignal(apOne, -40))
	// Down, blocked, removed.
	b.connect(h)
	must(t, b.air.Block("phy0", false))
	b.wantStep(0, "drivers.EventDisconnected{BSSID:02:00:00:00:aa:01 Reason:3 Local:true", "state up=false", "state up=false")
	if err := h.Authenticate(openAuth(apOne)); !errors.Is(err, drivers.ErrDown) {
		t.Errorf("authenticating while blocked: %v", err)
	}
	must(t, b.air.Unblock("phy0", false))
	b.wantStep(0, stateUp)
	b.connect(h)
	must(t, b.air.RemoveAP(apOne))
	b.wantStep(2*time.Second, "drivers.EventBeaconLoss{}", "drivers.EventDisconnected{BSSID:02:00:00:00:aa:01 Reason:4 Local:true", stateUp)
	must(t, h.Authenticate(openAuth(apTwo)))
	must(t, b.air.RemoveInterface("sim0"))
	b.wantStep(time.Second, "drivers.EventRemoved")
	if !b.loop.Idle() {
		t.Error("timers are left")
	}
}

func TestKeys(t *testing.T) {
	b, h := linkBench(t, linkAir)
	pairwise := &drivers.Key{Use: drivers.KeyPairwise, Addr: apOne, Key: []byte{1, 2, 3}, Tx: true}
	if err := h.SetKey(pairwise); !errors.Is(err, errNotAssociated) {
		t.Errorf("pairwise key without association: %v", err)
	}
	b.connect(h)
	must(t, h.SetKey(pairwise))
	must(t, h.SetKey(&drivers.Key{Use: drivers.KeyGroup, Index: 2, Key: []byte{4}}))
	must(t, h.SetKey(&drivers.Key{Use: drivers.KeyGroup, Index: 1, Key: []byte{5}}))
	must(t, h.SetKey(&drivers.Key{Use: drivers.KeyGroup, Index: 2}))
	pairwise.Key[0] = 9 // the caller's, not ours
	keys, err := b.air.Keys("sim0")
	if err != nil || len(keys) != 2 || keys[0].Key[0] != 1 || keys[1].Index != 1 {
		t.Errorf("keys %v, %v", keys, err)
	}
	must(t, h.Deauthenticate(apOne, 3))
	if keys, _ := b.air.Keys("sim0"); len(keys) != 0 {
		t.Errorf("keys after the end: %v", keys)
	}
}

func TestReassociate(t *testing.T) {
	b, h := linkBench(t, linkAir)
	b.connect(h)
	must(t, h.Authenticate(openAuth(apTwo)))
	b.step(10 * time.Millisecond)
	p := &drivers.AssocParams{BSSID: apTwo, SSID: []byte("open"), Freq: 2437, PrevBSSID: &apOne, IEs: dot11.AppendElement(nil, dot11.ElementExtendedCapabilities, 0)}
	must(t, h.Associate(p))
	b.wantStep(10*time.Millisecond, "drivers.EventAssoc{BSSID:02:00:00:00:aa:02 Freq:2437", stateUp)
	es := dot11.Elements(b.air.find("sim0").link.reqIEs)
	if !es.Has(dot11.ElementSSID) || len(es.Rates()) != 12 || !es.Has(dot11.ElementExtendedCapabilities) || es.Check() != nil {
		t.Errorf("request elements % x", []byte(es))
	}
	if fmt.Sprint(es.Rates()[0]) != "54000000" {
		t.Errorf("rates %v", es.Rates())
	}
}

// TestFate drops, doubles, delays and corrupts single frames.
func TestFate(t *testing.T) {
	b, h := linkBench(t, linkAir)
	var seen []string
	fates := []Fate{{Drop: true}, {Copies: 1}, {}, {Delay: 50 * time.Millisecond}, {Bytes: []byte{1, 2, 3}}, {}, {}}
	b.air.OnFrame(func(f Frame) Fate {
		seen = append(seen, fmt.Sprintf("%v toAP=%v %v", f.BSSID, f.ToAP, dot11.Subtype(f.Bytes[0]>>4)))
		fate := fates[0]
		fates = fates[1:]
		return fate
	})
	// The first request is dropped, the second arrives twice; the second answer
	// is the late one, to a station that is through already.
	must(t, h.Authenticate(openAuth(apOne)))
	b.wantStep(300*time.Millisecond, "drivers.EventAuth{BSSID:02:00:00:00:aa:01 Alg:0 Transaction:2 Status:0")
	// The association request arrives corrupted, and is sent again.
	must(t, h.Associate(openAssoc(apOne)))
	b.wantStep(300*time.Millisecond, "drivers.EventAssoc{BSSID:02:00:00:00:aa:01", stateUp)
	want := "true auth,true auth,false auth,false auth,true assoc-req,true assoc-req,false assoc-resp"
	got := strings.ReplaceAll(strings.Join(seen, ","), "02:00:00:00:aa:01 toAP=", "")
	if got != want {
		t.Errorf("frames %s, want %s", got, want)
	}
}

func TestRefuse(t *testing.T) {
	b, h := linkBench(t, linkAir)
	must(t, b.air.RefuseAP(apOne, dot11.StatusAPFull, dot11.StatusSuccess))
	must(t, h.Authenticate(openAuth(apOne)))
	b.wantStep(10*time.Millisecond, "drivers.EventAuth{BSSID:02:00:00:00:aa:01 Alg:0 Transaction:2 Status:17")
	must(t, b.air.RefuseAP(apOne, dot11.StatusSuccess, dot11.StatusAPFull))
	must(t, h.Authenticate(openAuth(apOne)))
	b.step(10 * time.Millisecond)
	must(t, h.Associate(openAssoc(apOne)))
	b.wantStep(10*time.Millisecond, "drivers.EventAssocReject{BSSID:02:00:00:00:aa:01 Status:17")
	must(t, b.air.RefuseAP(apOne, dot11.StatusSuccess, dot11.StatusSuccess))
	b.connect(h)
	if b.air.RefuseAP(dot11.MAC{2, 9}, 0, 0) == nil || b.air.Kick(dot11.MAC{2, 9}, 1, true) == nil || b.air.RestartAP(dot11.MAC{2, 9}) == nil {
		t.Error("an AP that is not there does something")
	}
}
