package engine_test

import (
	"strings"
	"testing"
	"time"

	"gosupplicant/engine"
)

const selectionAir = `
radio phy0 interfaces=sim0
ap "open" bssid=02:00:00:00:02:01 channel=1 signal=-40
ap "psk" bssid=02:00:00:00:02:02 channel=6 signal=-70 security=wpa2
ap "psk" bssid=02:00:00:00:02:03 channel=36 signal=-60 security=wpa2 phy=vht width=80
ap "trans" bssid=02:00:00:00:02:04 channel=11 signal=-50 security=wpa2-wpa3
ap "sae" bssid=02:00:00:00:02:05 channel=40 signal=-50 security=wpa3
ap "wpa1" bssid=02:00:00:00:02:06 channel=11 signal=-50 security=wpa
ap "wep" bssid=02:00:00:00:02:07 channel=11 signal=-50 security=wep
ap "eap" bssid=02:00:00:00:02:08 channel=44 signal=-50 security=wpa2-eap
ap "hidden" bssid=02:00:00:00:02:09 channel=11 signal=-50 security=wpa2 hidden
owe "cafe" bssid=02:00:00:00:02:0a twin=02:00:00:00:02:0b channel=11 signal=-50
`

// TestSelection tries one network block after the other on the same air.
func TestSelection(t *testing.T) {
	for _, c := range []struct {
		name, blocks string
		want         string // BSSID, or empty for none
		why          string // part of the explanation of a rejection
	}{
		{"open", "network={\nssid=\"open\"\nkey_mgmt=NONE\n}", "02:00:00:00:02:01", ""},
		{"open network that wants WPA", "network={\nssid=\"open\"\npsk=\"12345678\"\n}", "", "has no WPA or RSN"},
		{"best of two", "network={\nssid=\"psk\"\npsk=\"12345678\"\n}", "02:00:00:00:02:03", ""},
		{"bssid", "network={\nssid=\"psk\"\npsk=\"12345678\"\nbssid=02:00:00:00:02:02\n}", "02:00:00:00:02:02", "BSSID mismatch"},
		{"bssid_hint", "network={\nssid=\"psk\"\npsk=\"12345678\"\nbssid_hint=02:00:00:00:02:02\n}", "02:00:00:00:02:02", ""},
		{"bssid_ignore", "network={\nssid=\"psk\"\npsk=\"12345678\"\nbssid_ignore=02:00:00:00:02:03\n}", "02:00:00:00:02:02", "BSSID in bssid_ignore"},
		{"bssid_accept", "network={\nssid=\"psk\"\npsk=\"12345678\"\nbssid_accept=02:00:00:00:02:02/ff:ff:ff:ff:ff:ff\n}", "02:00:00:00:02:02", "not in bssid_accept"},
		{"freq_list", "network={\nssid=\"psk\"\npsk=\"12345678\"\nfreq_list=2437\n}", "02:00:00:00:02:02", "not in freq_list"},
		{"disabled", "network={\nssid=\"psk\"\npsk=\"12345678\"\ndisabled=1\n}", "", ""},
		{"transition with passphrase", "network={\nssid=\"trans\"\npsk=\"12345678\"\nkey_mgmt=WPA-PSK SAE\n}", "02:00:00:00:02:04", ""},
		{"SAE with a raw key", "network={\nssid=\"sae\"\npsk=" + strings.Repeat("ab", 32) + "\nkey_mgmt=SAE\nieee80211w=2\n}", "", "a raw PSK cannot be used"},
		{"SAE", "network={\nssid=\"sae\"\nsae_password=\"x\"\nkey_mgmt=SAE\nieee80211w=2\n}", "02:00:00:00:02:05", ""},
		{"PMF needed and off", "network={\nssid=\"sae\"\nsae_password=\"x\"\nkey_mgmt=SAE\nieee80211w=0\n}", "", "required by the BSS: disabled in the network"},
		{"PMF wanted and absent", "network={\nssid=\"psk\"\npsk=\"12345678\"\nieee80211w=2\n}", "", "management frame protection required by the network"},
		{"WPA not in proto", "network={\nssid=\"wpa1\"\npsk=\"12345678\"\nproto=RSN\n}", "", "WPA: not allowed by the network"},
		{"TKIP not configured", "network={\nssid=\"wpa1\"\npsk=\"12345678\"\npairwise=CCMP\ngroup=CCMP\nproto=WPA\n}", "", "WPA: "},
		{"WEP", "network={\nssid=\"wep\"\nkey_mgmt=NONE\n}", "", "uses WEP"},
		{"wrong key management", "network={\nssid=\"eap\"\npsk=\"12345678\"\nkey_mgmt=WPA-PSK\n}", "", "no common key management"},
		{"hidden", "network={\nssid=\"hidden\"\nscan_ssid=1\npsk=\"12345678\"\n}", "02:00:00:00:02:09", ""},
		{"hidden, not asked for", "network={\nssid=\"hidden\"\npsk=\"12345678\"\n}", "", ""},
		{"priority over signal", "network={\nssid=\"open\"\nkey_mgmt=NONE\n}\nnetwork={\nssid=\"psk\"\npsk=\"12345678\"\npriority=2\n}", "02:00:00:00:02:03", ""},
		{"OWE transition, open half", "network={\nssid=\"cafe\"\nkey_mgmt=OWE\n}", "02:00:00:00:02:0b", ""},
		{"OWE only", "network={\nssid=\"cafe\"\nkey_mgmt=OWE\nowe_only=1\n}", "02:00:00:00:02:0b", ""},
		{"no station mode", "network={\nssid=\"open\"\nkey_mgmt=NONE\nmode=2\nfrequency=2412\n}", "", "not a station network"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			chosen := ""
			w.sup.Observe(func(ev engine.Event) {
				if ev, ok := ev.(engine.CandidateChosen); ok && chosen == "" {
					chosen = ev.BSS.BSSID.String()
				}
			})
			i := w.add(engine.InterfaceConfig{Ifname: "sim0", ConfigFile: confFile(t, c.blocks), DriverParam: airFile(t, selectionAir)})
			if strings.Contains(c.blocks, "disabled") {
				i.Scan(engine.ScanRequest{AllowRoam: true})
			}
			w.loop.Until(15*time.Second, func() bool { return chosen != "" })
			if chosen != c.want {
				t.Errorf("chose %q, want %q", chosen, c.want)
			}
			if !strings.Contains(w.log.String(), c.why) {
				t.Errorf("no explanation with %q in\n%s", c.why, w.log.String())
			}
		})
	}
}
