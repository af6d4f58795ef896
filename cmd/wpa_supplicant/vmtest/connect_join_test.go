//go:build vm

package vmtest

import (
	"crypto/pbkdf2"
	"crypto/sha1"
	"fmt"
	"strconv"
	"strings"
)

// joinCase is a network of the first radio, how the station is told to join it,
// and what STATUS must say then. Without fields for the station it is there for
// its neighbour's sake.
type joinCase struct {
	name   string
	ap     string // of hostapd; @next and @previous are interfaces of the neighbours
	hidden bool
	sta    []string // fields of the network block; @psk is the key of the passphrase, @eap the folder of certificates
	want   []string // of STATUS
	at     int      // index of the network joined, relative to this one
	wext   bool     // also by wireless extensions
	device bool     // also with a device that connects by itself, as all with wext
}

const passphrase = "correct horse"

// hexKey is the PSK of 64 digits of a network with the passphrase.
func hexKey(ssid string) string {
	key, err := pbkdf2.Key(sha1.New, passphrase, []byte(ssid), 4096, 32)
	if err != nil {
		panic(err) // of arguments that never change
	}
	return fmt.Sprintf("%x", key)
}

const (
	psk     = `psk "` + passphrase + `"`
	rsn     = "wpa=2\nwpa_passphrase=" + passphrase + "\n"
	rsnPSK  = rsn + "wpa_key_mgmt=WPA-PSK\n"
	rsnSAE  = "wpa=2\nwpa_key_mgmt=SAE\nrsn_pairwise=CCMP\nieee80211w=2\nsae_password=" + passphrase + "\n"
	rsnOWE  = "wpa=2\nwpa_key_mgmt=OWE\nrsn_pairwise=CCMP\nieee80211w=2\n"
	rsnPMF  = rsn + "wpa_key_mgmt=WPA-PSK-SHA256\nrsn_pairwise=CCMP\nieee80211w=2\n"
	oddKeys = "key_mgmt WPA-PSK"
)

// saeCase is SAE with one group, by one way to the password element.
func saeCase(group, pwe int) joinCase {
	way, h2e := "loop", 0
	switch pwe {
	case 1:
		way, h2e = "h2e", 1
	case 2:
		way, h2e = "either", 1
	}
	return joinCase{name: fmt.Sprintf("sae-%d-%s", group, way),
		ap:   rsnSAE + fmt.Sprintf("sae_groups=%d\nsae_pwe=%d\n", group, pwe),
		sta:  []string{"key_mgmt SAE", `sae_password "` + passphrase + `"`, "ieee80211w 2"},
		want: []string{"key_mgmt=SAE", "pmf=2", "sae_group=" + strconv.Itoa(group), "sae_h2e=" + strconv.Itoa(h2e)}}
}

func oweCase(group int) joinCase {
	return joinCase{name: fmt.Sprintf("owe-%d", group), ap: rsnOWE + fmt.Sprintf("owe_groups=%d\n", group),
		sta:  []string{"key_mgmt OWE", "ieee80211w 2", "owe_group " + strconv.Itoa(group)},
		want: []string{"key_mgmt=OWE", "pmf=2", "pairwise_cipher=CCMP"}, device: group == 19}
}

// cipherCase protects data with a cipher.
func cipherCase(cipher string) joinCase {
	return joinCase{name: strings.ToLower(cipher), ap: rsnPSK + "rsn_pairwise=" + cipher + "\n",
		sta:  []string{oddKeys, psk, "pairwise " + cipher, "group " + cipher},
		want: []string{"key_mgmt=WPA2-PSK", "pairwise_cipher=" + cipher, "group_cipher=" + cipher}}
}

// mgmtCase protects management frames with a cipher; spoken is what STATUS says.
func mgmtCase(cipher, spoken string) joinCase {
	return joinCase{name: strings.ToLower(spoken), ap: rsnPMF + "group_mgmt_cipher=" + cipher + "\n",
		sta:  []string{"key_mgmt WPA-PSK-SHA256", psk, "ieee80211w 2", "group_mgmt " + cipher},
		want: []string{"key_mgmt=WPA2-PSK-SHA256", "pmf=2", "mgmt_group_cipher=" + spoken}}
}

var joinCases = append(personalCases, eapCases...)

// personalCases are those without 802.1X.
var personalCases = []joinCase{
	{name: "open", sta: []string{"key_mgmt NONE"}, want: []string{"key_mgmt=NONE", "pairwise_cipher=NONE"}, wext: true},
	// Pre-authentication with an access point of the other radio goes through this
	// one. Among the first it answers a probe within the time of a scan.
	{name: "preauth", ap: rsnRADIUS},
	{name: "wpa2", ap: rsnPSK + "rsn_pairwise=CCMP\n", sta: []string{"key_mgmt WPA-PSK", psk}, want: []string{"key_mgmt=WPA2-PSK", "pairwise_cipher=CCMP", "group_cipher=CCMP"}, wext: true},
	{name: "wpa2-hex", ap: rsnPSK + "rsn_pairwise=CCMP\n", sta: []string{"key_mgmt WPA-PSK", "psk @psk"}, want: []string{"key_mgmt=WPA2-PSK"}},
	{name: "psk-sha256", ap: rsn + "wpa_key_mgmt=WPA-PSK-SHA256\nrsn_pairwise=CCMP\nieee80211w=1\n", sta: []string{"key_mgmt WPA-PSK-SHA256", psk, "ieee80211w 1"},
		want: []string{"key_mgmt=WPA2-PSK-SHA256", "pmf=1", "mgmt_group_cipher=BIP"}, device: true},
	saeCase(19, 1), saeCase(20, 1), saeCase(21, 1), saeCase(19, 0), saeCase(20, 0), saeCase(21, 0), saeCase(19, 2),
	{name: "transition", ap: rsn + "wpa_key_mgmt=WPA-PSK SAE\nrsn_pairwise=CCMP\nieee80211w=1\nsae_pwe=2\n", sta: []string{"key_mgmt WPA-PSK SAE", psk, "ieee80211w 1"},
		want: []string{"key_mgmt=SAE", "pmf=1", "sae_group=19"}},
	{name: "transition-hex", ap: rsn + "wpa_key_mgmt=WPA-PSK SAE\nrsn_pairwise=CCMP\nieee80211w=1\n", sta: []string{"key_mgmt WPA-PSK SAE", "psk @psk", "ieee80211w 1"},
		want: []string{"key_mgmt=WPA2-PSK", "pmf=1", "sae_group="}},
	// Its SAE has no group that we have: the next key management is taken.
	{name: "next-akm", ap: rsn + "wpa_key_mgmt=WPA-PSK SAE\nrsn_pairwise=CCMP\nieee80211w=1\nsae_groups=15\n", sta: []string{"key_mgmt WPA-PSK SAE", psk, "ieee80211w 1"},
		want: []string{"key_mgmt=WPA2-PSK", "pmf=1", "sae_group="}},
	oweCase(19), oweCase(20), oweCase(21),
	{name: "owe-transition", ap: "owe_transition_ifname=@next\n", sta: []string{"key_mgmt OWE", "ieee80211w 2"},
		want: []string{"key_mgmt=OWE", "pmf=2"}, at: 1},
	{name: "owe-twin", ap: rsnOWE + "owe_transition_ifname=@previous\n", hidden: true},
	{name: "hidden", ap: rsnPSK + "rsn_pairwise=CCMP\n", hidden: true, sta: []string{"key_mgmt WPA-PSK", psk, "scan_ssid 1"}, want: []string{"key_mgmt=WPA2-PSK"}, device: true},
	cipherCase("CCMP-256"), cipherCase("GCMP"), cipherCase("GCMP-256"),
	{name: "tkip", ap: "wpa=1\nwpa_key_mgmt=WPA-PSK\nwpa_pairwise=TKIP\nwpa_passphrase=" + passphrase + "\n",
		sta:  []string{"key_mgmt WPA-PSK", psk, "proto WPA", "pairwise TKIP", "group TKIP"},
		want: []string{"key_mgmt=WPA-PSK", "pairwise_cipher=TKIP", "group_cipher=TKIP"}},
	{name: "mixed", ap: "wpa=3\nwpa_key_mgmt=WPA-PSK\nwpa_pairwise=TKIP\nrsn_pairwise=CCMP\nwpa_passphrase=" + passphrase + "\n",
		sta:  []string{"key_mgmt WPA-PSK", psk, "pairwise CCMP", "group CCMP TKIP"},
		want: []string{"key_mgmt=WPA2-PSK", "pairwise_cipher=CCMP", "group_cipher=TKIP"}},
	mgmtCase("AES-128-CMAC", "BIP"), mgmtCase("BIP-CMAC-256", "BIP-CMAC-256"),
	mgmtCase("BIP-GMAC-128", "BIP-GMAC-128"), mgmtCase("BIP-GMAC-256", "BIP-GMAC-256"),
	{name: "roam", ap: rsnPSK + "rsn_pairwise=CCMP\n", sta: []string{"key_mgmt WPA-PSK", psk}, want: []string{"key_mgmt=WPA2-PSK"}},
}

// join connects to the network, sends traffic and leaves. number is the case's
// index.
func (c joinCase) join(k *seat, number int) {
	k.t.Helper()
	ssid := "join-" + c.name
	fields := make([]string, len(c.sta))
	for i, f := range c.sta {
		fields[i] = strings.NewReplacer("@psk", hexKey(ssid), "@eap", k.eapDir).Replace(f)
	}
	id := k.add(ssid, strconv.Itoa(manyFreq), fields...)
	k.t.Cleanup(func() { k.ask.Ask("REMOVE_NETWORK " + id) })
	k.connect(id)
	k.expect(append([]string{"ssid=" + ssid, "bssid=" + manyBSSID(number+c.at)}, c.want...)...)
	k.traffic(k.t, number+c.at)
	k.leave(id)
}

// joinNumber is the index of a case.
func joinNumber(name string) int {
	for i, c := range joinCases {
		if c.name == name {
			return i
		}
	}
	panic("no join case " + name)
}
