package engine_test

import (
	"bytes"
	"testing"
	"time"

	"gosupplicant/drivers/sim"
	"gosupplicant/engine"
	"gosupplicant/engine/dot11"
)

// TestRequestElements: what options put into the association request.
func TestRequestElements(t *testing.T) {
	for _, tt := range []struct {
		name, conf string
		idle       []byte
		pmkids     int
	}{
		{"nothing", saeBlock, nil, 0},
		{"PMKID of SAE", "sae_pmkid_in_assoc=1\n" + saeBlock, nil, 1},
		{"idle period", "network={\nmax_idle=300\nssid=\"pair\"\npsk=\"12345678\"\n}\n", []byte{44, 1, 0}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.add(engine.InterfaceConfig{Ifname: "sim0", DriverParam: airFile(t, pairAir), ConfigFile: confFile(t, tt.conf)})
			var elements dot11.Elements
			w.air.Air().OnFrame(func(f sim.Frame) sim.Fate {
				if h, body, err := dot11.ParseMgmt(f.Bytes); err == nil && h.Subtype == dot11.SubtypeAssocRequest {
					elements = bytes.Clone(body[4:]) // behind capability and listen interval
				}
				return sim.Fate{}
			})
			if !w.until(20*time.Second, "connected to") {
				t.Fatalf("not connected: %v", w.events())
			}
			if idle, _ := elements.Find(dot11.ElementBSSMaxIdlePeriod); !bytes.Equal(idle, tt.idle) {
				t.Errorf("idle period % x", idle)
			}
			body, _ := elements.Find(dot11.ElementRSN)
			if rsne, err := dot11.ParseRSNE(body); err != nil || len(rsne.PMKIDs) != tt.pmkids {
				t.Errorf("%v with %+v", err, rsne)
			}
		})
	}
}

// TestReassociatesAtOnce: with reassoc_same_bss_optim nobody authenticates again with the
// access point that is associated with.
func TestReassociatesAtOnce(t *testing.T) {
	for _, tt := range []struct {
		name, conf string
		auths      int
	}{
		{"ordinary", pairBlock, 1},
		{"WPA2", "reassoc_same_bss_optim=1\n" + pairBlock, 0},
		{"SAE with its PMKSA", "reassoc_same_bss_optim=1\n" + saeBlock, 0},
		{"OWE", "reassoc_same_bss_optim=1\nnetwork={\nssid=\"owe\"\nkey_mgmt=OWE\nieee80211w=2\n}\n", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			i := w.connect(tt.conf, pairAir+"ap \"owe\" bssid=02:00:00:00:04:05 channel=11 signal=-50 security=owe\n")
			auths := 0
			w.air.Air().OnFrame(func(f sim.Frame) sim.Fate {
				if h, _, err := dot11.ParseMgmt(f.Bytes); err == nil && h.Subtype == dot11.SubtypeAuth && f.ToAP {
					auths++
				}
				return sim.Fate{}
			})
			w.events()
			if err := i.Reassociate(); err != nil {
				t.Fatal(err)
			}
			if !w.until(20*time.Second, "connected to") {
				t.Fatalf("not connected: %v", w.events())
			}
			if auths != tt.auths {
				t.Errorf("%d authentication frames, want %d", auths, tt.auths)
			}
			if secure, err := w.air.Air().Secure("sim0"); err != nil || !secure {
				t.Errorf("traffic does not flow protected: %v", err)
			}
		})
	}
}
