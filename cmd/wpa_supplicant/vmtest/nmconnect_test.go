//go:build vm

package vmtest

import (
	"encoding/base64"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gosupplicant/cmd/wpa_supplicant/vmtest/lab"
)

// nmSeat is NetworkManager on our daemon, on the station's radio.
type nmSeat struct {
	*connectWorld
	bus *lab.Bus
	s   *lab.Supplicant
	nm  *lab.Process
}

// nmHost is NetworkManager's host number in each subnet.
const nmHost = 3

// testNetworkManager has NetworkManager join networks, and lets things go wrong.
func (w *connectWorld) testNetworkManager(t *testing.T) {
	lab.Run(t, nil, "ip", "addr", "flush", "dev", w.station)
	t.Cleanup(func() { w.stationAddresses(t) })
	n := &nmSeat{connectWorld: w, bus: systemBus(t, nmPolicy)}
	n.s = lab.StartSupplicant(t, lab.Options{Bin: program(t, "SUPPLICANT"), Bus: n.bus})
	n.nm = startNetworkManager(t, n.bus, w.station)
	n.nm.Wait("the device to be ready", func(line string) bool {
		return strings.Contains(line, "("+w.station+")") && strings.Contains(line, "state change: unavailable -> disconnected")
	})
	enterprise := func(fields ...string) []string {
		return append([]string{"wifi-sec.key-mgmt", "wpa-eap", "802-1x.ca-cert", w.eapDir + "/ca.pem"}, fields...)
	}
	for _, c := range []struct {
		join   string
		fields []string
		kind   string // tells profiles for the same network apart
	}{
		{join: "open"},
		{join: "wpa2", fields: []string{"wifi-sec.key-mgmt", "wpa-psk", "wifi-sec.psk", passphrase}},
		{join: "sae-19-either", fields: []string{"wifi-sec.key-mgmt", "sae", "wifi-sec.psk", passphrase}},
		{join: "transition", fields: []string{"wifi-sec.key-mgmt", "wpa-psk", "wifi-sec.psk", passphrase}},
		{join: "owe-19", fields: []string{"wifi-sec.key-mgmt", "owe"}},
		{join: "hidden", fields: []string{"wifi-sec.key-mgmt", "wpa-psk", "wifi-sec.psk", passphrase, "wifi.hidden", "yes"}},
		{join: "eap-peap", kind: "-mschapv2", fields: enterprise("802-1x.eap", "peap", "802-1x.identity", "alice", "802-1x.password", "secret", "802-1x.phase2-auth", "mschapv2")},
		{join: "eap-peap", kind: "-ttls-pap", fields: enterprise("802-1x.eap", "ttls", "802-1x.anonymous-identity", "alice", "802-1x.identity", "alice", "802-1x.password", "secret", "802-1x.phase2-auth", "pap")},
		{join: "eap-tls-sha256", fields: enterprise("802-1x.eap", "tls", "802-1x.identity", "client", "wifi-sec.pmf", "required",
			"802-1x.client-cert", w.eapDir+"/client.pem", "802-1x.private-key", w.eapDir+"/client.key", "802-1x.private-key-password-flags", "not-required")},
		{join: "eap-tls-sha256", kind: "-pkcs12", fields: enterprise("802-1x.eap", "tls", "802-1x.identity", "client", "wifi-sec.pmf", "required",
			// The editor wants a PKCS#12 file as both, and its password.
			"802-1x.client-cert", w.eapDir+"/client.p12", "802-1x.private-key", w.eapDir+"/client.p12", "802-1x.private-key-password", containerPassword)},
	} {
		t.Run(c.join+c.kind, func(t *testing.T) {
			number := joinNumber(c.join)
			n.profile(t, "join-"+c.join, number, c.fields...)
			n.up(t, "join-"+c.join)
			n.pingBoth(t, number)
			n.nmcli(t, "connection", "down", "join-"+c.join)
		})
	}
	t.Run("eap-tls-blobs", n.testBlobs)
	t.Run("wrong-psk", func(t *testing.T) { n.wrong(t, fewWPA2, "wpa-psk") })
	t.Run("wrong-sae", func(t *testing.T) { n.wrong(t, fewSAE, "sae") })
	t.Run("restart", n.testRestart)
	t.Run("killed", n.testKilled)
}

// blobProfile is a profile that holds certificates and key itself, as
// NetworkManager's own file format has it.
const blobProfile = `[connection]
id=%[1]s
uuid=5a1c7c0e-2b4d-4c0f-9a53-6b8f0f6f2a11
type=wifi
interface-name=%[2]s
autoconnect=false
[wifi]
ssid=%[1]s
[wifi-security]
key-mgmt=wpa-eap
pmf=3
[802-1x]
eap=tls;
identity=client
ca-cert=%[3]s
client-cert=%[4]s
private-key=%[5]s
private-key-password-flags=4
[ipv4]
method=manual
address1=%[6]s
[ipv6]
method=disabled
`

// testBlobs joins with a profile without files: NetworkManager hands its blobs over
// with AddBlob, and takes them back when it is done.
func (n *nmSeat) testBlobs(t *testing.T) {
	const ssid = "join-eap-tls-sha256"
	number := joinNumber("eap-tls-sha256")
	inline := func(name string) string {
		return "data:;base64," + base64.StdEncoding.EncodeToString([]byte(readFile(t, filepath.Join(n.eapDir, name))))
	}
	path := "/etc/NetworkManager/system-connections/" + ssid + ".nmconnection"
	text := fmt.Sprintf(blobProfile, ssid, n.station, inline("ca.pem"), inline("client.pem"), inline("client.key"), lab.Prefix(number, nmHost))
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	n.nmcli(t, "connection", "load", path)
	n.cleanProfile(t, ssid)
	n.up(t, ssid)
	n.pingBoth(t, number)
	c := n.bus.Client()
	blobs, _ := c.Get(interfacePath(c, n.station), lab.Interface, "Blobs").(map[string]any)
	if len(blobs) != 3 {
		t.Errorf("Blobs: %v, want CA, certificate and key", slices.Sorted(maps.Keys(blobs)))
	}
	n.nmcli(t, "connection", "down", ssid)
}

func (n *nmSeat) nmcli(t *testing.T, args ...string) string {
	t.Helper()
	return lab.Run(t, n.bus.Env(), append([]string{"nmcli", "--wait", fmt.Sprint(int(lab.Patience.Seconds()))}, args...)...)
}

// profile makes a connection profile, which is removed with the test.
func (n *nmSeat) profile(t *testing.T, ssid string, subnet int, fields ...string) {
	t.Helper()
	n.nmcli(t, append([]string{"connection", "add", "type", "wifi", "con-name", ssid, "ifname", n.station, "ssid", ssid,
		"connection.autoconnect", "no", "ipv4.method", "manual", "ipv4.addresses", lab.Prefix(subnet, nmHost), "ipv6.method", "disabled"}, fields...)...)
	n.cleanProfile(t, ssid)
}

// cleanProfile removes a profile with the test.
func (n *nmSeat) cleanProfile(t *testing.T, ssid string) {
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the supplicant's last lines:\n%s\nNetworkManager's:\n%s", n.s.Tail(60), n.nm.Tail(60))
		}
		n.nmcli(t, "connection", "delete", ssid)
	})
}

func (n *nmSeat) up(t *testing.T, ssid string) {
	t.Helper()
	n.nmcli(t, "connection", "up", ssid)
	if state := n.nmcli(t, "-t", "-g", "GENERAL.STATE", "device", "show", n.station); !strings.HasPrefix(state, "100 ") {
		t.Errorf("%s is up, but the device is in state %s", ssid, state)
	}
}

func (n *nmSeat) pingBoth(t *testing.T, subnet int) {
	t.Helper()
	n.near.Ping(t, lab.Subnet(subnet, 1))
	n.far.Ping(t, lab.Subnet(subnet, nmHost))
}

// wrong connects with a wrong password: it fails, for a PSK with the question for
// another one, which nobody answers. The right one then leads in.
func (n *nmSeat) wrong(t *testing.T, which int, keyMgmt string) {
	ssid := fewNetworks[which].SSID
	n.profile(t, ssid, fewSubnet+which, "wifi-sec.key-mgmt", keyMgmt, "wifi-sec.psk", "wrong horse")
	n.nm.Skip()
	out, err := lab.Try(n.bus.Env(), "nmcli", "--wait", "45", "connection", "up", ssid)
	switch {
	case err == nil:
		t.Errorf("connected with a wrong password: %s", out)
	case keyMgmt == "sae":
		// NetworkManager 1.42 has no ear for SaePasswordMismatch, and says of
		// a network that it cannot authenticate with that it was not found.
		t.Logf("nmcli said: %v: %s", err, out)
	case !strings.Contains(out, "Secrets were required, but not provided"):
		t.Errorf("nmcli said: %v: %s", err, out)
	default:
		n.nm.Wait("the question for a password", func(line string) bool {
			return strings.Contains(line, "asking for new secrets") || strings.Contains(line, "asking for new key")
		})
	}
	n.nmcli(t, "connection", "modify", ssid, "wifi-sec.psk", passphrase)
	n.up(t, ssid)
	n.pingBoth(t, fewSubnet+which)
}

// held is a connection with automatic activation to the second radio.
func (n *nmSeat) held(t *testing.T) {
	t.Helper()
	ssid := fewNetworks[fewWPA2].SSID
	n.profile(t, ssid, fewSubnet+fewWPA2, "wifi-sec.key-mgmt", "wpa-psk", "wifi-sec.psk", passphrase, "connection.autoconnect", "yes")
	n.up(t, ssid)
	n.pingBoth(t, fewSubnet+fewWPA2)
}

// testRestart: the access point is restarted, nobody touches NetworkManager.
func (n *nmSeat) testRestart(t *testing.T) {
	n.held(t)
	n.s.Skip()
	n.fewProcess.Kill()
	n.startFewAgain(t)
	n.s.WaitText("CTRL-EVENT-DISCONNECTED")
	n.s.WaitText("CTRL-EVENT-CONNECTED")
	n.pingBoth(t, fewSubnet+fewWPA2)
}

// testKilled: the daemon is killed and started again, as its unit would.
func (n *nmSeat) testKilled(t *testing.T) {
	n.held(t)
	n.nm.Skip()
	n.s.Kill()
	n.nm.Wait("NetworkManager to notice", func(line string) bool {
		return strings.Contains(line, "("+n.station+")") && strings.Contains(line, "state change: activated -> ")
	})
	n.s = lab.StartSupplicant(t, lab.Options{Bin: program(t, "SUPPLICANT"), Bus: n.bus})
	n.nm.Wait("the connection to return", func(line string) bool {
		return strings.Contains(line, "("+n.station+")") && strings.Contains(line, "-> activated")
	})
	n.pingBoth(t, fewSubnet+fewWPA2)
}
