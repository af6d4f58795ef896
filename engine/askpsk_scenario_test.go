package engine_test

import (
	"strings"
	"testing"
	"time"

	"gosupplicant/engine"
	"gosupplicant/engine/eap"
)

const memOnlyBlock = "network={\nssid=\"pair\"\nmem_only_psk=1\nkey_mgmt=WPA-PSK\n}\n"

// TestAsksForPSK: a network that is heard and has no passphrase is asked for, once for
// each scan, and joined when it is given, in any of its forms.
func TestAsksForPSK(t *testing.T) {
	for name, answer := range map[string]string{"quoted": `"12345678"`, "bare": "12345678"} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			asked := 0
			w.sup.Observe(func(ev engine.Event) {
				if r, ok := ev.(engine.EAPReport); ok {
					if need, ok := r.Report.(eap.NeedCredential); !ok || need.Field != eap.FieldPSKPassphrase || r.Network.ID != 0 {
						t.Errorf("report %+v", r)
					}
					asked++
				}
			})
			i := w.add(engine.InterfaceConfig{Ifname: "sim0", ConfigFile: confFile(t, memOnlyBlock), DriverParam: airFile(t, pairAir)})
			if !w.until(time.Minute, "scan done") {
				t.Fatal("no scan")
			}
			w.loop.Drain()
			if asked != 1 {
				t.Errorf("asked %d times", asked)
			}
			for _, wrong := range []string{"", "short", strings.Repeat("x", 64), strings.Repeat("x", 65)} {
				err := i.Credential(0, "PSK_PASSPHRASE", []byte(wrong))
				if err == nil {
					t.Errorf("%q was taken", wrong)
				} else if wrong != "" && strings.Contains(err.Error(), wrong) {
					t.Errorf("the error shows the answer: %v", err)
				}
			}
			if err := i.Credential(0, "PSK_PASSPHRASE", []byte(answer)); err != nil {
				t.Fatal(err)
			}
			if !w.until(20*time.Second, "connected to") {
				t.Fatalf("not connected: %v", w.events())
			}
			if i.Config().Networks[0].MemOnlyPSK != 1 {
				t.Error("the passphrase would be saved")
			}
		})
	}
}

// TestDoesNotAskForPSK of networks that are not there, or have one.
func TestDoesNotAskForPSK(t *testing.T) {
	for name, block := range map[string]string{
		"not there": strings.Replace(memOnlyBlock, "pair", "riap", 1),
		"disabled":  strings.Replace(memOnlyBlock, "mem_only_psk=1", "mem_only_psk=1\ndisabled=1", 1),
		"not asked": strings.Replace(memOnlyBlock, "mem_only_psk=1\n", "", 1),
		"has one":   strings.Replace(memOnlyBlock, "mem_only_psk=1", "mem_only_psk=1\npsk=\"12345678\"", 1),
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.sup.Observe(func(ev engine.Event) {
				if r, ok := ev.(engine.EAPReport); ok {
					t.Errorf("report %+v", r)
				}
			})
			w.add(engine.InterfaceConfig{Ifname: "sim0", ConfigFile: confFile(t, block), DriverParam: airFile(t, pairAir)})
			w.loop.Advance(30 * time.Second)
		})
	}
}
