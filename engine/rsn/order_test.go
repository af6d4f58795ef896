package rsn

import (
	"bytes"
	"strings"
	"testing"

	"gosupplicant/engine/dot11"
	"gosupplicant/engine/keys"
)

// inState returns a world of which the machine is in the given state.
func inState(t *testing.T, v mode, s State) *world {
	t.Helper()
	w := newWorld(t, v, func(w *world) {
		if s == StateWaitPMK {
			w.s.PMK = nil
		}
	})
	w.a.derive(fill("nobody", 32))
	switch s {
	case StateIdle:
		w.m.Disassociated(dot11.ReasonDeauthLeaving, true)
	case State4Way:
		w.begin(ProtectionNone)
	case StateGroup:
		w.begin(ProtectionNone)
		w.rx(w.a.m3(), ProtectionNone)
	case StateDone:
		w.connect()
	}
	if w.m.State() != s {
		t.Fatalf("state %v, want %v", w.m.State(), s)
	}
	return w
}

// effect lists what outputs do: messages sent, keys installed, new state.
func effect(outs []Output) string {
	var r []string
	for _, o := range outs {
		switch o := o.(type) {
		case Send:
			r = append(r, map[Message]string{MessageM2: "M2", MessageM4: "M4", MessageG2: "G2"}[o.Message])
		case InstallKey:
			r = append(r, o.Use.String())
		case StateChanged:
			r = append(r, ">"+o.To.String())
		case Failed, RemoveKeys, Authorized, KeysDone, AddPMKSA:
			// told elsewhere
		}
	}
	return strings.Join(r, " ")
}

// TestEachMessageInEachState is the whole table: an empty cell is a frame dropped in
// silence. "again" messages are those of a handshake done.
func TestEachMessageInEachState(t *testing.T) {
	type cell struct{ m1, m3, g1 string }
	table := []struct {
		mode  string
		state State
		p     Protection
		want  cell
	}{
		{"EAP", StateIdle, ProtectionNone, cell{}},
		{"EAP", StateWaitPMK, ProtectionNone, cell{}},
		{"EAP", StateWaitM1, ProtectionNone, cell{m1: ">4-way handshake M2"}},
		{"EAP", State4Way, ProtectionNone, cell{m1: "M2", m3: "M4 TK GTK >done"}},
		{"EAP", StateDone, ProtectionNone, cell{m3: "M4"}},
		{"EAP", StateDone, ProtectionEncrypted, cell{m1: ">4-way handshake M2", m3: "M4", g1: "GTK G2"}},
		{"EAP", StateDone, ProtectionUnknown, cell{m1: "M2", m3: "M4", g1: "GTK G2"}},
		{"WPA EAP TKIP", StateWaitPMK, ProtectionNone, cell{}},
		{"WPA EAP TKIP", StateWaitM1, ProtectionNone, cell{m1: ">4-way handshake M2"}},
		{"WPA EAP TKIP", State4Way, ProtectionNone, cell{m1: "M2", m3: "M4 TK >group handshake"}},
		{"WPA EAP TKIP", StateGroup, ProtectionNone, cell{m3: "M4"}},
		{"WPA EAP TKIP", StateGroup, ProtectionEncrypted, cell{m1: ">4-way handshake M2", m3: "M4", g1: "GTK G2 >done"}},
		{"WPA EAP TKIP", StateDone, ProtectionNone, cell{}},
		{"WPA EAP TKIP", StateDone, ProtectionEncrypted, cell{m1: ">4-way handshake M2", m3: "M4", g1: "GTK G2"}},
	}
	for _, row := range table {
		for name, want := range map[string]string{"m1": row.want.m1, "m3": row.want.m3, "g1": row.want.g1} {
			w := inState(t, modeNamed(t, row.mode), row.state)
			var pdu []byte
			switch name {
			case "m1":
				pdu = w.a.m1(nil)
			case "m3":
				pdu = w.a.m3()
			case "g1":
				w.a.gtk = fill("another", len(w.a.gtk))
				pdu = w.a.g1()
			}
			outs := w.rx(pdu, row.p)
			if got := effect(outs); got != want {
				t.Errorf("%s, %v, %s %v: %q, want %q", row.mode, row.state, name, row.p, got, want)
			}
			if want == "" && row.state != StateIdle {
				quiet(t, outs)
			}
		}
	}
}

// TestAllZeroTK (the all-zero key of KRACK): what the receiver of a key does with it
// afterwards is of no consequence; no key is ever made from a cleared buffer.
func TestAllZeroTK(t *testing.T) {
	w := newWorld(t, modeNamed(t, "WPA2-PSK PMF"), nil)
	w.connect()
	for _, k := range all[InstallKey](w.outs) {
		k.Key.Zero()
	}
	for _, p := range []Protection{ProtectionNone, ProtectionUnknown, ProtectionEncrypted} {
		outs := w.rx(w.a.m3(), p)
		if one[Send](t, outs).Message != MessageM4 || len(all[InstallKey](outs)) != 0 {
			t.Error(describe(outs))
		}
	}
}

// TestReplayedCounters: equal and lower counters are dropped for each kind of frame;
// a message 1, which proves nothing, does not move the counter.
func TestReplayedCounters(t *testing.T) {
	w := newWorld(t, modeNamed(t, "WPA2-PSK PMF"), nil)
	w.a.counter = 1<<63 + 1
	w.rx(w.a.m1(nil), ProtectionNone) // could be anybody's
	w.a.counter = 9
	w.connect()
	last := w.a.counter
	for _, back := range []uint64{1, 2, 5} { // 1: the counter of the last frame again
		w.a.counter = last - back
		quiet(t, w.rx(w.a.m1(nil), ProtectionEncrypted))
		w.a.counter = last - back
		quiet(t, w.rx(w.a.m3(), ProtectionEncrypted))
		w.a.counter, w.a.gtk = last-back, fill("older", 16)
		quiet(t, w.rx(w.a.g1(), ProtectionEncrypted))
	}
	w.a.counter = last
	if got := effect(w.rx(w.a.g1(), ProtectionEncrypted)); got != "GTK G2" {
		t.Errorf("next frame: %q", got)
	}
}

func TestGetters(t *testing.T) {
	w := newWorld(t, modeNamed(t, "WPA2-PSK"), nil)
	if _, ok := w.m.ANonce(); ok {
		t.Error("ANonce before message 1")
	}
	if id := w.m.PMKID(); id == nil || *id != keys.NewPMKID(keys.HashSHA1, w.a.pmk, testAA, testSPA) {
		t.Error("PMKID", id)
	}
	w.begin(ProtectionNone)
	if n, ok := w.m.ANonce(); !ok || !bytes.Equal(n[:], w.a.anonce[:]) {
		t.Errorf("%x", n)
	}
	w.rx(w.a.m3(), ProtectionNone)
	if n, ok := w.m.ANonce(); !ok || !bytes.Equal(n[:], w.a.anonce[:]) {
		t.Errorf("%x", n)
	}
	if id := newWorld(t, modeNamed(t, "Suite B"), nil).m.PMKID(); id != nil {
		t.Errorf("Suite B has PMKID %x before its KCK", *id)
	}
	sb := newWorld(t, modeNamed(t, "Suite B 192"), nil)
	sb.connect()
	if id := sb.m.PMKID(); id == nil || *id != keys.NewPMKID(keys.HashSHA384, sb.a.kck, testAA, testSPA) {
		t.Error("Suite B PMKID", id)
	}
	if _, err := w.m.Associated(w.s); err != nil { // again, without leaving
		t.Fatal(err)
	}
	if _, ok := w.m.ANonce(); ok || w.m.InUse() || w.m.State() != StateWaitM1 {
		t.Error("something of the old association is left")
	}
}

// TestGTKLater: an RSN access point that leaves the GTK out of message 3 may bring it
// in the group handshake, or in message 3 sent again.
func TestGTKLater(t *testing.T) {
	for _, again := range []bool{false, true} {
		w := newWorld(t, modeNamed(t, "WPA2-PSK"), func(w *world) { w.a.noGTK = true })
		w.begin(ProtectionNone)
		if got := effect(w.rx(w.a.m3(), ProtectionNone)); got != "M4 TK >group handshake" {
			t.Fatalf("%q", got)
		}
		w.a.noGTK = false
		pdu, want := w.a.g1(), "GTK G2 >done"
		if again {
			pdu, want = w.a.m3(), "M4 GTK >done"
		}
		outs := w.rx(pdu, ProtectionUnknown)
		if got := effect(outs); got != want || len(all[Authorized](outs)) != 1 {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
