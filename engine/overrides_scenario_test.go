package engine_test

import (
	"strings"
	"testing"
	"time"

	"gosupplicant/engine"
)

// TestOverridesReachDevice: what a network says of HT and VHT comes to either kind of
// device, and a network that says nothing sends nothing.
func TestOverridesReachDevice(t *testing.T) {
	for name, air := range map[string]string{"SME here": connectAir, "SME in the device": fullMAC(connectAir)} {
		t.Run(name, func(t *testing.T) {
			for _, fields := range []string{"", "disable_ht=1\n", "disable_ht40=1\n"} {
				set, noHT := fields != "", fields == "disable_ht=1\n"
				if set {
					fields += "disable_sgi=1\nht_mcs=\"0xff 00\"\n"
				}
				w, s := newSpyWorld(t, air)
				i := w.add(engine.InterfaceConfig{Ifname: "sim0", ConfigFile: confFile(t, "network={\nssid=\"open\"\nkey_mgmt=NONE\n"+fields+"}\n")})
				if !w.loop.Until(20*time.Second, func() bool { return i.State() == engine.StateCompleted }) {
					t.Fatalf("state is %v", i.State())
				}
				p := s.assocs[0]
				if p.DisableHT != noHT || p.DisableVHT != set || p.DisableHE || p.DisableEHT {
					t.Errorf("disabled: %+v", p)
				}
				if !set && (p.HTCapa != nil || p.HTCapaMask != nil || p.VHTCapa != nil || p.VHTCapaMask != nil) {
					t.Errorf("overrides of a network that says nothing: %+v", p)
				}
				if set && (len(p.HTCapa) != 26 || len(p.HTCapaMask) != 26 || p.HTCapaMask[4] != 0xff || len(p.VHTCapa) != 12 || len(p.VHTCapaMask) != 12) {
					t.Errorf("overrides %x mask %x, %x mask %x", p.HTCapa, p.HTCapaMask, p.VHTCapa, p.VHTCapaMask)
				}
			}
		})
	}
}

// TestOverridesMalformed: nothing is sent, and the record names the field.
func TestOverridesMalformed(t *testing.T) {
	w, s := newSpyWorld(t, connectAir)
	i := w.add(engine.InterfaceConfig{Ifname: "sim0", ConfigFile: confFile(t, "network={\nssid=\"open\"\nkey_mgmt=NONE\nht_mcs=\"all\"\n}\n")})
	w.loop.Until(20*time.Second, func() bool { return i.LastFailure() != nil })
	f := i.LastFailure()
	if f == nil || f.Phase != engine.PhaseSelection || f.By != engine.ByUs || !strings.HasPrefix(f.Cause, "ht_mcs: ") || len(s.assocs) != 0 {
		t.Fatalf("%+v", f)
	}
	t.Log(f.Line())
}
