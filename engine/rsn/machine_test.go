package rsn

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"gosupplicant/engine/dot11"
	"gosupplicant/engine/keys"
)

// TestEveryMode: each AKM and cipher gets the keys that the authenticator made.
func TestEveryMode(t *testing.T) {
	for _, v := range modes {
		t.Run(v.name, func(t *testing.T) {
			w := newWorld(t, v, nil)
			w.connect()
			ks := all[InstallKey](w.outs)
			tk := ks[0]
			if tk.Use != KeyPairwise || !bytes.Equal(tk.Key, swapped(v.pairwise, w.a.tk)) || tk.Addr != testAA || tk.Cipher != v.pairwise || !tk.Tx || tk.Index != 0 {
				t.Errorf("TK: %+v", tk)
			}
			want := 1
			if v.gtk > 0 {
				want++
				if k := ks[1]; k.Use != KeyGroup || !bytes.Equal(k.Key, swapped(v.group, w.a.gtk)) || k.Index != 1 || k.Tx || !bytes.Equal(k.RSC, rscForTest[:6]) || k.Addr != dot11.Broadcast {
					t.Errorf("GTK: %+v", k)
				}
			}
			if v.igtk > 0 {
				if k := ks[want]; k.Use != KeyMgmtGroup || !bytes.Equal(k.Key, w.a.igtk) || k.Index != 4 || k.Cipher != v.mgmt || !bytes.Equal(k.RSC, []byte{1, 2, 3, 4, 5, 6}) {
					t.Errorf("IGTK: %+v", k)
				}
				if k := ks[want+1]; k.Use != KeyBeacon || !bytes.Equal(k.Key, w.a.bigtk) || k.Index != 6 || !bytes.Equal(k.RSC, []byte{9, 8, 7, 6, 5, 4}) {
					t.Errorf("BIGTK: %+v", k)
				}
				want += 2
			}
			if len(ks) != want {
				t.Errorf("%d keys installed, want %d", len(ks), want)
			}
			w.checkPMKSA(v)
			w.rekeyBoth()
		})
	}
}

func (w *world) checkPMKSA(v mode) {
	w.t.Helper()
	adds := all[AddPMKSA](w.outs)
	wantAdd := !dot11.AKMSetPSK.Has(v.akm) && !v.akm.IsFT()
	if len(adds) > 0 != wantAdd {
		w.t.Fatalf("%d PMKSAs added, wanted: %v", len(adds), wantAdd)
	}
	if wantAdd && (!adds[0].PMK.Equal(w.a.pmk) || adds[0].AA != testAA || adds[0].SPA != testSPA || adds[0].AKM != v.akm) {
		w.t.Errorf("%+v", adds[0])
	}
	if wantAdd && w.s.PMKID != nil && adds[0].PMKID != *w.s.PMKID {
		w.t.Errorf("PMKID %x, want %x", adds[0].PMKID, *w.s.PMKID)
	}
}

// rekeyBoth renews GTK, then PTK and GTK.
func (w *world) rekeyBoth() {
	w.t.Helper()
	if !w.a.noGTK {
		w.a.gtk, w.a.gtkIndex = fill("gtk2", len(w.a.gtk)), 2
		outs := w.rx(w.a.g1(), ProtectionEncrypted)
		if n := len(all[InstallKey](outs)); n != 1 {
			w.t.Fatalf("group rekey installed %d keys, want the GTK", n)
		}
		if k := one[KeysDone](w.t, outs); k.Pairwise || !k.Rekey {
			w.t.Errorf("%+v", k)
		}
		if !one[Send](w.t, outs).Encrypt {
			w.t.Error("answer would go unencrypted")
		}
	}
	oldTK := w.a.tk
	oldM2 := one[Send](w.t, w.outs[:len(w.outs):len(w.outs)][:firstSend(w.outs)+1]).PDU[17:49]
	w.a.anonce = [32]byte(fill("anonce2", 32))
	kck := w.a.kck
	outs := w.rx(w.a.m1(nil), ProtectionEncrypted)
	m2 := one[Send](w.t, outs)
	if err := w.a.onM2(m2.PDU); err != nil || !m2.Encrypt {
		w.t.Fatal("rekey:", err, m2.Encrypt)
	}
	if bytes.Equal(m2.PDU[17:49], oldM2) {
		w.t.Error("SNonce used again in a new handshake")
	}
	if w.m.State() != State4Way {
		w.t.Error("state", w.m.State())
	}
	outs = w.rx(w.a.m3(), ProtectionEncrypted)
	ks := all[InstallKey](outs)
	if len(ks) != 1 || ks[0].Use != KeyPairwise || bytes.Equal(ks[0].Key, oldTK) || bytes.Equal(kck, w.a.kck) {
		w.t.Fatalf("rekey: %v", describe(outs))
	}
	if len(all[Authorized](outs)) != 0 || !one[KeysDone](w.t, outs).Rekey || w.m.State() != StateDone {
		w.t.Error("after rekey:", describe(outs))
	}
}

func firstSend(outs []Output) int {
	for i, o := range outs {
		if _, ok := o.(Send); ok {
			return i
		}
	}
	return -1
}

func TestPTKRekeyTimer(t *testing.T) {
	w := newWorld(t, modeNamed(t, "WPA2-PSK"), func(w *world) { w.s.PTKRekey = 600 * time.Second })
	w.connect()
	found := false
	for _, s := range all[SetTimer](w.outs) {
		found = found || s == SetTimer{TimerRekey, 600 * time.Second}
	}
	if !found {
		t.Error("no rekey timer")
	}
	var counters []uint64
	for range 2 {
		s := one[Send](t, w.m.Timeout(TimerRekey))
		if err := w.a.check(s.PDU, 0x0908); err != nil || s.Message != MessageRequest || !s.Encrypt {
			t.Errorf("%+v, %v", s, err)
		}
		f, err := ParseKeyFrame(s.PDU, 16)
		if err != nil {
			t.Fatal(err)
		}
		counters = append(counters, f.ReplayCounter)
	}
	if counters[1] <= counters[0] {
		t.Errorf("request counters %v", counters)
	}
	s := one[Send](t, w.m.RequestRekey(false))
	if err := w.a.check(s.PDU, 0x0900); err != nil {
		t.Error(err)
	}
	outs := w.m.Disassociated(3, true)
	if len(all[StopTimer](outs)) != 2 {
		t.Error(describe(outs))
	}
	if len(w.m.RequestRekey(true)) != 0 {
		t.Error("request without keys")
	}
}

func TestCountermeasures(t *testing.T) {
	w := newWorld(t, modeNamed(t, "WPA-PSK TKIP"), nil)
	quiet(t, w.m.MICFailure(true))
	w.connect()
	outs := w.m.MICFailure(true)
	if err := w.a.check(one[Send](t, outs).PDU, 0x0d08); err != nil {
		t.Error(err)
	}
	if s := one[SetTimer](t, outs); s != (SetTimer{TimerCountermeasures, 60 * time.Second}) {
		t.Errorf("%+v", s)
	}
	w.m.Timeout(TimerCountermeasures)
	outs = w.m.MICFailure(false) // the first one again
	if err := w.a.check(one[Send](t, outs).PDU, 0x0d00); err != nil {
		t.Error(err)
	}
	if len(all[Failed](outs)) != 0 {
		t.Error("failures more than 60 s apart")
	}
	// The memory outlives the association.
	w.m.Disassociated(3, true)
	if _, err := w.m.Associated(w.s); err != nil {
		t.Fatal(err)
	}
	w.a.anonce = [32]byte(fill("anonce3", 32))
	w.connectAgain()
	outs = w.m.MICFailure(true)
	if f := one[Failed](t, outs); f.Cause != CauseCountermeasures || f.Reason != dot11.ReasonMICFailure {
		t.Errorf("%+v", f)
	}
	if c := one[Countermeasures](t, outs); c.For != 60*time.Second {
		t.Errorf("%+v", c)
	}
	v := newWorld(t, modeNamed(t, "WPA2-PSK TKIP group"), nil)
	v.connect()
	quiet(t, v.m.MICFailure(true)) // pairwise is CCMP
	one[Send](t, v.m.MICFailure(false))
}

// connectAgain runs a handshake in a new association of the same machine.
func (w *world) connectAgain() {
	w.t.Helper()
	w.outs = nil
	w.connect()
}

func TestExtendedKeyID(t *testing.T) {
	w := newWorld(t, modeNamed(t, "WPA2-PSK PMF"), func(w *world) { w.s.ExtKeyID, w.a.keyID = true, 0 })
	w.begin(ProtectionNone)
	keyID := w.a.keyID
	w.a.keyID = -1
	quiet(t, w.rx(w.a.m3(), ProtectionNone)) // without the KDE
	w.a.keyID = 2
	quiet(t, w.rx(w.a.m3(), ProtectionNone))
	w.a.keyID = keyID
	outs := w.rx(w.a.m3(), ProtectionUnknown)
	w.checkExt(outs, 0)
	if one[Send](t, outs).Encrypt {
		t.Error("first message 4 would be encrypted with the key it acknowledges")
	}
	w.a.anonce, w.a.keyID = [32]byte(fill("anonce2", 32)), 1
	w.begin(ProtectionEncrypted)
	w.checkExt(w.rx(w.a.m3(), ProtectionEncrypted), 1)
}

// checkExt: the key for receiving, then message 4, then its use for sending.
func (w *world) checkExt(outs []Output, index int) {
	w.t.Helper()
	var order []string
	for _, o := range outs {
		switch v := o.(type) {
		case InstallKey:
			if v.Use == KeyPairwise {
				order = append(order, fmt.Sprint("install ", v.Index, v.Tx))
			}
		case Send:
			order = append(order, "send")
		case ActivateKey:
			order = append(order, fmt.Sprint("activate ", v.Index))
		}
	}
	want := fmt.Sprint([]string{fmt.Sprint("install ", index, false), "send", fmt.Sprint("activate ", index)})
	if fmt.Sprint(order) != want {
		w.t.Errorf("%v, want %v", order, want)
	}
}

func TestDenyPTK0Rekey(t *testing.T) {
	w := newWorld(t, modeNamed(t, "WPA2-PSK"), func(w *world) { w.s.DenyPTK0Rekey = true })
	w.connect()
	w.a.anonce = [32]byte(fill("anonce2", 32))
	quiet(t, w.rx(w.a.m1(nil), ProtectionUnknown))
	outs := w.rx(w.a.m1(nil), ProtectionEncrypted)
	if f := one[Failed](t, outs); f.Cause != CauseRekeyRefused {
		t.Errorf("%+v", f)
	}
	one[RemoveKeys](t, outs)
}

// TestOCV: operating channel information is sent and checked.
func TestOCV(t *testing.T) {
	own := OCI{128, 36, 0}
	setup := func(oci []byte) *world {
		w := newWorld(t, modeNamed(t, "SAE"), func(w *world) {
			w.s.OCV, w.s.Channel, w.a.extra = true, own, oci
			w.a.wantM2 = append(bytes.Clone(w.s.OwnElement), kdeForTest(13, 128, 36, 0)...)
		})
		w.begin(ProtectionNone)
		return w
	}
	for name, oci := range map[string][]byte{
		"none": nil, "other channel": kdeForTest(13, 128, 40, 0), "narrower": kdeForTest(13, 115, 36, 0), "unknown class": kdeForTest(13, 250, 36, 0),
	} {
		w := setup(oci)
		f := one[Failed](t, w.rx(w.a.m3(), ProtectionNone))
		if f.Cause != CauseChannelMismatch || f.Frame != "eapol-key-m3" {
			t.Errorf("%s: %+v", name, f)
		}
	}
	w := setup(kdeForTest(13, 128, 36, 0))
	one[Authorized](t, w.rx(w.a.m3(), ProtectionNone))
	s := one[Send](t, w.rx(w.a.g1(), ProtectionEncrypted))
	if !bytes.HasSuffix(s.PDU, kdeForTest(13, 128, 36, 0)) {
		t.Error("group message 2 has no OCI")
	}
	w.m.ChannelChanged(OCI{128, 149, 0})
	outs := w.rx(w.a.g1(), ProtectionEncrypted)
	if f := one[Failed](t, outs); f.Cause != CauseChannelMismatch || f.Frame != "eapol-key-g1" {
		t.Errorf("%+v", f)
	}
	one[RemoveKeys](t, outs)
}

// TestSSIDConfusion (CVE-2023-52424): with SSID protection the SSID is bound in
// messages 2 and 3.
func TestSSIDConfusion(t *testing.T) {
	for _, v := range []struct {
		m3 []byte
		ok bool
	}{{[]byte("\x00\x04test"), true}, {[]byte("\x00\x04evil"), false}, {nil, false}} {
		w := newWorld(t, modeNamed(t, "SAE"), func(w *world) {
			w.s.SSIDProtection, w.a.extra = true, v.m3
			w.a.wantM2 = append(bytes.Clone(w.s.OwnElement), "\x00\x04test"...)
		})
		w.begin(ProtectionNone)
		outs := w.rx(w.a.m3(), ProtectionNone)
		if v.ok {
			one[Authorized](t, outs)
		} else if f := one[Failed](t, outs); f.Cause != CauseSSIDMismatch {
			t.Errorf("%+v", f)
		}
	}
}

func TestTransitionDisable(t *testing.T) {
	w := newWorld(t, modeNamed(t, "SAE"), func(w *world) { w.a.extra = []byte{0xdd, 5, 0x50, 0x6f, 0x9a, 0x20, 0x09} })
	w.connect()
	if d := one[TransitionDisable](t, w.outs); d.Bitmap != TransitionDisablePersonal|TransitionDisableOWE {
		t.Errorf("%+v", d)
	}
}

// TestEAP: message 1 may come before the MSK; a cached PMK that the access point
// does not know leads back to EAP.
func TestEAP(t *testing.T) {
	v := modeNamed(t, "EAP")
	w := newWorld(t, v, func(w *world) { w.s.PMK = nil })
	if w.m.State() != StateWaitPMK {
		t.Fatal("state", w.m.State())
	}
	quiet(t, w.rx(w.a.m1(nil), ProtectionNone))
	if _, err := w.m.SetMSK(make(keys.Secret, 31)); err == nil {
		t.Error("MSK of 31 bytes accepted")
	}
	outs, err := w.m.SetMSK(append(bytes.Clone(w.a.pmk), fill("rest", 32)...))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.a.onM2(one[Send](t, outs).PDU); err != nil {
		t.Fatal(err)
	}
	outs = w.rx(w.a.m3(), ProtectionNone)
	one[Authorized](t, outs)
	p := one[AddPMKSA](t, outs)
	if p.PMKID != keys.NewPMKID(keys.HashSHA1, w.a.pmk, testAA, testSPA) {
		t.Errorf("PMKID %x", p.PMKID)
	}
}

// eapPMKID names the PMK that EAP makes in this file.
func eapPMKID(t *testing.T) keys.PMKID {
	return keys.NewPMKID(keys.HashSHA1, newWorld(t, modeNamed(t, "EAP"), nil).a.pmk, testAA, testSPA)
}

// cached has the PMK from the cache.
func cached(id keys.PMKID) func(*world) {
	return func(w *world) { w.s.Cached, w.s.PMKID = true, &id }
}

// TestEAPCached: message 1 names the cached key, another one, or none.
func TestEAPCached(t *testing.T) {
	v, id := modeNamed(t, "EAP"), eapPMKID(t)
	w := newWorld(t, v, cached(id))
	if outs := w.rx(w.a.m1(kdeForTest(4, id[:]...)), ProtectionNone); len(all[Send](outs)) != 1 {
		t.Error("own PMKID not accepted")
	}
	w = newWorld(t, v, cached(id))
	outs := w.rx(w.a.m1(kdeForTest(4, fill("other", 16)...)), ProtectionNone)
	one[RequestEAP](t, outs)
	if w.m.State() != StateWaitPMK || len(all[Send](outs)) != 0 {
		t.Error(describe(outs))
	}
	if _, err := w.m.SetMSK(append(bytes.Clone(w.a.pmk), fill("rest", 32)...)); err != nil {
		t.Fatal(err)
	}
	w.connect()
	w = newWorld(t, v, cached(id))
	w.rx(w.a.m1(nil), ProtectionNone)
	if d := one[DropPMKSA](t, w.m.Disassociated(15, false)); d.PMKID != id || d.AA != testAA {
		t.Errorf("%+v", d)
	}
	w = newWorld(t, v, cached(id))
	if d := one[DropPMKSA](t, w.m.Timeout(TimerHandshake)); d.PMKID != id {
		t.Errorf("%+v", d)
	}
	// A key made with another access point is added, and told as such.
	w = newWorld(t, v, func(w *world) { cached(id)(w); w.s.Opportunistic = true })
	w.connect()
	if add := one[AddPMKSA](t, w.outs); !add.Opportunistic || add.PMKID != id || !add.PMK.Equal(w.a.pmk) {
		t.Errorf("%+v", add)
	}
	w = newWorld(t, v, cached(id))
	w.connect()
	if n := len(all[AddPMKSA](w.outs)); n != 0 {
		t.Errorf("a key from the cache was added %d times", n)
	}
}

// TestEAPInstead: EAP instead of the handshake with a cached key. Its end is waited
// for, and message 1 answered all the same.
func TestEAPInstead(t *testing.T) {
	v, id := modeNamed(t, "EAP"), eapPMKID(t)
	w := newWorld(t, v, cached(id))
	if s := one[StopTimer](t, w.m.EAPBegan()); s.Timer != TimerHandshake {
		t.Errorf("%+v", s)
	}
	w.connect()
	quiet(t, w.m.EAPBegan())
	w = newWorld(t, v, func(w *world) { cached(id)(w); w.s.Opportunistic = true })
	w.m.EAPBegan()
	if _, err := w.m.SetMSK(append(bytes.Clone(w.a.pmk), fill("rest", 32)...)); err != nil {
		t.Fatal(err)
	}
	w.connect()
	if add := one[AddPMKSA](t, w.outs); add.Opportunistic {
		t.Error("a key made by EAP is taken for one of another access point")
	}
	w = newWorld(t, v, cached(id)) // a mismatch of elements does not speak against the PMK
	w.a.rsne = nil
	w.begin(ProtectionNone)
	if outs := w.rx(w.a.m3(), ProtectionNone); len(all[Failed](outs)) != 1 || len(all[DropPMKSA](outs)) != 0 {
		t.Error(describe(outs))
	}
}

// TestEAPAgain: message 1 for the new PMK overtakes the MSK.
func TestEAPAgain(t *testing.T) {
	id := keys.NewPMKID(keys.HashSHA1, fill("pmk2", 32), testAA, testSPA)
	w := newWorld(t, modeNamed(t, "EAP"), nil)
	w.connect()
	w.a.pmk, w.a.anonce = fill("pmk2", 32), [32]byte(fill("anonce2", 32))
	quiet(t, w.rx(w.a.m1(kdeForTest(4, id[:]...)), ProtectionEncrypted))
	outs, err := w.m.SetMSK(append(bytes.Clone(w.a.pmk), fill("rest", 32)...))
	if err != nil {
		t.Fatal(err)
	}
	if s := one[Send](t, outs); w.a.onM2(s.PDU) != nil || !s.Encrypt {
		t.Error(describe(outs))
	}
	if n := len(all[InstallKey](w.rx(w.a.m3(), ProtectionEncrypted))); n != 1 {
		t.Errorf("%d keys after EAP reauthentication", n)
	}
}

// TestSAEOtherPMKID: another PMKID in message 1 is no reason to do anything.
func TestSAEOtherPMKID(t *testing.T) {
	w := newWorld(t, modeNamed(t, "SAE"), nil)
	quiet(t, w.rx(w.a.m1(kdeForTest(4, fill("other", 16)...)), ProtectionNone))
	w.connect()
}

func TestAssociationChecked(t *testing.T) {
	good := newWorld(t, modeNamed(t, "WPA2-PSK"), nil).s
	m := New(Config{Rand: &counterRand{}})
	for name, change := range map[string]func(*Association){
		"no protocol":   func(a *Association) { a.Proto = 0 },
		"both":          func(a *Association) { a.Proto = 3 },
		"pairwise":      func(a *Association) { a.Pairwise = dot11.CipherBIPCMAC128 },
		"group":         func(a *Association) { a.Group = dot11.CipherNone },
		"mgmt":          func(a *Association) { a.MgmtGroup = dot11.CipherCCMP },
		"no element":    func(a *Association) { a.OwnElement = nil },
		"no FT":         func(a *Association) { a.AKM = dot11.AKMFTPSK },
		"no PMK":        func(a *Association) { a.PMK = nil },
		"PMK length":    func(a *Association) { a.PMK = a.PMK[:31] },
		"no handshake":  func(a *Association) { a.AKM = dot11.AKMFILSSHA256 },
		"SAE in WPA":    func(a *Association) { a.Proto, a.AKM = dot11.ProtoWPA, dot11.AKMSAE },
		"OWE PMK of 40": func(a *Association) { a.AKM, a.PMK = dot11.AKMOWE, make(keys.Secret, 40) },
	} {
		a := good
		change(&a)
		if outs, err := m.Associated(a); err == nil || outs != nil || m.State() != StateIdle {
			t.Errorf("%s accepted", name)
		}
	}
	if _, err := m.SetMSK(make(keys.Secret, 64)); err == nil {
		t.Error("MSK without an association")
	}
}

// TestTooManyKeys: the record of keys is bounded, and its end is the association's.
func TestTooManyKeys(t *testing.T) {
	w := newWorld(t, modeNamed(t, "WPA2-PSK"), nil)
	w.connect()
	for i := len(w.m.seen); i < maxSeen; i++ {
		w.m.seen[keyDigest{byte(i), byte(i >> 8), 1}] = struct{}{}
	}
	w.a.gtk = fill("one more", 16)
	outs := w.rx(w.a.g1(), ProtectionEncrypted)
	if f := one[Failed](t, outs); f.Cause != CauseTooManyKeys || len(all[InstallKey](outs)) != 0 {
		t.Errorf("%+v", f)
	}
}

// TestGroupKeysElsewhere (CVE-2017-13087, 13088): keys of a WNM sleep response obey
// the same rule.
func TestGroupKeysElsewhere(t *testing.T) {
	w := newWorld(t, modeNamed(t, "WPA2-PSK PMF"), nil)
	ks := []GroupKey{{Use: KeyGroup, Index: 1, Key: w.a.gtk}, {Use: KeyMgmtGroup, Index: 4, Key: w.a.igtk}}
	if _, err := w.m.GroupKeys(ks); err == nil {
		t.Error("group keys without a PTK")
	}
	w.connect()
	outs, err := w.m.GroupKeys(ks)
	if err != nil {
		t.Fatal(err)
	}
	quiet(t, outs)
	ks[0].Key, ks[0].Index = fill("new", 16), 2
	if outs, err = w.m.GroupKeys(ks); err != nil || len(all[InstallKey](outs)) != 1 {
		t.Error(err, describe(outs))
	}
	if _, err := w.m.GroupKeys([]GroupKey{{Use: KeyGroup, Index: 1, Key: fill("n", 5)}}); err == nil {
		t.Error("GTK of 5 bytes accepted")
	}
	if _, err := w.m.GroupKeys([]GroupKey{{Use: KeyPairwise}}); err == nil {
		t.Error("pairwise key accepted")
	}
}

func TestMachineDoesNotPrintKeys(t *testing.T) {
	w := newWorld(t, modeNamed(t, "WPA2-PSK"), nil)
	w.connect()
	s := fmt.Sprintf("%v %+v %#v %s", w.m, w.m, w.m, w.m) + describe(w.outs)
	for _, secret := range [][]byte{w.a.pmk, w.a.tk, w.a.gtk} {
		for _, form := range []string{fmt.Sprintf("%x", secret), fmt.Sprintf("%v", secret), string(secret)} {
			if bytes.Contains([]byte(s), []byte(form)) {
				t.Errorf("%q leaks", form)
			}
		}
	}
}
