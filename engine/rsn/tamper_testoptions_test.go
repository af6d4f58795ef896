//go:build testoptions

package rsn

import (
	"bytes"
	"testing"
)

// TestTamperedFrames: what a test program has changed stands in the frames, and the
// MIC covers it.
func TestTamperedFrames(t *testing.T) {
	mine, false2 := OCI{OpClass: 81, Primary: 1}, OCI{OpClass: 81, Primary: 11}
	w := newWorld(t, modeNamed(t, "WPA2-PSK PMF"), func(w *world) { w.s.OCV, w.s.Channel = true, mine })
	w.m.Tamper(&Tamper{ChannelM2: &false2, ChannelG2: &false2, ElementsM2: []byte{0xdd, 1, 1}, ElementsM4: []byte{0xdd, 1, 2}, InfoM2: KeyInfoSecure})
	m2 := one[Send](t, w.rx(w.a.m1(nil), ProtectionNone)).PDU
	f, err := ParseKeyFrame(m2, 16)
	if err != nil {
		t.Fatal(err)
	}
	w.a.derive(f.Nonce[:])
	kck := w.m.derive(w.a.anonce).KCK
	if !f.Verify(w.m.suite.MIC, kck) || f.Info&KeyInfoSecure == 0 || !bytes.HasSuffix(f.Data, []byte{81, 11, 0, 0xdd, 1, 1}) {
		t.Errorf("message 2: info %04x data %x, MIC holds: %v", f.Info, f.Data, f.Verify(w.m.suite.MIC, kck))
	}
	w.m.Tamper(nil)
	m2 = one[Send](t, w.rx(w.a.m1(nil), ProtectionNone)).PDU
	if f, err = ParseKeyFrame(m2, 16); err != nil || f.Info&KeyInfoSecure != 0 || !bytes.HasSuffix(f.Data, []byte{81, 1, 0}) {
		t.Errorf("message 2: %v info %04x data %x", err, f.Info, f.Data)
	}
}

// TestDropSA: keys leave the device, and the next handshake is a first one which may
// bring the same keys.
func TestDropSA(t *testing.T) {
	w := newWorld(t, modeNamed(t, "WPA2-PSK PMF"), nil)
	if outs := w.m.DropSA(); len(all[RemoveKeys](outs)) != 1 || w.m.InUse() {
		t.Errorf("before keys: %s", describe(outs))
	}
	join := func() {
		t.Helper()
		m2 := one[Send](t, w.rx(w.a.m1(nil), ProtectionNone))
		if err := w.a.onM2(m2.PDU); err != nil {
			t.Fatal(err)
		}
		w.a.next()
		outs := w.rx(w.a.m3(), ProtectionNone)
		if n := len(all[InstallKey](outs)); n < 3 || len(all[KeysDone](outs)) != 1 {
			t.Fatalf("%d keys after message 3: %s", n, describe(outs))
		}
		w.a.next()
	}
	join()
	if outs, err := w.m.KeyRequest(true, true); err != nil || len(all[Send](outs)) != 1 {
		t.Errorf("key request: %v %s", err, describe(outs))
	}
	outs := w.m.DropSA()
	if len(all[RemoveKeys](outs)) != 1 || w.m.InUse() || w.m.State() != StateWaitM1 {
		t.Errorf("state %v: %s", w.m.State(), describe(outs))
	}
	if _, err := w.m.KeyRequest(true, false); err == nil {
		t.Error("key request without keys")
	}
	join() // with the same group keys
	if w.m.State() != StateDone {
		t.Errorf("state %v", w.m.State())
	}
}
