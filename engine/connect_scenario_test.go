package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"gosupplicant/engine"
)

func (w *world) until(d time.Duration, part string) bool {
	return w.loop.Until(d, func() bool { return strings.Contains(strings.Join(w.trace, "\n"), part) })
}

const connectAir = `
radio phy0 interfaces=sim0
ap "open" bssid=02:00:00:00:03:01 channel=1 signal=-40
ap "psk" bssid=02:00:00:00:03:02 channel=6 signal=-50 security=wpa2 passphrase="12345678"
ap "sae" bssid=02:00:00:00:03:03 channel=36 signal=-50 security=wpa3 passphrase="12345678"
ap "both" bssid=02:00:00:00:03:04 channel=40 signal=-50 security=wpa2-wpa3 passphrase="12345678"
ap "owe" bssid=02:00:00:00:03:05 channel=44 signal=-50 security=owe
ap "pmf" bssid=02:00:00:00:03:06 channel=11 signal=-50 security=wpa2-pmf passphrase="12345678"
ap "wpa" bssid=02:00:00:00:03:07 channel=11 signal=-50 security=wpa passphrase="12345678"
owe "cafe" bssid=02:00:00:00:03:08 twin=02:00:00:00:03:09 channel=11 signal=-50
`

func TestConnects(t *testing.T) {
	for _, c := range []struct{ name, block, bssid, how string }{
		{"open", "ssid=\"open\"\nkey_mgmt=NONE", "02:00:00:00:03:01", "no encryption"},
		{"psk", "ssid=\"psk\"\npsk=\"12345678\"", "02:00:00:00:03:02", "WPA-PSK"},
		{"sae", "ssid=\"sae\"\nsae_password=\"12345678\"\nkey_mgmt=SAE\nieee80211w=2", "02:00:00:00:03:03", "SAE"},
		{"transition", "ssid=\"both\"\npsk=\"12345678\"\nkey_mgmt=WPA-PSK SAE", "02:00:00:00:03:04", "SAE"},
		{"owe", "ssid=\"owe\"\nkey_mgmt=OWE\nieee80211w=2", "02:00:00:00:03:05", "OWE"},
		{"owe transition", "ssid=\"cafe\"\nkey_mgmt=OWE", "02:00:00:00:03:09", "OWE"},
		{"pmf", "ssid=\"pmf\"\npsk=\"12345678\"\nkey_mgmt=WPA-PSK-SHA256 WPA-PSK\nieee80211w=2", "02:00:00:00:03:06", "PSK"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			i := w.add(engine.InterfaceConfig{Ifname: "sim0", ConfigFile: confFile(t, "network={\n"+c.block+"\n}\n"), DriverParam: airFile(t, connectAir)})
			if !w.loop.Until(20*time.Second, func() bool { return i.State() == engine.StateCompleted }) {
				t.Fatalf("state is %v", i.State())
			}
			l := i.Link()
			if l.BSSID.String() != c.bssid {
				t.Errorf("connected to %v", l.BSSID)
			}
			how := "no encryption"
			if l.Security != nil {
				how = fmt.Sprint(l.Security.AKM)
			}
			if !strings.Contains(how, c.how) {
				t.Errorf("by %s, want %s", how, c.how)
			}
		})
	}
}
