package rsn

import (
	"bytes"
	"io"
	"testing"

	"gosupplicant/engine/dot11"
)

// TestBadKeyData: authentic frames with Key Data that do not fit are dropped.
func TestBadKeyData(t *testing.T) {
	for name, make := range map[string]func(a *authenticator) []byte{
		"GTK too short":  func(a *authenticator) []byte { a.gtk = a.gtk[:15]; return a.groupData() },
		"GTK too long":   func(a *authenticator) []byte { a.gtk = fill("gtk", 32); return a.groupData() },
		"GTK index 0":    func(a *authenticator) []byte { a.gtkIndex = 0; return a.groupData() },
		"GTK twice":      func(a *authenticator) []byte { return append(a.groupData(), kdeForTest(1, fill("g", 18)...)...) },
		"GTK empty":      func(a *authenticator) []byte { return kdeForTest(1, 1, 0) },
		"IGTK index 3":   func(a *authenticator) []byte { d := a.groupData(); d[bytes.Index(d, []byte{4, 0, 1})] = 3; return d },
		"IGTK short":     func(a *authenticator) []byte { a.igtk = a.igtk[:8]; return a.groupData() },
		"BIGTK index 5":  func(a *authenticator) []byte { d := a.groupData(); d[bytes.Index(d, []byte{6, 0, 9})] = 5; return d },
		"KDE beyond end": func(a *authenticator) []byte { return append(a.groupData(), 0xdd, 200, 0, 15, 0xac, 9, 1, 2) },
		"OCI short":      func(a *authenticator) []byte { return append(a.groupData(), kdeForTest(13, 1, 2)...) },
		"RSNE twice":     func(a *authenticator) []byte { return append(a.groupData(), 48, 2, 1, 0) },
	} {
		w := newWorld(t, modeNamed(t, "WPA2-PSK PMF"), nil)
		w.begin(ProtectionNone)
		rsne := bytes.Clone(w.a.rsne)
		gtk, igtk, index := w.a.gtk, w.a.igtk, w.a.gtkIndex
		outs := w.rx(w.a.m3With(0x13c8, append(rsne, make(w.a)...)), ProtectionNone)
		for _, o := range outs {
			if _, ok := o.(Note); !ok {
				t.Errorf("%s: %v", name, describe(outs))
				break
			}
		}
		w.a.gtk, w.a.igtk, w.a.gtkIndex = gtk, igtk, index
		if outs = w.rx(w.a.m3(), ProtectionNone); len(all[Authorized](outs)) != 1 {
			t.Errorf("%s: the next message 3 does not work", name)
		}
	}
}

// TestElementMismatch: message 3 must show the elements that beacon or probe
// response had.
func TestElementMismatch(t *testing.T) {
	rsne2 := func(b []byte) []byte { c := bytes.Clone(b); c[len(c)-1] ^= 1; return c }
	for name, change := range map[string]func(w *world){
		"other RSNE":         func(w *world) { w.a.rsne = rsne2(w.a.rsne) },
		"no RSNE":            func(w *world) { w.a.rsne = nil },
		"RSNE was not heard": func(w *world) { w.s.APRSNE = nil },
		"RSNXE hidden":       func(w *world) { w.a.rsnxe = []byte{244, 1, 0x20} },
		"RSNXE missing":      func(w *world) { w.s.APRSNXE = []byte{244, 1, 0x20} },
		"RSNXE other":        func(w *world) { w.s.APRSNXE, w.a.rsnxe = []byte{244, 1, 0x20}, []byte{244, 1, 0x60} },
		"WPA element differs": func(w *world) {
			_, wpa := (&mode{proto: wpaP, akm: dot11.AKMPSK, pairwise: dot11.CipherTKIP, group: dot11.CipherTKIP}).apElements()
			w.s.APWPA, w.a.extra = wpa, rsne2(wpa)
		},
	} {
		w := newWorld(t, modeNamed(t, "WPA2-PSK"), change)
		w.begin(ProtectionNone)
		outs := w.rx(w.a.m3(), ProtectionNone)
		f := one[Failed](t, outs)
		if f.Cause != CauseElementMismatch || f.Reason != dot11.ReasonElementMismatch || len(all[InstallKey](outs))+len(all[Send](outs)) != 0 {
			t.Errorf("%s: %v", name, describe(outs))
		}
	}
	// Protocol downgrade: an access point whose RSNE was hidden from us tells in WPA's message 3.
	w := newWorld(t, modeNamed(t, "WPA-PSK CCMP"), func(w *world) {
		v := modeNamed(t, "WPA2-PSK")
		w.a.extra, _ = v.apElements()
	})
	w.begin(ProtectionNone)
	if f := one[Failed](t, w.rx(w.a.m3(), ProtectionNone)); f.Cause != CauseElementMismatch {
		t.Errorf("%+v", f)
	}
	w = newWorld(t, modeNamed(t, "WPA2-PSK"), func(w *world) { w.s.APRSNXE, w.a.rsnxe = []byte{244, 1, 0x20}, []byte{244, 1, 0x20} })
	w.connect()
}

// TestWrongPSK: nothing but silence or a deauthentication follows message 2.
func TestWrongPSK(t *testing.T) {
	wrong := func(name string) *world {
		w := newWorld(t, modeNamed(t, name), func(w *world) { w.s.PMK = fill("other", len(w.a.pmk)) })
		for range 3 {
			if w.a.onM2(one[Send](t, w.rx(w.a.m1(nil), ProtectionNone)).PDU) == nil {
				t.Fatal("authenticator accepts a wrong PSK")
			}
		}
		return w
	}
	for _, r := range []dot11.Reason{dot11.Reason4WayTimeout, dot11.ReasonPrevAuthInvalid} {
		w := wrong("WPA2-PSK")
		f := one[Failed](t, w.take(w.m.Disassociated(r, false)))
		if f.Cause != CausePossiblyWrongPSK || f.M2Sent != 3 || f.PeerReason != r {
			t.Errorf("%+v", f)
		}
	}
	w := wrong("PSK-SHA256")
	if f := one[Failed](t, w.take(w.m.Timeout(TimerHandshake))); f.Cause != CausePossiblyWrongPSK {
		t.Errorf("%+v", f)
	}
	w = wrong("SAE") // the key was proven by SAE itself
	if f := one[Failed](t, w.take(w.m.Disassociated(15, false))); f.Cause != CausePeerLeft {
		t.Errorf("%+v", f)
	}
	w = wrong("WPA2-PSK") // our own doing
	if len(all[Failed](w.m.Disassociated(3, true))) != 0 {
		t.Error("own leaving reported as failure")
	}
	w = newWorld(t, modeNamed(t, "WPA2-PSK"), nil)
	if f := one[Failed](t, w.m.Timeout(TimerHandshake)); f.Cause != CauseNoAnswer {
		t.Errorf("%+v", f)
	}
	w = newWorld(t, modeNamed(t, "WPA2-PSK"), nil)
	w.begin(ProtectionNone)
	if f := one[Failed](t, w.m.Timeout(TimerHandshake)); f.Cause != CauseStopped {
		t.Errorf("%+v", f)
	}
	w = newWorld(t, modeNamed(t, "WPA-PSK TKIP"), nil)
	w.begin(ProtectionNone)
	w.rx(w.a.m3(), ProtectionNone)
	if f := one[Failed](t, w.m.Timeout(TimerHandshake)); f.Cause != CauseStopped || f.Reason != dot11.ReasonGroupKeyTimeout {
		t.Errorf("%+v", f)
	}
	w = newWorld(t, modeNamed(t, "WPA2-PSK"), nil)
	if f := one[Failed](t, w.m.Disassociated(3, false)); f.Cause != CausePeerLeft {
		t.Errorf("%+v", f)
	}
}

type brokenRand struct{}

func (brokenRand) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestNoRandomness(t *testing.T) {
	w := newWorld(t, modeNamed(t, "WPA2-PSK"), nil)
	m := New(Config{Rand: brokenRand{}})
	if _, err := m.Associated(w.s); err != nil {
		t.Fatal(err)
	}
	outs := m.Receive(testAA, w.a.m1(nil), ProtectionNone)
	if f := one[Failed](t, outs); f.Cause != CauseRandom || len(all[Send](outs)) != 0 {
		t.Errorf("%+v", f)
	}
}
