package engine_test

import (
	"fmt"
	"testing"
	"time"

	"gosupplicant/engine"
	"gosupplicant/engine/dot11"
)

// Key management whose key sizes follow from the group of the exchange: the
// access point computes them apart from the station.
func TestKeySizesByGroup(t *testing.T) {
	const air = `
radio phy0 interfaces=sim0
ap "ext" bssid=02:00:00:00:07:01 channel=1 signal=-50 security=wpa3-ext passphrase="12345678"
ap "owe" bssid=02:00:00:00:07:02 channel=6 signal=-50 security=owe
`
	for _, group := range []int{19, 20, 21} {
		for name, text := range map[string]string{
			"SAE-EXT-KEY": fmt.Sprintf("sae_groups=%d\nnetwork={\nssid=\"ext\"\nsae_password=\"12345678\"\nkey_mgmt=SAE-EXT-KEY\nieee80211w=2\n}\n", group),
			"OWE":         fmt.Sprintf("network={\nssid=\"owe\"\nkey_mgmt=OWE\nieee80211w=2\nowe_group=%d\n}\n", group),
		} {
			t.Run(fmt.Sprintf("%s group %d", name, group), func(t *testing.T) {
				w, s := newSpyWorld(t, air)
				i := w.online(text)
				w.loop.Advance(time.Second)
				bssid := i.Link().BSSID
				for _, pairwise := range []bool{true, false} {
					if ok, err := w.air.Air().Secure("sim0"); !ok || err != nil {
						t.Fatalf("keys differ: %v", err)
					}
					w.air.Air().Rekey(bssid, pairwise)
					w.loop.Advance(2 * time.Second)
				}
				if ok, _ := w.air.Air().Secure("sim0"); !ok {
					t.Error("keys differ after rekeying")
				}
				s.checkKeys(t)
				if want := map[string]dot11.AKM{"SAE-EXT-KEY": dot11.AKMSAEExtKey, "OWE": dot11.AKMOWE}[name]; i.Link().Security.AKM != want {
					t.Errorf("joined by %v", i.Link().Security.AKM)
				}
				w.air.Air().Kick(bssid, 5, false)
				if !w.until(10*time.Second, "connected to") {
					t.Errorf("did not come back with the cached key: %v", w.events())
				}
			})
		}
	}
}

// WPA from before RSN, and TKIP: only where the network lists them.
func TestTKIPWhereListed(t *testing.T) {
	const air = `
radio phy0 interfaces=sim0
ap "old" bssid=02:00:00:00:07:03 channel=1 signal=-50 security=wpa passphrase="12345678"
ap "mixed" bssid=02:00:00:00:07:04 channel=6 signal=-50 security=wpa-wpa2 passphrase="12345678"
`
	for name, c := range map[string]struct {
		fields string
		keys   int // pairwise and group, 0: not joined
	}{
		"WPA":                     {"ssid=\"old\"\nproto=WPA\npairwise=TKIP\ngroup=TKIP", 2},
		"WPA, not listed":         {"ssid=\"old\"\nproto=RSN\npairwise=CCMP\ngroup=CCMP", 0},
		"WPA with CCMP":           {"ssid=\"mixed\"\nproto=WPA\npairwise=CCMP\ngroup=TKIP", 2},
		"RSN with TKIP":           {"ssid=\"mixed\"\nproto=RSN\npairwise=TKIP\ngroup=TKIP", 2},
		"RSN with TKIP for group": {"ssid=\"mixed\"\nproto=RSN\npairwise=CCMP\ngroup=TKIP CCMP", 2},
		"RSN, TKIP not listed":    {"ssid=\"mixed\"\nproto=RSN\npairwise=CCMP\ngroup=CCMP", 0},
	} {
		t.Run(name, func(t *testing.T) {
			w, s := newSpyWorld(t, air)
			block := "network={\n" + c.fields + "\npsk=\"12345678\"\nkey_mgmt=WPA-PSK\n}\n"
			if c.keys == 0 {
				i := w.begin(block)
				w.loop.Advance(time.Minute)
				if len(s.keys) != 0 || i.State() > engine.StateScanning {
					t.Errorf("%d keys, state %v", len(s.keys), i.State())
				}
				return
			}
			i := w.online(block)
			w.loop.Advance(time.Second)
			for _, pairwise := range []bool{false, true} {
				if ok, err := w.air.Air().Secure("sim0"); !ok || err != nil {
					t.Fatalf("keys differ: %v", err)
				}
				w.air.Air().Rekey(i.Link().BSSID, pairwise)
				w.loop.Advance(2 * time.Second)
			}
			if ok, _ := w.air.Air().Secure("sim0"); !ok || i.State() != engine.StateCompleted {
				t.Errorf("after rekeying: keys equal %v, state %v", ok, i.State())
			}
			s.checkKeys(t)
		})
	}
}
