package engine_test

import (
	"strings"
	"testing"
	"time"

	"gosupplicant/drivers/sim"
	"gosupplicant/engine"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/eap"
)

const enterpriseAir = `
radio phy0 interfaces=sim0
ap "wpa" bssid=02:00:00:00:06:01 channel=1 signal=-50 security=wpa-eap passphrase="0123456789abcdef"
ap "wpa2" bssid=02:00:00:00:06:02 channel=6 signal=-50 security=wpa2-eap passphrase="0123456789abcdef"
ap "wpa3" bssid=02:00:00:00:06:03 channel=11 signal=-50 security=wpa3-eap passphrase="0123456789abcdef"
ap "suiteb" bssid=02:00:00:00:06:04 channel=36 signal=-50 security=wpa3-eap-192 passphrase="0123456789abcdef"
`

const eapPSK = "eap=PSK\nidentity=\"somebody\"\npassword=\"0123456789abcdef\"\n"

// TestEnterprise joins networks with 802.1X of every kind on the simulated air, keeps its
// head when frames are lost, and comes back without EAP where the key is kept.
func TestEnterprise(t *testing.T) {
	for _, tt := range []struct {
		name, block, how string
		cached           bool
	}{
		{"wpa", "ssid=\"wpa\"\nkey_mgmt=WPA-EAP\nproto=WPA\n" + eapPSK, "EAP", false},
		{"wpa2", "ssid=\"wpa2\"\nkey_mgmt=WPA-EAP\n" + eapPSK, "EAP", true},
		{"wpa3", "ssid=\"wpa3\"\nkey_mgmt=WPA-EAP-SHA256\nieee80211w=2\n" + eapPSK, "SHA256", true},
		{"suite b", "ssid=\"suiteb\"\nkey_mgmt=WPA-EAP-SUITE-B-192\nieee80211w=2\npairwise=GCMP-256\ngroup=GCMP-256\ngroup_mgmt=BIP-GMAC-256\n" + eapPSK, "192", false},
	} {
		for _, mac := range []string{"", " full-mac"} {
			for _, loss := range []float64{0, 0.2} {
				t.Run(tt.name+mac, func(t *testing.T) {
					w := newWorld(t)
					conversations := 0
					w.sup.Observe(func(ev engine.Event) {
						if r, ok := ev.(engine.EAPReport); ok {
							if _, ok := r.Report.(eap.Success); ok {
								conversations++
							}
						}
					})
					air := strings.Replace(enterpriseAir, "interfaces=sim0", "interfaces=sim0"+mac, 1)
					i := w.add(engine.InterfaceConfig{Ifname: "sim0", DriverParam: airFile(t, air), ConfigFile: confFile(t, "network={\n"+tt.block+"}\n")})
					w.air.Air().SetLoss(loss)
					if !w.until(5*time.Minute, "connected to") {
						t.Fatalf("not connected: %v", w.events())
					}
					w.air.Air().SetLoss(0)
					l := i.Link()
					if got := l.Security.AKM.String(); !strings.Contains(got, tt.how) {
						t.Errorf("by %s", got)
					}
					if secure, err := w.air.Air().Secure("sim0"); err != nil || !secure {
						t.Errorf("traffic does not flow protected: %v", err)
					}
					if got := len(i.PMKSAs()) > 0; loss == 0 && tt.cached && !got {
						t.Error("no key is kept")
					}
					w.events()
					if err := w.air.Air().Kick(l.BSSID, dot11.ReasonUnspecified, false); err != nil {
						t.Fatal(err)
					}
					if !w.until(time.Minute, "connected to") {
						t.Fatalf("not back: %v", w.events())
					}
					if want := map[bool]int{true: 1, false: 2}[tt.cached]; loss == 0 && conversations != want {
						t.Errorf("%d conversations, want %d", conversations, want)
					}
				})
			}
		}
	}
}

// TestEnterpriseWrongKey is refused, and says so.
func TestEnterpriseWrongKey(t *testing.T) {
	w := newWorld(t)
	w.add(engine.InterfaceConfig{Ifname: "sim0", DriverParam: airFile(t, enterpriseAir),
		ConfigFile: confFile(t, "network={\nssid=\"wpa2\"\nkey_mgmt=WPA-EAP\n"+strings.Replace(eapPSK, "0123", "3210", 1)+"}\n")})
	if !w.until(time.Minute, "network 0 held for") {
		t.Fatalf("not noticed: %v", w.events())
	}
	if got := strings.Join(w.events(), "\n"); !strings.Contains(got, "AUTH_FAILED") {
		t.Errorf("events:\n%s", got)
	}
}

// TestEnterpriseSilence: an access point that has forgotten the association before it
// asked anything is given up.
func TestEnterpriseSilence(t *testing.T) {
	w := newWorld(t)
	i := w.add(engine.InterfaceConfig{Ifname: "sim0", DriverParam: airFile(t, enterpriseAir),
		ConfigFile: confFile(t, "network={\nssid=\"wpa2\"\nkey_mgmt=WPA-EAP\n"+eapPSK+"}\n")})
	w.air.Air().OnFrame(func(f sim.Frame) sim.Fate { return sim.Fate{Drop: f.EAPOL} })
	if !w.until(20*time.Second, "-> ASSOCIATED") {
		t.Fatal("not associated")
	}
	if err := w.air.Air().RestartAP(i.Link().BSSID); err != nil {
		t.Fatal(err)
	}
	w.air.Air().OnFrame(nil)
	if !w.until(2*time.Minute, "attempt failed in handshake by no answer") {
		t.Fatalf("not given up: %v", w.events())
	}
	if !w.until(time.Minute, "connected to") {
		t.Fatalf("not connected: %v", w.events())
	}
}
