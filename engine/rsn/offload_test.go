package rsn

import (
	"bytes"
	"testing"
)

// TestRekeyData: what a device answers group handshakes with, and that what it has
// answered is not answered again.
func TestRekeyData(t *testing.T) {
	for _, v := range modes {
		if v.akm.IsFT() {
			continue
		}
		t.Run(v.name, func(t *testing.T) {
			w := newWorld(t, v, nil)
			if _, ok := w.m.RekeyData(); ok {
				t.Fatal("before the handshake")
			}
			w.connect()
			d, ok := w.m.RekeyData()
			if v.proto == wpaP {
				if ok {
					t.Error("with WPA")
				}
				return
			}
			if !ok || !bytes.Equal(d.KEK, w.a.kek) || !bytes.Equal(d.KCK, w.a.kck) || d.AKM != v.akm || d.ReplayCounter != w.a.counter {
				t.Fatalf("%v, counter %d of %d", ok, d.ReplayCounter, w.a.counter)
			}
			w.m.DeviceRekeyed(d.ReplayCounter + 5)
			w.m.DeviceRekeyed(d.ReplayCounter + 2) // late
			if again, _ := w.m.RekeyData(); again.ReplayCounter != d.ReplayCounter+5 {
				t.Errorf("counter %d", again.ReplayCounter)
			}
			if v.gtk == 0 {
				return
			}
			w.a.gtk, w.a.gtkIndex = fill("another", v.gtk), 2
			w.a.counter = d.ReplayCounter + 4
			quiet(t, w.rx(w.a.g1(), ProtectionEncrypted))
			if outs := w.rx(w.a.g1(), ProtectionEncrypted); len(all[InstallKey](outs)) == 0 {
				t.Errorf("the next one: %s", describe(outs))
			}
		})
	}
}

// TestBogusRSC: a counter that cannot be true is 0 where that is wished.
func TestBogusRSC(t *testing.T) {
	for _, tt := range []struct {
		rsc  [8]byte
		want []byte // with relaxation
	}{
		{[8]byte{1, 2, 3, 4, 5, 6}, []byte{1, 2, 3, 4, 5, 6}},
		{[8]byte{}, make([]byte, 6)},
		{[8]byte{0, 0, 0, 0, 0, 7}, make([]byte, 6)},
		{[8]byte{1, 0, 0, 0, 0, 7}, []byte{1, 0, 0, 0, 0, 7}},
		{[8]byte{1, 0, 0, 0, 0, 0, 1, 0}, make([]byte, 6)},
		{[8]byte{1, 0, 0, 0, 0, 0, 0, 1}, make([]byte, 6)},
	} {
		for _, relax := range []bool{true, false} {
			w := newWorld(t, modeNamed(t, "WPA2-PSK"), func(w *world) { w.s.RelaxRSC = relax })
			w.connect()
			w.a.gtk, w.a.gtkIndex, w.a.rsc = fill("another", 16), 2, tt.rsc[:]
			want := tt.want
			if !relax {
				want = tt.rsc[:6]
			}
			if k := one[InstallKey](t, w.rx(w.a.g1(), ProtectionEncrypted)); !bytes.Equal(k.RSC, want) {
				t.Errorf("% x, relaxed %v: % x", tt.rsc, relax, k.RSC)
			}
		}
	}
}
