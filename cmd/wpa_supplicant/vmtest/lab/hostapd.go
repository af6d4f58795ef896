package lab

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// AP is one network that an access point beacons.
type AP struct {
	SSID   string
	BSSID  string
	Hidden bool
	Lines  string // the security part of hostapd's configuration
}

// Security parts of hostapd's configuration.
const (
	SecurityOpen = ""
	SecurityWPA2 = "wpa=2\nwpa_key_mgmt=WPA-PSK\nrsn_pairwise=CCMP\nwpa_passphrase=correct horse\n"
	// SecurityMixed is WPA and WPA2 with TKIP and CCMP, as old networks have it.
	SecurityMixed      = "wpa=3\nwpa_key_mgmt=WPA-PSK\nwpa_pairwise=TKIP CCMP\nrsn_pairwise=CCMP\nwpa_passphrase=correct horse\n"
	SecuritySAE        = "wpa=2\nwpa_key_mgmt=SAE\nrsn_pairwise=CCMP\nieee80211w=2\nsae_pwe=2\nsae_password=correct horse\n"
	SecurityTransition = "wpa=2\nwpa_key_mgmt=WPA-PSK SAE\nrsn_pairwise=CCMP\nieee80211w=1\nwpa_passphrase=correct horse\n"
	SecurityOWE        = "wpa=2\nwpa_key_mgmt=OWE\nrsn_pairwise=CCMP\nieee80211w=2\n"
	// SecurityEAP names a RADIUS server that need not answer for beacons.
	SecurityEAP = "ieee8021x=1\nwpa=2\nwpa_key_mgmt=WPA-EAP WPA-EAP-SHA256\nrsn_pairwise=CCMP\nieee80211w=1\n" +
		"auth_server_addr=127.0.0.1\nauth_server_port=1812\nauth_server_shared_secret=radius\nown_ip_addr=127.0.0.1\n"
)

// Country is where the laboratory stands. Its channels (13 in the 2.4 GHz band,
// 13 in the 5 GHz band, none in the 6 GHz band) make a full scan last a second.
const Country = "CN"

// Radio is what one simulated radio of an access point sends.
type Radio struct {
	Interface string
	Channel   int    // 1..13 in the 2.4 GHz band, 36 and up in the 5 GHz band
	Lines     string // more of hostapd's configuration: 802.11n, ac, ...
	APs       []AP   // the first is the radio's own interface
	// Namespace is where hostapd runs, to which the radio was moved before; nil
	// is the machine's own.
	Namespace *Namespace
	CtrlDir   string // folder of hostapd's control sockets, "" for none
}

// StartHostapd brings a radio on the air and waits until every network of it
// is enabled.
func StartHostapd(t T, r Radio) *Process {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "hostapd.conf")
	if err := os.WriteFile(path, []byte(r.config()), 0o600); err != nil {
		t.Fatalf("lab: %v", err)
	}
	argv := []string{"hostapd", path}
	if r.Namespace != nil {
		argv = r.Namespace.argv(argv...)
	}
	p := Start(t, "hostapd "+r.Interface, nil, argv...)
	p.WaitText(r.Interface + ": AP-ENABLED")
	return p
}

// RADIUSSecret is the secret that StartRADIUS shares with access points.
const RADIUSSecret = "radius"

// StartRADIUS runs hostapd as nothing but a RADIUS server, on the loopback
// interface of a namespace; lines are those of its EAP server.
func StartRADIUS(t T, n *Namespace, lines string) *Process {
	t.Helper()
	dir := t.TempDir()
	clients, path := filepath.Join(dir, "clients"), filepath.Join(dir, "hostapd.conf")
	config := "interface=lo\ndriver=none\nradius_server_auth_port=1812\nradius_server_clients=" + clients + "\neap_server=1\n" + lines
	for name, text := range map[string]string{clients: "127.0.0.1/32 " + RADIUSSecret + "\n", path: config} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatalf("lab: %v", err)
		}
	}
	p := Start(t, "RADIUS server", nil, n.argv("hostapd", path)...)
	p.WaitText("lo: AP-ENABLED")
	return p
}

func (r Radio) config() string {
	mode := "g"
	if r.Channel > 14 {
		mode = "a"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "interface=%s\ndriver=nl80211\ncountry_code=%s\nieee80211d=1\nhw_mode=%s\nchannel=%d\n%s", r.Interface, Country, mode, r.Channel, r.Lines)
	for i, ap := range r.APs {
		if i > 0 {
			fmt.Fprintf(&b, "\nbss=%s\n", r.Name(i))
		}
		if r.CtrlDir != "" {
			fmt.Fprintf(&b, "ctrl_interface=%s\n", r.CtrlDir)
		}
		fmt.Fprintf(&b, "bssid=%s\nssid2=P%q\n%s", ap.BSSID, ap.SSID, ap.Lines)
		if ap.Hidden {
			b.WriteString("ignore_broadcast_ssid=1\n")
		}
	}
	return b.String()
}

// Name is the interface of the radio's i-th network.
func (r Radio) Name(i int) string {
	if i == 0 {
		return r.Interface
	}
	return fmt.Sprintf("%s_%d", r.Interface, i)
}
